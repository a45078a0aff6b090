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

static enum thinking
read_thinking(const json_t *j)
{
	if (json_is_true(j))
		return THINKING_ON;
	return json_is_false(j) ? THINKING_OFF : THINKING_AUTO;
}

static void
print_result(const char *format, const char *text, size_t n)
{
	json_t *j = json_object();
	char *s;

	json_object_set_new(j, "format", format ? json_string(format) :
	    json_null());
	json_object_set_new(j, "text", text ? json_stringn(text, n) :
	    json_null());
	s = json_dumps(j, JSON_COMPACT);
	puts(s ? s : "{}");
	free(s);
	json_decref(j);
}

static void
render(const json_t *j, const struct chat_msg *m, size_t n)
{
	const json_t *tmpl = json_object_get(j, "template");
	struct chatfmt f = { 0 };
	struct prompt p = { 0 };
	struct buf out = { 0 };

	if (chatfmt_detect(&f, json_string_value(tmpl),
	    json_string_length(tmpl), NULL, NULL)) {
		print_result(NULL, NULL, 0);
		return;
	}
	chatfmt_render(&f, m, n, read_thinking(json_object_get(j,
	    "thinking")), &p);
	prompt_text(&p, &out);
	print_result(f.name, out.data ? out.data : "", out.len);
	buf_free(&out);
	prompt_free(&p);
	chatfmt_done(&f);
}

static int
render_line(const char *line, size_t len, size_t number, struct err *err)
{
	json_error_t je;
	json_t *j = json_loadb(line, len, 0, &je);
	const json_t *list = json_object_get(j, "messages");
	size_t n = json_array_size(list);
	struct chat_msg *m = xcalloc(n + 1, sizeof *m);
	int r = 0;

	if (!j)
		r = err_set(err, "line %zu is no JSON: %s", number, je.text);
	else if (read_messages(list, m, n))
		r = err_set(err, "line %zu has a message without a known "
		    "role and a text", number);
	else
		render(j, m, n);
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

	if (tool_args(t, "", argc, argv, 0, &o, &status) < 0)
		return status;
	while (r == 0 && (n = getline(&line, &cap, stdin)) > 0)
		r = render_line(line, (size_t)n, ++number, &err);
	free(line);
	return r ? tool_fail(t, &err) : tool_finish(t);
}

const struct tool tool_render = { "render", "< CONVERSATIONS",
	"Turn lines of {\"template\", \"messages\", \"thinking\"} into prompts",
	"Each line gives {\"format\", \"text\"}; the format is null when the "
	"template is\nnot recognised.\n\n", run };
