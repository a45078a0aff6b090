/* tool_inspect.c -- `fikr-engine inspect`: what a model file is, laid out for
 * people; also of one that is damaged or still arriving. */
#include "tool.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat.h"
#include "inspect.h"

/* ---- words for numbers ---- */

struct words { char s[48]; };

static struct words
bytes_words(int64_t n)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB",
		"PiB", "EiB" };
	double v = (double)n / 1024;
	struct words w;
	int i = 0;

	for (; v >= 999.5 && i < 5; i++)
		v /= 1024;
	if (n < 1024)
		snprintf(w.s, sizeof w.s, "%" PRId64 " bytes", n);
	else
		snprintf(w.s, sizeof w.s, "%.*f %s", v < 9.995 ? 2 : v < 99.95,
		    v, units[i]);
	return w;
}

static struct words
count_words(int64_t n)
{
	static const char *const names[] = { "thousand", "million", "billion",
		"trillion" };
	double v = (double)n / 1000;
	struct words w;
	int i = 0;

	for (; v >= 999.5 && i < 3; i++)
		v /= 1000;
	if (n < 10000)
		snprintf(w.s, sizeof w.s, "%" PRId64, n);
	else
		snprintf(w.s, sizeof w.s, "%.*f %s", v < 9.995 ? 2 : v < 99.95,
		    v, names[i]);
	return w;
}

/* "32", or "2 to 8" where layers differ. */
static struct words
range_words(struct range r)
{
	struct words w;

	if (r.lo == r.hi)
		snprintf(w.s, sizeof w.s, "%" PRId64, r.lo);
	else
		snprintf(w.s, sizeof w.s, "%" PRId64 " to %" PRId64, r.lo,
		    r.hi);
	return w;
}

/* ---- lines ---- */

static void
label(const char *s)
{
	printf("  %-14s ", s);
}

