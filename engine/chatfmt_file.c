/* chatfmt_file.c -- a chat format that the user describes in a YAML file: see
 * docs/chat-formats.md for its keys. */
#include "chatfmt.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "chatfmt_priv.h"
#include "ytree.h"

#define FILE_MAX 65536		/* bytes of the file */
#define TEXT_MAX 8192		/* ... of one text in it */
#define TAG_MAX 64		/* ... of a thought's tag or a stop text */
#define STOP_MAX 8		/* stop texts */

struct reader {
	struct chatfmt *f;
	struct chat_file *c;
	const char *path;
	struct err *err;
};

typedef int key_fn(struct reader *r, const struct ynode *y, const char *name,
    void *to);

/* A key of a map: how its value is read, and where it goes. */
struct key {
	const char *name;
	key_fn *read;
	void *to;
};

static int
bad(const struct reader *r, const struct ynode *y, const char *name,
    const char *what)
{
	return err_set(r->err, "%s:%d: %s must be %s", r->path, y->line, name,
	    what);
}

/* ---- values ----------------------------------------------------------- */

static const char *
keep(struct reader *r, const char *text)
{
	struct chat_file *c = r->c;

	c->text = xreallocarray(c->text, c->n_text + 1, sizeof(*c->text));
	c->text[c->n_text] = xstrdup(text);
	return c->text[c->n_text++];
}

static bool
is_text(const struct ynode *y, size_t max)
{
	return y->type == YNODE_SCALAR && y->len <= max &&
	    strlen(y->text) == y->len;
}

static int
read_text(struct reader *r, const struct ynode *y, const char *name, void *to)
{
	if (!is_text(y, TEXT_MAX))
		return bad(r, y, name, "text of at most 8192 bytes");
	*(const char **)to = keep(r, y->text);
	return 0;
}

static int
read_tag(struct reader *r, const struct ynode *y, const char *name, void *to)
{
	if (!is_text(y, TAG_MAX) || y->len == 0)
		return bad(r, y, name, "text of 1 to 64 bytes");
	*(const char **)to = keep(r, y->text);
	return 0;
}

static int
read_bool(struct reader *r, const struct ynode *y, const char *name, void *to)
{
	int v;

	if (ynode_bool(y, &v) < 0)
		return bad(r, y, name, "true or false");
	*(bool *)to = v;
	return 0;
}

static int
read_place(struct reader *r, const struct ynode *y, const char *name, void *to)
{
	static const char *const places[] = { "turn", "start", "start-last",
		"user", "last-user" };

	for (int i = 0; y->type == YNODE_SCALAR && i < 5; i++)
		if (strcmp(y->text, places[i]) == 0) {
			*(enum system_place *)to = (enum system_place)i;
			return 0;
		}
	return bad(r, y, name, "turn, start, start-last, user or last-user");
}

static int
read_stop(struct reader *r, const struct ynode *y, const char *name, void *to)
{
	struct chat_file *c = r->c;

	(void)to;
	if (y->type != YNODE_SEQ || y->n > STOP_MAX)
		return bad(r, y, name, "a list of at most 8 texts");
	c->stop = xcalloc(y->n + 1, sizeof(*c->stop));
	for (size_t i = 0; i < y->n; i++)
		if (read_tag(r, y->items[i], "each of stop", &c->stop[i]) < 0)
			return -1;
	c->family.stop = y->n ? c->stop : NULL;
	return 0;
}

/* ---- maps ------------------------------------------------------------- */

static int
unknown_key(const struct reader *r, const struct ynode *key, const char *of,
    const struct key *keys)
{
	struct buf known = { 0 };

	for (const struct key *k = keys; k->name; k++)
		buf_printf(&known, "%s%s", known.len ? ", " : "", k->name);
	err_set(r->err, "%s:%d: unknown key \"%.80s\"%s%s; known keys are %s",
	    r->path, key->line, key->text, *of ? " of " : "", of, known.data);
	buf_free(&known);
	return -1;
}

static int
read_map(struct reader *r, const struct ynode *y, const char *name,
    const struct key *keys)
{
	if (y->type != YNODE_MAP)
		return bad(r, y, *name ? name : "a chat format",
		    "a map of lines like \"open: TEXT\"");
	for (size_t i = 0; i < y->n; i++) {
		const struct key *k = keys;

		while (k->name && strcmp(k->name, y->keys[i]->text) != 0)
			k++;
		if (!k->name)
			return unknown_key(r, y->keys[i], name, keys);
		if (ynode_null(y->items[i]))
			continue;
		if (k->read(r, y->items[i], k->name, k->to) < 0)
			return -1;
	}
	return 0;
}

