/* cmd_search.c -- `fikr search`: where words are in all conversations, a hit a
 * line. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "cmd.h"
#include "i18n.h"
#include "index.h"
#include "list.h"
#include "out.h"

#define COUNT 20		/* hits, unless told */
#define ROOM 12			/* columns for where */

/* A terminal that has bold, and nobody who wants none of it. */
static bool
bold_wanted(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && *term &&
	    strcmp(term, "dumb") != 0;
}

/* Letters take a column each, near enough to line up what follows. */
static void
put_padded(struct buf *b, const char *s)
{
	int cols = 0;

	for (const char *p = s; *p; p++)
		cols += ((unsigned char)*p & 0xC0) != 0x80;
	buf_printf(b, "%s%*s", s, cols < ROOM ? ROOM - cols : 1, "");
}

static void
put_hit(struct buf *b, const struct index_hit *h, bool bold)
{
	size_t at = 0;

	buf_printf(b, "%-20s  ", h->id);
	if (h->turn)
		buf_printf(b, "%4d  ", h->turn);
	else
		buf_puts(b, "   -  ");
	put_padded(b, index_where(h));
	for (size_t i = 0; i < h->n_marks; i++) {
		out_visible(b, h->snippet + at, h->marks[i].from - at);
		buf_puts(b, bold ? "\033[1m" : "");
		out_visible(b, h->snippet + h->marks[i].from,
		    h->marks[i].to - h->marks[i].from);
		buf_puts(b, bold ? "\033[22m" : "");
		at = h->marks[i].to;
	}
	out_visible(b, h->snippet + at, strlen(h->snippet + at));
	buf_addc(b, '\n');
}

/* ---- for programs ---- */

/* Where a hit begins, and its length, in characters of the snippet. */
static json_t *
json_marks(const struct index_hit *h)
{
	json_t *v = json_array();
	int chars = 0;
	size_t at = 0;

	for (size_t i = 0; i < h->n_marks; i++) {
		int from;

		for (; at < h->marks[i].from; at++)
			chars += ((unsigned char)h->snippet[at] & 0xC0) !=
			    0x80;
		from = chars;
		for (; at < h->marks[i].to; at++)
			chars += ((unsigned char)h->snippet[at] & 0xC0) !=
			    0x80;
		json_array_append_new(v, json_pack("[ii]", from,
		    chars - from));
	}
	return v;
}

static void
put_json(struct buf *b, const struct index_hit *v, size_t n)
{
	static const char *const where[] = { "title", "text", "thinking" };

	buf_puts(b, n ? "[\n" : "[");
	for (size_t i = 0; i < n; i++) {
		json_t *j = json_pack("{ss si ss ss* ss ss so}", "id",
		    v[i].id, "turn", v[i].turn, "where",
		    where[v[i].where], "role", v[i].turn ?
		    role_name(v[i].role) : NULL, "title",
		    v[i].title, "snippet", v[i].snippet,
		    "marks", json_marks(&v[i]));
		char *s = json_dumps(j, JSON_COMPACT);

		buf_printf(b, "%s%s\n", s ? s : "null", i + 1 < n ? "," : "");
		free(s);
		json_decref(j);
	}
	buf_puts(b, "]\n");
}

int
search_main(const struct store *store, const struct options *o)
{
	struct out out = { .fd = STDOUT_FILENO };
	struct index *ix = index_open(store);
	struct index_hit *v;
	struct buf b = { 0 };
	struct err err;
	bool bold = bold_wanted();
	size_t n;
	int ret;

	signal(SIGPIPE, SIG_IGN);
	index_update(ix);
	n = index_search(ix, o->text, o->count ? (size_t)o->count : COUNT, &v);
	ret = n == 0;
	if (o->json)
		put_json(&b, v, n);
	for (size_t i = 0; i < n && !o->json; i++)
		put_hit(&b, &v[i], bold);
	if (b.len && out_raw(&out, b.data, b.len, &err) < 0)
		ret = cmd_out_failed(&out, &err);
	buf_free(&b);
	index_hits_free(v, n);
	index_close(ix);
	return ret;
}
