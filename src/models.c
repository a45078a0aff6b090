/* models.c -- see models.h. */
#include "models.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alloc.h"
#include "paths.h"

static bool
is_model(const char *file)
{
	size_t n = strlen(file);

	return n > 5 && file[0] != '.' && strcmp(file + n - 5, ".gguf") == 0;
}

/* Parts of one model share its name; the first of them opens it. */
static struct model_file *
same_name(struct model_file *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].name, name) == 0)
			return &v[i];
	return NULL;
}

static void
add(struct model_file **v, size_t *n, const char *dir, const char *file)
{
	char *path = xasprintf("%s/%s", dir, file);
	char *name = path_model_name(path);
	struct model_file *m = same_name(*v, *n, name);
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode)) {
		free(path);
		free(name);
		return;
	}
	if (!m) {
		*v = xreallocarray(*v, *n + 1, sizeof(**v));
		(*v)[(*n)++] = (struct model_file){ name, path, st.st_size };
		return;
	}
	m->bytes += st.st_size;
	free(name);
	if (strcmp(path, m->path) < 0) {
		free(m->path);
		m->path = path;
	} else {
		free(path);
	}
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct model_file *)a)->name,
	    ((const struct model_file *)b)->name);
}

size_t
models_list(struct model_file **out)
{
	char *dir = path_data("models");
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t n = 0;

	*out = NULL;
	while (d && (e = readdir(d)) != NULL)
		if (is_model(e->d_name))
			add(out, &n, dir, e->d_name);
	if (d)
		closedir(d);
	if (n > 0)
		qsort(*out, n, sizeof(**out), by_name);
	free(dir);
	return n;
}

void
models_free(struct model_file *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].name);
		free(v[i].path);
	}
	free(v);
}
