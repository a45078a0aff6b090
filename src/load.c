/* load.c -- see load.h. */
#include "load.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "alloc.h"
#include "paths.h"
#include "snapshots.h"

#define SCALE_MAX 100

int
load_add_adapter(struct load *l, const char *path, double scale,
    const char *where, struct err *err)
{
	if (!*path)
		return err_set(err, "%s needs the name of an adapter's file",
		    where);
	if (!(fabs(scale) <= SCALE_MAX))
		return err_set(err, "%s: the scale of %.300s must be a number "
		    "from -%d to %d", where, path, SCALE_MAX, SCALE_MAX);
	if (l->n_lora >= ADAPTERS_MAX)
		return err_set(err, "%s: %d adapters at once are the most",
		    where, ADAPTERS_MAX);
	l->lora = xreallocarray(l->lora, l->n_lora + 1, sizeof *l->lora);
	l->lora[l->n_lora++] = (struct adapter){ xstrdup(path), (float)scale };
	return 0;
}

static bool
ends_in_gguf(const char *s)
{
	size_t n = strlen(s);

	return n >= 5 && strcasecmp(s + n - 5, ".gguf") == 0;
}

/* What stands behind the last '=' is a scale, unless it ends a file's name. */
size_t
load_split_adapter(const char *text, double *scale)
{
	const char *eq = strrchr(text, '=');
	char *end;

	*scale = 1;
	if (!eq || ends_in_gguf(eq))
		return strlen(text);
	errno = 0;
	*scale = strtod(eq + 1, &end);
	if (errno || end == eq + 1 || *end)
		*scale = NAN;
	return (size_t)(eq - text);
}

int
load_add_adapter_text(struct load *l, const char *text, const char *where,
    struct err *err)
{
	double scale;
	size_t n = load_split_adapter(text, &scale);
	char *path = xstrndup(text, n);
	int ret = load_add_adapter(l, path, scale, where, err);

	free(path);
	return ret;
}

void
load_clear_adapters(struct load *l)
{
	for (size_t i = 0; i < l->n_lora; i++)
		free(l->lora[i].path);
	free(l->lora);
	l->lora = NULL;
	l->n_lora = 0;
}

void
load_copy(struct load *to, const struct load *from)
{
	*to = *from;
	to->model = xstrdup(from->model);
	to->chat_format = xstrdup(from->chat_format);
	to->snapshots = xstrdup(from->snapshots);
	to->lora = from->n_lora ? xcalloc(from->n_lora, sizeof *to->lora) :
	    NULL;
	for (size_t i = 0; i < from->n_lora; i++)
		to->lora[i] = (struct adapter){ xstrdup(from->lora[i].path),
			from->lora[i].scale };
}

/* *s becomes what find makes of it. */
static int
resolve(char **s, char *(*find)(const char *given, struct err *err),
    struct err *err)
{
	char *path = find(*s, err);

	if (!path)
		return -1;
	free(*s);
	*s = path;
	return 0;
}

int
load_resolve(struct load *to, const struct load *from, struct err *err)
{
	int ret;

	load_copy(to, from);
	ret = resolve(&to->model, path_model, err);
	for (size_t i = 0; i < to->n_lora && ret == 0; i++)
		ret = resolve(&to->lora[i].path, path_adapter, err);
	if (ret == 0 && to->chat_format && *to->chat_format)
		ret = resolve(&to->chat_format, path_chat_format, err);
	if (to->snapshot_mib > 0 && !to->snapshots)
		to->snapshots = snapshots_dir();
	if (ret < 0)
		load_done(to);
	return ret;
}

void
load_done(struct load *l)
{
	free(l->model);
	free(l->chat_format);
	free(l->snapshots);
	load_clear_adapters(l);
	memset(l, 0, sizeof *l);
}
