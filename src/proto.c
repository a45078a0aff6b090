/* proto.c -- messages to lines of JSON and back.  Every message is a table of
 * fields; parsing and formatting both walk it, so that they cannot drift
 * apart.  The only file of the two programs that knows jansson. */
#include "proto.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "alloc.h"
#include "utf8.h"

enum kind {
	K_INT, K_I64, K_U64, K_FLOAT, K_DOUBLE, K_STR,
	K_WHAT, K_THINKER, K_CHANNEL, K_THINKING, K_REASON, K_KV,
	K_TEMPERATURE, K_SAMPLING, K_MESSAGES, K_ADAPTERS, K_NOTES
};

struct field {
	const char *name;
	enum kind kind;
	bool optional;		/* keeps its default when absent */
	size_t off;
};

#define F(type, member, kind) { #member, kind, false, offsetof(type, member) }
#define OPT(type, member, kind) { #member, kind, true, offsetof(type, member) }
#define END { NULL, K_INT, false, 0 }

static const struct field hello_fields[] = {
	F(struct msg_hello, version, K_INT),
	OPT(struct msg_hello, program, K_STR),
	END
};
static const struct field load_fields[] = {
	F(struct load, model, K_STR),
	OPT(struct load, context, K_INT),
	OPT(struct load, threads, K_INT),
	OPT(struct load, kv, K_KV),
	OPT(struct load, lora, K_ADAPTERS),
	OPT(struct load, chat_format, K_STR),
	END
};
static const struct field generate_fields[] = {
	F(struct msg_generate, id, K_I64),
	F(struct msg_generate, messages, K_MESSAGES),
	OPT(struct msg_generate, sampling, K_SAMPLING),
	OPT(struct msg_generate, thinking, K_THINKING),
	OPT(struct msg_generate, budget, K_INT),
	END
};
static const struct field cancel_fields[] = {
	F(struct msg_cancel, id, K_I64),
	END
};
static const struct field quit_fields[] = { END };
static const struct field progress_fields[] = {
	F(struct msg_progress, what, K_WHAT),
	OPT(struct msg_progress, id, K_I64),
	F(struct msg_progress, done, K_I64),
	F(struct msg_progress, total, K_I64),
	END
};
static const struct field loaded_fields[] = {
	F(struct msg_loaded, name, K_STR),
	F(struct msg_loaded, arch, K_STR),
	F(struct msg_loaded, format, K_STR),
	F(struct msg_loaded, context, K_INT),
	F(struct msg_loaded, bytes, K_I64),
	F(struct msg_loaded, thinker, K_THINKER),
	F(struct msg_loaded, cpu, K_STR),
	OPT(struct msg_loaded, notes, K_NOTES),
	END
};
static const struct field delta_fields[] = {
	F(struct msg_delta, id, K_I64),
	F(struct msg_delta, channel, K_CHANNEL),
	F(struct msg_delta, text, K_STR),
	END
};
static const struct field done_fields[] = {
	F(struct msg_done, id, K_I64),
	F(struct msg_done, reason, K_REASON),
	F(struct msg_done, prompt_tokens, K_INT),
	F(struct msg_done, cached_tokens, K_INT),
	F(struct msg_done, thinking_tokens, K_INT),
	F(struct msg_done, answer_tokens, K_INT),
	F(struct msg_done, context_used, K_INT),
	F(struct msg_done, prompt_ms, K_DOUBLE),
	F(struct msg_done, thinking_ms, K_DOUBLE),
	F(struct msg_done, answer_ms, K_DOUBLE),
	F(struct msg_done, seed, K_U64),
	OPT(struct msg_done, digest, K_STR),
	END
};
static const struct field error_fields[] = {
	OPT(struct msg_error, id, K_I64),
	F(struct msg_error, text, K_STR),
	END
};
static const struct field sampling_fields[] = {
	OPT(struct sampling, temperature, K_TEMPERATURE),
	OPT(struct sampling, top_k, K_INT),
	OPT(struct sampling, top_p, K_FLOAT),
	OPT(struct sampling, min_p, K_FLOAT),
	OPT(struct sampling, repeat_penalty, K_FLOAT),
	OPT(struct sampling, repeat_last, K_INT),
	OPT(struct sampling, seed, K_U64),
	OPT(struct sampling, max_tokens, K_INT),
	END
};

static const struct {
	const char *name;
	const struct field *fields;
} types[] = {
	[MSG_HELLO] = { "hello", hello_fields },
	[MSG_LOAD] = { "load", load_fields },
	[MSG_GENERATE] = { "generate", generate_fields },
	[MSG_CANCEL] = { "cancel", cancel_fields },
	[MSG_QUIT] = { "quit", quit_fields },
	[MSG_PROGRESS] = { "progress", progress_fields },
	[MSG_LOADED] = { "loaded", loaded_fields },
	[MSG_DELTA] = { "delta", delta_fields },
	[MSG_DONE] = { "done", done_fields },
	[MSG_ERROR] = { "error", error_fields },
};
#define N_TYPES (sizeof types / sizeof types[0])

static const char *const whats[] = { "load", "read" };

const char *
msg_type_name(enum msg_type t)
{
	return (unsigned)t < N_TYPES ? types[t].name : "?";
}

static int
what_parse(const char *s, enum progress_what *w)
{
	for (unsigned i = 0; s && i < 2; i++) {
		if (!strcmp(s, whats[i])) {
			*w = (enum progress_what)i;
			return 0;
		}
	}
	return -1;
}

