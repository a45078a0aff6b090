/* tool_tokenize.c -- `fikr-engine tokenize`: text to token ids, JSON lines in
 * and out. */
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

static int
encode_line(const struct vocab *v, const char *line, size_t n, size_t number,
    struct err *err)
{
	json_error_t je;
	json_t *j = json_loadb(line, n, JSON_ALLOW_NUL, &je);
	json_t *text = json_object_get(j, "text");
	struct ids ids = { 0 };
	int r = 0;

	if (!j)
		err_set(err, "line %zu is no JSON: %s", number, je.text);
	else if (!json_is_string(text))
		err_set(err, "line %zu has no string \"text\"", number);
	else
		r = 1;
	if (r == 0 || vocab_encode(v, json_string_value(text),
	    json_string_length(text),
	    json_is_true(json_object_get(j, "special")), &ids, err)) {
		json_decref(j);
		ids_free(&ids);
		return -1;
	}
	putchar('[');
	for (size_t i = 0; i < ids.n; i++)
		printf("%s%d", i ? "," : "", (int)ids.v[i]);
	puts("]");
	json_decref(j);
	ids_free(&ids);
	return 0;
}

static int
encode_all(const struct vocab *v, struct err *err)
{
	char *line = NULL;
	size_t cap = 0, number = 0;
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = getline(&line, &cap, stdin)) > 0)
		r = encode_line(v, line, (size_t)n, ++number, err);
	free(line);
	if (r == 0 && ferror(stdin))
		r = err_set(err, "cannot read standard input");
	return r;
}

static int
run(const struct tool *t, int argc, char **argv)
{
	struct tool_opts o = { 0 };
	struct err err;
	struct gguf *g;
	struct vocab *v;
	int status, at = tool_args(t, "", argc, argv, 1, &o, &status);

	if (at < 0)
		return status;
	/* only the vocabulary is read: the file may hold nothing else */
	g = gguf_open(argv[at], &err);
	v = g ? vocab_new(g, &err) : NULL;
	status = v && encode_all(v, &err) == 0 ? tool_finish(t) :
	    tool_fail(t, &err);
	vocab_free(v);
	gguf_close(g);
	return status;
}

const struct tool tool_tokenize = { "tokenize", "MODEL",
	"Turn lines of {\"text\", \"special\"} into arrays of "
	"token ids",
	"No BOS is added.  \"special\": true recognises special tokens in the "
	"text.\n\n", run };
