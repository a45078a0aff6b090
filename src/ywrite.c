/* ywrite.c -- a map as YAML, through libyaml's emitter. */
#include "ywrite.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "alloc.h"
#include "utf8.h"

struct ywriter {
	yaml_emitter_t emitter;
	struct buf *out;
	size_t start;		/* of this document in out */
	bool failed;		/* sticky: looked at once, at the end */
};

static int
take_bytes(void *ud, unsigned char *p, size_t n)
{
	struct ywriter *w = ud;

	buf_add(w->out, p, n);
	return 1;
}

/* Emit ev, which initialize made if it returned true. */
static void
emit(struct ywriter *w, int initialized, yaml_event_t *ev)
{
	if (w->failed) {
		if (initialized)
			yaml_event_delete(ev);
		return;
	}
	/* The emitter takes the event over, even when it fails. */
	if (!initialized || !yaml_emitter_emit(&w->emitter, ev))
		w->failed = true;
}

static void
put_scalar(struct ywriter *w, const char *s, size_t n, bool plain,
    yaml_scalar_style_t style)
{
	yaml_event_t ev;

	emit(w, yaml_scalar_event_initialize(&ev, NULL, NULL,
	    (const yaml_char_t *)s, (int)n, plain, !plain, style), &ev);
}

static void
put_plain(struct ywriter *w, const char *s)
{
	put_scalar(w, s, strlen(s), true, YAML_PLAIN_SCALAR_STYLE);
}

static void
begin_map(struct ywriter *w, yaml_mapping_style_t style)
{
	yaml_event_t ev;

	emit(w, yaml_mapping_start_event_initialize(&ev, NULL, NULL, 1, style),
	    &ev);
}

struct ywriter *
ywrite_new(struct buf *out)
{
	struct ywriter *w = xcalloc(1, sizeof(*w));
	yaml_event_t ev;

	w->out = out;
	w->start = out->len;
	if (!yaml_emitter_initialize(&w->emitter)) {
		w->failed = true;
		return w;
	}
	yaml_emitter_set_output(&w->emitter, take_bytes, w);
	yaml_emitter_set_unicode(&w->emitter, 1);
	yaml_emitter_set_width(&w->emitter, -1);	/* never fold a line */
	emit(w, yaml_stream_start_event_initialize(&ev, YAML_UTF8_ENCODING),
	    &ev);
	emit(w, yaml_document_start_event_initialize(&ev, NULL, NULL, NULL, 0),
	    &ev);
	begin_map(w, YAML_BLOCK_MAPPING_STYLE);
	return w;
}

int
ywrite_end(struct ywriter *w, struct err *err)
{
	yaml_event_t ev;
	bool failed;

	ywrite_end_map(w);
	/* Not implicit: the "..." line is how a reader knows that the document
	 * is whole. */
	emit(w, yaml_document_end_event_initialize(&ev, 0), &ev);
	emit(w, yaml_stream_end_event_initialize(&ev), &ev);
	failed = w->failed;
	if (failed) {
		err_set(err, "cannot write YAML: %s", w->emitter.problem ?
		    w->emitter.problem : "out of memory");
		w->out->len = w->start;
		if (w->out->data)
			w->out->data[w->start] = '\0';
	}
	yaml_emitter_delete(&w->emitter);
	free(w);
	return failed ? -1 : 0;
}

void
ywrite_word(struct ywriter *w, const char *key, const char *word)
{
	put_plain(w, key);
	put_plain(w, word);
}

void
ywrite_int(struct ywriter *w, const char *key, int64_t v)
{
	char s[32];

	snprintf(s, sizeof(s), "%" PRId64, v);
	ywrite_word(w, key, s);
}

void
ywrite_uint(struct ywriter *w, const char *key, uint64_t v)
{
	char s[32];

	snprintf(s, sizeof(s), "%" PRIu64, v);
	ywrite_word(w, key, s);
}

/* The shortest digits that give v again, as every YAML version reads a float:
 * a point in the number whatever the locale, one before an exponent too. */
void
ywrite_float(struct ywriter *w, const char *key, float v)
{
	char s[32];
	struct buf b = { 0 };
	bool point = false;

	for (int digits = 1; digits <= 9; digits++) {
		snprintf(s, sizeof(s), "%.*g", digits, (double)v);
		if (strtof(s, NULL) == v)
			break;
	}
	for (const char *p = s; *p; p++) {
		if (strchr("+-0123456789", *p)) {
			buf_addc(&b, *p);
			continue;
		}
		if (*p == 'e' && !point)
			buf_puts(&b, ".0");
		buf_addc(&b, *p == 'e' ? 'e' : '.');
		point = true;
	}
	if (!point)
		buf_puts(&b, ".0");
	ywrite_word(w, key, b.data);
	buf_free(&b);
}

void
ywrite_str(struct ywriter *w, const char *key, const char *s)
{
	struct buf clean = { 0 };

	utf8_scrub(&clean, s, strlen(s));
	put_plain(w, key);
	put_scalar(w, clean.data ? clean.data : "", clean.len, false,
	    YAML_ANY_SCALAR_STYLE);
	buf_free(&clean);
}

/* Whether YAML's literal block gives back this character as it is.  It would
 * turn CR and NEL into newlines, is read in two ways for LS and PS, may drop
 * U+FEFF, and cannot show the others at all. */
static bool
literal_char(uint32_t cp)
{
	if (cp < 0x20)
		return cp == '\n' || cp == '\t';
	return cp != 0x7F && !(cp >= 0x80 && cp < 0xA0) && cp != 0x2028 &&
	    cp != 0x2029 && cp != 0xFEFF && cp != 0xFFFE && cp != 0xFFFF;
}

/* libyaml itself falls back to quotes for tabs, blanks at the end of a line and
 * characters beyond the BMP; what it gets wrong is sorted out here. */
static bool
literal_fits(const char *s, size_t n)
{
	bool ink = false;
	uint32_t cp;

	for (size_t i = 0; i < n; ) {
		i += (size_t)utf8_decode(s + i, n - i, &cp, NULL);
		if (!literal_char(cp))
			return false;
		/* A tab where the indentation is found out is an error. */
		if (cp == '\t' && !ink)
			return false;
		ink |= cp != '\n' && cp != ' ';
	}
	return ink;
}

void
ywrite_text(struct ywriter *w, const char *key, const char *s, size_t n)
{
	struct buf clean = { 0 };

	utf8_scrub(&clean, s, n);
	s = clean.data ? clean.data : "";
	put_plain(w, key);
	put_scalar(w, s, clean.len, false, literal_fits(s, clean.len) ?
	    YAML_LITERAL_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
	buf_free(&clean);
}

void
ywrite_begin_map(struct ywriter *w, const char *key)
{
	put_plain(w, key);
	begin_map(w, YAML_FLOW_MAPPING_STYLE);
}

void
ywrite_end_map(struct ywriter *w)
{
	yaml_event_t ev;

	emit(w, yaml_mapping_end_event_initialize(&ev), &ev);
}
