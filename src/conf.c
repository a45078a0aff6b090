/* conf.c -- reads config.yaml into struct conf by a table of keys. */
#include "conf.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "buf.h"
#include "i18n.h"
#include "lang.h"
#include "snapshots.h"
#include "words.h"
#include "ytree.h"

#define CONF_BYTES_MAX (1u << 20)

const struct sampling_field sampling_fields[] = {
	{ "temperature", SAMPLING_TEMPERATURE,
	    offsetof(struct sampling, temperature) },
	{ "top-k", SAMPLING_INT, offsetof(struct sampling, top_k) },
	{ "top-p", SAMPLING_FLOAT, offsetof(struct sampling, top_p) },
	{ "min-p", SAMPLING_FLOAT, offsetof(struct sampling, min_p) },
	{ "repeat-penalty", SAMPLING_FLOAT,
	    offsetof(struct sampling, repeat_penalty) },
	{ "repeat-last", SAMPLING_INT, offsetof(struct sampling, repeat_last) },
	{ "seed", SAMPLING_SEED, offsetof(struct sampling, seed) },
	{ "max-tokens", SAMPLING_INT, offsetof(struct sampling, max_tokens) },
	{ NULL, SAMPLING_INT, 0 }
};

enum conf_kind {
	CONF_STR, CONF_INT, CONF_BOOL, CONF_THINKING, CONF_VIEW, CONF_KV,
	CONF_BIDI, CONF_TITLES, CONF_NOTIFY, CONF_LORA, CONF_SAMPLING, CONF_LANGUAGE
};

static const struct conf_key {
	const char *name;
	enum conf_kind kind;
	size_t offset;
	int max;		/* of a CONF_INT, from 0 */
} conf_keys[] = {
	{ "model", CONF_STR, offsetof(struct conf, load.model), 0 },
	{ "theme", CONF_STR, offsetof(struct conf, theme), 0 },
	{ "language", CONF_LANGUAGE, offsetof(struct conf, language), 0 },
	{ "system", CONF_STR, offsetof(struct conf, system), 0 },
	{ "context", CONF_INT, offsetof(struct conf, load.context), 1 << 20 },
	{ "threads", CONF_INT, offsetof(struct conf, load.threads), 1024 },
	{ "kv", CONF_KV, offsetof(struct conf, load.kv), 0 },
	{ "lora", CONF_LORA, offsetof(struct conf, load), 0 },
	{ "chat-format", CONF_STR, offsetof(struct conf, load.chat_format), 0 },
	{ "snapshots", CONF_INT, offsetof(struct conf, load.snapshot_mib),
	    1 << 24 },
	{ "thinking", CONF_THINKING, offsetof(struct conf, thinking), 0 },
	{ "budget", CONF_INT, offsetof(struct conf, budget), 1 << 20 },
	{ "budget-time", CONF_INT, offsetof(struct conf, budget_time), 86400 },
	{ "view", CONF_VIEW, offsetof(struct conf, view), 0 },
	{ "list-pane", CONF_BOOL, offsetof(struct conf, list_pane), 0 },
	{ "thinking-pane", CONF_BOOL, offsetof(struct conf, think_pane), 0 },
	{ "fold-when-answered", CONF_BOOL,
	    offsetof(struct conf, fold_answered), 0 },
	{ "bidi", CONF_BIDI, offsetof(struct conf, bidi), 0 },
	{ "arabic-forms", CONF_BOOL, offsetof(struct conf, arabic_forms), 0 },
	{ "titles", CONF_TITLES, offsetof(struct conf, titles), 0 },
	{ "notify", CONF_NOTIFY, offsetof(struct conf, notify), 0 },
	{ "notify-after", CONF_INT, offsetof(struct conf, notify_after),
	    86400 },
	{ "visual-arrows", CONF_BOOL, offsetof(struct conf, visual_arrows), 0 },
	{ "plain", CONF_BOOL, offsetof(struct conf, plain), 0 },
	{ "animations", CONF_BOOL, offsetof(struct conf, animations), 0 },
	{ "sampling", CONF_SAMPLING, offsetof(struct conf, sampling), 0 },
	{ NULL, CONF_STR, 0, 0 }
};

