/* act_move.c -- what keys and commands do to bring conversations out, in, and
 * apart: export, import, fork, and the branches of one. */
#include "act.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alloc.h"
#include "app.h"
#include "branch_diff.h"
#include "copy.h"
#include "export.h"
#include "fork.h"
#include "i18n.h"
#include "import.h"
#include "paths.h"
#include "pick.h"

#define SCREEN_MAX (32 << 20)	/* bytes to import while people look on */

/* ---- export ---- */

struct wish {
	bool force, no_thinking;
	const char *file;	/* "" for one that is named here */
};

/* Options first, as of the command; what follows is the file's name. */
static int
parse_wish(struct app *a, const char *arg, struct wish *w)
{
	*w = (struct wish){ .file = arg };
	while (strncmp(w->file, "--", 2) == 0) {
		size_t n = strcspn(w->file, " ");

		if (n == 7 && !strncmp(w->file, "--force", n)) {
			w->force = true;
		} else if (n == 13 && !strncmp(w->file, "--no-thinking", n)) {
			w->no_thinking = true;
		} else {
			app_notice(a, STYLE_ERROR, _("/export takes --force, "
			    "--no-thinking and a file"));
			return -1;
		}
		w->file += n;
		w->file += strspn(w->file, " ");
	}
	return 0;
}

unsigned
act_export(struct app *a, const char *arg)
{
	const struct convo *c = a->cur->convo;
	enum export_format f = EXPORT_MD;
	struct buf b = { 0 };
	struct wish w;
	struct err err;
	char *path;

	if (parse_wish(a, arg, &w) < 0)
		return 0;
	if (c->n == 0) {
		app_notice(a, STYLE_DIM, _("Nothing was said here yet"));
		return 0;
	}
	if (*w.file && export_format_of(w.file, &f) < 0) {
		app_notice(a, STYLE_ERROR, _("The file's ending says how it is "
		    "written: .md, .html, .txt or .json"));
		return 0;
	}
	path = *w.file ? path_given(w.file) : export_file_name(c, f);
	export_begin(&b, f);
	export_convo(&b, c, f, !w.no_thinking);
	export_end(&b, f);
	if (export_write(path, &b, w.force, &err) < 0)
		app_notice(a, STYLE_ERROR, "%s", err.text);
	else
		app_notice(a, STYLE_NOTICE, _("Written to %s"), path);
	buf_free(&b);
	free(path);
	return 0;
}

/* ---- import ---- */

struct news {
	char id[32];		/* of the last that came */
	char *bad;		/* what the first that did not come lacks */
};

static void
hear_of(const struct import_item *item, void *ud)
{
	struct news *n = ud;

	if (item->state == IMPORT_DONE)
		memcpy(n->id, item->c->id, sizeof(n->id));
	else if (item->state == IMPORT_BAD && !n->bad)
		n->bad = xstrdup(item->why);
}

static void
tell_import(struct app *a, const struct import_total *t, const struct news *n)
{
	struct buf b = { 0 };

	buf_printf(&b, ngettext("%zu conversation imported",
	    "%zu conversations imported", (unsigned long)t->done), t->done);
	if (t->known)
		buf_printf(&b, ngettext("; %zu was here already",
		    "; %zu were here already", (unsigned long)t->known),
		    t->known);
	if (n->bad)
		buf_printf(&b, "; %s", n->bad);
	app_notice(a, n->bad ? STYLE_ERROR : STYLE_NOTICE, "%s", b.data);
	buf_free(&b);
}

/* A file that does not make the screen wait: no pipe, and not too large. */
static FILE *
open_small(struct app *a, const char *path)
{
	struct stat st;
	FILE *f;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		app_notice(a, STYLE_ERROR, _("%s is not a file"), path);
		return NULL;
	}
	if (stat(path, &st) == 0 && st.st_size > SCREEN_MAX) {
		app_notice(a, STYLE_ERROR, _("%s takes a while: fikr import "
		    "FILE does it beside the chat"), path);
		return NULL;
	}
	f = fopen(path, "re");
	if (!f)
		app_notice(a, STYLE_ERROR, _("Cannot open %s"), path);
	return f;
}

