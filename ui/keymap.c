/* keymap.c -- see keymap.h. */
#include "keymap.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "words.h"
#include "ytree.h"

#define KEYS_BYTES_MAX 65536
#define NAME_SIZE 64

static bool
same_key(const struct key *a, const struct key *b)
{
	return a->code == b->code && a->mod == b->mod && (a->ch == b->ch ||
	    (a->code != KEY_CHAR && a->code != KEY_F_));
}

/* Where the first of two keys ends: at a '>' that is no key itself. */
static size_t
first_key(const char *s)
{
	size_t n = *s ? 1 : 0;

	while (s[n] && (s[n] != '>' || s[n - 1] == '+'))
		n++;
	return n;
}

/* "ctrl+x>ctrl+e" as a binding of act.  0, or -1: no such key. */
static int
parse(const char *s, const struct action *act, struct binding *b)
{
	char name[NAME_SIZE];
	size_t n = first_key(s);

	*b = (struct binding){ .act = act };
	if (n == 0 || n >= sizeof(name))
		return -1;
	memcpy(name, s, n);
	name[n] = '\0';
	if (key_parse(name, &b->first) < 0)
		return -1;
	b->two = s[n] == '>';
	return b->two ? key_parse(s + n + 1, &b->second) : 0;
}

static void
add(struct keymap *m, const struct binding *b)
{
	m->v = xreallocarray(m->v, m->n + 1, sizeof(*m->v));
	m->v[m->n++] = *b;
}

void
keymap_init(struct keymap *m)
{
	char name[NAME_SIZE];
	struct binding b;

	memset(m, 0, sizeof(*m));
	for (size_t i = 0; i < n_actions; i++)
		for (const char *s = actions[i].keys; *s; ) {
			size_t n = strcspn(s, " ");

			if (n > 0 && n < sizeof(name)) {
				memcpy(name, s, n);
				name[n] = '\0';
				if (parse(name, &actions[i], &b) == 0)
					add(m, &b);
			}
			s += n + strspn(s + n, " ");
		}
}

void
keymap_done(struct keymap *m)
{
	free(m->v);
	memset(m, 0, sizeof(*m));
}

/* ---- the person's file ---- */

static void
drop_action(struct keymap *m, const struct action *act)
{
	size_t to = 0;

	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].act != act)
			m->v[to++] = m->v[i];
	m->n = to;
}

/* Do the presses of a get in the way of those of b? */
static bool
collide(const struct binding *a, const struct binding *b)
{
	return a->act->where & b->act->where &&
	    same_key(&a->first, &b->first) &&
	    (!a->two || !b->two || same_key(&a->second, &b->second));
}

static void
give(struct keymap *m, const struct binding *b)
{
	size_t to = 0;

	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].act == b->act || !collide(&m->v[i], b))
			m->v[to++] = m->v[i];
	m->n = to;
	add(m, b);
}

static int
load_key(struct keymap *m, const struct action *act, const struct ynode *y,
    const char *path, struct err *err)
{
	struct binding b;

	if (y->type != YNODE_SCALAR || parse(y->text, act, &b) < 0)
		return err_set(err, "%s:%d: \"%s\" is no key; write ctrl+t, "
		    "alt+enter, f5, a letter, or two with > between them",
		    path, y->line, y->type == YNODE_SCALAR ? y->text :
		    "this");
	give(m, &b);
	return 0;
}

