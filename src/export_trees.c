/* export_trees.c -- conversations as ChatGPT, DeepSeek and Open WebUI keep
 * them: a map of messages that name their parent and children. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "export_priv.h"

/* The id that the conversation had in the program it came from. */
static const char *
id_in(const struct convo *c, const char *program)
{
	size_t n = strlen(program);

	if (c->origin && strncmp(c->origin, program, n) == 0 &&
	    c->origin[n] == ':')
		return c->origin + n + 1;
	return c->id;
}

static int64_t
last_change(const struct convo *c)
{
	int64_t last = c->created;

	for (size_t i = 0; i < c->n; i++)
		if (c->turns[i]->t_start > last)
			last = c->turns[i]->t_start;
	return last;
}

/* The name of a turn's node; valid in the full expression. */
struct name { char s[32]; };

static struct name
name_of(const char *before, int id)
{
	struct name n;

	snprintf(n.s, sizeof(n.s), "%s%d", before, id);
	return n;
}

static void
add_child(json_t *map, const char *parent, const char *children,
    const char *id)
{
	json_array_append_new(json_object_get(json_object_get(map, parent),
	    children), json_string(id));
}

/* A node of ChatGPT's and DeepSeek's map; takes message. */
static void
add_node(json_t *map, const char *id, const char *parent, json_t *message)
{
	json_t *o = json_object();

	json_put(o, "id", id);
	json_object_set_new(o, "message", message);
	json_object_set_new(o, "parent", parent ? json_string(parent) :
	    json_null());
	json_object_set_new(o, "children", json_array());
	json_object_set_new(map, id, o);
	if (parent)
		add_child(map, parent, "children", id);
}

/* ---- ChatGPT ---- */

static json_t *
gpt_message(const char *id, const char *role, int64_t when,
    const struct turn *t, json_t *content)
{
	json_t *m = json_object(), *meta = json_object();
	bool answer = t && t->role == ROLE_ASSISTANT;

	if (answer)
		json_put(meta, "model_slug", t->model);
	if (answer && t->end != DONE_STOP)
		json_object_set_new(meta, "finish_details",
		    json_pack("{s:s}", "type", t->end == DONE_LENGTH ?
		    "max_tokens" : "interrupted"));
	json_put(m, "id", id);
	json_object_set_new(m, "author", json_pack("{s:s, s:n, s:{}}",
	    "role", role, "name", "metadata"));
	json_object_set_new(m, "create_time", json_secs(when));
	json_object_set_new(m, "update_time", json_null());
	json_object_set_new(m, "content", content);
	json_put(m, "status", "finished_successfully");
	json_object_set_new(m, "end_turn", answer ? json_true() :
	    json_null());
	json_object_set_new(m, "weight", json_real(1));
	json_object_set_new(m, "metadata", meta);
	json_put(m, "recipient", "all");
	return m;
}

static json_t *
gpt_text(json_t *text)
{
	return json_pack("{s:s, s:[o]}", "content_type", "text", "parts",
	    text);
}

static json_t *
gpt_thoughts(const struct turn *t)
{
	return json_pack("{s:s, s:[{s:s, s:o}]}", "content_type", "thoughts",
	    "thoughts", "summary", "", "content", json_of(&t->thinking));
}

/* A thought is a node of its own before its answer, which is missing when it
 * never came. */
static void
gpt_turn(json_t *map, const struct turn *t, const char *root, char **ends,
    size_t i, const char *parent, bool thinking)
{
	struct name id = name_of("turn-", t->id);
	struct name thought = name_of("thought-", t->id);
	bool thinks = thinking && t->thinking.len > 0;
	bool speaks = t->text.len > 0 || !thinks;

	if (!parent)
		parent = root;
	if (thinks)
		add_node(map, thought.s, parent, gpt_message(thought.s,
		    "assistant", t->t_start, t, gpt_thoughts(t)));
	if (speaks)
		add_node(map, id.s, thinks ? thought.s : parent,
		    gpt_message(id.s, role_name(t->role), t->t_start, t,
		    gpt_text(json_of(&t->text))));
	ends[i] = xstrdup(speaks ? id.s : thought.s);
}

