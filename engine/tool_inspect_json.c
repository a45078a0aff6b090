/* tool_inspect_json.c -- `fikr-engine inspect --json`: one object, whose keys
 * docs/inspect.md lists.  What a file does not say is left out. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "buf.h"
#include "chat.h"
#include "inspect.h"
#include "utf8.h"

/* Bytes of the file as a string: malformed ones as U+FFFD. */
static json_t *
text(struct gstr s)
{
	struct buf b = { 0 };
	json_t *j;

	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		char c[4];
		int len = utf8_decode(s.p + i, s.n - i, &cp, NULL);

		buf_add(&b, c, (size_t)utf8_encode(cp, c));
		i += (size_t)len;
	}
	j = json_stringn(b.len ? b.data : "", b.len);
	buf_free(&b);
	return j;
}

static json_t *
string(const char *s)
{
	return text((struct gstr){ s, strlen(s) });
}

static void
set_int(json_t *o, const char *key, int64_t v)
{
	json_object_set_new(o, key, json_integer(v));
}

static void
set_str(json_t *o, const char *key, const struct gguf *g, const char *from)
{
	struct gstr s;

	if (gguf_str(g, from, &s) == 0)
		json_object_set_new(o, key, text(s));
}

/* ---- the parts of the object ---- */

static json_t *
files(const struct facts *f)
{
	json_t *list = json_array();

	for (int i = 0; i < f->g->n_parts; i++) {
		const struct gpart *p = &f->g->parts[i];
		json_t *o = json_object();

		json_object_set_new(o, "path", string(p->path));
		set_int(o, "bytes", p->bytes);
		if (p->want > 0)
			set_int(o, "bytes_wanted", p->want);
		json_array_append_new(list, o);
	}
	return list;
}

static void
sizes(json_t *o, const struct facts *f)
{
	static const struct { const char *name, *key; } v[] = {
		{ "layers", "block_count" }, { "width", "embedding_length" },
		{ "feed_forward", "feed_forward_length" },
		{ "heads", "attention.head_count" },
		{ "heads_kv", "attention.head_count_kv" },
		{ "key_width", "attention.key_length" },
		{ "value_width", "attention.value_length" },
		{ "key_width_mla", "attention.key_length_mla" },
		{ "value_width_mla", "attention.value_length_mla" },
		{ "kv_lora_rank", "attention.kv_lora_rank" },
		{ "sliding_window", "attention.sliding_window" },
		{ "experts", "expert_count" },
		{ "experts_used", "expert_used_count" },
		{ "experts_shared", "expert_shared_count" },
		{ "expert_feed_forward", "expert_feed_forward_length" },
		{ "layers_dense", "leading_dense_block_count" },
		{ "context", "context_length" },
	};

	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		struct range r = facts_range(f->g, v[i].key);

		if (r.lo < 0)
			continue;
		if (r.lo == r.hi)
			set_int(o, v[i].name, r.lo);
		else
			json_object_set_new(o, v[i].name, json_pack(
			    "{s:I, s:I}", "min", (json_int_t)r.lo, "max",
			    (json_int_t)r.hi));
	}
}

static json_t *
types(const struct facts *f)
{
	json_t *list = json_array();

	for (int i = 0; i < f->n_types; i++) {
		const struct type_fact *t = &f->types[i];
		json_t *o = json_object();

		json_object_set_new(o, "type", string(ttype_name(t->id)));
		set_int(o, "id", t->id);
		set_int(o, "tensors", t->tensors);
		set_int(o, "parameters", t->params);
		set_int(o, "bytes", t->bytes);
		json_array_append_new(list, o);
	}
	return list;
}

static void
set_length(json_t *o, const char *key, const struct gguf *g, const char *from)
{
	const struct gkv *kv = gguf_find(g, from);

	if (kv != NULL && kv->type == GT_ARR)
		set_int(o, key, (int64_t)kv->n);
}

static json_t *
tokenizer(const struct facts *f)
{
	json_t *o = json_object();

	set_str(o, "model", f->g, "tokenizer.ggml.model");
	set_str(o, "pre", f->g, "tokenizer.ggml.pre");
	set_length(o, "tokens", f->g, "tokenizer.ggml.tokens");
	set_length(o, "merges", f->g, "tokenizer.ggml.merges");
	for (int i = 0; i < f->n_marks; i++) {
		const struct mark *m = &f->marks[i];
		json_t *t = json_object();

		set_int(t, "id", m->id);
		if (m->text.p != NULL)
			json_object_set_new(t, "text", text(m->text));
		json_object_set_new(o, m->name, t);
	}
	if (f->v != NULL)
		json_object_set_new(o, "add_bos",
		    json_boolean(vocab_add_bos(f->v)));
	return o;
}

static json_t *
chat(const struct facts *f)
{
	json_t *o = json_object();

	json_object_set_new(o, "format", string(f->chat.name));
	if (f->chat.think_open != NULL && f->chat.think_close != NULL)
		json_object_set_new(o, "thinking", json_pack("[s, s]",
		    f->chat.think_open, f->chat.think_close));
	if (f->chat.note != NULL)
		json_object_set_new(o, "note", string(f->chat.note));
	return o;
}

static json_t *
memory(const struct facts *f)
{
	const struct model_needs *n = &f->needs;
	json_t *o = json_object();

	set_int(o, "context", f->context);
	json_object_set_new(o, "kv_type", string(kv_type_name(f->kv)));
	set_int(o, "weights", n->dense);
	set_int(o, "experts", n->experts);
	set_int(o, "cache", n->kv);
	set_int(o, "work", n->work);
	set_int(o, "total", n->dense + n->experts + n->kv + n->work);
	set_int(o, "available", f->paging.available);
	set_int(o, "weights_staying", f->paging.stays);
	if (*f->paging.note)
		json_object_set_new(o, "note", string(f->paging.note));
	return o;
}

static json_t *
wrong(const struct facts *f)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->wrong.n; i++)
		json_array_append_new(list, string(f->wrong.v[i]));
	return list;
}

void
inspect_json(const struct facts *f)
{
	json_t *o = json_object();

	json_object_set_new(o, "files", files(f));
	set_int(o, "gguf_version", f->g->version);
	set_int(o, "bytes", f->g->file_bytes);
	if (f->want >= 0)
		set_int(o, "bytes_wanted", f->want);
	json_object_set_new(o, "runs", json_boolean(f->runs));
	set_str(o, "name", f->g, "general.name");
	set_str(o, "architecture", f->g, "general.architecture");
	set_str(o, "kind", f->g, "general.type");
	set_int(o, "parameters", f->n_params);
	set_int(o, "parameters_active", f->n_active);
	sizes(o, f);
	set_int(o, "tensors", (int64_t)f->g->n_tensors);
	json_object_set_new(o, "types", types(f));
	json_object_set_new(o, "tokenizer", tokenizer(f));
	if (f->has_chat)
		json_object_set_new(o, "chat", chat(f));
	if (f->m != NULL)
		json_object_set_new(o, "memory", memory(f));
	json_object_set_new(o, "wrong", wrong(f));
	json_dumpf(o, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	putchar('\n');
	json_decref(o);
}
