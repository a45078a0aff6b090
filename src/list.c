/* list.c -- `fikr list` and `fikr show`: what is saved, as plain text. */
#include "list.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "alloc.h"
#include "cmd.h"
#include "convo.h"
#include "i18n.h"
#include "index.h"
#include "journal.h"
#include "out.h"
#include "stamp.h"

static void
put_date(struct buf *b, int64_t ms)
{
	struct buf text = { 0 };

	stamp_put_local(&text, ms);
	buf_printf(b, "%-16s", text.len ? text.data : "-");
	buf_free(&text);
}

static void
put_line(struct buf *b, const char *s)
{
	for (; *s; s++)
		buf_addc(b, *s == '\n' || *s == '\t' ? ' ' : *s);
}

static void
put_info(struct buf *b, const struct convo_info *v)
{
	buf_printf(b, "%-20s  ", v->id);
	put_date(b, v->changed);
	buf_puts(b, v->pinned ? "  * " : "  ");
	put_line(b, v->title && *v->title ? v->title : _("(no title)"));
	for (size_t i = 0; i < v->n_tags; i++) {
		buf_puts(b, "  #");
		put_line(b, v->tags[i]);
	}
	if (v->archived)
		buf_printf(b, "  %s", _("(archived)"));
	if (v->trashed)
		buf_printf(b, "  %s", _("(in the trash)"));
	buf_addc(b, '\n');
}

static json_t *
json_time(int64_t ms)
{
	struct buf b = { 0 };
	json_t *j;

	stamp_put(&b, ms);
	j = b.len ? json_string(b.data) : json_null();
	buf_free(&b);
	return j;
}

static json_t *
json_info(const struct convo_info *v)
{
	json_t *tags = json_array();

	for (size_t i = 0; i < v->n_tags; i++)
		json_array_append_new(tags, json_string(v->tags[i]));
	return json_pack("{ss ss so so si sb sb so sb}",
	    "id", v->id, "title", v->title ? v->title : "",
	    "created", json_time(v->created),
	    "changed", json_time(v->changed), "turns", v->turns,
	    "pinned", v->pinned, "archived", v->archived, "tags", tags,
	    "trashed", v->trashed != 0);
}

static bool
wanted(const struct convo_info *v, const struct options *o)
{
	bool has = !o->tag;

	for (size_t i = 0; i < v->n_tags; i++)
		has |= o->tag && strcmp(v->tags[i], o->tag) == 0;
	return has && (o->all || (!v->archived && !v->trashed));
}

/* Each conversation on a line of its own, for people who look and programs
 * that cut. */
static void
put_json(struct buf *b, const struct convo_info *v, int n,
    const struct options *o)
{
	const char *before = "[\n";

	for (int i = 0; i < n; i++) {
		json_t *j;
		char *s;

		if (!wanted(&v[i], o))
			continue;
		j = json_info(&v[i]);
		s = json_dumps(j, JSON_COMPACT);
		buf_printf(b, "%s%s", before, s ? s : "null");
		before = ",\n";
		free(s);
		json_decref(j);
	}
	buf_puts(b, b->len ? "\n]\n" : "[]\n");
}

int
list_main(const struct store *store, const struct options *o)
{
	struct out out = { .fd = STDOUT_FILENO };
	struct convo_info *v = NULL;
	struct buf text = { 0 };
	struct err err;
	int n, ret = 0;

	signal(SIGPIPE, SIG_IGN);
	n = index_list(store, &v, &err);
	if (n < 0)
		return cmd_out_failed(&out, &err);
	if (o->json)
		put_json(&text, v, n, o);
	for (int i = 0; i < n && !o->json; i++)
		if (wanted(&v[i], o))
			put_info(&text, &v[i]);
	if ((text.len && out_text(&out, text.data, text.len, &err) < 0) ||
	    out_end(&out, &err) < 0)
		ret = cmd_out_failed(&out, &err);
	buf_free(&text);
	convo_infos_free(v, n);
	return ret;
}

/* ---- show ------------------------------------------------------------- */

static int
put_turn(struct out *out, struct out *thinking, const struct turn *t,
    struct err *err)
{
	char *h = xasprintf("# %s\n\n", role_heading(t->role));
	int ret;

	if (thinking && t->thinking.len) {
		out_text(thinking, t->thinking.data, t->thinking.len, NULL);
		out_text(thinking, "\n\n", 2, NULL);
	}
	ret = out_text(out, h, strlen(h), err);
	free(h);
	if (ret < 0)
		return -1;
	if (t->text.len && out_text(out, t->text.data, t->text.len, err) < 0)
		return -1;
	return out_text(out, "\n\n", 2, err);
}

static int
put_convo(const struct convo *c, const struct options *o)
{
	struct out out = { .fd = STDOUT_FILENO };
	struct out side = { .fd = STDERR_FILENO };
	struct turn **turns;
	size_t n = convo_branch(c, &turns);
	struct err err;
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++)
		ret = put_turn(&out, o->thinking_stderr ? &side : NULL,
		    turns[i], &err);
	if (ret == 0)
		ret = out_end(&out, &err);
	out_end(&side, NULL);
	free(turns);
	return ret < 0 ? cmd_out_failed(&out, &err) : 0;
}

int
show_main(const struct store *store, const struct options *o)
{
	struct err err;
	struct convo *c;
	int ret;

	signal(SIGPIPE, SIG_IGN);
	c = cmd_read(store, o->text, &err);
	if (!c)
		return cmd_failed(&err);
	ret = put_convo(c, o);
	convo_free(c);
	return ret;
}
