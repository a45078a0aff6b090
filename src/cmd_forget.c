/* cmd_forget.c -- `fikr forget ID...`: asks, removes every trace, and says what
 * that was. */
#include "cmd_forget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "cmd.h"
#include "convo.h"
#include "forget.h"
#include "i18n.h"
#include "journal.h"
#include "out.h"
#include "store.h"

/* The question is only asked where somebody can answer it. */
static bool
is_sure(const struct options *o)
{
	char line[16];

	if (o->yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		fprintf(stderr, "fikr: %s\n", _("there is no terminal to "
		    "ask on; --yes forgets for good without asking"));
		return false;
	}
	fputs(ngettext("Forget it for good? It cannot be brought back (y/n): ",
	    "Forget them for good? They cannot be brought back (y/n): ",
	    (unsigned long)o->n_words), stderr);
	return fgets(line, sizeof(line), stdin) && (line[0] == 'y' ||
	    line[0] == 'Y');
}

static void
say_title(const struct store *store, const char *id)
{
	struct convo *c = journal_read(store, id, NULL, NULL);
	struct out out = { .fd = STDERR_FILENO };
	struct buf b = { 0 };

	buf_printf(&b, "%s  %s\n", id, c && *c->title ? c->title : "");
	out_text(&out, b.data, b.len, NULL);
	out_end(&out, NULL);
	buf_free(&b);
	convo_free(c);
}

static void
say(const char *text, int n)
{
	if (n > 0)
		printf(text, n);
}

static void
say_forgotten(const char *id, const struct forgotten *f)
{
	printf(_("These traces of %s are gone:\n"), id);
	say(ngettext("  %d file, and what the index of searches had of it\n",
	    "  %d files, and what the index of searches had of them\n",
	    (unsigned long)f->files), f->files);
	say(ngettext("  %d line of the prompt's history\n",
	    "  %d lines of the prompt's history\n",
	    (unsigned long)f->history), f->history);
	say(ngettext("  %d snapshot of the model's state\n",
	    "  %d snapshots of the model's state\n",
	    (unsigned long)f->snapshots), f->snapshots);
	say(ngettext("  %d line of the logs\n", "  %d lines of the logs\n",
	    (unsigned long)f->log), f->log);
}

static bool
nothing(const struct forgotten *f)
{
	return f->files + f->snapshots + f->history + f->log == 0;
}

static int
forget_one(const struct store *store, const char *id)
{
	struct forgotten f;
	struct err err;
	int r = forget_convo(store, id, &f, &err);

	if (r == 0 && nothing(&f))
		r = err_set(&err, "there is no conversation %s, nor anything "
		    "left of one; `fikr list` prints those there are", id);
	if (!nothing(&f))
		say_forgotten(id, &f);
	if (r < 0)
		cmd_failed(&err);
	return r;
}

int
forget_main(const struct store *store, const struct options *o)
{
	int bad = 0;

	if (!o->yes)
		for (int i = 0; i < o->n_words; i++)
			say_title(store, o->words[i]);
	if (!is_sure(o))
		return 1;
	for (int i = 0; i < o->n_words; i++)
		bad += forget_one(store, o->words[i]) < 0;
	if (bad < o->n_words)
		puts(_("The disk may keep old blocks all the same: journals of "
		    "file systems, snapshots, backups and SSDs do."));
	return bad ? 1 : 0;
}