static const char *const view_names[] = { "full", "brief", "hidden" };

const char *
think_view_name(enum think_view v)
{
	return view_names[v];
}

int
think_view_parse(const char *s, enum think_view *v)
{
	for (int i = 0; i < 3; i++) {
		if (strcmp(s, view_names[i]) == 0) {
			*v = (enum think_view)i;
			return 0;
		}
	}
	return -1;
}

static int
bidi_parse(const char *s, enum bidi_by *v)
{
	static const char *const names[] = { "auto", "explicit", "words",
		"terminal", "off" };

	for (int i = 0; i < (int)(sizeof(names) / sizeof(names[0])); i++) {
		if (strcmp(s, names[i]) == 0) {
			*v = (enum bidi_by)i;
			return 0;
		}
	}
	return -1;
}

static int
notify_parse(const char *s, enum notify_by *v)
{
	static const char *const names[] = { "bell", "off", "osc9" };

	for (int i = 0; i < 3; i++) {
		if (strcmp(s, names[i]) == 0) {
			*v = (enum notify_by)i;
			return 0;
		}
	}
	return -1;
}

void
conf_init(struct conf *c)
{
	*c = (struct conf){
		.load.snapshot_mib = (int)(SNAPSHOTS_BYTES >> 20),
		.theme = xstrdup("auto"),
		.language = xstrdup("auto"),
		.sampling = sampling_default(),
		.thinking = THINKING_ON,
		.view = VIEW_FULL,
		.list_pane = true,
		.arabic_forms = true,
		.visual_arrows = true,
		.notify_after = 20,
		.animations = true,
	};
}

void
conf_done(struct conf *c)
{
	load_done(&c->load);
	free(c->theme);
	free(c->language);
	free(c->system);
	memset(c, 0, sizeof(*c));
}

/* The known name that word was likely meant to be, or NULL.  Names lie stride
 * bytes apart, each the first member of its entry. */
static const char *
nearest(const char *word, const void *table, size_t stride)
{
	const char *best = NULL, *name;
	size_t best_distance = 3, d;	/* further off is no likeness */

	for (const char *p = table; (name = *(const char *const *)(const void *)
	    p); p += stride) {
		d = words_distance(word, name);
		if (d < best_distance && d < strlen(name)) {
			best = name;
			best_distance = d;
		}
	}
	return best;
}

static int
unknown_key(const struct ynode *key, const char *what, const void *table,
    size_t stride, const char *path, struct err *err)
{
	const char *near = nearest(key->text, table, stride), *name;
	struct buf known = { 0 };

	for (const char *p = table; (name = *(const char *const *)(const void *)
	    p); p += stride)
		buf_printf(&known, "%s%s", known.len ? ", " : "", name);
	if (near)
		err_set(err, "%s:%d: unknown %s \"%s\"; did you mean \"%s\"? "
		    "Known keys are %s", path, key->line, what, key->text,
		    near, known.data);
	else
		err_set(err, "%s:%d: unknown %s \"%s\"; known keys are %s",
		    path, key->line, what, key->text, known.data);
	buf_free(&known);
	return -1;
}

/* "file:line: key must be WHAT, not "value"". */
static int
bad_value(const char *name, const struct ynode *y, const char *what,
    const char *path, struct err *err)
{
	if (y->type == YNODE_SCALAR)
		return err_set(err, "%s:%d: %s must be %s, not \"%.80s\"",
		    path, y->line, name, what, y->text);
	if (y->type == YNODE_MAP)
		return err_set(err, "%s:%d: %s must be %s, not a map", path,
		    y->line, name, what);
	return err_set(err, "%s:%d: %s must be %s, not a list", path, y->line,
	    name, what);
}