static const struct action *
find_action(const char *name)
{
	for (size_t i = 0; i < n_actions; i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

static int
load_action(struct keymap *m, const struct ynode *key, const struct ynode *y,
    const char *path, struct err *err)
{
	const struct action *act = find_action(key->text);

	if (!act)
		return err_set(err, "%s:%d: there is no action \"%s\"; did "
		    "you mean \"%s\"?", path, key->line, key->text,
		    words_nearest(key->text, actions, n_actions,
		    sizeof(actions[0])));
	if (!act->where && act->fn)
		return err_set(err, "%s:%d: \"%s\" is a command only; it can "
		    "have no key", path, key->line, key->text);
	drop_action(m, act);
	if (y->type == YNODE_SEQ) {
		for (size_t i = 0; i < y->n; i++)
			if (load_key(m, act, y->items[i], path, err) < 0)
				return -1;
		return 0;
	}
	if (ynode_null(y) || (y->type == YNODE_SCALAR &&
	    strcmp(y->text, "none") == 0))
		return 0;
	return load_key(m, act, y, path, err);
}

int
keymap_load(struct keymap *m, const char *path, struct err *err)
{
	struct keymap fresh = { 0 };
	struct ynode *root;
	int rc = 0;

	if (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	root = ytree_load_file(path, KEYS_BYTES_MAX, err);
	if (!root)
		return -1;
	if (root->type != YNODE_MAP)
		rc = err_set(err, "%s:%d: expected lines of the form "
		    "\"action: key\"", path, root->line);
	for (size_t i = 0; i < m->n; i++)
		add(&fresh, &m->v[i]);
	for (size_t i = 0; rc == 0 && i < root->n; i++)
		rc = load_action(&fresh, root->keys[i], root->items[i], path,
		    err);
	ynode_free(root);
	if (rc < 0) {
		keymap_done(&fresh);
		return -1;
	}
	keymap_done(m);
	*m = fresh;
	return 0;
}

/* ---- asking ---- */

enum keymap_found
keymap_key(struct keymap *m, const struct key *k, unsigned where,
    const struct action **act)
{
	bool second = m->holding;
	bool more = false;

	m->holding = false;
	for (size_t i = 0; i < m->n; i++) {
		const struct binding *b = &m->v[i];

		if (!(b->act->where & where) || (second && (!b->two ||
		    !same_key(&b->first, &m->held))))
			continue;
		if (!same_key(second ? &b->second : &b->first, k))
			continue;
		if (b->two && !second) {
			more = true;
			continue;
		}
		*act = b->act;
		return KEYMAP_ACTION;
	}
	if (!more)
		return KEYMAP_NONE;
	m->holding = true;
	m->held = *k;
	m->held.raw = NULL;	/* borrowed */
	m->held.raw_n = 0;
	return KEYMAP_MORE;
}

/* "pgup" is written PgUp, "ctrl" Ctrl, "g" g. */
static void
put_part(struct buf *out, const char *s, size_t n, bool whole)
{
	if (n == 4 && memcmp(s, "pgup", n) == 0)
		buf_puts(out, "PgUp");
	else if (n == 4 && memcmp(s, "pgdn", n) == 0)
		buf_puts(out, "PgDn");
	else if (whole && n == 1)
		buf_add(out, s, n);		/* g is not G */
	else if (n > 0) {
		buf_addc(out, (char)toupper((unsigned char)s[0]));
		buf_add(out, s + 1, n - 1);
	}
}

static void
put_key(struct buf *out, const struct key *k)
{
	char name[NAME_SIZE];
	size_t n;

	key_name(k, name, sizeof(name));
	for (const char *p = name; *p; p += n + (p[n] == '+')) {
		/* "+" itself is a key */
		n = *p == '+' ? 1 : strcspn(p, "+");
		put_part(out, p, n, !name[1]);
		if (p[n] == '+' && p[n + 1])
			buf_addc(out, '-');
	}
}

static void
put_binding(struct buf *out, const struct binding *b)
{
	put_key(out, &b->first);
	if (!b->two)
		return;
	buf_addc(out, ' ');
	put_key(out, &b->second);
}

void
keymap_text(const struct keymap *m, const struct action *act, struct buf *out)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].act != act)
			continue;
		if (out->len > 0)
			buf_puts(out, ", ");
		put_binding(out, &m->v[i]);
	}
}

void
keymap_short(const struct keymap *m, const struct action *act,
    struct buf *out)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].act == act) {
			put_binding(out, &m->v[i]);
			return;
		}
}
