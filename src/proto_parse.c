/* proto_parse.c -- lines of JSON to messages, by the tables of proto.c. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "alloc.h"
#include "proto_priv.h"
#include "snapshots.h"

static int
what_parse(const char *s, enum progress_what *w)
{
	for (unsigned i = 0; s && i < PROTO_WHATS; i++) {
		if (!strcmp(s, proto_whats[i])) {
			*w = (enum progress_what)i;
			return 0;
		}
	}
	return -1;
}

static int parse_fields(void *base, const struct field *f, json_t *obj,
    const char *where, struct err *err);

static int
parse_int(int *out, json_t *v)
{
	json_int_t i = json_integer_value(v);

	if (!json_is_integer(v) || i < 0 || i > INT_MAX)
		return -1;
	*out = (int)i;
	return 0;
}

/* Seeds above 2^63 travel as strings: JSON integers end there. */
static int
parse_u64(uint64_t *out, json_t *v)
{
	const char *s = json_string_value(v);
	char *end;

	if (json_is_integer(v) && json_integer_value(v) >= 0) {
		*out = (uint64_t)json_integer_value(v);
		return 0;
	}
	if (!s || *s < '0' || *s > '9')
		return -1;
	errno = 0;
	*out = strtoull(s, &end, 10);
	return errno || *end ? -1 : 0;
}

static int
parse_str(char **out, json_t *v)
{
	if (!json_is_string(v))
		return -1;
	*out = xstrdup(json_string_value(v));
	return 0;
}

static int
parse_messages(struct msg_generate *g, json_t *v, struct err *err)
{
	size_t n = json_array_size(v);

	if (!json_is_array(v) || n == 0)
		return err_set(err, "\"messages\" must be a list of at least "
		    "one {\"role\", \"text\"}");
	g->messages = xcalloc(n, sizeof *g->messages);
	g->n_messages = n;
	for (size_t i = 0; i < n; i++) {
		json_t *m = json_array_get(v, i);
		struct chat_msg *to = &g->messages[i];
		const char *role = json_string_value(json_object_get(m,
		    "role"));

		if (role_parse(role, &to->role) < 0)
			return err_set(err, "message %zu has no known "
			    "\"role\"; use system, user or assistant", i + 1);
		if (parse_str(&to->text, json_object_get(m, "text")) < 0)
			return err_set(err, "message %zu has no \"text\"",
			    i + 1);
	}
	return 0;
}

static int
parse_adapter(struct load *l, json_t *v, struct err *err)
{
	json_t *path = json_object_get(v, "path");
	json_t *scale = json_object_get(v, "scale");

	if (!json_is_string(path) || (scale && !json_is_number(scale)))
		return err_set(err, "an item of \"lora\" must be {\"path\", "
		    "\"scale\"}, a text and a number");
	return load_add_adapter(l, json_string_value(path),
	    scale ? json_number_value(scale) : 1, "\"lora\"", err);
}

static int
parse_adapters(struct load *l, json_t *v, struct err *err)
{
	if (!json_is_array(v))
		return err_set(err, "\"lora\" must be a list of {\"path\", "
		    "\"scale\"}");
	for (size_t i = 0; i < json_array_size(v); i++)
		if (parse_adapter(l, json_array_get(v, i), err) < 0)
			return -1;
	return 0;
}

static int
parse_notes(struct msg_loaded *l, json_t *v, struct err *err)
{
	size_t n = json_array_size(v);

	if (!json_is_array(v) || n > NOTES_MAX)
		return err_set(err, "\"notes\" must be a list of at most %d "
		    "texts", NOTES_MAX);
	l->notes = xcalloc(n + 1, sizeof *l->notes);
	l->n_notes = n;
	for (size_t i = 0; i < n; i++)
		if (parse_str(&l->notes[i], json_array_get(v, i)) < 0)
			return err_set(err, "note %zu is no text", i + 1);
	return 0;
}

static int
parse_ints(void *base, const struct field *f, json_t *v, struct err *err)
{
	size_t n = json_array_size(v);
	int *to;

	if (!json_is_array(v))
		return err_set(err, "\"%s\" must be a list of numbers",
		    f->name);
	to = xcalloc(n + 1, sizeof *to);
	*(int **)((char *)base + f->off) = to;
	*(size_t *)((char *)base + f->count) = n;
	for (size_t i = 0; i < n; i++)
		if (parse_int(&to[i], json_array_get(v, i)) < 0)
			return err_set(err, "item %zu of \"%s\" is no "
			    "number from 0", i + 1, f->name);
	return 0;
}

static int
parse_sampling(struct sampling *s, json_t *v, struct err *err)
{
	const char *bad;

	if (!json_is_object(v))
		return err_set(err, "\"sampling\" must be an object");
	if (parse_fields(s, proto_sampling, v, "sampling", err) < 0)
		return -1;
	bad = sampling_check(s);
	return bad ? err_set(err, "%s", bad) : 0;
}

