/* import_openwebui.c -- a conversation of Open WebUI's export: a map of
 * messages that name their parent and children.  A thought stands in the text
 * of its answer, as <details type="reasoning">. */
#include <string.h>

#include "import_priv.h"

#define OPENER "<details type=\"reasoning\""
#define CLOSER "</details>"

/* Text with the five characters that HTML has names for. */
static void
put_unescaped(struct buf *out, const char *s, size_t n)
{
	static const struct { const char *name; char c; } names[] = {
		{ "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' },
		{ "&quot;", '"' }, { "&#x27;", '\'' }, { "&#39;", '\'' },
	};

	for (size_t i = 0, k; i < n; ) {
		size_t len = 1;
		char c = s[i];

		for (k = 0; c == '&' && k < sizeof(names) / sizeof(*names);
		    k++) {
			size_t l = strlen(names[k].name);

			if (l <= n - i && !memcmp(s + i, names[k].name, l)) {
				buf_addc(out, names[k].c);
				len = l;
				break;
			}
		}
		if (len == 1)
			buf_addc(out, c);
		i += len;
	}
}

/* "> a line" of a thought is "a line"; the mark may be escaped too. */
static void
put_thought(struct buf *out, const char *s, size_t n)
{
	struct buf clear = { 0 };
	const char *p, *end, *eol;

	put_unescaped(&clear, s, n);
	p = clear.data;
	end = p + clear.len;
	for (; p && p < end; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol)
			eol = end;
		if (*p == '>')
			p += p + 1 < eol && p[1] == ' ' ? 2 : 1;
		buf_add(out, p, (size_t)(eol - p));
		if (eol < end)
			buf_addc(out, '\n');
	}
	buf_free(&clear);
}

/* The inside of a <details>, without its summary. */
static void
put_details(struct node *k, const char *s, const char *end)
{
	const char *from = memchr(s, '>', (size_t)(end - s)), *p;
	struct buf b = { 0 };

	from = from ? from + 1 : s;
	p = memmem(from, (size_t)(end - from), "</summary>", 10);
	if (p)
		from = p + 10;
	while (from < end && *from == '\n')
		from++;
	while (end > from && end[-1] == '\n')
		end--;
	put_thought(&b, from, (size_t)(end - from));
	import_paragraph(&k->thinking, b.data, b.len);
	buf_free(&b);
}

/* Thoughts out of a text, the rest to the answer. */
static void
split_text(struct node *k, const char *s, size_t n)
{
	const char *end = s + n, *from, *to;
	bool found = false;

	while (s < end && (from = memmem(s, (size_t)(end - s), OPENER,
	    strlen(OPENER))) != NULL) {
		to = memmem(from, (size_t)(end - from), CLOSER,
		    strlen(CLOSER));
		buf_add(&k->text, s, (size_t)(from - s));
		put_details(k, from, to ? to : end);
		s = to ? to + strlen(CLOSER) : end;
		while (s < end && *s == '\n')
			s++;
		found = true;
	}
	buf_add(&k->text, s, (size_t)(end - s));
	while (found && k->text.len && k->text.data[0] == '\n')
		buf_drop(&k->text, 1);
}

/* A text, or parts of which some are text. */
static void
read_content(struct node *k, const json_t *content)
{
	struct buf b = { 0 };
	const json_t *part;
	size_t i;

	json_text(content, &b);
	json_array_foreach(content, i, part) {
		struct buf text = { 0 };

		json_text(json_object_get(part, "text"), &text);
		if (text.len)
			import_paragraph(&b, text.data, text.len);
		else
			import_mark(&b, strstr(json_word(part, "type"),
			    "image") ? "image" : "part", "");
		buf_free(&text);
	}
	if (k->role == ROLE_ASSISTANT)
		split_text(k, b.len ? b.data : "", b.len);
	else
		buf_add(&k->text, b.data, b.len);
	buf_free(&b);
}

static void
read_message(struct node *k, const json_t *m)
{
	const json_t *f;
	size_t i;

	k->role = ROLE_ASSISTANT;
	role_parse(json_word(m, "role"), &k->role);
	k->started = json_moment(m, "timestamp");
	k->model = json_word(m, "model");
	read_content(k, json_object_get(m, "content"));
	if (!k->thinking.len)
		json_text(json_object_get(m, "reasoning_content"),
		    &k->thinking);
	json_array_foreach(json_object_get(m, "files"), i, f) {
		bool image = strcmp(json_word(f, "type"), "image") == 0;

		import_mark(&k->text, image ? "image" : "file",
		    image ? "" : json_word(f, "name"));
	}
}

static void
read_labels(struct convo *c, const json_t *from, const json_t *chat)
{
	const json_t *tags = json_object_get(json_object_get(from, "meta"),
	    "tags"), *tag;
	const char *system = json_word(json_object_get(chat, "params"),
	    "system");
	size_t i;

	if (!*system)
		system = json_word(chat, "system");
	if (*system && !c->system)
		convo_set_system(c, NULL, system);
	c->archived = json_is_true(json_object_get(from, "archived"));
	c->pinned = json_is_true(json_object_get(from, "pinned"));
	json_array_foreach(tags ? tags : json_object_get(chat, "tags"), i,
	    tag)
		convo_tag(c, json_is_string(tag) ? json_string_value(tag) :
		    json_word(tag, "name"));
}

int
import_openwebui(const json_t *from, struct convo *c, struct err *notice,
    struct err *err)
{
	const json_t *chat = json_object_get(from, "chat"), *history;
	json_t *map, *v;
	struct tree t;
	const char *id;
	int r;

	if (!chat)
		chat = from;
	history = json_object_get(chat, "history");
	map = json_object_get(history, "messages");
	tree_init(&t);
	json_object_foreach(map, id, v) {
		struct node *k = tree_add(&t, id);

		k->parent = json_string_value(json_object_get(v, "parentId"));
		k->children = json_object_get(v, "childrenIds");
		read_message(k, v);
	}
	r = tree_build(&t, c, json_string_value(json_object_get(history,
	    "currentId")), notice, err);
	tree_done(&t);
	read_labels(c, from, chat);
	return r;
}
