/* personas.c -- see personas.h. */
#include "personas.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "i18n.h"
#include "paths.h"
#include "ytree.h"

#define PERSONAS_BYTES_MAX (1u << 20)

const struct persona *
personas_find(const struct personas *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i].name, name) == 0)
			return &p->v[i];
	return NULL;
}

void
personas_done(struct personas *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].name);
		free(p->v[i].system);
	}
	free(p->v);
	*p = (struct personas){ 0 };
}

static int
bad(const struct ynode *y, const char *path, const char *what,
    struct err *err)
{
	return err_set(err, "%s:%d: %s", path, y->line, what);
}

static int
read_key(struct persona *p, const char *key, const struct ynode *y,
    const char *path, struct err *err)
{
	int64_t n;

	if (strcmp(key, "system") == 0) {
		if (y->type != YNODE_SCALAR)
			return bad(y, path, _("\"system\" is a text"), err);
		free(p->system);
		p->system = xstrdup(y->text);
	} else if (strcmp(key, "thinking") == 0) {
		if (y->type != YNODE_SCALAR ||
		    thinking_parse(y->text, &p->thinking) < 0)
			return bad(y, path, _("\"thinking\" is auto, on "
			    "or off"), err);
		p->thinks = true;
	} else if (strcmp(key, "budget") == 0) {
		if (ynode_int(y, &n) < 0 || n < 0 || n > 1 << 20)
			return bad(y, path, _("\"budget\" is a number of "
			    "tokens from 0 to 1048576"), err);
		p->budget = (int)n;
	} else {
		return err_set(err, "%s:%d: \"%s\" is not known; a persona "
		    "has system, thinking and budget", path, y->line, key);
	}
	return 0;
}

/* "name: text", or "name: {system: text, ...}". */
static int
read_persona(struct personas *all, const struct ynode *key,
    const struct ynode *y, const char *path, struct err *err)
{
	struct persona p = { .name = xstrdup(key->text) };
	int rc = 0;

	if (y->type == YNODE_SCALAR)
		p.system = xstrdup(y->text);
	else if (y->type != YNODE_MAP)
		rc = bad(y, path, _("a persona is a text, or a map with "
		    "system"),
		    err);
	for (size_t i = 0; rc == 0 && y->type == YNODE_MAP && i < y->n; i++)
		rc = read_key(&p, y->keys[i]->text, y->items[i], path, err);
	if (rc == 0 && !p.system)
		rc = bad(y, path, _("a persona needs a system prompt"), err);
	if (rc < 0 || personas_find(all, p.name)) {
		free(p.name);		/* the person's own stands before */
		free(p.system);
		return rc;
	}
	all->v = xreallocarray(all->v, all->n + 1, sizeof(*all->v));
	all->v[all->n++] = p;
	return 0;
}

static int
read_file(struct personas *p, char *path, struct err *err)
{
	struct ynode *root;
	int rc = 0;

	if (!path || access(path, F_OK) < 0) {
		free(path);
		return 0;
	}
	root = ytree_load_file(path, PERSONAS_BYTES_MAX, err);
	if (root && root->type != YNODE_MAP)
		rc = bad(root, path, _("expected lines of the form "
		    "\"name: system prompt\""), err);
	for (size_t i = 0; root && rc == 0 && i < root->n; i++)
		rc = read_persona(p, root->keys[i], root->items[i], path,
		    err);
	if (!root)
		rc = -1;
	ynode_free(root);
	free(path);
	return rc;
}

int
personas_load(struct personas *p, struct err *err)
{
	*p = (struct personas){ 0 };
	if (read_file(p, path_config("personas.yaml"), err) == 0 &&
	    read_file(p, path_share("personas.yaml"), err) == 0)
		return 0;
	personas_done(p);
	return -1;
}
