/* tool_render.c -- `fikr-engine render`: conversations to prompts, JSON lines
 * in and out. */
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "alloc.h"
#include "chat.h"

static int
read_messages(const json_t *list, struct chat_msg *m, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(list, i);
		const char *role = json_string_value(json_object_get(o,
		    "role"));
		const char *text = json_string_value(json_object_get(o,
		    "content"));

		if (!role || !text || role_parse(role, &m[i].role))
			return -1;
		m[i].text = xstrdup(text);
	}
	return 0;
}

/* true, false and null are said to the template; "on", "off" and "auto" are a
 * person's choice in the chat. */
static int
read_opts(const json_t *j, struct render_opts *o)
{
	const json_t *t = json_object_get(j, "thinking");

	*o = (struct render_opts){ .literal = !json_is_string(t),
		.date = json_string_value(json_object_get(j, "date")) };
	if (!o->literal)
		return thinking_parse(json_string_value(t), &o->thinking);
	if (json_is_true(t) || json_is_false(t))
		o->thinking = json_is_true(t) ? THINKING_ON : THINKING_OFF;
	return 0;
}

static void
print_result(const struct chatfmt *f, const char *text, size_t n)
{
	json_t *j = json_object();
	char *s;

	json_object_set_new(j, "format", f->unknown ? json_null() :
	    json_string(f->name));
	json_object_set_new(j, "text", json_stringn(text, n));
	if (f->note)
		json_object_set_new(j, "note", json_string(f->note));
	/* some take U+2028 for the end of a line */
	s = json_dumps(j, JSON_COMPACT | JSON_ENSURE_ASCII);
	puts(s ? s : "{}");
	free(s);
	json_decref(j);
}

static int
render(const json_t *j, const char *format, const struct chat_msg *m,
    size_t n, struct err *err)
{
	const json_t *tmpl = json_object_get(j, "template");
	struct render_opts o;
	struct chatfmt f = { 0 };
	struct prompt p = { 0 };
	struct buf out = { 0 };

	if (read_opts(j, &o))
		return err_set(err, "thinking must be true, false, null, "
		    "\"on\", \"off\" or \"auto\"");
	if (chatfmt_choose(&f, format, json_string_value(tmpl),
	    json_string_length(tmpl), NULL, err))
		return -1;
	chatfmt_set_tokens(&f,
	    json_string_value(json_object_get(j, "bos_token")),
	    json_string_value(json_object_get(j, "eos_token")));
	chatfmt_render_as(&f, m, n, &o, &p);
	prompt_text(&p, &out);
	print_result(&f, out.data ? out.data : "", out.len);
	buf_free(&out);
	prompt_free(&p);
	chatfmt_done(&f);
	return 0;
}

static int
render_line(const char *line, size_t len, const char *format, size_t number,
    struct err *err)
{
	struct err why;
	json_error_t je;
	json_t *j = json_loadb(line, len, 0, &je);
	const json_t *list = json_object_get(j, "messages");
	size_t n = json_array_size(list);
	struct chat_msg *m = xcalloc(n + 1, sizeof *m);
	int r = 0;

	if (!j)
		r = err_set(err, "line %zu is no JSON: %s", number, je.text);
	else if (list && !json_is_array(list))
		r = err_set(err, "line %zu has \"messages\" that are no list",
		    number);
	else if (read_messages(list, m, n))
		r = err_set(err, "line %zu has a message without a known "
		    "role and a text", number);
	else if (render(j, format, m, n, &why))
		r = err_set(err, "line %zu: %s", number, why.text);
	chat_msgs_free(m, n);
	json_decref(j);
	return r;
}

static int
run(const struct tool *t, int argc, char **argv)
{
	struct tool_opts o = { 0 };
	struct err err;
	char *line = NULL;
	size_t cap = 0, number = 0;
	ssize_t n;
	int status, r = 0;

	if (tool_args(t, "F", argc, argv, 0, &o, &status) < 0)
		return status;
	while (r == 0 && (n = getline(&line, &cap, stdin)) > 0)
		r = render_line(line, (size_t)n, o.chat_format, ++number,
		    &err);
	free(line);
	return r ? tool_fail(t, &err) : tool_finish(t);
}

const struct tool tool_render = { "render", "[OPTION] < CONVERSATIONS",
	"Turn lines of {\"template\", \"messages\", \"thinking\"} into prompts",
	"Each line gives {\"format\", \"text\"}; the format is null, and a note "
	"says more,\nwhen the template is not recognised and a plain format is "
	"used.  A \"thinking\" of\ntrue, false or null is what the template is "
	"told, and gives exactly what it\nwould; \"on\", \"off\" or \"auto\" "
	"gives what the chat sends.\n\n"
	"      --chat-format NAME  use this format, or the one in this file\n",
	run };
