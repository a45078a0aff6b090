/* ytree.c -- builds a tree of nodes from libyaml's events, within bounds that
 * keep a hostile file from costing more than its size. */
#include "ytree.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <yaml.h>

#include "alloc.h"
#include "i18n.h"
#include "ytree_priv.h"

#define DEPTH_MAX 32
#define NODES_MAX 200000
#define KEYS_MAX 4096		/* in one map: duplicates are sought in pairs */
#define TEXT_MAX (64u << 20)

struct loader {
	yaml_parser_t parser;
	const char *file;
	struct ynode *root;
	struct ynode *open[DEPTH_MAX];	/* containers not yet ended */
	struct ynode *key[DEPTH_MAX];	/* of open maps, waiting for a value */
	int depth;
	size_t nodes;
};

static int
fail(struct loader *l, const yaml_event_t *ev, const char *why,
    struct err *err)
{
	return err_set(err, "%s:%d: %s", l->file,
	    (int)ev->start_mark.line + 1, why);
}

/* libyaml's own words, with the line where it stumbled. */
static int
fail_parse(struct loader *l, const char *text, size_t n, struct err *err)
{
	const yaml_parser_t *p = &l->parser;
	const char *problem = p->problem ? p->problem : _("it is not YAML");
	int line = (int)p->problem_mark.line + 1;

	if (p->error == YAML_MEMORY_ERROR)
		return err_set(err, "%s: out of memory", l->file);
	if (p->error == YAML_READER_ERROR) {
		/* Raised ahead of the scanner, so the mark says nothing. */
		size_t end = p->problem_offset < n ? p->problem_offset : n;

		line = 1;
		for (size_t i = 0; i < end; i++)
			line += text[i] == '\n';
	}
	if (p->context)
		return err_set(err, "%s:%d: %s (%s)", l->file, line, problem,
		    p->context);
	return err_set(err, "%s:%d: %s", l->file, line, problem);
}

void
ynode_append(struct ynode *parent, struct ynode *key, struct ynode *value)
{
	size_t n = parent->n;

	if ((n & (n - 1)) == 0) {	/* full: 0, 1, 2, 4, ... */
		size_t cap = n ? 2 * n : 1;

		parent->items = xreallocarray(parent->items, cap,
		    sizeof(*parent->items));
		if (parent->type == YNODE_MAP)
			parent->keys = xreallocarray(parent->keys, cap,
			    sizeof(*parent->keys));
	}
	parent->items[n] = value;
	if (parent->type == YNODE_MAP)
		parent->keys[n] = key;
	parent->n++;
}

static bool
has_key(const struct ynode *map, const struct ynode *key)
{
	for (size_t i = 0; i < map->n; i++)
		if (map->keys[i]->len == key->len &&
		    memcmp(map->keys[i]->text, key->text, key->len) == 0)
			return true;
	return false;
}

/* Give node to its parent; the loader owns it from here on, error or not. */
static int
attach(struct loader *l, struct ynode *node, const yaml_event_t *ev,
    struct err *err)
{
	struct ynode *parent, **key;

	if (l->depth == 0) {
		l->root = node;
		return 0;
	}
	parent = l->open[l->depth - 1];
	key = &l->key[l->depth - 1];
	if (parent->type == YNODE_SEQ) {
		ynode_append(parent, NULL, node);
		return 0;
	}
	if (*key) {
		ynode_append(parent, *key, node);
		*key = NULL;
		return 0;
	}
	*key = node;
	if (node->type != YNODE_SCALAR)
		return fail(l, ev, _("a key must be a word, not a list or "
		    "a map"),
		    err);
	if (parent->n >= KEYS_MAX)
		return fail(l, ev, _("too many keys in one map"), err);
	if (has_key(parent, node))
		return err_set(err, "%s:%d: the key \"%s\" is given twice",
		    l->file, node->line, node->text);
	return 0;
}

static int
add_node(struct loader *l, const yaml_event_t *ev, enum ynode_type type,
    const yaml_char_t *anchor, struct err *err)
{
	struct ynode *node;

	if (anchor)
		return fail(l, ev, _("anchors (&name) are not accepted"), err);
	if (++l->nodes > NODES_MAX)
		return fail(l, ev, _("too many values in one document"), err);
	node = xcalloc(1, sizeof(*node));
	node->type = type;
	node->line = (int)ev->start_mark.line + 1;
	if (type == YNODE_SCALAR) {
		node->len = ev->data.scalar.length;
		node->text = xmalloc(node->len + 1);
		memcpy(node->text, ev->data.scalar.value, node->len);
		node->text[node->len] = '\0';
		node->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	}
	if (attach(l, node, ev, err) < 0)
		return -1;
	if (type == YNODE_SCALAR)
		return 0;
	if (l->depth == DEPTH_MAX)
		return fail(l, ev, _("nested too deeply"), err);
	l->open[l->depth++] = node;
	return 0;
}

/* 1: the document is complete, 0: go on, -1: refused. */
static int
take_event(struct loader *l, const yaml_event_t *ev, struct err *err)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		return add_node(l, ev, YNODE_SCALAR, ev->data.scalar.anchor,
		    err);
	case YAML_SEQUENCE_START_EVENT:
		return add_node(l, ev, YNODE_SEQ,
		    ev->data.sequence_start.anchor, err);
	case YAML_MAPPING_START_EVENT:
		return add_node(l, ev, YNODE_MAP,
		    ev->data.mapping_start.anchor, err);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		l->depth--;
		return 0;
	case YAML_ALIAS_EVENT:
		return fail(l, ev, _("aliases (*name) are not accepted"), err);
	case YAML_DOCUMENT_END_EVENT:
	case YAML_STREAM_END_EVENT:
		return 1;
	default:
		return 0;
	}
}