int
sampling_field_set(struct sampling *s, const struct sampling_field *f,
    const struct ynode *y)
{
	char *p = (char *)s + f->offset;
	double d;
	int64_t i;

	switch (f->kind) {
	case SAMPLING_TEMPERATURE:
		if (y && y->type == YNODE_SCALAR &&
		    strcmp(y->text, "auto") == 0)
			d = TEMPERATURE_AUTO;
		else if (ynode_float(y, &d) < 0 || !(d >= 0 && d <= 1e30))
			return -1;
		*(float *)(void *)p = (float)d;
		return 0;
	case SAMPLING_FLOAT:
		if (ynode_float(y, &d) < 0 || d > 1e30 || d < -1e30)
			return -1;
		*(float *)(void *)p = (float)d;
		return 0;
	case SAMPLING_INT:
		if (ynode_int(y, &i) < 0 || i < INT_MIN || i > INT_MAX)
			return -1;
		*(int *)(void *)p = (int)i;
		return 0;
	default:
		return ynode_uint(y, (uint64_t *)(void *)p);
	}
}

static int
load_sampling_field(struct conf *c, const struct ynode *key,
    const struct ynode *y, const char *path, struct err *err)
{
	static const char *const kinds[] = {
		N_("auto, or a number from 0 to 10"), N_("a number"),
		N_("a whole number"), N_("a whole number") };
	const struct sampling_field *f = sampling_fields;
	const char *why;

	while (f->name && strcmp(f->name, key->text) != 0)
		f++;
	if (!f->name)
		return unknown_key(key, _("key of sampling"),
		    sampling_fields, sizeof(*f), path, err);
	if (sampling_field_set(&c->sampling, f, y) < 0)
		return bad_value(f->name, y, _(kinds[f->kind]), path, err);
	/* All was in bounds before, so what is out now is this one. */
	why = sampling_check(&c->sampling);
	if (why)
		return err_set(err, "%s:%d: %s", path, y->line, _(why));
	return 0;
}

static int
load_sampling(struct conf *c, const struct ynode *y, const char *path,
    struct err *err)
{
	if (y->type != YNODE_MAP)
		return bad_value("sampling", y,
		    _("a map such as {temperature: 0.6}"), path, err);
	for (size_t i = 0; i < y->n; i++)
		if (load_sampling_field(c, y->keys[i], y->items[i], path,
		    err) < 0)
			return -1;
	return 0;
}

/* A text, or {path: ..., scale: ...}. */
static int
load_adapter(struct load *l, const struct ynode *y, const char *path,
    struct err *err)
{
	static const char *const keys[] = { "path", "scale", NULL };
	const struct ynode *file = y, *scale = NULL;
	char where[ERR_MAX];
	double v = 1;

	for (size_t i = 0; y->type == YNODE_MAP && i < y->n; i++)
		if (strcmp(y->keys[i]->text, "path") != 0 &&
		    strcmp(y->keys[i]->text, "scale") != 0)
			return unknown_key(y->keys[i], _("key of lora"),
			    keys, sizeof(keys[0]), path, err);
	if (y->type == YNODE_MAP) {
		file = ynode_get(y, "path");
		scale = ynode_get(y, "scale");
	}
	if (!file || file->type != YNODE_SCALAR ||
	    strlen(file->text) != file->len)
		return bad_value(_("an item of lora"), y, _("the path of an "
		    "adapter, or {path: FILE, scale: NUMBER}"), path, err);
	if (scale && ynode_float(scale, &v) < 0)
		return bad_value("scale", scale, _("a number"), path, err);
	snprintf(where, sizeof(where), "%.500s:%d: lora", path, y->line);
	return load_add_adapter(l, file->text, v, where, err);
}

static int
load_adapters(struct load *l, const struct ynode *y, const char *path,
    struct err *err)
{
	if (y->type != YNODE_SEQ)
		return bad_value("lora", y, _("a list of adapters"), path, err);
	for (size_t i = 0; i < y->n; i++)
		if (load_adapter(l, y->items[i], path, err) < 0)
			return -1;
	return 0;
}

