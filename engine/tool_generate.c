/* tool_generate.c -- `fikr-engine generate`: continue a text, without any
 * chat format. */
#include "tool.h"

#include <stdio.h>
#include <string.h>

#include "chat.h"
#include "sampler.h"
#include "utf8.h"

static void
put_text(struct utf8_join *j, const struct vocab *v, int tok)
{
	struct buf out = { 0 };
	size_t n;
	const char *s = vocab_piece(v, tok, false, &n);

	if (n > 0)
		utf8_join_put(j, s, n, &out);
	/* what a model writes must not steer a terminal */
	for (size_t i = 0; i < out.len; i++) {
		unsigned char c = (unsigned char)out.data[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			out.data[i] = '?';
		else if (c == 0xc2 && i + 1 < out.len &&
		    (unsigned char)out.data[i + 1] < 0xa0)
			out.data[i] = out.data[i + 1] = '?';
	}
	if (out.len)
		fwrite(out.data, 1, out.len, stdout);
	fflush(stdout);
	buf_free(&out);
}

static int
go_on(struct session *s, const struct vocab *v, struct sampler *sm, int n,
    struct err *err)
{
	struct utf8_join join = { 0 };

	while (n-- > 0) {
		int tok = sampler_pick(sm, session_logits(s));

		if (tok < 0)
			return err_set(err, "the model gives no usable scores; "
			    "the file is damaged");
		if (vocab_is_eog(v, tok))
			break;
		put_text(&join, v, tok);
		sampler_accept(sm, tok);
		if (n > 0 && session_eval(s, tok, NULL, err))
			return -1;
	}
	putchar('\n');
	return 0;
}

static int
generate(struct engine *e, const char *text, const struct tool_opts *o,
    struct err *err)
{
	const struct vocab *v = engine_vocab(e);
	struct sampling sp = sampling_default();
	struct ids ids = { 0 };
	struct session *s = session_new(e, o->context, err);
	struct sampler *sm;
	int r = s ? 0 : -1;

	sp.temperature = o->temp;
	sp.seed = o->seed;
	sp.repeat_penalty = 1.0f;
	sm = sampler_for(&sp, v);
	if (vocab_add_bos(v) && vocab_bos(v) >= 0)
		ids_add(&ids, vocab_bos(v));
	if (r == 0)
		r = vocab_encode(v, text, strlen(text), o->special, &ids, err);
	if (r == 0)
		r = session_sync(s, ids.v, ids.n, NULL, NULL, err);
	if (r == 0)
		r = go_on(s, v, sm, o->n_predict, err);
	sampler_free(sm);
	session_free(s);
	ids_free(&ids);
	return r;
}

static int
run(const struct tool *t, int argc, char **argv)
{
	struct tool_opts o = { .n_predict = 128,
		.temp = 0.6f };
	struct err err;
	struct engine *e;
	int status, at = tool_args(t, "tklcnTsS", argc, argv, 2, &o, &status);

	if (at < 0)
		return status;
	e = tool_open(argv[at], &o, false, &err);
	status = e && generate(e, argv[at + 1], &o, &err) == 0 ?
	    tool_finish(t) : tool_fail(t, &err);
	engine_close(e);
	return status;
}

const struct tool tool_generate = { "generate", "[OPTION]... MODEL TEXT",
	"Continue a text",
	"  -n, --predict N       tokens at most (128)\n"
	"      --temp T          temperature; 0 takes the most likely token "
	"(0.6)\n"
	"  -s, --seed N          seed of the choices; 0 takes the clock (0)\n"
	"      --special         recognise special tokens in TEXT\n"
	"  -c, --context N       room for tokens (the model's, at most 8192)\n"
	"      --kv TYPE         keys and values as f16, f32 or q8_0 (f16)\n"
	"      --lora FILE[=X]   apply this adapter, X times as strong (1); may be\n"
	"                        given again for more of them\n"
	"  -t, --threads N       threads (and at most: one a core)\n", run };