static int
read_trim(struct reader *r, const struct ynode *y, const char *name, void *to)
{
	unsigned bit = *(const unsigned *)to;
	bool yes = false;

	if (read_bool(r, y, name, &yes) < 0)
		return -1;
	r->c->family.trim &= ~bit;
	r->c->family.trim |= yes ? bit : 0;
	return 0;
}

/* The name tells the role: "system", "user" or "assistant". */
static int
read_role(struct reader *r, const struct ynode *y, const char *name, void *to)
{
	enum role role = *(const enum role *)to;
	struct chat_family *f = &r->c->family;
	unsigned bit = 1u << role;
	const char *system = NULL;
	const struct key keys[] = {
		{ "open", read_text, &f->open[role] },
		{ "close", read_text, &f->close[role] },
		{ "trim", read_trim, &bit },
		{ role == ROLE_SYSTEM ? "place" : NULL, read_place,
		    &f->system },
		{ "default", read_text, &system },
		{ NULL, NULL, NULL }
	};

	if (read_map(r, y, name, keys) < 0)
		return -1;
	if (system != NULL && *system) {
		free(r->f->default_system);
		r->f->default_system = xstrdup(system);
	}
	return 0;
}

static int
read_thinking(struct reader *r, const struct ynode *y, const char *name,
    void *to)
{
	struct chat_thought *t = &r->c->thought;
	const char *start = "", *skip = "", *past = "";
	const struct key keys[] = {
		{ "open", read_tag, &t->open },
		{ "close", read_tag, &t->close },
		{ "start", read_text, &start },
		{ "skip", read_text, &skip },
		{ "past", read_text, &past },
		{ "switches", read_bool, &t->soft },
		{ NULL, NULL, NULL }
	};

	(void)to;
	t->cut = CUT_LAST;
	t->lines = LINES_CUT;
	if (read_map(r, y, name, keys) < 0)
		return -1;
	if (!t->open || !t->close)
		return err_set(r->err, "%s:%d: %s needs both open and close, "
		    "the tags around a thought", r->path, y->line, name);
	if (strcmp(t->open, t->close) == 0)
		return bad(r, y, name, "between two different tags");
	t->tail[THINKING_AUTO] = t->tail[THINKING_ON] = start;
	t->tail[THINKING_OFF] = skip;
	t->past = past;
	t->resume = skip;
	r->f->thought = t;
	return 0;
}

static int
read_root(struct reader *r, const struct ynode *root)
{
	struct chat_family *f = &r->c->family;
	enum role roles[] = { ROLE_SYSTEM, ROLE_USER, ROLE_ASSISTANT };
	unsigned all = TRIM_ALL;
	const struct key keys[] = {
		{ "bos", read_text, &f->bos },
		{ "trim", read_trim, &all },
		{ "system", read_role, &roles[ROLE_SYSTEM] },
		{ "user", read_role, &roles[ROLE_USER] },
		{ "assistant", read_role, &roles[ROLE_ASSISTANT] },
		{ "go-on", read_text, &f->go_on },
		{ "lead-space", read_bool, &f->lead_space },
		{ "thinking", read_thinking, NULL },
		{ "stop", read_stop, NULL },
		{ NULL, NULL, NULL }
	};

	if (read_map(r, root, "", keys) < 0)
		return -1;
	if (!f->open[ROLE_USER] || !*f->open[ROLE_USER] ||
	    !f->open[ROLE_ASSISTANT])
		return err_set(r->err, "%s:%d: a chat format needs at least "
		    "user: {open: TEXT} and assistant: {open: TEXT}", r->path,
		    root->line);
	return 0;
}

/* The file's name without its folder and its ending. */
static const char *
format_name(struct reader *r)
{
	const char *s = strrchr(r->path, '/'), *name;
	char *dot;

	s = s ? s + 1 : r->path;
	name = keep(r, s);
	dot = strrchr(name, '.');
	if (dot != NULL && dot > name)
		*dot = '\0';
	return name;
}

int
chatfmt_load(struct chatfmt *f, const char *path, struct err *err)
{
	struct reader r = { .f = f, .path = path, .err = err };
	struct ynode *root;
	int ret;

	*f = (struct chatfmt){ 0 };
	root = ytree_load_file(path, FILE_MAX, err);
	if (!root)
		return -1;
	f->file = r.c = xcalloc(1, sizeof(*r.c));
	f->family = &r.c->family;
	f->switched = true;
	ret = read_root(&r, root);
	ynode_free(root);
	if (ret < 0) {
		chatfmt_done(f);
		return -1;
	}
	f->name = r.c->family.name = format_name(&r);
	f->trim = r.c->family.trim;
	chatfmt_settle(f);
	return 0;
}

void
chat_file_free(struct chat_file *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n_text; i++)
		free(c->text[i]);
	free(c->text);
	free(c->stop);
	free(c);
}
