/* vault_store.c -- one conversation after the other, in the store's folder and
 * in its trash. */
#include "vault_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "convo.h"
#include "journal.h"
#include "journal_path.h"
#include "vault_file.h"
#include "wipe.h"

struct tour {
	struct store at;	/* the folder, and the key */
	bool seal;
	struct turned *t;
	void (*why)(const struct err *);
	struct bar *bar;
};

/* "id" + end gives its id. */
static bool
id_of(const char *name, const char *end, char id[32])
{
	size_t n = strlen(name), k = strlen(end);

	if (n <= k || n - k > 31 || strcmp(name + n - k, end) != 0)
		return false;
	memcpy(id, name, n - k);
	id[n - k] = '\0';
	return journal_id_valid(id);
}

static bool
ends_whole(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char last[5] = "";
	struct stat st;
	bool whole;

	whole = fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 4 &&
	    pread(fd, last, 4, st.st_size - 4) == 4 &&
	    strcmp(last, "...\n") == 0;
	if (fd >= 0)
		close(fd);
	return whole;
}

/* A half-written end is set aside first, as on any opening. */
static int
set_tail_aside(const struct tour *o, const char *path, const char *id,
    struct err *err)
{
	struct convo *c;
	struct err notice;
	struct journal *j;

	if (ends_whole(path))
		return 0;
	j = journal_open(&o->at, id, &c, &notice, err);
	if (!j)
		return -1;
	journal_close(j);
	convo_free(c);
	return 0;
}

static int
turn_file(const struct tour *o, const char *id, const char *end,
    struct err *err)
{
	char *path = journal_path(o->at.dir, id, end);
	char *torn = journal_path(o->at.dir, id, ".yaml.torn");
	int r = 0;

	if (strcmp(end, ".yaml") == 0)
		r = set_tail_aside(o, path, id, err);
	if (r == 0 && o->seal)
		r = vault_file_seal(o->at.vault, path, id, err);
	else if (r == 0)
		r = vault_file_unseal(o->at.vault, path, id, torn,
		    &o->t->bad, err);
	free(torn);
	free(path);
	return r;
}

static void
visit(const struct tour *o, const char *name, const char *end)
{
	struct err err = { .text = "" };
	char id[32];
	int r;

	if (!id_of(name, end, id))
		return;
	r = turn_file(o, id, end, &err);
	if (r < 0) {
		o->t->failed++;
		if (o->bar)
			bar_clear(o->bar);
		o->why(&err);
	} else if (strcmp(end, ".yaml") == 0) {
		*(r ? &o->t->done : &o->t->before) += 1;
	}
}

/* What an interrupted run has left half written. */
static void
sweep(const struct tour *o, const char *name)
{
	char *path, id[32];

	if (!id_of(name, ".yaml.new", id) && !id_of(name, ".yaml.torn.new", id))
		return;
	path = xasprintf("%s/%s", o->at.dir, name);
	wipe_file(path);
	free(path);
}

/* The names as they are at first: the folder changes on the way. */
static char **
names_of(const char *dir, size_t *n, struct err *err)
{
	DIR *d = opendir(dir);
	char **v = NULL;
	struct dirent *e;

	*n = 0;
	if (!d && errno == ENOENT)
		return xcalloc(1, sizeof(*v));
	if (!d) {
		err_set(err, "cannot read the folder %s: %s", dir,
		    strerror(errno));
		return NULL;
	}
	v = xcalloc(1, sizeof(*v));
	while ((e = readdir(d))) {
		if ((*n & (*n - 1)) == 0)	/* full: 0, 1, 2, 4, ... */
			v = xreallocarray(v, *n ? 2 * *n : 1, sizeof(*v));
		v[(*n)++] = xstrdup(e->d_name);
	}
	closedir(d);
	return v;
}

/* Conversations first: what is torn off them joins the other tails. */
static int
tour_folder(const struct tour *o, struct err *err)
{
	static const char *const ends[] = { ".yaml", ".yaml.torn" };

	for (size_t k = 0; k < 2; k++) {
		size_t n;
		char **v = names_of(o->at.dir, &n, err);

		if (!v)
			return -1;
		for (size_t i = 0; i < n; i++) {
			if (k == 0)
				sweep(o, v[i]);
			visit(o, v[i], ends[k]);
			if (o->bar && bar_due(o->bar))
				bar_draw(o->bar, "", i + 1, n);
			free(v[i]);
		}
		free(v);
	}
	return 0;
}

static int
tour(const struct store *s, bool seal, struct turned *t,
    void (*why)(const struct err *), struct bar *bar, struct err *err)
{
	struct store trash = store_trash(s);
	struct tour o = { .at = *s, .seal = seal, .t = t, .why = why,
		.bar = bar };
	int r;

	*t = (struct turned){ 0 };
	r = tour_folder(&o, err);
	o.at.dir = trash.dir;
	if (r == 0)
		r = tour_folder(&o, err);
	free(trash.dir);
	if (bar)
		bar_clear(bar);
	return r;
}

int
vault_seal_store(const struct store *s, struct turned *t,
    void (*why)(const struct err *), struct bar *bar, struct err *err)
{
	return tour(s, true, t, why, bar, err);
}

int
vault_unseal_store(const struct store *s, struct turned *t,
    void (*why)(const struct err *), struct bar *bar, struct err *err)
{
	return tour(s, false, t, why, bar, err);
}
