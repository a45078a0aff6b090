/* cmd_export.c -- `fikr export`: one, some or all conversations to standard
 * output, into a file, or a file each into a folder. */
#include "cmd_export.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "cmd.h"
#include "export.h"
#include "i18n.h"
#include "index.h"
#include "journal.h"
#include "out.h"
#include "paths.h"

enum { FAILED = 1, USAGE = 2 };

struct work {
	const struct store *store;
	const struct options *o;
	enum export_format format;
	char **ids;		/* [n], borrowed */
	size_t n;
	bool folder;		/* a file each */
	struct out out;		/* else */
	struct buf file;	/* what is to be the file */
	size_t done, failed;
};

static int
complain(int status, const char *why)
{
	fprintf(stderr, "fikr: %s\n", why);
	return status;
}

static bool
is_folder(const char *path)
{
	struct stat st;
	size_t n = strlen(path);

	return (n > 0 && path[n - 1] == '/') ||
	    (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

static int
choose_format(struct work *w, struct err *err)
{
	const char *name = w->o->format;

	w->format = EXPORT_MD;
	if (!name && w->o->output && !w->folder)
		export_format_of(w->o->output, &w->format);
	if (name && export_format_parse(name, &w->format) < 0)
		return err_set(err, "--format takes md, json, html, text, "
		    "chatgpt, deepseek or openwebui, not \"%.40s\"", name);
	if (w->n > 1 && !w->folder && !export_holds_many(w->format))
		return err_set(err, "a file of this format holds one "
		    "conversation; -o FOLDER/ takes a file each");
	return 0;
}

/* Text to wherever the whole goes. */
static int
put(struct work *w, struct buf *text, struct err *err)
{
	int r = 0;

	if (w->o->output)
		buf_add(&w->file, text->data, text->len);
	else if (text->len)
		r = out_text(&w->out, text->data, text->len, err);
	buf_clear(text);
	return r;
}

static int
export_file(struct work *w, const struct convo *c, struct err *err)
{
	char *name = export_file_name(c, w->format);
	char *path = xasprintf("%s%s%s", w->o->output,
	    w->o->output[strlen(w->o->output) - 1] == '/' ? "" : "/", name);
	struct buf b = { 0 };
	int r;

	export_begin(&b, w->format);
	export_convo(&b, c, w->format, !w->o->no_thinking);
	export_end(&b, w->format);
	r = export_write(path, &b, w->o->force, err);
	buf_free(&b);
	free(path);
	free(name);
	return r;
}

static int
export_into(struct work *w, const struct convo *c, struct err *err)
{
	struct buf b = { 0 };
	int r;

	if (w->done > 0)
		export_between(&b, w->format);
	export_convo(&b, c, w->format, !w->o->no_thinking);
	r = put(w, &b, err);
	buf_free(&b);
	return r;
}

/* One that cannot be read or written does not keep the others from coming;
 * -1 when there is nobody to write to. */
static int
export_one(struct work *w, const char *id)
{
	struct err err;
	struct convo *c = cmd_read(w->store, id, &err);
	int r = -1;

	if (c)
		r = w->folder ? export_file(w, c, &err) :
		    export_into(w, c, &err);
	if (c && r < 0 && !w->folder) {
		convo_free(c);
		return w->out.broken ? -1 : complain(-1, err.text);
	}
	convo_free(c);
	if (r < 0) {
		complain(FAILED, err.text);
		w->failed++;
	} else {
		w->done++;
	}
	return 0;
}

static int
finish(struct work *w, struct err *err)
{
	struct buf b = { 0 };
	int r;

	export_end(&b, w->format);
	r = put(w, &b, err);
	buf_free(&b);
	if (r == 0 && w->o->output)
		r = export_write(w->o->output, &w->file, w->o->force, err);
	else if (r == 0)
		r = out_end(&w->out, err);
	return r;
}

static int
export_all(struct work *w)
{
	struct buf b = { 0 };
	struct err err = { "" };
	int r = 0;

	if (w->folder) {
		r = path_make_dir(w->o->output, &err);
	} else {
		export_begin(&b, w->format);
		r = put(w, &b, &err);
		buf_free(&b);
	}
	for (size_t i = 0; i < w->n && r == 0; i++)
		if (export_one(w, w->ids[i]) < 0)
			return w->out.broken ? 128 + SIGPIPE : FAILED;
	/* A file of nothing helps nobody. */
	if (r == 0 && !w->folder && (w->done > 0 || w->failed == 0))
		r = finish(w, &err);
	if (w->out.broken)
		return 128 + SIGPIPE;
	if (r < 0)
		return complain(FAILED, err.text);
	if (w->o->output && w->folder)
		fprintf(stderr, ngettext("%zu conversation written to %s\n",
		    "%zu conversations written to %s\n",
		    (unsigned long)w->done), w->done, w->o->output);
	return w->failed ? FAILED : 0;
}

/* The ids that were given, or those of the whole store. */
static int
choose_ids(struct work *w, struct convo_info **all, int *n_all,
    struct err *err)
{
	w->n = (size_t)w->o->n_words;
	w->ids = xcalloc(w->n + 1, sizeof(*w->ids));
	for (size_t i = 0; i < w->n; i++)
		w->ids[i] = w->o->words[i];
	if (!w->o->all)
		return 0;
	*n_all = index_list(w->store, all, err);
	if (*n_all < 0)
		return -1;
	free(w->ids);
	w->n = (size_t)*n_all;
	w->ids = xcalloc(w->n + 1, sizeof(*w->ids));
	for (size_t i = 0; i < w->n; i++)
		w->ids[i] = (*all)[i].id;
	return 0;
}

int
export_main(const struct store *store, const struct options *o)
{
	struct work w = { .store = store, .o = o,
		.out = { .fd = STDOUT_FILENO } };
	struct convo_info *all = NULL;
	struct err err;
	int n_all = 0, ret;

	signal(SIGPIPE, SIG_IGN);
	if (o->all == (o->n_words > 0))
		return complain(USAGE, _("fikr export takes the ids of "
		    "conversations, or --all; try fikr --help"));
	if (o->output && !*o->output)
		return complain(USAGE, _("-o takes a file or a folder"));
	w.folder = o->output && is_folder(o->output);
	if (choose_ids(&w, &all, &n_all, &err) < 0)
		ret = complain(FAILED, err.text);
	else if (choose_format(&w, &err) < 0)
		ret = complain(USAGE, err.text);
	else
		ret = export_all(&w);
	free(w.ids);
	buf_free(&w.file);
	if (n_all > 0)
		convo_infos_free(all, n_all);
	return ret;
}
