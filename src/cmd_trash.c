/* cmd_trash.c -- `fikr trash`: what was deleted, brought back or emptied. */
#include "cmd_label.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "cmd.h"
#include "i18n.h"
#include "out.h"
#include "trash.h"

static void
put_one(struct buf *b, const struct convo_info *c, int64_t now)
{
	struct buf title = { 0 };
	int days = trash_days_left(c, now);

	buf_printf(&title, "%s", *c->title ? c->title : _("(no title)"));
	for (size_t i = 0; i < title.len; i++)
		if (title.data[i] == '\n' || title.data[i] == '\t')
			title.data[i] = ' ';
	buf_printf(b, "%-20s  ", c->id);
	buf_printf(b, ngettext("%2d day left", "%2d days left",
	    (unsigned long)days), days);
	buf_puts(b, "  ");
	out_visible(b, title.data, title.len);
	buf_addc(b, '\n');
	buf_free(&title);
}

static int
print_list(const struct store *store)
{
	int64_t now = clock_wall_ms();
	struct convo_info *v;
	struct buf b = { 0 };
	struct err err;
	int n = trash_list(store, &v, &err);

	if (n < 0)
		return cmd_failed(&err);
	for (int i = 0; i < n; i++)
		put_one(&b, &v[i], now);
	if (b.len)
		fwrite(b.data, 1, b.len, stdout);
	buf_free(&b);
	convo_infos_free(v, n);
	return 0;
}

static int
restore(const struct store *store, const struct options *o)
{
	struct err err;
	int ret = 0;

	for (int i = 1; i < o->n_words; i++)
		if (trash_restore(store, o->words[i], &err) < 0)
			ret = cmd_failed(&err);
	return ret;
}

/* Nothing brings back what this takes away. */
static bool
sure(int n)
{
	int c, first;

	if (!isatty(STDIN_FILENO))
		return false;
	fprintf(stderr, ngettext("Delete %d conversation for good? [y/N] ",
	    "Delete %d conversations for good? [y/N] ", (unsigned long)n), n);
	first = c = getchar();
	while (c != '\n' && c != EOF)
		c = getchar();
	return first == 'y' || first == 'Y';
}

static int
empty(const struct store *store, const struct options *o)
{
	struct convo_info *v;
	struct err err;
	int n = trash_list(store, &v, &err);

	if (n < 0)
		return cmd_failed(&err);
	convo_infos_free(v, n);
	if (n == 0)
		return 0;
	if (!o->yes && !sure(n)) {
		err_set(&err, "the trash stays as it is; fikr trash empty "
		    "--yes empties it without asking");
		return cmd_failed(&err);
	}
	return trash_empty(store, clock_wall_ms(), true, &err) < 0 ?
	    cmd_failed(&err) : 0;
}

int
trash_main(const struct store *store, const struct options *o)
{
	const char *what = o->n_words ? o->words[0] : "";
	struct err err;

	if (!*what)
		return print_list(store);
	if (!strcmp(what, "restore") && o->n_words > 1)
		return restore(store, o);
	if (!strcmp(what, "empty") && o->n_words == 1)
		return empty(store, o);
	err_set(&err, "the commands are fikr trash, fikr trash restore ID... "
	    "and fikr trash empty");
	cmd_failed(&err);
	return 2;
}
