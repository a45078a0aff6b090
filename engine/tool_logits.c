/* tool_logits.c -- `fikr-engine logits`: the scores of every position. */
#include "tool.h"

#include <stdio.h>
#include <string.h>

struct out {
	int n_vocab;
};

/* float32 little-endian, whatever the machine's order. */
static void
write_row(int pos, const float *logits, void *ud)
{
	const struct out *o = ud;

	(void)pos;
	for (int i = 0; i < o->n_vocab; i++) {
		uint32_t u;
		unsigned char b[4];

		memcpy(&u, &logits[i], sizeof u);
		for (int k = 0; k < 4; k++)
			b[k] = (unsigned char)(u >> (8 * k));
		fwrite(b, 1, sizeof b, stdout);
	}
}

/* As an answer is written: through the products of single vectors. */
static int
one_by_one(struct session *s, const struct ids *ids, struct out *out,
    struct err *err)
{
	for (size_t i = 0; i < ids->n; i++) {
		if (session_eval(s, ids->v[i], NULL, err))
			return -1;
		write_row((int)i, session_logits(s), out);
	}
	return 0;
}

static int
write_logits(struct engine *e, const struct ids *ids, bool decode,
    struct err *err)
{
	struct out out = { .n_vocab = engine_info(e)->n_vocab };
	int r, train = engine_info(e)->context_train;
	struct session *s;

	if (ids->n > (size_t)train)
		return err_set(err, "%zu tokens are more than the %d that the "
		    "model was trained for", ids->n, train);
	s = session_new(e, (int)ids->n, err);
	if (!s)
		return -1;
	r = decode ? one_by_one(s, ids, &out, err) :
	    session_logits_all(s, ids->v, ids->n, write_row, &out, err);
	session_free(s);
	return r;
}

static int
run(const struct tool *t, int argc, char **argv)
{
	struct tool_opts o = { 0 };
	struct ids ids = { 0 };
	struct err err;
	struct engine *e;
	int status, at = tool_args(t, "tkliD", argc, argv, 1, &o, &status);

	if (at < 0)
		return status;
	if (!o.tokens || tool_ids(o.tokens, &ids)) {
		ids_free(&ids);
		return tool_usage(t, "--tokens needs a list such as 1,2,3.");
	}
	e = tool_open(argv[at], &o, true, &err);
	status = e && write_logits(e, &ids, o.decode, &err) == 0 ? tool_finish(t) :
	    tool_fail(t, &err);
	engine_close(e);
	ids_free(&ids);
	return status;
}

const struct tool tool_logits = { "logits", "[OPTION]... --tokens 1,2,3 MODEL",
	"Write each position's scores as float32 [positions][n_vocab]",
	"      --tokens LIST     the token ids, with commas between\n"
	"      --decode          evaluate one token after the other, as answers\n"
	"                        are, not all at once as prompts\n"
	"      --kv TYPE         keys and values as f16, f32 or q8_0 (f16)\n"
	"      --lora FILE[=X]   apply this adapter, X times as strong (1); may be\n"
	"                        given again for more of them\n"
	"  -t, --threads N       threads (and at most: one a core)\n", run };
