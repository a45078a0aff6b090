/* import_read.c -- the JSON of a file, read as a stream, and its values. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "import_priv.h"
#include "stamp.h"
#include "utf8.h"

#define BLOCK 65536
#define REPLACED "\\ufffd"

/* What comes from the file on its way to the parser. */
struct stream {
	FILE *f;
	const struct import_opts *o;
	struct utf8_join join;
	struct buf raw;		/* valid UTF-8 */
	struct buf ready;	/* ... with whole surrogate pairs */
	size_t given;		/* of ready */
	char half[7];		/* "\ud83d", waiting for its other half */
	int64_t total;
	bool ended, failed;
	bool zip;		/* it is packed */
};

static int
hex4(const char *s)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		const char *digits = "0123456789abcdef", *at;

		at = s[i] ? strchr(digits, s[i] | (s[i] >= 'A' ? 32 : 0)) :
		    NULL;
		if (!at)
			return -1;
		v = 16 * v + (int)(at - digits);
	}
	return v;
}

static void
drop_half(struct stream *s)
{
	if (*s->half)
		buf_puts(&s->ready, REPLACED);
	*s->half = '\0';
}

/* An escape \uXXXX at p. */
static void
put_code(struct stream *s, const char *p)
{
	int code = hex4(p + 2);

	if (code >= 0xDC00 && code < 0xE000 && *s->half) {
		buf_puts(&s->ready, s->half);
		buf_add(&s->ready, p, 6);
		*s->half = '\0';
		return;
	}
	drop_half(s);
	if (code >= 0xD800 && code < 0xDC00) {
		memcpy(s->half, p, 6);
		s->half[6] = '\0';
	} else if (code >= 0xDC00 && code < 0xE000) {
		buf_puts(&s->ready, REPLACED);
	} else {
		buf_add(&s->ready, p, 6);
	}
}

/* Pass raw on, but for an escape that is cut at its end. */
static void
pass_on(struct stream *s, bool last)
{
	const char *p = s->raw.data;
	size_t n = s->raw.len, i = 0, run;

	while (i < n) {
		const char *slash = memchr(p + i, '\\', n - i);

		run = slash ? (size_t)(slash - p) - i : n - i;
		if (run) {
			drop_half(s);
			buf_add(&s->ready, p + i, run);
			i += run;
			continue;
		}
		if (n - i < 6 && !last && (n - i < 2 || p[i + 1] == 'u'))
			break;
		if (n - i >= 6 && p[i + 1] == 'u') {
			put_code(s, p + i);
			i += 6;
			continue;
		}
		drop_half(s);
		run = n - i < 2 ? n - i : 2;
		buf_add(&s->ready, p + i, run);
		i += run;
	}
	buf_drop(&s->raw, i);
	if (last)
		drop_half(s);
}

static void
fill(struct stream *s)
{
	char block[BLOCK];
	size_t n = fread(block, 1, sizeof(block), s->f);

	s->failed = n < sizeof(block) && ferror(s->f);
	s->ended = n < sizeof(block);
	s->zip |= s->total == 0 && n > 4 && memcmp(block, "PK\3\4", 4) == 0;
	s->total += (int64_t)n;
	utf8_join_put(&s->join, block, n, &s->raw);
	if (s->ended)
		utf8_join_flush(&s->join, &s->raw);
	pass_on(s, s->ended);
	if (s->o->reading)
		s->o->reading(s->total, s->o->ud);
}

static size_t
give(void *buffer, size_t size, void *ud)
{
	struct stream *s = ud;
	size_t n;

	while (s->given == s->ready.len && !s->ended) {
		buf_clear(&s->ready);
		s->given = 0;
		fill(s);
		if (s->total > IMPORT_FILE_MAX)
			return (size_t)-1;
	}
	if (s->failed)
		return (size_t)-1;
	n = s->ready.len - s->given;
	if (n > size)
		n = size;
	if (n)
		memcpy(buffer, s->ready.data + s->given, n);
	s->given += n;
	return n;
}

json_t *
import_read(FILE *f, const char *name, const struct import_opts *o,
    struct err *err)
{
	struct stream s = { .f = f, .o = o };
	json_error_t why;
	json_t *all = json_load_callback(give, &s,
	    JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &why);

	buf_free(&s.raw);
	buf_free(&s.ready);
	if (all)
		return all;
	if (s.failed)
		err_set(err, "cannot read %s: %s", name, strerror(errno));
	else if (s.total > IMPORT_FILE_MAX)
		err_set(err, "%s is larger than %lld MiB", name,
		    (long long)(IMPORT_FILE_MAX >> 20));
	else if (s.zip)
		err_set(err, "%s is a ZIP archive; please unpack it and import "
		    "the conversations.json in it", name);
	else
		err_set(err, "%s:%d: this is no JSON: %s", name, why.line,
		    why.text);
	return NULL;
}

const char *
json_word(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

int64_t
json_moment(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	double secs;

	if (json_is_string(v))
		return stamp_parse(json_string_value(v));
	secs = json_number_value(v);
	if (secs > 1e11)	/* some count in ms */
		secs /= 1000;
	return secs > 0 && secs < 2.5e11 ? llround(secs * 1000) : 0;
}

void
json_text(const json_t *s, struct buf *out)
{
	if (json_is_string(s))
		buf_add(out, json_string_value(s), json_string_length(s));
}

void
import_paragraph(struct buf *out, const char *s, size_t n)
{
	if (n == 0)
		return;
	if (out->len)
		buf_puts(out, "\n\n");
	buf_add(out, s, n);
}

void
import_mark(struct buf *out, const char *what, const char *name)
{
	struct buf b = { 0 };

	buf_printf(&b, *name ? "[%s: %s]" : "[%s]", what, name);
	import_paragraph(out, b.data, b.len);
	buf_free(&b);
}
