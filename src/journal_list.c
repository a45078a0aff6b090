/* journal_list.c -- the folder of conversations: names, listing, deleting. */
#include "journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "buf.h"
#include "event.h"
#include "files.h"
#include "i18n.h"
#include "journal_path.h"
#include "ytree.h"

#define HEADER_BYTES 1024	/* holds the header */
#define HEAD_BYTES 4096		/* ... and what may be the first message */
#define LIKELY_BYTES 9216	/* at the end, hold a title mostly */
#define TAIL_BYTES 16384	/* always: journal.c sees to that */

bool
journal_id_valid(const char *id)
{
	size_t n = strlen(id);

	return n > 0 && n < sizeof(((struct convo *)0)->id) &&
	    strspn(id, "0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz") == n;
}

char *
journal_path(const char *dir, const char *id, const char *suffix)
{
	return xasprintf("%s/%s%s", dir, id, suffix);
}

int
journal_sync_dir(const char *dir, struct err *err)
{
	int r = files_sync_dir(dir);

	if (r == 0)
		return 0;
	return err_set(err, r > 0 ? N_("cannot open %s: %s") :
	    N_("cannot save to %s: %s"), dir, strerror(errno));
}

static int
read_at(int fd, size_t n, off_t at, struct buf *out)
{
	char block[16384];
	ssize_t got;

	while (n > 0) {
		got = pread(fd, block, n < sizeof(block) ? n : sizeof(block),
		    at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (int)got;
		buf_add(out, block, (size_t)got);
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

/* The last title and the highest turn of the end of a file. */
static bool
scan_clear(struct convo *c, const struct buf *tail, int *turns)
{
	struct event_span s, title = { 0 };
	size_t pos = 0;
	int turn;

	while (event_next(tail->data, tail->len, &pos, &s)) {
		if (event_peek(&s, &turn) == EVENT_TITLE)
			title = s;
		if (turn > *turns)
			*turns = turn;
	}
	return title.p && event_apply(c, &title) == EVENT_TITLE;
}

/* Sealed documents take time to open: from the last one on, no further than to
 * a title, which knows how many turns were before it. */
static bool
scan_sealed(const struct vault *v, struct convo *c, const struct buf *tail,
    int *turns)
{
	struct event_span *all = NULL, s;
	struct buf room = { 0 };
	size_t n = 0, pos = 0;
	bool found = false;
	int turn;

	while (event_next(tail->data, tail->len, &pos, &s)) {
		if ((n & (n - 1)) == 0)	/* full: 0, 1, 2, 4, ... */
			all = xreallocarray(all, n ? 2 * n : 1, sizeof(*all));
		all[n++] = s;
	}
	while (n-- > 0 && !found) {
		s = all[n];
		event_unseal(v, c->id, &s, &room);
		found = event_peek(&s, &turn) == EVENT_TITLE &&
		    event_apply(c, &s) == EVENT_TITLE;
		if (turn > *turns)
			*turns = turn;
	}
	free(all);
	buf_free(&room);
	return found;
}

static bool
scan_tail(const struct vault *v, struct convo *c, const struct buf *tail,
    int *turns)
{
	return v ? scan_sealed(v, c, tail, turns) :
	    scan_clear(c, tail, turns);
}

/* Without a title there is still the first message. */
static int
title_from_text(const struct vault *v, struct convo *c,
    const struct buf *head, struct err *err)
{
	struct event_span s;
	struct buf room = { 0 };
	size_t pos = 0;
	bool sealed = false;
	int turn;

	while (!*c->title && event_next(head->data, head->len, &pos, &s)) {
		event_unseal(v, c->id, &s, &room);
		sealed |= event_peek(&s, &turn) == EVENT_SEALED;
		if (event_peek(&s, &turn) == EVENT_BEGIN)
			event_apply(c, &s);
		convo_auto_title(c);
	}
	buf_free(&room);
	return sealed ? err_set(err, "encrypted") : 0;
}

/* The title as the file's end says it, looked for no further than needed. */
static int
title_from_tail(int fd, off_t size, const struct vault *v, struct convo *c,
    int *turns, bool *found)
{
	static const off_t sizes[] = { LIKELY_BYTES, TAIL_BYTES };
	struct buf tail = { 0 };
	int r = 0;

	for (int i = 0; i < 2 && r == 0 && !*found; i++) {
		off_t n = size < sizes[i] ? size : sizes[i];

		buf_clear(&tail);
		r = read_at(fd, (size_t)n, size - n, &tail);
		if (r == 0)
			*found = scan_tail(v, c, &tail, turns);
		if (n == size)
			break;
	}
	buf_free(&tail);
	return r;
}

static int
read_header(int fd, const char *name, struct convo *c, struct err *err)
{
	struct buf head = { 0 };
	struct event_span s;
	size_t pos = 0;
	int r = read_at(fd, HEADER_BYTES, 0, &head);

	if (r < 0)
		err_set(err, "cannot read %s: %s", name, strerror(errno));
	else if (event_next(head.data, head.len, &pos, &s) &&
	    event_apply(c, &s) == EVENT_NEWER)
		r = err_set(err, "%s was written by a newer fikr", name);
	buf_free(&head);
	return r;
}

static int
read_ends(int fd, const char *name, const struct vault *v, struct convo *c,
    struct convo_info *info, struct err *err)
{
	struct buf head = { 0 };
	struct stat st;
	bool found = false;
	int r = -1;

	if (fstat(fd, &st) < 0)
		return err_set(err, "cannot read %s: %s", name,
		    strerror(errno));
	info->changed = (int64_t)st.st_mtim.tv_sec * 1000 +
	    st.st_mtim.tv_nsec / 1000000;
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s is not a file", name);
	if (read_header(fd, name, c, err) < 0)
		return -1;
	if (title_from_tail(fd, st.st_size, v, c, &info->turns, &found) < 0 ||
	    (!found && read_at(fd, HEAD_BYTES, 0, &head) < 0))
		err_set(err, "cannot read %s: %s", name, strerror(errno));
	else
		r = found ? 0 : title_from_text(v, c, &head, err);
	buf_free(&head);
	return r;
}

static void
read_info(int dir, const char *name, const struct vault *vault,
    struct convo_info *info)
{
	struct convo *c = convo_new_as(info->id, 0);
	struct err why = { { 0 } };
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY |
	    O_NONBLOCK);

	if (fd < 0)
		err_set(&why, "cannot open %s: %s", name, strerror(errno));
	else
		read_ends(fd, name, vault, c, info, &why);
	if (fd >= 0)
		close(fd);
	info->created = c->created ? c->created : info->changed;
	info->title = xstrdup(why.text[0] ? why.text : c->title);
	info->title_by = c->title_by;
	info->pinned = c->pinned;
	info->archived = c->archived;
	info->trashed = c->trashed;
	info->tags = c->tags;
	info->n_tags = c->n_tags;
	c->tags = NULL;
	c->n_tags = 0;
	convo_free(c);
}

/* "id.yaml" gives its id. */
static bool
id_of_name(const char *name, char id[32])
{
	size_t n = strlen(name);

	if (n < 6 || n - 5 > 31 || strcmp(name + n - 5, ".yaml") != 0)
		return false;
	memcpy(id, name, n - 5);
	id[n - 5] = '\0';
	return journal_id_valid(id);
}

static int
newest_first(const void *a, const void *b)
{
	const struct convo_info *x = a, *y = b;

	if (x->changed != y->changed)
		return x->changed < y->changed ? 1 : -1;
	return strcmp(y->id, x->id);
}

int
journal_files(const char *dir, struct journal_file **out, struct err *err)
{
	struct journal_file *v = NULL;
	struct dirent *e;
	struct stat st;
	int n = 0;
	DIR *d = opendir(dir);

	*out = NULL;
	if (!d && errno == ENOENT)
		return 0;
	if (!d)
		return err_set(err, "cannot read the folder %s: %s", dir,
		    strerror(errno));
	while ((e = readdir(d))) {
		struct journal_file f;

		if (!id_of_name(e->d_name, f.id))
			continue;
		f.size = f.mtime = -1;
		if (fstatat(dirfd(d), e->d_name, &st, 0) == 0) {
			f.size = st.st_size;
			f.mtime = (int64_t)st.st_mtim.tv_sec * 1000000000 +
			    st.st_mtim.tv_nsec;
		}
		if ((n & (n - 1)) == 0)	/* full: 0, 1, 2, 4, ... */
			v = xreallocarray(v, n ? 2 * (size_t)n : 1,
			    sizeof(*v));
		v[n++] = f;
	}
	closedir(d);
	*out = v;
	return n;
}

char **
convo_tags_copy(char *const *tags, size_t n)
{
	char **v = n ? xcalloc(n, sizeof(*v)) : NULL;

	for (size_t i = 0; i < n; i++)
		v[i] = xstrdup(tags[i]);
	return v;
}

static void
copy_info(struct convo_info *to, const struct convo_info *from)
{
	*to = *from;
	to->title = xstrdup(from->title);
	to->tags = convo_tags_copy(from->tags, from->n_tags);
}

static int
by_id(const void *a, const void *b)
{
	const struct convo_info *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

/* Those known, to be looked up by id; caller frees. */
static const struct convo_info **
sorted(const struct convo_info *v, int n)
{
	const struct convo_info **s = xcalloc((size_t)n + 1, sizeof(*s));

	for (int i = 0; i < n; i++)
		s[i] = &v[i];
	qsort(s, (size_t)n, sizeof(*s), by_id);
	return s;
}

static bool
take_known(const struct convo_info **known, int n,
    const struct journal_file *f, struct convo_info *out)
{
	struct convo_info key;
	const struct convo_info *k = &key, **found;

	memcpy(key.id, f->id, sizeof(key.id));
	found = bsearch(&k, known, (size_t)n, sizeof(*known), by_id);
	if (!found || f->size < 0 || (*found)->size != f->size ||
	    (*found)->mtime != f->mtime)
		return false;
	copy_info(out, *found);
	return true;
}

static void
list_files(const struct store *store, int dir, const struct convo_info *known,
    int n_known, const struct journal_file *f, int n, struct convo_info *out)
{
	const struct convo_info **s = sorted(known, n_known);

	for (int i = 0; i < n; i++) {
		char name[40];

		if (take_known(s, n_known, &f[i], &out[i]))
			continue;
		memcpy(out[i].id, f[i].id, sizeof(out[i].id));
		out[i].size = f[i].size;
		out[i].mtime = f[i].mtime;
		snprintf(name, sizeof(name), "%s.yaml", f[i].id);
		read_info(dir, name, store->vault, &out[i]);
	}
	free(s);
}

int
journal_list_known(const struct store *store, const struct convo_info *known,
    int n_known, struct convo_info **out, struct err *err)
{
	struct journal_file *f;
	int n = journal_files(store->dir, &f, err), dir;

	*out = NULL;
	if (n <= 0)
		return n;
	dir = open(store->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		free(f);
		return err_set(err, "cannot read the folder %s: %s",
		    store->dir, strerror(errno));
	}
	*out = xcalloc((size_t)n, sizeof(**out));
	list_files(store, dir, known, n_known, f, n, *out);
	close(dir);
	free(f);
	qsort(*out, (size_t)n, sizeof(**out), newest_first);
	return n;
}

int
journal_list(const struct store *store, struct convo_info **out,
    struct err *err)
{
	return journal_list_known(store, NULL, 0, out, err);
}

void
convo_info_done(struct convo_info *v)
{
	for (size_t k = 0; k < v->n_tags; k++)
		free(v->tags[k]);
	free(v->tags);
	free(v->title);
}

void
convo_infos_free(struct convo_info *v, int n)
{
	for (int i = 0; i < n; i++)
		convo_info_done(&v[i]);
	free(v);
}

int
journal_hold(const char *path, const char *id, int *fd, struct err *err)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*fd < 0 || flock(*fd, LOCK_EX | LOCK_NB) == 0 ||
	    errno != EWOULDBLOCK)
		return 0;
	close(*fd);
	return err_set(err, "conversation %s is open, here or in another fikr; "
	    "close it first", id);
}

/* Locked until it is gone, so that nobody opens it meanwhile. */
static int
delete_file(const char *dir, const char *id, const char *path,
    struct err *err)
{
	bool gone;
	char *torn;
	int fd, why;

	if (journal_hold(path, id, &fd, err) < 0)
		return -1;
	if (fd < 0 && errno == ENOENT)
		return err_set(err, "there is no conversation %s; `fikr list` "
		    "prints those there are", id);
	gone = unlink(path) == 0;
	why = errno;
	if (fd >= 0)
		close(fd);
	if (!gone)
		return err_set(err, "cannot delete %s: %s", path,
		    strerror(why));
	torn = journal_path(dir, id, ".yaml.torn");
	unlink(torn);
	free(torn);
	return journal_sync_dir(dir, err);
}

int
journal_delete(const struct store *store, const char *id, struct err *err)
{
	char *path;
	int r;

	if (!journal_id_valid(id))
		return err_set(err, "\"%s\" is not the id of a conversation; "
		    "`fikr list` prints the ids", id);
	path = journal_path(store->dir, id, ".yaml");
	r = delete_file(store->dir, id, path, err);
	free(path);
	return r;
}
