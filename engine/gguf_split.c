/* gguf_split.c -- a model cut into several files,
 * "NAME-00001-of-00003.gguf" and so on: the first holds the metadata, each
 * holds some of the tensors and says which part of how many it is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alloc.h"
#include "gguf_priv.h"

#define MAX_PARTS 2048
#define SUFFIX_LEN 20		/* of "-00001-of-00003.gguf" */

/* What a file says of being a part. */
struct split {
	int64_t no;		/* from 0 */
	int64_t count;
	int64_t tensors;	/* of all parts together; -1: not said */
};

/* The name of part no of the model that path is a part of. */
static char *
part_path(const char *path, int64_t no, int64_t count)
{
	size_t n = strlen(path);

	return xasprintf("%.*s-%05lld-of-%05lld.gguf",
	    (int)(n < SUFFIX_LEN ? 0 : n - SUFFIX_LEN), path,
	    (long long)no + 1, (long long)count);
}

/* Is the file named as that part would be? */
static bool
named_as(const char *path, int64_t no, int64_t count)
{
	char *name = part_path(path, no, count);
	bool same = strcmp(name, path) == 0;

	free(name);
	return same;
}

/* Without the keys, a file is the only part of its model. */
static int
read_split(const struct gguf *g, struct split *s, struct gguf_sink *sink)
{
	const char *path = g->parts[0].path;
	bool numbered;

	*s = (struct split){ .count = 1, .tensors = -1 };
	if (gguf_find(g, "split.count") == NULL)
		return 0;
	numbered = gguf_int(g, "split.no", &s->no) == 0;
	if (gguf_int(g, "split.count", &s->count) < 0 || s->count < 0 ||
	    s->count > MAX_PARTS)
		return gguf_stop(sink, "%s: split.count is no number of files "
		    "from 1 to %d; " GGUF_AGAIN, path, MAX_PARTS);
	if (s->count <= 1)
		return 0;
	if (!numbered || s->no < 0 || s->no >= s->count)
		return gguf_stop(sink, "%s does not say which of the model's "
		    "%lld parts it is (split.no); " GGUF_AGAIN, path,
		    (long long)s->count);
	if (gguf_find(g, "split.tensors.count") != NULL &&
	    (gguf_int(g, "split.tensors.count", &s->tensors) < 0 ||
	    s->tensors < 0))
		return gguf_stop(sink, "%s: split.tensors.count is no number "
		    "of tensors; " GGUF_AGAIN, path);
	return 0;
}

/* The file that was opened must be the first, and named so that the others
 * can be found. */
static int
check_first(const char *path, const struct split *s, struct gguf_sink *sink)
{
	char *first;

	if (!named_as(path, s->no, s->count))
		return gguf_stop(sink, "%s says that it is part %lld of %lld "
		    "of a model, but its name does not end in "
		    "-%05lld-of-%05lld.gguf, by which the other parts are "
		    "found; give the parts their own names back", path,
		    (long long)s->no + 1, (long long)s->count,
		    (long long)s->no + 1, (long long)s->count);
	if (s->no == 0)
		return 0;
	first = part_path(path, 0, s->count);
	gguf_stop(sink, "%s is part %lld of %lld of a model; open its first "
	    "part, %s", path, (long long)s->no + 1, (long long)s->count,
	    first);
	free(first);
	return -1;
}

static bool
same_str(const struct gguf *a, const struct gguf *b, const char *key)
{
	struct gstr x, y;

	if (gguf_str(a, key, &x) < 0 || gguf_str(b, key, &y) < 0)
		return true;	/* only the first part need have it */
	return x.n == y.n && memcmp(x.p, y.p, x.n) == 0;
}

/* Does b belong to the model of a, as part no? */
static int
check_part(const struct gguf *a, const struct split *s, const struct gguf *b,
    int64_t no, struct gguf_sink *sink)
{
	const char *path = b->parts[0].path, *first = a->parts[0].path;
	struct split t;

	if (read_split(b, &t, sink) < 0)
		return -1;
	if (t.count <= 1)
		return gguf_stop(sink, "%s should be part %lld of %lld but "
		    "does not say that it is a part of a model; download that "
		    "part again", path, (long long)no + 1,
		    (long long)s->count);
	if (t.count != s->count || t.no != no)
		return gguf_stop(sink, "%s should be part %lld of %lld but "
		    "says it is part %lld of %lld; download that part again",
		    path, (long long)no + 1, (long long)s->count,
		    (long long)t.no + 1, (long long)t.count);
	if ((s->tensors >= 0 && t.tensors >= 0 && s->tensors != t.tensors) ||
	    !same_str(a, b, "general.architecture"))
		return gguf_stop(sink, "%s is a part of another model than "
		    "%s; download all parts from one place", path, first);
	return 0;
}

