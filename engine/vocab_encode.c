/* vocab_encode.c -- from text to tokens: special tokens are cut out, and what
 * lies between them is split and merged by the kind of the vocabulary. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "tok_spm.h"
#include "vocab_priv.h"

#define TEXT_MAX ((size_t)1 << 28)

struct encoder {
	const struct vocab *v;
	struct split split;
	struct bpe_work bpe;
	struct spm_work spm;
	struct ids *out;
	size_t start, pos;	/* plain text not yet encoded, up to here */
	bool special;		/* ... which follows a special token */
};

static void
encoder_done(struct encoder *e)
{
	split_done(&e->split);
	bpe_work_done(&e->bpe);
	spm_work_done(&e->spm);
}

static void
encode_bpe(struct encoder *e, const char *s, size_t n)
{
	const struct vocab *v = e->v;
	struct ids *out = e->out;
	size_t i, start = 0, first = out->n, k;

	split_run(&e->split, v->rule, s, n);
	for (i = 0; i < e->split.n; i++) {
		const char *word = s + start;
		size_t len = e->split.end[i] - start;
		int id = split_ignores_merges(v->rule) ?
		    vocab_learned(v, word, len) : -1;

		if (id >= 0)
			ids_add(out, id);
		else
			bpe_encode(v->bpe, v->byte_sym, word, len, &e->bpe,
			    out);
		start += len;
	}
	/* drop the bytes that the vocabulary has no token for */
	for (i = k = first; i < out->n; i++)
		if (out->v[i] < v->n)
			out->v[k++] = out->v[i];
	out->n = k;
}

/* Encode the plain text from e->start to e->pos. */
static void
encode_plain(struct encoder *e, const char *text)
{
	size_t n = e->pos - e->start;

	if (n == 0)
		return;
	if (e->v->score == NULL)
		encode_bpe(e, text + e->start, n);
	else
		spm_encode(e->v, text + e->start, n,
		    e->v->space_prefix && e->special, &e->spm, e->out);
}

/* Encode text up to end, where markers may reach; text goes on to n. */
static void
encode_part(struct encoder *e, const char *text, size_t n, size_t end,
    enum recognise what)
{
	while (e->pos < end) {
		int id = vocab_special_at(e->v, text + e->pos, n - e->pos,
		    what, end - e->pos);

		if (id < 0) {
			e->pos++;
			continue;
		}
		encode_plain(e, text);
		ids_add(e->out, id);
		e->pos += e->v->tok[id].n;
		e->start = e->pos;
		e->special = true;
	}
}

void
vocab_plain_spaces(struct buf *b, const char *s, size_t n)
{
	const char *end = s + n, *at;
	size_t len = strlen(VOCAB_SPACE);

	while ((at = memchr(s, VOCAB_SPACE[0], (size_t)(end - s))) != NULL) {
		bool space = (size_t)(end - at) >= len &&
		    memcmp(at, VOCAB_SPACE, len) == 0;

		buf_add(b, s, (size_t)(at - s));
		buf_addc(b, space ? ' ' : *at);
		s = at + (space ? len : 1);
	}
	buf_add(b, s, (size_t)(end - s));
}

static int
check_size(const struct vocab_part *part, size_t n, struct err *err)
{
	size_t i, total = 0;

	for (i = 0; i < n; i++) {
		if (part[i].n > TEXT_MAX - total)
			return err_set(err, "the text is longer than the %zu "
			    "megabytes that can be read at once; shorten it",
			    TEXT_MAX >> 20);
		total += part[i].n;
	}
	return 0;
}

/* The parts as one text, and where each ends in it. */
static void
join_parts(const struct vocab *v, const struct vocab_part *part, size_t n,
    struct buf *b, size_t *end)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (v->score != NULL)
			vocab_plain_spaces(b, part[i].s, part[i].n);
		else
			buf_add(b, part[i].s, part[i].n);
		end[i] = b->len;
	}
}

static int
encode(const struct vocab *v, const struct vocab_part *part, size_t n,
    const enum recognise how[2], struct ids *out, struct err *err)
{
	struct encoder e = { .v = v, .out = out };
	struct buf b = { 0 };
	size_t *end, i;

	if (check_size(part, n, err) < 0)
		return -1;
	e.special = out->n == 0 || vocab_is_special(v, out->v[out->n - 1]);
	end = xreallocarray(NULL, n + 1, sizeof(*end));
	join_parts(v, part, n, &b, end);
	for (i = 0; i < n; i++)
		encode_part(&e, b.data, b.len, end[i], how[part[i].body]);
	encode_plain(&e, b.data);
	encoder_done(&e);
	buf_free(&b);
	free(end);
	return 0;
}

int
vocab_encode(const struct vocab *v, const char *text, size_t n, bool special,
    struct ids *out, struct err *err)
{
	const struct vocab_part part = { text, n, !special };
	static const enum recognise how[2] = { FIND_ALL, FIND_USER };

	return encode(v, &part, 1, how, out, err);
}

int
vocab_encode_parts(const struct vocab *v, const struct vocab_part *part,
    size_t n, struct ids *out, struct err *err)
{
	static const enum recognise how[2] = { FIND_ALL, FIND_PLAIN };

	return encode(v, part, n, how, out, err);
}

int
vocab_encode_body(const struct vocab *v, const char *text, size_t n,
    struct ids *out, struct err *err)
{
	const struct vocab_part part = { text, n, true };

	return vocab_encode_parts(v, &part, 1, out, err);
}
