/* engine.c -- see engine.h: opening a model. */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "digest.h"
#include "engine_priv.h"
#include "gguf.h"
#include "lane_store.h"
#include "readrate.h"
#include "utf8.h"
#include "warm.h"

/* Text of the file as one line for people: whole UTF-8, no controls. */
static void
plain_text(struct gstr s, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		int len = utf8_decode(s.p + i, s.n - i, &cp, NULL);
		char c[4];
		int w;

		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			cp = '?';
		w = utf8_encode(cp, c);
		if (n + (size_t)w >= size)
			break;
		memcpy(out + n, c, (size_t)w);
		n += (size_t)w;
		i += (size_t)len;
	}
	out[n] = '\0';
}

/* Tell how far it is; true: nobody wants the rest. */
static bool
tell(int64_t done, int64_t total, void *ud)
{
	const struct engine_opts *o = ud;

	if (o->progress)
		o->progress(done, total, o->ud);
	return o->stop && o->stop(o->ud);
}

/* Whether all of it will stay in memory, with the usual context. */
static void
plan_memory(struct engine *e)
{
	int context = e->m->hp.n_ctx_train;
	struct model_needs needs;

	if (context > CONTEXT_DEFAULT)
		context = CONTEXT_DEFAULT;
	model_needs(e->m, e->kv, context, &needs);
	paging_plan(&needs, memory_available(), &e->paging);
}

/* Begin to read the weights: all, or where not all stay in memory those that
 * every token reads, if at least they do. */
static void
begin_reading(struct engine *e)
{
	plan_memory(e);
	if (e->paging.fits || model_dense_bytes(e->m) <= e->paging.stays)
		e->warm = warm_begin(e->m, e->paging.fits);
}

static int
end_reading(struct engine *e, struct engine_opts *o, struct err *err)
{
	struct warm *w = e->warm;

	e->warm = NULL;
	if (warm_end(w, tell, o))
		return err_set(err, "loading was stopped");
	return gguf_whole(e->g, err);
}

static void
fill_info(struct engine *e)
{
	struct engine_info *i = &e->info;
	const struct hparams *hp = &e->m->hp;
	struct gstr s;

	if (gguf_str(e->g, "general.name", &s) || s.n == 0)
		s = (struct gstr){ "unnamed", 7 };
	plain_text(s, i->name, sizeof i->name);
	s = (struct gstr){ e->m->arch->name, strlen(e->m->arch->name) };
	plain_text(s, i->arch, sizeof i->arch);
	s.p = ttype_name(e->m->main_type);
	s.n = strlen(s.p);
	plain_text(s, i->desc, sizeof i->desc);
	i->n_layer = hp->n_layer;
	i->n_embd = hp->n_embd;
	i->n_head = hp->n_head;
	i->n_head_kv = hp->n_head_kv;
	i->n_vocab = hp->n_vocab;
	i->context_train = hp->n_ctx_train;
	i->n_params = e->m->n_params;
	i->bytes = e->m->bytes;
	i->n_params_active = e->m->n_params_active;
	i->decode_bytes = e->m->decode_bytes;
	i->layer_macs = e->m->layer_macs;
	i->cpu = e->kn->name;
	i->threads = pool_threads(e->pool);
}

/* What is wrong inside a file is said with the file's name before it. */
static int
name_file(struct err *err, const char *path)
{
	struct err why;

	if (!err)
		return -1;
	why = *err;
	return err_set(err, "%.300s: %.700s", path, why.text);
}

static int
open_vocab(struct engine *e, struct err *err)
{
	e->vocab = vocab_new(e->g, err);
	if (!e->vocab)
		return -1;
	return model_check_vocab(e->m, vocab_size(e->vocab), err);
}

static int
open_chat(struct engine *e, const struct engine_opts *o, struct err *err)
{
	struct gstr tmpl = { NULL, 0 };

	gguf_str(e->g, "tokenizer.chat_template", &tmpl);
	e->has_chat = chatfmt_choose(&e->chat, o->chat_format, tmpl.p, tmpl.n,
	    e->vocab, err) == 0;
	return e->has_chat ? 0 : -1;
}

/* A thread that waits for a core while it holds a share of the work makes all
 * others wait, so that more threads than cores are slower than one. */
static int
fit_threads(struct engine *e, int asked)
{
	int cores = pool_cores();

	if (asked <= cores)
		return asked;
	snprintf(e->threads_note, sizeof e->threads_note, "%d threads were "
	    "asked for, but only %d core%s can be used, and more threads than "
	    "that are slower: %d %s at work", asked, cores,
	    cores == 1 ? "" : "s", cores, cores == 1 ? "is" : "are");
	return cores;
}

