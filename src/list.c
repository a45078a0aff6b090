/* list.c -- `fikr list` and `fikr show`: what is saved, as plain text. */
#include "list.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "convo.h"
#include "i18n.h"
#include "journal.h"
#include "out.h"

static int
failed(const struct out *o, const struct err *err)
{
	if (o->broken)
		return 128 + SIGPIPE;
	fprintf(stderr, "fikr: %s\n", err->text);
	return 1;
}

static void
put_date(struct buf *b, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	char text[32];

	if (!localtime_r(&t, &tm) ||
	    !strftime(text, sizeof text, "%Y-%m-%d %H:%M", &tm))
		memcpy(text, "-", 2);
	buf_printf(b, "%-16s", text);
}

static void
put_info(struct buf *b, const struct convo_info *v)
{
	const char *title = v->title && *v->title ? v->title : _("(no title)");

	buf_printf(b, "%-20s  ", v->id);
	put_date(b, v->changed);
	buf_puts(b, "  ");
	for (; *title; title++)
		buf_addc(b, *title == '\n' || *title == '\t' ? ' ' : *title);
	buf_addc(b, '\n');
}

int
list_main(const struct store *store)
{
	struct out out = { .fd = STDOUT_FILENO };
	struct convo_info *v = NULL;
	struct buf text = { 0 };
	struct err err;
	int n, ret = 0;

	signal(SIGPIPE, SIG_IGN);
	n = journal_list(store, &v, &err);
	if (n < 0)
		return failed(&out, &err);
	for (int i = 0; i < n; i++)
		put_info(&text, &v[i]);
	if ((text.len && out_text(&out, text.data, text.len, &err) < 0) ||
	    out_end(&out, &err) < 0)
		ret = failed(&out, &err);
	buf_free(&text);
	convo_infos_free(v, n);
	return ret;
}

/* ---- show ------------------------------------------------------------- */

static const char *
heading(enum role r)
{
	switch (r) {
	case ROLE_SYSTEM:
		return _("System");
	case ROLE_USER:
		return _("You");
	default:
		return _("Answer");
	}
}

static int
put_turn(struct out *out, struct out *thinking, const struct turn *t,
    struct err *err)
{
	char *h = xasprintf("# %s\n\n", heading(t->role));
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
	return ret < 0 ? failed(&out, &err) : 0;
}

int
show_main(const struct store *store, const struct options *o)
{
	struct out none = { 0 };
	struct err notice, err;
	struct convo *c;
	int ret;

	signal(SIGPIPE, SIG_IGN);
	c = journal_read(store, o->text, &notice, &err);
	if (!c)
		return failed(&none, &err);
	if (notice.text[0])
		fprintf(stderr, "fikr: %s\n", notice.text);
	ret = put_convo(c, o);
	convo_free(c);
	return ret;
}
