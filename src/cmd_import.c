/* cmd_import.c -- `fikr import`: a line a conversation, and a total. */
#include "cmd_import.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "bar.h"
#include "cmd.h"
#include "i18n.h"
#include "import.h"
#include "out.h"

struct work {
	struct out out;
	struct err err;		/* of writing to it */
	int failed;
	struct bar bar;
};

static void
reading(int64_t bytes, void *ud)
{
	struct work *w = ud;
	char *text;

	if (!bar_due(&w->bar))
		return;
	text = xasprintf(_("Reading: %" PRId64 " MB"), bytes / 1000000);
	bar_text(&w->bar, text);
	free(text);
}

static void
told(const struct import_item *item, void *ud)
{
	struct work *w = ud;
	struct buf b = { 0 };

	if (bar_due(&w->bar))
		bar_draw(&w->bar, "", item->at, item->n);
	if (item->why) {
		bar_clear(&w->bar);
		fprintf(stderr, item->state == IMPORT_BAD ? "fikr: %s\n" :
		    "fikr: %2$s: %1$s\n", item->why,
		    item->c ? item->c->id : "");
	}
	if (item->state != IMPORT_DONE || w->failed)
		return;
	if (isatty(w->out.fd))
		bar_clear(&w->bar);
	buf_printf(&b, "%-20s  %s\n", item->c->id, item->c->title);
	if (out_text(&w->out, b.data, b.len, &w->err) < 0)
		w->failed = 1;
	buf_free(&b);
}

static int
import_one(struct work *w, const char *name, const struct import_opts *o,
    struct import_total *total)
{
	bool pipe = strcmp(name, "-") == 0;
	FILE *f = pipe ? stdin : fopen(name, "re");
	struct err err;
	int r;

	if (!f) {
		fprintf(stderr, _("fikr: cannot open %s: %s\n"), name,
		    strerror(errno));
		return -1;
	}
	r = import_file(f, pipe ? _("standard input") : name, o, total, &err);
	bar_clear(&w->bar);
	if (r < 0)
		cmd_failed(&err);
	if (!pipe)
		fclose(f);
	return r;
}

static void
tell_total(const struct import_total *t)
{
	fprintf(stderr, ngettext("%zu conversation imported",
	    "%zu conversations imported", (unsigned long)t->done), t->done);
	if (t->known)
		fprintf(stderr, ngettext("; %zu was here already (--again "
		    "imports it anew)", "; %zu were here already (--again "
		    "imports them anew)", (unsigned long)t->known),
		    t->known);
	if (t->bad)
		fprintf(stderr, ngettext("; %zu could not be understood",
		    "; %zu could not be understood",
		    (unsigned long)t->bad), t->bad);
	fputc('\n', stderr);
}

int
import_main(const struct store *store, const struct options *o)
{
	struct work w = { .out = { .fd = STDOUT_FILENO } };
	struct import_opts how = { .store = store, .again = o->again,
		.told = told, .reading = reading, .ud = &w };
	struct import_total total = { 0 };
	int bad = 0;

	bar_begin(&w.bar);
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < o->n_words; i++)
		bad |= import_one(&w, o->words[i], &how, &total) < 0;
	if (!w.failed && out_end(&w.out, &w.err) < 0)
		w.failed = 1;
	if (w.failed && !w.out.broken)
		fprintf(stderr, "fikr: %s\n", w.err.text);
	tell_total(&total);
	return bad || total.bad || (w.failed && !w.out.broken);
}