unsigned
act_import(struct app *a, const char *arg)
{
	struct news news = { .id = "" };
	struct import_opts o = { .store = a->store, .told = hear_of,
		.ud = &news };
	struct import_total total = { 0 };
	char *path;
	struct err err;
	FILE *f;

	if (!*arg || a->store->temporary) {
		app_notice(a, STYLE_NOTICE, "%s", *arg ?
		    _("Nothing is saved while everything is temporary") :
		    _("/import FILE takes what fikr, ChatGPT, DeepSeek or "
		    "Open WebUI exported"));
		return 0;
	}
	path = path_given(arg);
	f = open_small(a, path);
	if (f && import_file(f, path, &o, &total, &err) < 0)
		app_notice(a, STYLE_ERROR, "%s", err.text);
	else if (f)
		tell_import(a, &total, &news);
	if (f)
		fclose(f);
	if (total.done)
		app_list_refresh(a);
	if (total.done == 1 && !a->cur->live)
		app_open(a, news.id);
	free(news.bad);
	free(path);
	return 0;
}

/* ---- fork ---- */

static const struct turn *
turn_here(struct app *a)
{
	const struct turn *t = a->focus == FOCUS_PROMPT ? NULL :
	    transcript_at(&a->cur->view);

	return t ? t : convo_turn(a->cur->convo, a->cur->convo->head);
}

unsigned
act_fork(struct app *a, const char *arg)
{
	const struct turn *t = turn_here(a);
	struct convo *f;
	struct err err;
	char id[32];
	int r;

	(void)arg;
	if (!t || a->cur->live || a->cur->temporary || a->store->temporary) {
		app_notice(a, STYLE_NOTICE, "%s", !t ?
		    _("Nothing was said here yet") : a->cur->live ?
		    _("Still answering: Esc stops it") :
		    _("A temporary conversation is not saved, and so has no "
		    "copy"));
		return 0;
	}
	f = fork_at(a->cur->convo, t, a->now);
	r = copy_write(a->store, f, &err);
	memcpy(id, f->id, sizeof(id));
	convo_free(f);
	if (r < 0) {
		app_notice(a, STYLE_ERROR, "%s", err.text);
		return 0;
	}
	app_list_refresh(a);
	if (app_open(a, id) == 0) {
		a->focus = FOCUS_PROMPT;
		app_notice(a, STYLE_NOTICE, _("A conversation of its own from "
		    "here on; the other one stays as it is"));
	}
	return 0;
}

/* ---- branches ---- */

static unsigned
choose_branch(struct app *a, const char *id)
{
	a->edited = atoi(id);
	if (!a->page.fill)
		page_toggle(a, _("The branch that is shown, and the other"),
		    branches_fill, false);
	return REACT_DRAW;
}

unsigned
act_branches(struct app *a, const char *arg)
{
	const struct convo *c = a->cur->convo;
	struct turn **v;
	size_t n = branch_ends(c, &v);
	struct buf name = { 0 };
	struct pick *p;
	char id[16], *detail;

	(void)arg;
	if (n < 2) {
		app_notice(a, STYLE_DIM, _("There is one branch only"));
		free(v);
		return 0;
	}
	page_close(a);
	p = pick_open(a, _("Compare with the branch that ends in"),
	    choose_branch);
	for (size_t i = 0; i < n; i++) {
		struct turn **branch;
		size_t length = branch_to(c, v[i], &branch);

		free(branch);
		if (v[i]->id == c->head)
			continue;
		buf_clear(&name);
		branch_name(v[i], 60, &name);
		snprintf(id, sizeof(id), "%d", v[i]->id);
		detail = xasprintf(ngettext("%zu message", "%zu messages",
		    (unsigned long)length), length);
		pick_add(p, name.len ? name.data : "…", detail, id);
		free(detail);
	}
	pick_ready(p, NULL);
	buf_free(&name);
	free(v);
	return 0;
}