/* A field's value of a plain kind into p; -1: it does not fit. */
static int
parse_plain(void *p, enum kind kind, json_t *v)
{
	const char *s = json_string_value(v);

	switch (kind) {
	case K_BOOL:
		*(bool *)p = json_is_true(v);
		return json_is_boolean(v) ? 0 : -1;
	case K_INT:
		return parse_int(p, v);
	case K_I64:
		if (!json_is_integer(v) || json_integer_value(v) < 0)
			return -1;
		*(int64_t *)p = json_integer_value(v);
		return 0;
	case K_U64:
		return parse_u64(p, v);
	case K_FLOAT:
		if (!json_is_number(v))
			return -1;
		*(float *)p = (float)json_number_value(v);
		return 0;
	case K_DOUBLE:
		if (!json_is_number(v))
			return -1;
		*(double *)p = json_number_value(v);
		return 0;
	case K_STR:
		return parse_str(p, v);
	case K_WHAT:
		return what_parse(s, p);
	case K_THINKER:
		return thinker_parse(s, p);
	case K_CHANNEL:
		return channel_parse(s, p);
	case K_THINKING:
		return thinking_parse(s, p);
	case K_REASON:
		return done_parse(s, p);
	case K_KV:
		return kv_type_parse(s, p);
	case K_TEMPERATURE:	/* what is automatic is left out */
		if (!json_is_number(v) || !(json_number_value(v) >= 0))
			return -1;
		*(float *)p = (float)json_number_value(v);
		return 0;
	case K_SAMPLING:
	case K_MESSAGES:
	case K_ADAPTERS:
	case K_NOTES:
	case K_INTS:
		break;
	}
	return -1;
}

static int
parse_field(void *base, const struct field *f, json_t *v, const char *where,
    struct err *err)
{
	void *p = (char *)base + f->off;

	if (f->kind == K_MESSAGES)
		return parse_messages(base, v, err);
	if (f->kind == K_ADAPTERS)
		return parse_adapters(base, v, err);
	if (f->kind == K_NOTES)
		return parse_notes(base, v, err);
	if (f->kind == K_INTS)
		return parse_ints(base, f, v, err);
	if (f->kind == K_SAMPLING)
		return parse_sampling(p, v, err);
	if (parse_plain(p, f->kind, v) < 0)
		return err_set(err, "\"%s\" of \"%s\" has a value that cannot "
		    "be used", f->name, where);
	return 0;
}

static int
parse_fields(void *base, const struct field *f, json_t *obj, const char *where,
    struct err *err)
{
	for (; f->name; f++) {
		json_t *v = json_object_get(obj, f->name);

		if (v && parse_field(base, f, v, where, err) < 0)
			return -1;
		if (!v && !f->optional)
			return err_set(err, "\"%s\" has no \"%s\"", where,
			    f->name);
	}
	return 0;
}

static int
parse_type(const char *name, enum msg_type *t, struct err *err)
{
	if (!name)
		return err_set(err, "a message must be an object with a "
		    "\"type\"");
	for (size_t i = 0; i < proto_n_types; i++) {
		if (!strcmp(proto_types[i].name, name)) {
			*t = (enum msg_type)i;
			return 0;
		}
	}
	return err_set(err, "\"%.40s\" is not a message of this protocol",
	    name);
}

/* "" is no name, for what is not kept. */
static int
check_keep(const char *keep, const char *where, struct err *err)
{
	if (!keep || !*keep || snapshots_name_ok(keep))
		return 0;
	return err_set(err, "\"keep\" of \"%s\" must be at most %d of "
	    "A-Z a-z 0-9 _ -", where, SNAPSHOT_NAME_MAX - 1);
}

static int
check_generate(const struct msg_generate *g, const char *where,
    struct err *err)
{
	if (g->id == 0)
		return err_set(err, "\"id\" of \"%s\" must be above 0", where);
	if (g->slot >= PROTO_SLOTS)
		return err_set(err, "\"slot\" of \"%s\" must be 0 to %d",
		    where, PROTO_SLOTS - 1);
	return check_keep(g->keep, where, err);
}

static int
parse_object(struct msg *m, json_t *root, struct err *err)
{
	const char *name = json_string_value(json_object_get(root, "type"));

	if (parse_type(name, &m->type, err) < 0)
		return -1;
	if (m->type == MSG_GENERATE || m->type == MSG_MEASURE)
		m->u.generate.sampling = sampling_default();
	if (parse_fields(&m->u, proto_types[m->type].fields, root, name, err) < 0)
		return -1;
	if (m->type == MSG_GENERATE || m->type == MSG_MEASURE)
		return check_generate(&m->u.generate, name, err);
	if (m->type == MSG_FORGET)
		return check_keep(m->u.forget.keep, name, err);
	return 0;
}

int
msg_parse(struct msg *m, const char *line, size_t n, struct err *err)
{
	json_error_t why;
	json_t *root = json_loadb(line, n, JSON_REJECT_DUPLICATES, &why);
	int ret;

	memset(m, 0, sizeof *m);
	if (!root)
		return err_set(err, "the line is not JSON: %s", why.text);
	ret = parse_object(m, root, err);
	json_decref(root);
	if (ret < 0)
		msg_free(m);
	return ret;
}

