/* snapshots.c -- see snapshots.h. */
#include "snapshots.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "paths.h"
#include "wipe.h"

#define LEFT_AFTER 60		/* seconds after which nobody writes it */

bool
snapshots_name_ok(const char *name)
{
	static const char may[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t n = strlen(name);

	return n > 0 && n < SNAPSHOT_NAME_MAX && strspn(name, may) == n;
}

char *
snapshots_dir(void)
{
	return path_cache("kv");
}

char *
snapshots_path(const char *dir, const char *name, const char *digest)
{
	const char *hex = strrchr(digest, ':');

	return xasprintf("%s/%s.%.8s.kv", dir, name, hex ? hex + 1 : digest);
}

/* ---- what is there ---- */

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n > m && strcmp(s + n - m, end) == 0;
}

/* Names have no dot in them. */
static bool
is_of(const char *file, const char *name)
{
	size_t n = strlen(name);

	return strncmp(file, name, n) == 0 && file[n] == '.';
}

char **
snapshots_find(const char *dir, const char *name, size_t *n)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char **v = NULL;

	*n = 0;
	while (d && (e = readdir(d))) {
		if (!is_of(e->d_name, name) || !ends_with(e->d_name, ".kv"))
			continue;
		v = xreallocarray(v, *n + 1, sizeof *v);
		v[(*n)++] = xasprintf("%s/%s", dir, e->d_name);
	}
	if (d)
		closedir(d);
	return v;
}

void
snapshots_free(char **v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i]);
	free(v);
}

/* ---- the limit ---- */

struct file {
	char *path;
	int64_t bytes;
	struct timespec used;
};

static int
older_first(const void *a, const void *b)
{
	const struct timespec *x = &((const struct file *)a)->used;
	const struct timespec *y = &((const struct file *)b)->used;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? -1 : 1;
	return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

/* The snapshots but path; files that were never finished are deleted. */
static struct file *
collect(const char *dir, const char *path, size_t *n)
{
	struct file *v = NULL;
	time_t now = time(NULL);
	DIR *d = opendir(dir);
	struct dirent *e;

	*n = 0;
	while (d && (e = readdir(d))) {
		char *p = xasprintf("%s/%s", dir, e->d_name);
		struct stat st;
		bool file = lstat(p, &st) == 0 && S_ISREG(st.st_mode);

		if (file && ends_with(p, ".kv") && strcmp(p, path) != 0) {
			v = xreallocarray(v, *n + 1, sizeof *v);
			v[(*n)++] = (struct file){ p, st.st_size, st.st_mtim };
			continue;
		}
		if (file && ends_with(p, ".new") &&
		    st.st_mtime < now - LEFT_AFTER)
			unlink(p);
		free(p);
	}
	if (d)
		closedir(d);
	return v;
}

void
snapshots_make_room(const char *dir, int64_t limit, int64_t bytes,
    const char *path)
{
	struct file *v;
	size_t n;

	v = collect(dir, path, &n);
	for (size_t i = 0; i < n; i++)
		bytes += v[i].bytes;
	if (n > 0)
		qsort(v, n, sizeof *v, older_first);
	for (size_t i = 0; i < n && bytes > limit; i++) {
		unlink(v[i].path);
		bytes -= v[i].bytes;
	}
	for (size_t i = 0; i < n; i++)
		free(v[i].path);
	free(v);
}

/* ---- forgetting ---- */

/* What it holds is written over: it is of what was said. */
static int
remove_all(const char *dir, const char *name, int *n, struct err *err)
{
	DIR *d = snapshots_name_ok(name) ? opendir(dir) : NULL;
	struct dirent *e;
	int ret = 0;

	while (d && (e = readdir(d))) {
		char *path;
		int gone;

		if (!is_of(e->d_name, name))
			continue;
		path = xasprintf("%s/%s", dir, e->d_name);
		gone = wipe_file(path);
		if (gone < 0)
			ret = err_set(err, "cannot delete %s: %s; it holds "
			    "what a model has read of the conversation", path,
			    strerror(errno));
		else
			*n += gone;
		free(path);
	}
	if (d)
		closedir(d);
	return ret;
}

int
snapshots_remove_in(const char *dir, const char *name, struct err *err)
{
	int n = 0;

	return remove_all(dir, name, &n, err);
}

int
snapshots_remove(const char *name, int *n, struct err *err)
{
	char *dir = snapshots_dir();
	int ret = remove_all(dir, name, n, err);

	free(dir);
	return ret;
}