static int
open_parts(struct engine *e, const char *path, const struct engine_opts *o,
    struct err *err)
{
	struct engine_opts watched = *o;

	e->g = gguf_open(path, err);
	if (!e->g)
		return -1;
	e->m = model_new(e->g, err);
	if (!e->m)
		return name_file(err, path);
	begin_reading(e);
	if (!o->no_vocab && open_vocab(e, err))
		return name_file(err, path);
	/* adapters say their own names */
	if (o->n_lora && model_adapt(e->m, o->lora, o->n_lora, err))
		return -1;
	if (!o->no_vocab && open_chat(e, o, err))
		return -1;
	/* the file's pages stay in memory for a while, too */
	if (e->paging.fits && e->m->bytes <= e->paging.available / 2)
		lane_store_add(e->m, e->kn);
	e->pool = pool_new(fit_threads(e, o->threads), err);
	if (!e->pool)
		return -1;
	return end_reading(e, &watched, err);
}

struct engine *
engine_open(const char *path, const struct engine_opts *o, struct err *err)
{
	struct engine *e = xcalloc(1, sizeof *e);

	e->kn = kern_get(err);
	e->kv = o->kv;
	if (!e->kn || open_parts(e, path, o, err)) {
		engine_close(e);
		return NULL;
	}
	e->stamp = gguf_stamp(e->g);
	fill_info(e);
	return e;
}

static bool
give_up(int64_t done, int64_t total, void *ud)
{
	(void)done;
	(void)total;
	(void)ud;
	return true;
}

void
engine_close(struct engine *e)
{
	if (!e)
		return;
	warm_end(e->warm, give_up, NULL);
	digest_cancel(e->digest_job);
	if (e->has_chat)
		chatfmt_done(&e->chat);
	pool_free(e->pool);
	vocab_free(e->vocab);
	model_free(e->m);
	gguf_close(e->g);
	free(e);
}

const struct engine_info *
engine_info(const struct engine *e)
{
	return &e->info;
}

/* ---- the fingerprint ---- */

void
engine_digest_begin(struct engine *e)
{
	if (e->digest_job || e->digest[0])
		return;
	/* rows that are kept in lanes are not read from the file again */
	e->digest_job = digest_begin(e->g->parts, e->g->n_parts,
	    e->m->lanes != NULL);
}

void
engine_digest_rest(struct engine *e, bool rest)
{
	digest_rest(e->digest_job, rest);
}

/* As much as digest_end and digest_parts ask. */
struct stop { bool (*stop)(void *ud); void *ud; };

static bool
ask_stop(int64_t done, int64_t total, void *ud)
{
	const struct stop *s = ud;

	(void)done;
	(void)total;
	return s->stop && s->stop(s->ud);
}

const char *
engine_digest(struct engine *e, bool (*stop)(void *ud), void *ud)
{
	struct stop s = { stop, ud };
	struct digest_job *job = e->digest_job;
	const struct gguf *g = e->g;

	if (e->digest[0])
		return e->digest;
	e->digest_job = NULL;
	if ((job ? digest_end(job, e->digest, ask_stop, &s) :
	    digest_parts(g->parts, g->n_parts, e->digest, ask_stop, &s)) ||
	    gguf_whole(g, NULL))
		e->digest[0] = '\0';
	return e->digest[0] ? e->digest : NULL;
}

/* ---- what is known of it ---- */

int64_t
engine_kv_bytes(const struct engine *e, int tokens)
{
	struct model_needs needs;

	model_needs(e->m, e->kv, tokens, &needs);
	return needs.kv;
}

#define READ_RUNS 3	/* the best counts */

double
engine_read_rate(struct engine *e)
{
	uint64_t *data;

	/* only where it drives no weights out of memory */
	if (e->read_rate > 0 || !e->paging.fits ||
	    memory_available() < 2 * (int64_t)READRATE_BYTES)
		return e->read_rate;
	data = readrate_data();
	for (int i = 0; data && i < READ_RUNS; i++) {
		double r = readrate_run(e->pool, data);

		if (r > e->read_rate)
			e->read_rate = r;
	}
	free(data);
	return e->read_rate;
}

const struct vocab *
engine_vocab(const struct engine *e)
{
	return e->vocab;
}

const struct chatfmt *
engine_chatfmt(const struct engine *e, struct err *err)
{
	if (e->has_chat)
		return &e->chat;
	err_set(err, "the model was opened without its vocabulary");
	return NULL;
}

const char *
engine_memory_note(const struct engine *e)
{
	return e->paging.note[0] ? e->paging.note : NULL;
}

const char *
engine_threads_note(const struct engine *e)
{
	return e->threads_note[0] ? e->threads_note : NULL;
}