/* ---- reading ---------------------------------------------------------- */

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
parse_sampling(struct sampling *s, json_t *v, struct err *err)
{
	const char *bad;

	if (!json_is_object(v))
		return err_set(err, "\"sampling\" must be an object");
	if (parse_fields(s, sampling_fields, v, "sampling", err) < 0)
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
	for (size_t i = 0; i < N_TYPES; i++) {
		if (!strcmp(types[i].name, name)) {
			*t = (enum msg_type)i;
			return 0;
		}
	}
	return err_set(err, "\"%.40s\" is not a message of this protocol",
	    name);
}

static int
parse_object(struct msg *m, json_t *root, struct err *err)
{
	const char *name = json_string_value(json_object_get(root, "type"));

	if (parse_type(name, &m->type, err) < 0)
		return -1;
	if (m->type == MSG_GENERATE)
		m->u.generate.sampling = sampling_default();
	if (parse_fields(&m->u, types[m->type].fields, root, name, err) < 0)
		return -1;
	if (m->type == MSG_GENERATE && m->u.generate.id == 0)
		return err_set(err, "\"id\" of \"generate\" must be above 0");
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

/* ---- writing ---------------------------------------------------------- */

static json_t *
text_json(const char *s)
{
	struct buf clean = { 0 };
	json_t *v;

	if (!s)
		return NULL;
	v = json_string(s);
	if (v)
		return v;
	utf8_scrub(&clean, s, strlen(s));
	v = json_string(clean.data);
	buf_free(&clean);
	return v;
}

static json_t *
u64_json(uint64_t v)
{
	char *s;
	json_t *j;

	if (v <= INT64_MAX)
		return json_integer((json_int_t)v);
	s = xasprintf("%llu", (unsigned long long)v);
	j = json_string(s);
	free(s);
	return j;
}

static json_t *
messages_json(const struct msg_generate *g)
{
	json_t *list = json_array();

	for (size_t i = 0; i < g->n_messages; i++) {
		json_t *m = json_object();

		json_object_set_new(m, "role",
		    json_string(role_name(g->messages[i].role)));
		json_object_set_new(m, "text",
		    text_json(g->messages[i].text ? g->messages[i].text : ""));
		json_array_append_new(list, m);
	}
	return list;
}

static json_t *
adapters_json(const struct load *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n_lora; i++) {
		json_t *a = json_object();

		json_object_set_new(a, "path", text_json(l->lora[i].path));
		json_object_set_new(a, "scale",
		    json_real((double)l->lora[i].scale));
		json_array_append_new(list, a);
	}
	return list;
}

static json_t *
notes_json(const struct msg_loaded *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n_notes; i++)
		json_array_append_new(list, text_json(l->notes[i]));
	return list;
}

static void format_fields(json_t *obj, const void *base,
    const struct field *f);

static json_t *
sampling_json(const struct sampling *s)
{
	json_t *obj = json_object();

	format_fields(obj, s, sampling_fields);
	return obj;
}

/* NULL: leave the field out. */
static json_t *
field_json(const void *base, const struct field *f)
{
	const void *p = (const char *)base + f->off;

	switch (f->kind) {
	case K_INT:
		return json_integer(*(const int *)p);
	case K_I64:
		return json_integer(*(const int64_t *)p);
	case K_U64:
		return u64_json(*(const uint64_t *)p);
	case K_FLOAT:
		return json_real((double)*(const float *)p);
	case K_DOUBLE:
		return json_real(*(const double *)p);
	case K_STR:
		return text_json(*(char *const *)p);
	case K_WHAT:
		return json_string(whats[*(const enum progress_what *)p & 1]);
	case K_THINKER:
		return json_string(thinker_name(*(const enum thinker *)p));
	case K_CHANNEL:
		return json_string(channel_name(*(const enum channel *)p));
	case K_THINKING:
		return json_string(thinking_name(*(const enum thinking *)p));
	case K_REASON:
		return json_string(done_name(*(const enum done_reason *)p));
	case K_KV:
		return json_string(kv_type_name(*(const enum kv_type *)p));
	case K_TEMPERATURE:
		if (*(const float *)p == TEMPERATURE_AUTO)
			return NULL;
		return json_real((double)*(const float *)p);
	case K_SAMPLING:
		return sampling_json(p);
	case K_MESSAGES:
		return messages_json(base);
	case K_ADAPTERS:
		return adapters_json(base);
	case K_NOTES:
		return notes_json(base);
	}
	return NULL;
}

static void
format_fields(json_t *obj, const void *base, const struct field *f)
{
	for (; f->name; f++) {
		json_t *v = field_json(base, f);

		if (v)
			json_object_set_new(obj, f->name, v);
	}
}

static int
dump_to_buf(const char *s, size_t n, void *ud)
{
	buf_add(ud, s, n);
	return 0;
}

void
msg_format(const struct msg *m, struct buf *out)
{
	json_t *root = json_object();

	json_object_set_new(root, "type", json_string(msg_type_name(m->type)));
	format_fields(root, &m->u, types[m->type].fields);
	/* Nine digits carry a float exactly. */
	json_dump_callback(root, dump_to_buf, out,
	    JSON_COMPACT | JSON_REAL_PRECISION(9));
	buf_addc(out, '\n');
	json_decref(root);
}

static void
notes_free(struct msg_loaded *l)
{
	for (size_t i = 0; i < l->n_notes; i++)
		free(l->notes[i]);
	free(l->notes);
}

void
msg_free(struct msg *m)
{
	for (const struct field *f = types[m->type].fields; f->name; f++) {
		if (f->kind == K_STR)
			free(*(char **)((char *)&m->u + f->off));
		if (f->kind == K_MESSAGES)
			chat_msgs_free(m->u.generate.messages,
			    m->u.generate.n_messages);
		if (f->kind == K_ADAPTERS)
			load_clear_adapters(&m->u.load);
		if (f->kind == K_NOTES)
			notes_free(&m->u.loaded);
	}
	memset(m, 0, sizeof *m);
}