static int
run(struct loader *l, const char *text, size_t n, struct err *err)
{
	yaml_event_t ev;
	int r = 0;

	while (r == 0) {
		if (!yaml_parser_parse(&l->parser, &ev))
			return fail_parse(l, text, n, err);
		r = take_event(l, &ev, err);
		yaml_event_delete(&ev);
	}
	return r;
}

static struct ynode *
empty_map(void)
{
	struct ynode *y = xcalloc(1, sizeof(*y));

	y->type = YNODE_MAP;
	y->line = 1;
	return y;
}

struct ynode *
ytree_load(const char *text, size_t n, const char *file, struct err *err)
{
	struct ynode *quick = ytree_quick(text, n);

	return quick ? quick : ytree_thorough(text, n, file, err);
}

struct ynode *
ytree_thorough(const char *text, size_t n, const char *file, struct err *err)
{
	struct loader l = { .file = file };
	int r;

	if (n > TEXT_MAX) {
		err_set(err, "%s: larger than %u MiB", file, TEXT_MAX >> 20);
		return NULL;
	}
	if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
		text += 3;	/* some editors leave a byte order mark */
		n -= 3;
	}
	if (!yaml_parser_initialize(&l.parser)) {
		err_set(err, "%s: out of memory", file);
		return NULL;
	}
	yaml_parser_set_encoding(&l.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&l.parser, (const unsigned char *)text,
	    n);
	r = run(&l, text, n, err);
	yaml_parser_delete(&l.parser);
	for (int i = 0; i < DEPTH_MAX; i++)
		ynode_free(l.key[i]);
	if (r < 0 || !l.root || ynode_null(l.root)) {
		ynode_free(l.root);
		l.root = r < 0 ? NULL : empty_map();
	}
	return l.root;
}

static int
read_all(int fd, size_t max, struct buf *b)
{
	char block[16384];
	ssize_t got;

	for (;;) {
		got = read(fd, block, sizeof(block));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (int)got;
		buf_add(b, block, (size_t)got);
		if (b->len > max) {
			errno = EFBIG;
			return -1;
		}
	}
}

struct ynode *
ytree_load_file(const char *path, size_t max, struct err *err)
{
	struct buf b = { 0 };
	struct ynode *y = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		err_set(err, "cannot open %s: %s", path, strerror(errno));
		return NULL;
	}
	if (read_all(fd, max, &b) < 0)
		err_set(err, "cannot read %s: %s", path, strerror(errno));
	else
		y = ytree_load(b.data ? b.data : "", b.len, path, err);
	close(fd);
	buf_free(&b);
	return y;
}

void
ynode_free(struct ynode *y)
{
	if (!y)
		return;
	for (size_t i = 0; i < y->n; i++) {	/* at most DEPTH_MAX deep */
		ynode_free(y->items[i]);
		if (y->keys)
			ynode_free(y->keys[i]);
	}
	free(y->items);
	free(y->keys);
	free(y->text);
	free(y);
}

struct ynode *
ynode_get(const struct ynode *map, const char *key)
{
	size_t len = strlen(key);

	if (!map || map->type != YNODE_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (map->keys[i]->len == len &&
		    memcmp(map->keys[i]->text, key, len) == 0)
			return map->items[i];
	return NULL;
}

/* The scalar's text when it can be a number: a digit, sign or point first (so
 * that strtol's leading blanks and "nan" are out), and no NUL inside. */
static const char *
number(const struct ynode *y, const char *first)
{
	if (!y || y->type != YNODE_SCALAR || y->len == 0 || y->len > 64 ||
	    strlen(y->text) != y->len || !strchr(first, y->text[0]))
		return NULL;
	return y->text;
}

int
ynode_int(const struct ynode *y, int64_t *v)
{
	const char *s = number(y, "+-0123456789");
	char *end;
	long long x;

	if (!s)
		return -1;
	errno = 0;
	x = strtoll(s, &end, 10);
	if (errno || end == s || *end)
		return -1;
	*v = x;
	return 0;
}

int
ynode_uint(const struct ynode *y, uint64_t *v)
{
	const char *s = number(y, "0123456789");
	char *end;
	unsigned long long x;

	if (!s)
		return -1;
	errno = 0;
	x = strtoull(s, &end, 10);
	if (errno || end == s || *end)
		return -1;
	*v = x;
	return 0;
}

int
ynode_float(const struct ynode *y, double *v)
{
	const char *s = number(y, "+-.0123456789");
	locale_t c;
	char *end;
	double x;

	if (!s || strspn(s, "+-.0123456789eE") != y->len)
		return -1;
	/* A file means the same in every locale: the point is a point. */
	c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
	if (!c)
		return -1;
	x = strtod_l(s, &end, c);
	freelocale(c);
	if (end == s || *end || !isfinite(x))
		return -1;
	*v = x;
	return 0;
}

int
ynode_bool(const struct ynode *y, int *v)
{
	static const char *const words[] = { "false", "true", "no", "yes",
		"off", "on" };

	if (!y || y->type != YNODE_SCALAR)
		return -1;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(y->text, words[i]) == 0) {
			*v = i & 1;
			return 0;
		}
	}
	return -1;
}

bool
ynode_null(const struct ynode *y)
{
	return y && y->type == YNODE_SCALAR && y->plain &&
	    (y->len == 0 || strcmp(y->text, "~") == 0 ||
	    strcmp(y->text, "null") == 0);
}
