/* import_chatgpt.c -- a conversation of ChatGPT's conversations.json: a map of
 * nodes that name their parent and children, each with a message or none. */
#include <string.h>

#include "alloc.h"
#include "import_priv.h"

static void
put_fenced(struct buf *out, const char *lang, const struct buf *code)
{
	struct buf b = { 0 };
	const char *fence = "```";

	if (code->len == 0)
		return;
	while (strstr(code->data, fence) && strlen(fence) < 8)
		fence = strlen(fence) == 3 ? "`````" : "````````";
	if (strcmp(lang, "unknown") == 0)
		lang = "";
	buf_printf(&b, "%s%s\n", fence, lang);
	buf_add(&b, code->data, code->len);
	buf_printf(&b, "%s%s", code->data[code->len - 1] == '\n' ? "" : "\n",
	    fence);
	import_paragraph(out, b.data, b.len);
	buf_free(&b);
}

/* Anything but text is a line that says what was there. */
static void
put_part(struct buf *out, const json_t *part)
{
	const char *type = json_word(part, "content_type");
	struct buf text = { 0 };

	json_text(json_is_object(part) ? json_object_get(part, "text") : part,
	    &text);
	if (text.len)
		import_paragraph(out, text.data, text.len);
	else if (strstr(type, "image"))
		import_mark(out, "image", "");
	else if (strstr(type, "audio") || strstr(type, "video"))
		import_mark(out, strstr(type, "audio") ? "audio" : "video",
		    "");
	else if (json_is_object(part))
		import_mark(out, *type ? type : "part", "");
	buf_free(&text);
}

static void
put_parts(struct buf *out, const json_t *parts)
{
	const json_t *part;
	size_t i;

	/* One text is taken as it is, to the last blank. */
	if (json_array_size(parts) == 1 &&
	    json_is_string(json_array_get(parts, 0))) {
		json_text(json_array_get(parts, 0), out);
		return;
	}
	json_array_foreach(parts, i, part)
		put_part(out, part);
}

static void
put_thoughts(struct buf *out, const json_t *content)
{
	const json_t *thought;
	size_t i;

	json_array_foreach(json_object_get(content, "thoughts"), i, thought) {
		struct buf b = { 0 };

		json_text(json_object_get(thought, "summary"), &b);
		import_paragraph(out, b.data, b.len);
		buf_clear(&b);
		json_text(json_object_get(thought, "content"), &b);
		import_paragraph(out, b.data, b.len);
		buf_free(&b);
	}
}

/* What has neither parts nor thoughts: code, what it printed, quotations. */
static void
put_other(struct node *k, const char *type, const json_t *content)
{
	struct buf text = { 0 };

	json_text(json_object_get(content, "text"), &text);
	if (text.len == 0)
		json_text(json_object_get(content, "result"), &text);
	if (strcmp(type, "code") == 0)
		put_fenced(&k->text, json_word(content, "language"), &text);
	else if (strcmp(type, "execution_output") == 0)
		put_fenced(&k->text, "", &text);
	else if (text.len)
		import_paragraph(&k->text, text.data, text.len);
	else
		import_mark(&k->text, *type ? type : "part", "");
	buf_free(&text);
}

static void
put_content(struct node *k, const json_t *content)
{
	const char *type = json_word(content, "content_type");

	if (strcmp(type, "thoughts") == 0)
		put_thoughts(&k->thinking, content);
	else if (strcmp(type, "user_editable_context") == 0 ||
	    strcmp(type, "model_editable_context") == 0)
		k->hidden = true;	/* what ChatGPT was told of its user */
	else if (strcmp(type, "reasoning_recap") == 0)
		return;			/* "Thought for 8 seconds" */
	else if (json_is_array(json_object_get(content, "parts")))
		put_parts(&k->text, json_object_get(content, "parts"));
	else if (json_is_object(content))
		put_other(k, type, content);
}

static void
read_message(struct node *k, const json_t *m)
{
	const json_t *meta = json_object_get(m, "metadata");
	const char *role = json_word(json_object_get(m, "author"), "role");
	const char *finish = json_word(json_object_get(meta,
	    "finish_details"), "type");

	/* Tools speak for the model. */
	k->role = ROLE_ASSISTANT;
	role_parse(role, &k->role);
	k->hidden = !json_is_object(m) || json_is_true(json_object_get(meta,
	    "is_visually_hidden_from_conversation"));
	k->started = json_moment(m, "create_time");
	k->model = json_word(meta, "model_slug");
	if (strcmp(finish, "interrupted") == 0)
		k->end = DONE_CANCEL;
	else if (strcmp(finish, "max_tokens") == 0)
		k->end = DONE_LENGTH;
	put_content(k, json_object_get(m, "content"));
}

int
import_chatgpt(const json_t *from, struct convo *c, struct err *notice,
    struct err *err)
{
	int r = import_mapping(from, c, read_message, notice, err);

	c->archived = json_is_true(json_object_get(from, "is_archived"));
	c->pinned = json_is_true(json_object_get(from, "is_starred"));
	return r;
}
