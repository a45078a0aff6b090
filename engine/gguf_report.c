/* gguf_report.c -- the cursor that GGUF files are read with, and the
 * complaints about what it finds. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "gguf_priv.h"

#define MAX_REPORT 40

/* ---- complaints ---- */

void
gguf_report_add(struct gguf_report *r, const char *text)
{
	if (r->n == MAX_REPORT) {
		r->more++;
		return;
	}
	if (r->v == NULL)
		r->v = xcalloc(MAX_REPORT, sizeof(*r->v));
	r->v[r->n++] = xstrdup(text);
}

static int
complain(struct gguf_sink *s, int ret, const char *fmt, va_list ap)
{
	char text[ERR_MAX];
	struct err tame;

	vsnprintf(text, sizeof(text), fmt, ap);
	if (s->report == NULL)
		return err_set(s->err, "%s", text);
	err_set(&tame, "%s", text);
	gguf_report_add(s->report, tame.text);
	s->g->partial = true;
	return ret;
}

int
gguf_flaw(struct gguf_sink *s, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = complain(s, 0, fmt, ap);
	va_end(ap);
	return r;
}

int
gguf_stop(struct gguf_sink *s, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = complain(s, -1, fmt, ap);
	va_end(ap);
	return r;
}

void
gguf_report_done(struct gguf_report *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i]);
	free(r->v);
	memset(r, 0, sizeof(*r));
}

/* ---- the cursor ---- */

size_t
gguf_left(const struct gguf_cur *c)
{
	return (size_t)(c->end - c->p);
}

int
gguf_cut_short(struct gguf_cur *c, const char *what)
{
	return gguf_stop(&c->sink, "%s is cut short: it ends within %s, at "
	    "byte %lld; download it again", c->path, what,
	    (long long)c->part->bytes);
}

int
gguf_take(struct gguf_cur *c, void *v, size_t n, const char *what)
{
	if (gguf_left(c) < n)
		return gguf_cut_short(c, what);
	memcpy(v, c->p, n);
	c->p += n;
	return 0;
}

int
gguf_take_str(struct gguf_cur *c, struct gstr *s, const char *what)
{
	uint64_t n = 0;

	if (gguf_take(c, &n, 8, what) < 0)
		return -1;
	if (n > gguf_left(c))
		return gguf_cut_short(c, what);
	s->p = (const char *)c->p;
	s->n = (size_t)n;
	c->p += n;
	return 0;
}