static void
line(const char *name, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
line(const char *name, const char *fmt, ...)
{
	va_list ap;

	label(name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

static void
line_str(const char *name, const struct gguf *g, const char *key)
{
	struct gstr s;

	if (gguf_str(g, key, &s) < 0)
		return;
	label(name);
	inspect_text(s.p, s.n);
	putchar('\n');
}

/* A fact in the middle of a line, where the file says it. */
static void
more(const struct facts *f, const char *before, const char *key,
    const char *after)
{
	struct range r = facts_range(f->g, key);

	if (r.lo >= 0)
		printf("%s%s%s", before, range_words(r).s, after);
}

/* ---- the file ---- */

static void
put_path(const struct facts *f, int i)
{
	const struct gpart *p = &f->g->parts[i];

	label(i == 0 ? "file" : "");
	inspect_text(p->path, strlen(p->path));
	if (i > 0 && !p->map)
		fputs(", missing", stdout);
	putchar('\n');
}

static void
put_file(const struct facts *f)
{
	int64_t there = f->g->file_bytes;

	for (int i = 0; i < f->g->n_parts; i++)
		put_path(f, i);
	label("size");
	if (f->want > there)
		printf("%s of %s are there (%" PRId64 " of %" PRId64
		    " bytes)", bytes_words(there).s, bytes_words(f->want).s,
		    there, f->want);
	else
		printf("%s%s", bytes_words(there).s, f->want < 0 ?
		    ", but that is not all of it" : "");
	printf(", GGUF version %d\n", f->g->version);
}

/* ---- the model ---- */

static void
put_layers(const struct facts *f)
{
	if (facts_range(f->g, "block_count").lo < 0)
		return;
	label("layers");
	more(f, "", "block_count", "");
	more(f, ", ", "embedding_length", " wide");
	more(f, ", feed-forward ", "feed_forward_length", " wide");
	if (facts_range(f->g, "leading_dense_block_count").lo > 0)
		more(f, "; without experts the first ",
		    "leading_dense_block_count", "");
	putchar('\n');
}

/* Where it is not said, the heads share the width; of a latent attention the
 * plain key is the latent's. */
static void
put_head_width(const struct facts *f)
{
	struct range heads = facts_range(f->g, "attention.head_count");
	struct range width = facts_range(f->g, "embedding_length");

	if (facts_range(f->g, "attention.key_length_mla").lo >= 0)
		more(f, " of ", "attention.key_length_mla", "");
	else if (facts_range(f->g, "attention.key_length").lo >= 0)
		more(f, " of ", "attention.key_length", "");
	else if (heads.lo > 0 && heads.lo == heads.hi && width.lo > 0)
		printf(" of %" PRId64, width.lo / heads.lo);
}

static void
put_heads(const struct facts *f)
{
	bool latent = facts_range(f->g, "attention.kv_lora_rank").lo > 0;

	if (facts_range(f->g, "attention.head_count").lo < 0)
		return;
	label("heads");
	more(f, "", "attention.head_count", "");
	put_head_width(f);
	if (latent)
		more(f, ", from a latent of ", "attention.kv_lora_rank", "");
	else
		more(f, ", ", "attention.head_count_kv",
		    " for keys and values");
	more(f, ", a window of ", "attention.sliding_window", " tokens");
	putchar('\n');
}

static void
put_experts(const struct facts *f)
{
	if (facts_range(f->g, "expert_count").hi <= 0)
		return;
	label("experts");
	more(f, "", "expert_count", "");
	more(f, ", ", "expert_used_count", " at a time");
	more(f, ", and ", "expert_shared_count", " shared");
	more(f, ", ", "expert_feed_forward_length", " wide");
	putchar('\n');
}

static void
put_parameters(const struct facts *f)
{
	if (f->g->n_tensors == 0)
		return;
	label("parameters");
	fputs(count_words(f->n_params).s, stdout);
	if (f->n_active != f->n_params)
		printf(", %s of them active for a token",
		    count_words(f->n_active).s);
	putchar('\n');
}

static void
put_model(const struct facts *f)
{
	struct range context = facts_range(f->g, "context_length");
	double alpha;

	line_str("name", f->g, "general.name");
	line_str("architecture", f->g, "general.architecture");
	if (f->adapter)
		line_str("adapter", f->g, "adapter.type");
	if (f->adapter && gguf_float(f->g, "adapter.lora.alpha", &alpha) == 0)
		line("alpha", "%g", alpha);
	put_parameters(f);
	put_layers(f);
	put_heads(f);
	put_experts(f);
	if (context.lo >= 0)
		line("context", "%s tokens", range_words(context).s);
}

static void
put_types(const struct facts *f)
{
	if (f->n_types == 0)
		return;
	puts("\nTensors");
	for (int i = 0; i < f->n_types; i++) {
		const struct type_fact *t = &f->types[i];

		line(ttype_name(t->id), "%6" PRId64 " tensors  %10s",
		    t->tensors, t->bytes ? bytes_words(t->bytes).s : "?");
	}
}

/* ---- what is said to it ---- */

static int64_t
length(const struct gguf *g, const char *key)
{
	const struct gkv *kv = gguf_find(g, key);

	return kv != NULL && kv->type == GT_ARR ? (int64_t)kv->n : -1;
}

static void
put_mark(const struct facts *f, const struct mark *m)
{
	label(m->name);
	printf("%" PRId64, m->id);
	if (m->text.p != NULL) {
		fputs(" \"", stdout);
		inspect_text(m->text.p, m->text.n);
		putchar('"');
	}
	if (strcmp(m->name, "bos") == 0 && f->v != NULL)
		fputs(vocab_add_bos(f->v) ? ", put before every text" :
		    ", not put before texts", stdout);
	putchar('\n');
}

static void
put_tokenizer(const struct facts *f)
{
	int64_t n = length(f->g, "tokenizer.ggml.tokens");
	int64_t merges = length(f->g, "tokenizer.ggml.merges");
	struct gstr s;

	if (gguf_str(f->g, "tokenizer.ggml.model", &s) < 0 && n < 0)
		return;
	puts("\nTokenizer");
	line_str("model", f->g, "tokenizer.ggml.model");
	line_str("splits as", f->g, "tokenizer.ggml.pre");
	if (merges >= 0)
		line("tokens", "%" PRId64 ", %" PRId64 " merges", n, merges);
	else if (n >= 0)
		line("tokens", "%" PRId64, n);
	for (int i = 0; i < f->n_marks; i++)
		put_mark(f, &f->marks[i]);
}

static void
put_chat(const struct facts *f)
{
	if (!f->has_chat)
		return;
	puts("\nChat");
	line("format", "%s", f->chat.name);
	if (f->chat.think_open != NULL && f->chat.think_close != NULL)
		line("thinking", "from %s to %s", f->chat.think_open,
		    f->chat.think_close);
	if (f->chat.note != NULL)
		line("note", "%s", f->chat.note);
}

/* ---- all ---- */

static void
put_memory(const struct facts *f)
{
	const struct model_needs *n = &f->needs;

	if (f->m == NULL)
		return;
	printf("\nMemory, for %d tokens in a cache of %s\n", f->context,
	    kv_type_name(f->kv));
	line("weights", "%10s", bytes_words(n->dense).s);
	if (n->experts > 0)
		line("experts", "%10s, read from the file as needed",
		    bytes_words(n->experts).s);
	line("cache", "%10s", bytes_words(n->kv).s);
	line("work", "%10s", bytes_words(n->work).s);
	line("together", "%10s", bytes_words(n->dense + n->experts + n->kv +
	    n->work).s);
	line("there now", "%10s", bytes_words(f->paging.available).s);
	if (*f->paging.note)
		line("note", "%s", f->paging.note);
}

void
inspect_people(const struct facts *f)
{
	put_file(f);
	put_model(f);
	put_types(f);
	put_tokenizer(f);
	put_chat(f);
	put_memory(f);
	if (f->wrong.n > 0)
		putchar('\n');
	for (size_t i = 0; i < f->wrong.n; i++)
		printf("wrong: %s\n", f->wrong.v[i]);
	if (f->wrong.more > 0)
		printf("wrong: and %zu more of the kind\n", f->wrong.more);
}

static void
put_all(const struct facts *f, const struct tool_opts *o)
{
	if (o->json) {
		inspect_json(f);
		return;
	}
	inspect_people(f);
	if (o->metadata)
		puts("\nMetadata");
	if (o->metadata)
		inspect_metadata(f->g);
	if (o->tensors)
		puts("\nAll tensors");
	if (o->tensors)
		inspect_tensors(f->g);
}

static int
run(const struct tool *t, int argc, char **argv)
{
	struct tool_opts o = { .context = 4096 };
	struct facts f;
	struct err err;
	int status, at = tool_args(t, "ackMj", argc, argv, 1, &o, &status);

	if (at < 0)
		return status;
	if (o.json && (o.metadata || o.tensors))
		return tool_usage(t, "--json goes without --metadata and "
		    "--tensors");
	if (facts_read(&f, argv[at], o.context, o.kv, &err) < 0)
		return tool_fail(t, &err);
	put_all(&f, &o);
	status = tool_finish(t);
	if (f.wrong.n > 0)
		status = 1;
	facts_done(&f);
	return status;
}

const struct tool tool_inspect = { "inspect", "[OPTION]... MODEL",
	"Show what a model file is, also one that is not all there",
	"  -c, --context=N       memory for N tokens (default 4096)\n"
	"      --kv=TYPE         and a cache of f16 (default), f32 or q8_0\n"
	"  -m, --metadata        list the metadata, too\n"
	"  -a, --tensors         list every tensor, too\n"
	"      --json            as JSON (docs/inspect.md)\n"
	"The exit status is 1 when something is wrong or missing.\n", run };
