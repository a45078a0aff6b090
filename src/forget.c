/* forget.c -- where a conversation leaves traces, and taking them away.  The
 * file goes last: it knows what to look for, should this be interrupted. */
#include "forget.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "alloc.h"
#include "convo.h"
#include "histfile.h"
#include "index.h"
#include "journal.h"
#include "journal_path.h"
#include "paths.h"
#include "snapshots.h"
#include "wipe.h"

#define PASTED "[Pasted "	/* stands in the history for what was */

/* ---- the history ------------------------------------------------------ */

/* Whether entry, with anything in place of what was pasted, is text, or (open)
 * what text begins with. */
static bool
is_typed(const char *entry, const char *text, bool open)
{
	for (bool pasted = false;; pasted = true) {
		const char *token = strstr(entry, PASTED), *at = text;
		size_t n = token ? (size_t)(token - entry) : strlen(entry);
		size_t left = strlen(text);

		if (pasted)
			at = memmem(text, left, entry, n);
		if (pasted && !token && !open && left >= n)
			at = text + left - n;
		if (!at || strncmp(at, entry, n) != 0)
			return false;
		text = at + n;
		if (!token)
			return open || *text == '\0';
		entry = strchr(token, ']');
		if (!entry)
			return false;
		entry++;
	}
}

static bool
has(const struct buf *b, const char *word)
{
	return b->data && memmem(b->data, b->len, word, strlen(word));
}

/* "/rename What is said here": what a command was given is in the
 * conversation. */
static bool
is_command_of(const struct convo *c, const char *entry)
{
	const char *arg = strchr(entry, ' ');

	if (entry[0] != '/' || !arg)
		return false;
	arg += strspn(arg, " ");
	if (!*arg)
		return false;
	if (strstr(c->title, arg) || (c->system && strstr(c->system, arg)))
		return true;
	for (size_t i = 0; i < c->n; i++)
		if (has(&c->turns[i]->text, arg) ||
		    has(&c->turns[i]->thinking, arg))
			return true;
	return false;
}

static bool
is_of_convo(const char *entry, void *ud)
{
	const struct convo *c = ud;
	bool files = strchr(entry, '@') != NULL;	/* follow the text */

	for (size_t i = 0; i < c->n; i++) {
		const struct turn *t = c->turns[i];

		if (t->role == ROLE_USER && t->text.data &&
		    is_typed(entry, t->text.data, files))
			return true;
	}
	return is_command_of(c, entry);
}

static int
forget_history(struct convo *c)
{
	char *path = path_state("history");
	int n = histfile_remove(path, is_of_convo, c);

	free(path);
	return n;
}

/* ---- files ------------------------------------------------------------ */

static int
forget_log(const char *name, const char *id)
{
	char *path = path_state(name);
	int n = wipe_lines(path, id);

	free(path);
	return n;
}

/* Delete dir/id.yaml and what may stand beside it. */
static int
forget_files(const char *dir, const char *id, int *n, struct err *err)
{
	static const char *const ends[] = { ".yaml.new", ".yaml.torn.new",
		".yaml.torn", ".yaml" };
	int r = 0, before = *n;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char *path = journal_path(dir, id, ends[i]);
		int gone = wipe_file(path);

		if (gone < 0)
			r = err_set(err, "cannot delete %s: %s", path,
			    strerror(errno));
		else
			*n += gone;
		free(path);
	}
	if (*n > before && journal_sync_dir(dir, r < 0 ? NULL : err) < 0)
		r = -1;
	return r;
}

/* Files of a folder whose names begin so. */
static int
forget_named(const char *dir, const char *begin, int *n, struct err *err)
{
	size_t len = strlen(begin);
	struct dirent *e;
	DIR *d = opendir(dir);
	int r = 0;

	while (d && (e = readdir(d))) {
		char *path;
		int gone;

		if (e->d_name[0] == '.' ||
		    strncmp(e->d_name, begin, len) != 0)
			continue;
		path = xasprintf("%s/%s", dir, e->d_name);
		gone = wipe_file(path);
		if (gone < 0)
			r = err_set(err, "cannot delete %s: %s", path,
			    strerror(errno));
		else
			*n += gone;
		free(path);
	}
	if (d)
		closedir(d);
	return r;
}

/* A conversation that another fikr has open would go on being written. */
static int
check_unused(const char *dir, const char *id, struct err *err)
{
	char *path = journal_path(dir, id, ".yaml");
	int fd = -1, r = journal_hold(path, id, &fd, err);

	if (r == 0 && fd >= 0)
		close(fd);
	free(path);
	return r;
}

static void
forget_around(const struct store *from, const char *id, struct forgotten *f)
{
	struct convo *c = journal_read(from, id, NULL, NULL);

	if (c)
		f->history += forget_history(c);
	convo_free(c);
}

int
forget_convo(const struct store *store, const char *id,
    struct forgotten *f, struct err *err)
{
	struct store trash = store_trash(store);
	int r = 0;

	*f = (struct forgotten){ 0 };
	if (!journal_id_valid(id))
		r = err_set(err, "\"%s\" is not the id of a conversation; "
		    "`fikr list` prints the ids", id);
	if (r < 0 || check_unused(store->dir, id, err) < 0) {
		free(trash.dir);
		return -1;
	}
	forget_around(store, id, f);
	forget_around(&trash, id, f);
	f->log = forget_log("worker.log", id) + forget_log("fikr.log", id);
	if (snapshots_remove(id, &f->snapshots, err) < 0 ||
	    forget_files(store->dir, id, &f->files, err) < 0 ||
	    forget_files(trash.dir, id, &f->files, err) < 0 ||
	    index_forget(store, id, err) < 0)
		r = -1;
	free(trash.dir);
	return r;
}

int
forget_caches(struct err *err)
{
	char *history = path_state("history"), *kv = snapshots_dir();
	char *cache = path_cache(NULL);
	int n = wipe_file(history), r = 0;

	if (n < 0) {
		n = 0;
		r = err_set(err, "cannot delete %s: %s", history,
		    strerror(errno));
	}
	if (forget_named(cache, "index.sqlite", &n, err) < 0 ||
	    forget_named(kv, "", &n, err) < 0)
		r = -1;
	free(cache);
	free(kv);
	free(history);
	return r < 0 ? -1 : n;
}
