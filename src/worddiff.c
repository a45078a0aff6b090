/* worddiff.c -- see worddiff.h. */
#include "worddiff.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define TABLE_MAX (4u << 20)	/* pairs of words compared */

struct word { const char *s; size_t n; };

struct text {
	struct word *v;
	size_t n;
};

static int
class(unsigned c)
{
	if (c == ' ' || c == '\t')
		return 1;
	if (c >= 0x80 || (c | 32) - 'a' < 26 || c - '0' < 10)
		return 2;
	return 0;		/* marks and line ends stand alone */
}

static struct text
cut(const char *s, size_t n)
{
	struct text t = { xcalloc(n + 1, sizeof(struct word)), 0 };

	for (size_t i = 0, len; i < n; i += len) {
		int c = class((unsigned char)s[i]);

		for (len = 1; c && i + len < n &&
		    class((unsigned char)s[i + len]) == c; len++)
			;
		t.v[t.n++] = (struct word){ s + i, len };
	}
	return t;
}

static bool
same(const struct word *a, const struct word *b)
{
	return a->n == b->n && memcmp(a->s, b->s, a->n) == 0;
}

/* Pieces on their way out: neighbours of one kind become one. */
struct out {
	void (*fn)(enum diff_kind kind, const char *s, size_t n, void *ud);
	void *ud;
	enum diff_kind kind;
	const char *s;
	size_t n;
};

static void
flush(struct out *o)
{
	if (o->n > 0)
		o->fn(o->kind, o->s, o->n, o->ud);
	o->n = 0;
}

static void
put(struct out *o, enum diff_kind kind, const struct word *w)
{
	if (o->n == 0 || o->kind != kind || o->s + o->n != w->s) {
		flush(o);
		o->kind = kind;
		o->s = w->s;
	}
	o->n += w->n;
}

static void
put_all(struct out *o, enum diff_kind kind, const struct word *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(o, kind, &w[i]);
}

/* len[i][j]: words that a[i..) and b[j..) have in common. */
static void
compare(struct out *o, const struct word *a, size_t na, const struct word *b,
    size_t nb)
{
	size_t w = nb + 1, i = 0, j = 0;
	uint16_t *len = xcalloc((na + 1) * w, sizeof(*len));

	for (i = na; i-- > 0; )
		for (j = nb; j-- > 0; ) {
			uint16_t x = len[(i + 1) * w + j];
			uint16_t y = len[i * w + j + 1];

			len[i * w + j] = same(&a[i], &b[j]) ?
			    (uint16_t)(len[(i + 1) * w + j + 1] + 1) :
			    x > y ? x : y;
		}
	for (i = j = 0; i < na && j < nb; ) {
		if (same(&a[i], &b[j])) {
			put(o, DIFF_SAME, &b[j++]);
			i++;
		} else if (len[(i + 1) * w + j] >= len[i * w + j + 1]) {
			put(o, DIFF_REMOVED, &a[i++]);
		} else {
			put(o, DIFF_ADDED, &b[j++]);
		}
	}
	put_all(o, DIFF_REMOVED, a + i, na - i);
	put_all(o, DIFF_ADDED, b + j, nb - j);
	free(len);
}

void
worddiff(const char *a, size_t na, const char *b, size_t nb,
    void (*fn)(enum diff_kind kind, const char *s, size_t n, void *ud),
    void *ud)
{
	struct text x = cut(a, na), y = cut(b, nb);
	struct out o = { .fn = fn, .ud = ud };
	size_t head = 0, tail = 0, mx, my;

	while (head < x.n && head < y.n && same(&x.v[head], &y.v[head]))
		head++;
	while (head + tail < x.n && head + tail < y.n &&
	    same(&x.v[x.n - 1 - tail], &y.v[y.n - 1 - tail]))
		tail++;
	mx = x.n - head - tail;
	my = y.n - head - tail;
	put_all(&o, DIFF_SAME, y.v, head);
	if ((mx + 1) * (my + 1) <= TABLE_MAX && mx < UINT16_MAX &&
	    my < UINT16_MAX) {
		compare(&o, x.v + head, mx, y.v + head, my);
	} else {
		put_all(&o, DIFF_REMOVED, x.v + head, mx);
		put_all(&o, DIFF_ADDED, y.v + head, my);
	}
	put_all(&o, DIFF_SAME, y.v + y.n - tail, tail);
	flush(&o);
	free(x.v);
	free(y.v);
}
