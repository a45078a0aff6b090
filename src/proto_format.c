/* proto_format.c -- messages to lines of JSON, by the tables of proto.c. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "alloc.h"
#include "proto_priv.h"
#include "utf8.h"

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

static json_t *
ints_json(const int *v, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_integer(v[i]));
	return list;
}

static void format_fields(json_t *obj, const void *base,
    const struct field *f);

static json_t *
sampling_json(const struct sampling *s)
{
	json_t *obj = json_object();

	format_fields(obj, s, proto_sampling);
	return obj;
}

/* NULL: leave the field out. */
static json_t *
field_json(const void *base, const struct field *f)
{
	const void *p = (const char *)base + f->off;

	switch (f->kind) {
	case K_BOOL:
		return json_boolean(*(const bool *)p);
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
		return json_string(proto_whats[*(const enum progress_what *)p
		    & 1]);
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
	case K_INTS:
		return ints_json(*(int *const *)p, *(const size_t *)
		    ((const char *)base + f->count));
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
	format_fields(root, &m->u, proto_types[m->type].fields);
	/* Nine digits carry a float exactly. */
	json_dump_callback(root, dump_to_buf, out,
	    JSON_COMPACT | JSON_REAL_PRECISION(9));
	buf_addc(out, '\n');
	json_decref(root);
}

