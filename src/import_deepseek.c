/* import_deepseek.c -- a conversation of DeepSeek's conversations.json: a map
 * like ChatGPT's, of messages made of fragments; older ones have a role, a text
 * and a thought. */
#include <string.h>
#include <strings.h>

#include "import_priv.h"

static void
read_fragment(struct node *k, const json_t *f)
{
	const char *type = json_word(f, "type");
	struct buf b = { 0 };

	json_text(json_object_get(f, "content"), &b);
	if (strcasecmp(type, "REQUEST") == 0)
		k->role = ROLE_USER;
	if (strcasecmp(type, "THINK") == 0)
		import_paragraph(&k->thinking, b.data, b.len);
	else if (strcasecmp(type, "REQUEST") == 0 ||
	    strcasecmp(type, "RESPONSE") == 0)
		import_paragraph(&k->text, b.data, b.len);
	else		/* a search, a page that was read, ... */
		import_mark(&k->text, *type ? type : "part", "");
	buf_free(&b);
}

static void
read_files(struct node *k, const json_t *files)
{
	const json_t *f;
	size_t i;

	json_array_foreach(files, i, f)
		import_mark(&k->text, "file", json_word(f, "file_name"));
}

static void
read_plain(struct node *k, const json_t *m)
{
	const char *role = json_word(m, "role");

	if (!*role)
		role = json_word(json_object_get(m, "author"), "role");
	if (strcasecmp(role, "user") == 0)
		k->role = ROLE_USER;
	else if (strcasecmp(role, "system") == 0)
		k->role = ROLE_SYSTEM;
	json_text(json_object_get(m, "content"), &k->text);
	json_text(json_object_get(m, "reasoning_content"), &k->thinking);
	if (!k->thinking.len)
		json_text(json_object_get(m, "thinking_content"),
		    &k->thinking);
}

static void
read_message(struct node *k, const json_t *m)
{
	const json_t *fragments = json_object_get(m, "fragments"), *f;
	size_t i;

	k->role = ROLE_ASSISTANT;
	k->hidden = !json_is_object(m);
	k->model = json_word(m, "model");
	k->started = json_moment(m, "inserted_at");
	if (!k->started)
		k->started = json_moment(m, "create_time");
	json_array_foreach(fragments, i, f)
		read_fragment(k, f);
	if (!json_is_array(fragments))
		read_plain(k, m);
	read_files(k, json_object_get(m, "files"));
}

int
import_deepseek(const json_t *from, struct convo *c, struct err *notice,
    struct err *err)
{
	return import_mapping(from, c, read_message, notice, err);
}