static json_t *
gpt_map(const struct convo *c, bool thinking, char **current)
{
	json_t *map = json_object();
	char **ends = xcalloc(c->n + 1, sizeof(*ends));
	const char *root = "client-created-root";
	struct buf system = { 0 };
	int head = convo_index(c, c->head);

	add_node(map, root, NULL, json_null());
	if (c->system) {
		buf_puts(&system, c->system);
		add_node(map, "system", root, gpt_message("system", "system",
		    c->created, NULL, gpt_text(json_of(&system))));
		root = "system";
		buf_free(&system);
	}
	for (size_t i = 0; i < c->n; i++) {
		int up = convo_index(c, c->turns[i]->parent);

		if (!c->turns[i]->removed)
			gpt_turn(map, c->turns[i], root, ends, i,
			    up >= 0 ? ends[up] : NULL, thinking);
	}
	*current = xstrdup(head >= 0 && ends[head] ? ends[head] : root);
	for (size_t i = 0; i < c->n; i++)
		free(ends[i]);
	free(ends);
	return map;
}

json_t *
export_chatgpt(const struct convo *c, bool thinking)
{
	json_t *o = json_object();
	char *current;

	json_put(o, "title", c->title);
	json_object_set_new(o, "create_time", json_secs(c->created));
	json_object_set_new(o, "update_time", json_secs(last_change(c)));
	json_object_set_new(o, "mapping", gpt_map(c, thinking, &current));
	json_object_set_new(o, "moderation_results", json_array());
	json_put(o, "current_node", current);
	json_object_set_new(o, "plugin_ids", json_null());
	json_put(o, "conversation_id", id_in(c, "chatgpt"));
	json_object_set_new(o, "is_archived", json_boolean(c->archived));
	json_put(o, "id", id_in(c, "chatgpt"));
	free(current);
	return o;
}

/* ---- DeepSeek ---- */

/* Its times have microseconds, and say what their zone is. */
static void
put_zoned(json_t *o, const char *key, int64_t ms)
{
	json_t *v;
	char *s;

	json_put_time(o, key, ms);
	v = json_object_get(o, key);
	if (!v)
		return;
	s = xasprintf("%.23s000+00:00", json_string_value(v));
	json_put(o, key, s);
	free(s);
}

static json_t *
fragment(const char *type, const struct buf *text)
{
	return json_pack("{s:s, s:o}", "type", type, "content",
	    json_of(text));
}

static json_t *
deepseek_message(const struct turn *t, bool thinking)
{
	json_t *m = json_object(), *v = json_array();

	if (thinking && t->thinking.len)
		json_array_append_new(v, fragment("THINK", &t->thinking));
	if (t->text.len)
		json_array_append_new(v, fragment(t->role == ROLE_ASSISTANT ?
		    "RESPONSE" : "REQUEST", &t->text));
	json_object_set_new(m, "files", json_array());
	json_put(m, "model", t->model ? t->model : "");
	put_zoned(m, "inserted_at", t->t_start);
	json_object_set_new(m, "fragments", v);
	return m;
}

json_t *
export_deepseek(const struct convo *c, bool thinking)
{
	json_t *o = json_object(), *map = json_object();

	add_node(map, "root", NULL, json_null());
	for (size_t i = 0; i < c->n; i++) {
		const struct turn *t = c->turns[i];

		if (!t->removed)
			add_node(map, name_of("", t->id).s, t->parent ?
			    name_of("", t->parent).s : "root",
			    deepseek_message(t, thinking));
	}
	json_put(o, "id", id_in(c, "deepseek"));
	json_put(o, "title", c->title);
	put_zoned(o, "inserted_at", c->created);
	put_zoned(o, "updated_at", last_change(c));
	json_object_set_new(o, "mapping", map);
	return o;
}

/* ---- Open WebUI ---- */

static void
put_escaped(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '&')
			buf_puts(out, "&amp;");
		else if (s[i] == '<')
			buf_puts(out, "&lt;");
		else if (s[i] == '>')
			buf_puts(out, "&gt;");
		else
			buf_addc(out, s[i]);
		if (s[i] == '\n')
			buf_puts(out, "> ");
	}
}

