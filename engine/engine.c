/* engine.c -- see engine.h: opening a model. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "digest.h"
#include "engine_priv.h"
#include "gguf.h"
#include "lane_store.h"
#include "utf8.h"

#define TOUCH ((int64_t)4 << 20)	/* bytes between reports of progress */

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

/* Bring the weights into memory, so that the first token does not wait for
 * the disk: all, or where not all fit those that every token reads.  -1:
 * stopped. */
static int
touch(const struct engine *e, struct engine_opts *o)
{
	const struct model *m = e->m;
	int64_t page = sysconf(_SC_PAGESIZE), done = 0;
	int64_t total = model_dense_bytes(m) +
	    (e->paging.fits ? m->expert_bytes : 0);

	for (size_t i = 0; i < m->g->n_tensors; i++) {
		const struct tensor *t = &m->g->tensors[i];
		const volatile uint8_t *p = t->data;
		enum tensor_use use = model_use(m, t);

		if (use == USE_NEVER ||
		    (use == USE_CHOSEN && !e->paging.fits))
			continue;
		paging_fetch(t->data, t->bytes);
		for (int64_t at = 0; at < t->bytes; at += page) {
			(void)p[at];
			if (at % TOUCH == 0 && tell(done + at, total, o))
				return -1;
		}
		done += t->bytes;
	}
	return tell(total, total, o) ? -1 : 0;
}

static int
read_all(struct engine *e, struct engine_opts *o, struct err *err)
{
	const struct gguf *g = e->g;
	bool worth = e->paging.fits ||
	    model_dense_bytes(e->m) <= e->paging.stays;
	struct digest_job *job = e->digest;
	int r;

	e->digest = NULL;
	r = job ? digest_end(job, e->info.digest, tell, o) :
	    digest_parts(g->parts, g->n_parts, e->info.digest, tell, o);
	/* the digest of whole files touches every page already */
	if (r < 0 || (worth && g->file_bytes > DIGEST_WHOLE && touch(e, o) < 0))
		return err_set(err, "loading was stopped");
	return gguf_whole(g, err);
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

static int
open_parts(struct engine *e, const char *path, const struct engine_opts *o,
    struct err *err)
{
	struct engine_opts watched = *o;

	e->g = gguf_open(path, err);
	if (!e->g)
		return -1;
	e->digest = digest_begin(e->g->parts, e->g->n_parts);
	e->m = model_new(e->g, err);
	if (!e->m || (!o->no_vocab && open_vocab(e, err)))
		return name_file(err, path);
	/* adapters say their own names */
	if (o->n_lora && model_adapt(e->m, o->lora, o->n_lora, err))
		return -1;
	if (!o->no_vocab && open_chat(e, o, err))
		return -1;
	plan_memory(e);
	/* the file's pages stay in memory for a while, too */
	if (e->paging.fits && e->m->bytes <= e->paging.available / 2)
		lane_store_add(e->m, e->kn);
	e->pool = pool_new(o->threads, err);
	if (!e->pool)
		return -1;
	return read_all(e, &watched, err);
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
	fill_info(e);
	return e;
}

void
engine_close(struct engine *e)
{
	if (!e)
		return;
	digest_cancel(e->digest);
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

int64_t
engine_kv_bytes(const struct engine *e, int tokens)
{
	struct model_needs needs;

	model_needs(e->m, e->kv, tokens, &needs);
	return needs.kv;
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