/* NULL: missing or unusable, which was said; an error unless partial. */
static struct gguf *
open_part(const struct gguf *a, const struct split *s, int64_t no,
    const char *path, struct gguf_sink *sink)
{
	struct gguf *g;
	struct err why;
	struct stat st;

	if (stat(path, &st) < 0 && errno == ENOENT) {
		gguf_stop(sink, "part %lld of %lld of the model is missing: "
		    "%s; download it into the same folder",
		    (long long)no + 1, (long long)s->count, path);
		return NULL;
	}
	g = gguf_read(path, sink->report, &why);
	if (g == NULL) {
		gguf_stop(sink, "%s", why.text);
		return NULL;
	}
	if (check_part(a, s, g, no, sink) < 0) {
		gguf_close(g);
		return NULL;
	}
	return g;
}

/* Move the one part of b and its tensors to the end of g's. */
static int
append(struct gguf *g, struct gguf *b, struct gguf_sink *sink)
{
	int no = g->n_parts;

	if (b->n_tensors > GGUF_MAX_TENSORS - g->n_tensors)
		return gguf_stop(sink, "the parts of %s have more than %u "
		    "tensors together; the model is damaged; download it "
		    "again", g->parts[0].path, GGUF_MAX_TENSORS);
	if (b->n_tensors > 0) {
		g->tensors = xreallocarray(g->tensors,
		    g->n_tensors + b->n_tensors, sizeof(*g->tensors));
		memcpy(g->tensors + g->n_tensors, b->tensors,
		    b->n_tensors * sizeof(*g->tensors));
	}
	for (size_t i = 0; i < b->n_tensors; i++)
		g->tensors[g->n_tensors + i].part = no;
	g->n_tensors += b->n_tensors;
	g->partial |= b->partial;
	g->file_bytes += b->file_bytes;
	g->parts[g->n_parts++] = b->parts[0];
	b->n_parts = 0;
	return 0;
}

/* A place for the part that is missing. */
static void
append_none(struct gguf *g, char *path)
{
	g->parts[g->n_parts++] = (struct gpart){ .path = path, .fd = -1,
		.guard = -1 };
}

static int
add_parts(struct gguf *g, const struct split *s, struct gguf_sink *sink)
{
	int r = 0;

	g->parts = xreallocarray(g->parts, (size_t)s->count,
	    sizeof(*g->parts));
	for (int64_t no = 1; no < s->count && r == 0; no++) {
		char *path = part_path(g->parts[0].path, no, s->count);
		struct gguf *b = open_part(g, s, no, path, sink);

		if (b != NULL && append(g, b, sink) == 0) {
			free(path);
		} else {
			append_none(g, path);
			r = sink->report != NULL ? 0 : -1;
		}
		gguf_close(b);
	}
	return r;
}

static bool
all_there(const struct gguf *g)
{
	for (int i = 0; i < g->n_parts; i++)
		if (g->parts[i].want == 0)
			return false;
	return true;
}

int
gguf_join(struct gguf *g, struct gguf_sink *sink)
{
	struct split s;

	if (read_split(g, &s, sink) < 0)
		return -1;
	if (s.count <= 1)
		return 0;
	if (check_first(g->parts[0].path, &s, sink) < 0 ||
	    add_parts(g, &s, sink) < 0)
		return -1;
	g->by_name = xreallocarray(g->by_name, g->n_tensors + 1,
	    sizeof(*g->by_name));
	if (gguf_index_tensors(g, sink) < 0)
		return -1;
	if (s.tensors >= 0 && all_there(g) &&
	    (uint64_t)s.tensors != g->n_tensors)
		return gguf_flaw(sink, "the parts of %s have %zu tensors "
		    "together but should have %lld; download all parts from "
		    "one place", g->parts[0].path, g->n_tensors,
		    (long long)s.tensors);
	return 0;
}