static json_t *
webui_content(const struct turn *t, bool thinking)
{
	int64_t from = t->t_first ? t->t_first : t->t_start;
	int64_t ms = t->t_think_end - from;
	struct buf b = { 0 };
	json_t *s;

	if (thinking && t->thinking.len) {
		int secs = ms > 0 && ms < INT32_MAX ? (int)(ms / 1000) : 0;

		buf_printf(&b, "<details type=\"reasoning\" done=\"true\" "
		    "duration=\"%d\">\n<summary>Thought for %d seconds"
		    "</summary>\n> ", secs, secs);
		put_escaped(&b, t->thinking.data, t->thinking.len);
		buf_puts(&b, "\n</details>\n");
	}
	buf_add(&b, t->text.data, t->text.len);
	s = json_of(&b);
	buf_free(&b);
	return s;
}

static void
webui_node(json_t *map, const struct turn *t, bool thinking)
{
	struct name id = name_of("turn-", t->id);
	struct name parent = name_of("turn-", t->parent);
	json_t *o = json_object();

	json_put(o, "id", id.s);
	json_object_set_new(o, "parentId", t->parent ? json_string(parent.s) :
	    json_null());
	json_object_set_new(o, "childrenIds", json_array());
	json_put(o, "role", role_name(t->role));
	json_object_set_new(o, "content", webui_content(t, thinking));
	json_object_set_new(o, "timestamp", json_integer(t->t_start / 1000));
	if (t->role == ROLE_ASSISTANT) {
		json_put(o, "model", t->model ? t->model : "");
		json_put(o, "modelName", t->model ? t->model : "");
		json_object_set_new(o, "modelIdx", json_integer(0));
		json_object_set_new(o, "done", json_true());
	}
	json_object_set_new(map, id.s, o);
	if (t->parent)
		add_child(map, parent.s, "childrenIds", id.s);
}

/* The shown branch, once more. */
static json_t *
webui_branch(const struct convo *c, const json_t *map)
{
	struct turn **v;
	size_t n = convo_branch(c, &v);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append(list, json_object_get(map,
		    name_of("turn-", v[i]->id).s));
	free(v);
	return list;
}

static json_t *
webui_chat(const struct convo *c, bool thinking)
{
	json_t *o = json_object(), *map = json_object();
	json_t *history = json_object(), *params = json_object();

	for (size_t i = 0; i < c->n; i++)
		if (!c->turns[i]->removed)
			webui_node(map, c->turns[i], thinking);
	json_put(params, "system", c->system);
	json_put(o, "id", "");
	json_put(o, "title", c->title);
	json_object_set_new(o, "models", json_array());
	json_object_set_new(o, "params", params);
	json_object_set_new(o, "messages", webui_branch(c, map));
	json_object_set_new(history, "messages", map);
	json_put(history, "currentId", name_of("turn-", c->head).s);
	json_object_set_new(o, "history", history);
	json_object_set_new(o, "tags", json_array());
	json_object_set_new(o, "timestamp", json_integer(c->created));
	json_object_set_new(o, "files", json_array());
	return o;
}

json_t *
export_openwebui(const struct convo *c, bool thinking)
{
	json_t *o = json_object(), *tags = json_array();

	for (size_t i = 0; i < c->n_tags; i++)
		json_array_append_new(tags, json_string(c->tags[i]));
	json_put(o, "id", id_in(c, "openwebui"));
	json_put(o, "user_id", "");
	json_put(o, "title", c->title);
	json_object_set_new(o, "chat", webui_chat(c, thinking));
	json_object_set_new(o, "created_at", json_integer(c->created / 1000));
	json_object_set_new(o, "updated_at",
	    json_integer(last_change(c) / 1000));
	json_object_set_new(o, "share_id", json_null());
	json_object_set_new(o, "archived", json_boolean(c->archived));
	json_object_set_new(o, "pinned", json_boolean(c->pinned));
	json_object_set_new(o, "meta", json_pack("{s:o}", "tags", tags));
	json_object_set_new(o, "folder_id", json_null());
	return o;
}