static int
load_str(char **p, const char *name, const struct ynode *y, const char *path,
    struct err *err)
{
	if (y->type != YNODE_SCALAR || strlen(y->text) != y->len)
		return bad_value(name, y, _("text"), path, err);
	free(*p);
	*p = xstrdup(y->text);
	return 0;
}

static int
load_int(int *p, const struct conf_key *k, const struct ynode *y,
    const char *path, struct err *err)
{
	char what[128];
	int64_t v;

	if (ynode_int(y, &v) < 0 || v < 0 || v > k->max) {
		snprintf(what, sizeof(what), _("a whole number from 0 to %d"),
		    k->max);
		return bad_value(k->name, y, what, path, err);
	}
	*p = (int)v;
	return 0;
}

static int
load_key(struct conf *c, const struct conf_key *k, const struct ynode *y,
    const char *path, struct err *err)
{
	void *p = (char *)c + k->offset;
	const char *word = y->type == YNODE_SCALAR ? y->text : "";
	int yes;

	switch (k->kind) {
	case CONF_STR:
		return load_str(p, k->name, y, path, err);
	case CONF_INT:
		return load_int(p, k, y, path, err);
	case CONF_BOOL:
		if (ynode_bool(y, &yes) < 0)
			return bad_value(k->name, y, _("true or false"), path,
			    err);
		*(bool *)p = yes;
		return 0;
	case CONF_THINKING:
		if (thinking_parse(word, p) < 0)
			return bad_value(k->name, y, _("auto, on or off"), path,
			    err);
		return 0;
	case CONF_VIEW:
		if (think_view_parse(word, p) < 0)
			return bad_value(k->name, y, _("full, brief or hidden"),
			    path, err);
		return 0;
	case CONF_KV:
		if (kv_type_parse(word, p) < 0)
			return bad_value(k->name, y, _("f16, f32 or q8_0"),
			    path, err);
		return 0;
	case CONF_BIDI:
		if (bidi_parse(word, p) < 0)
			return bad_value(k->name, y, _("auto, explicit, words, "
			    "terminal or off"), path, err);
		return 0;
	case CONF_TITLES:
		if (strcmp(word, "model") != 0 && strcmp(word, "first") != 0)
			return bad_value(k->name, y, _("model or first"), path,
			    err);
		*(enum titles_by *)p = *word == 'm' ? TITLES_MODEL :
		    TITLES_FIRST;
		return 0;
	case CONF_NOTIFY:
		if (notify_parse(word, p) < 0)
			return bad_value(k->name, y, _("bell, off or osc9"),
			    path, err);
		return 0;
	case CONF_LANGUAGE:
		if (!lang_valid(word))
			return bad_value(k->name, y, _("auto, or a language's "
			    "code such as ar"), path, err);
		return load_str(p, k->name, y, path, err);
	case CONF_LORA:
		return load_adapters(p, y, path, err);
	default:
		return load_sampling(c, y, path, err);
	}
}

static int
load_keys(struct conf *c, const struct ynode *root, const char *path,
    struct err *err)
{
	if (root->type != YNODE_MAP)
		return err_set(err, "%s:%d: expected lines of the form "
		    "\"key: value\"", path, root->line);
	for (size_t i = 0; i < root->n; i++) {
		const struct ynode *key = root->keys[i];
		const struct conf_key *k = conf_keys;

		while (k->name && strcmp(k->name, key->text) != 0)
			k++;
		if (!k->name)
			return unknown_key(key, _("key"), conf_keys, sizeof(*k),
			    path, err);
		if (ynode_null(root->items[i]))
			continue;	/* "model:" with nothing behind it */
		if (load_key(c, k, root->items[i], path, err) < 0)
			return -1;
	}
	return 0;
}

int
conf_load(struct conf *c, const char *path, struct err *err)
{
	struct ynode *root;
	int r;

	if (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	root = ytree_load_file(path, CONF_BYTES_MAX, err);
	if (!root)
		return -1;
	r = load_keys(c, root, path, err);
	ynode_free(root);
	return r;
}
