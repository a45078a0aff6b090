/* tool_perplexity.c -- `fikr-engine perplexity`: how well a model predicts a
 * text.
 *
 * The text is cut into windows of n_ctx tokens; in each, the tokens of the
 * second half are scored, so that each has at least half a window before it.
 * The figure is exp of the mean negative log-likelihood, as llama.cpp's tool
 * of this name gives it. */
#include "tool.h"

#include <math.h>
#include <stdio.h>

struct score {
	const int32_t *tok;	/* the window */
	int n_ctx, n_vocab;
	double nll;
	int64_t n;
};

static double
log_likelihood(const float *logits, int n, int tok)
{
	double sum = 0.0;
	float max = logits[0];

	for (int i = 1; i < n; i++)
		if (logits[i] > max)
			max = logits[i];
	for (int i = 0; i < n; i++)
		sum += expf(logits[i] - max);
	return logits[tok] - max - log(sum);
}

static void
score_row(int pos, const float *logits, void *ud)
{
	struct score *s = ud;

	if (pos < s->n_ctx / 2 || pos > s->n_ctx - 2)
		return;
	s->nll -= log_likelihood(logits, s->n_vocab, s->tok[pos + 1]);
	s->n++;
}

static int
score_windows(struct engine *e, struct ids *ids, int n_ctx, double *ppl,
    struct err *err)
{
	const struct vocab *v = engine_vocab(e);
	struct score sc = { .n_ctx = n_ctx,
		.n_vocab = engine_info(e)->n_vocab };
	int windows = (int)(ids->n / (size_t)n_ctx), r = 0;
	struct session *s = session_new(e, n_ctx, err);

	if (!s)
		return -1;
	for (int w = 0; r == 0 && w < windows; w++) {
		int32_t *tok = ids->v + (size_t)w * (size_t)n_ctx;

		if (vocab_add_bos(v) && vocab_bos(v) >= 0)
			tok[0] = vocab_bos(v);
		sc.tok = tok;
		r = session_logits_all(s, tok, (size_t)n_ctx, score_row, &sc,
		    err);
		*ppl = exp(sc.nll / (double)sc.n);
		if (r == 0)
			fprintf(stderr, "window %d of %d: %.4f\n", w + 1,
			    windows, *ppl);
	}
	session_free(s);
	return r;
}

static int
perplexity(struct engine *e, const char *path, int n_ctx, struct err *err)
{
	const struct vocab *v = engine_vocab(e);
	struct buf text = { 0 };
	struct ids ids = { 0 };
	double ppl = 0.0;
	int r = tool_read_file(path, &text, err);

	if (r == 0 && vocab_add_bos(v) && vocab_bos(v) >= 0)
		ids_add(&ids, vocab_bos(v));
	if (r == 0)
		r = vocab_encode(v, text.data ? text.data : "", text.len,
		    false, &ids, err);
	if (r == 0 && ids.n < (size_t)n_ctx)
		r = err_set(err, "%s has %zu tokens, less than one window of "
		    "%d", path, ids.n, n_ctx);
	if (r == 0)
		r = score_windows(e, &ids, n_ctx, &ppl, err);
	if (r == 0)
		printf("%.4f\n", ppl);
	ids_free(&ids);
	buf_free(&text);
	return r;
}

static int
run(const struct tool *t, int argc, char **argv)
{
	struct tool_opts o = { .context = 512 };
	struct err err;
	struct engine *e;
	int status, at = tool_args(t, "tklc", argc, argv, 2, &o, &status);

	if (at < 0)
		return status;
	if (o.context < 4)
		return tool_usage(t, "a window needs at least 4 tokens");
	e = tool_open(argv[at], &o, false, &err);
	status = e && perplexity(e, argv[at + 1], o.context, &err) == 0 ?
	    tool_finish(t) : tool_fail(t, &err);
	engine_close(e);
	return status;
}

const struct tool tool_perplexity = { "perplexity", "[OPTION]... MODEL FILE",
	"Tell how well the model predicts a text (less is better)",
	"  -c, --context N       tokens in a window; its second half is scored "
	"(512)\n"
	"      --kv TYPE         keys and values as f16, f32 or q8_0 (f16)\n"
	"      --lora FILE[=X]   apply this adapter, X times as strong (1); may be\n"
	"                        given again for more of them\n"
	"  -t, --threads N       threads (and at most: one a core)\n", run };
