/* forward_memory.c -- the working memory of a forward pass: how much, and
 * making and giving it back. */
#include "forward.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "attn.h"
#include "moe.h"
#include "num.h"

#define WIDE 1024		/* n_embd from which prompts are in 8 bits */

/* ---- memory ---- */

/* The widest vector that any product takes. */
static int
widest(const struct hparams *hp)
{
	int n = max_int(hp->n_embd, hp->n_head * max_int(hp->dk, hp->dv));

	n = max_int(n, max_int(hp->n_ff, hp->moe.n_ff_shared));
	n = max_int(n, max_int(hp->moe.n_ff, hp->mla.q_rank));
	return max_int(n, hp->mla.kv_rank);
}

static size_t
scratch_floats(const struct hparams *hp, int batch)
{
	size_t n = linear_scratch(widest(hp), batch);
	size_t attn = attn_scratch(hp), moe = moe_scratch(hp, batch);

	n = n > attn ? n : attn;
	return n > moe ? n : moe;
}

/* An array of the pass: a row for each token of a batch. */
struct room {
	float **at;
	int width;
};
#define ROOMS 8

static void
rooms(struct forward *f, const struct hparams *hp, struct room r[ROOMS])
{
	bool latent = hp->mla.kv_rank > 0;
	const struct room all[ROOMS] = {
		{ &f->x, hp->n_embd }, { &f->xn, hp->n_embd },
		{ &f->q, hp->n_head * hp->dk }, { &f->q_a, hp->mla.q_rank },
		{ &f->k, latent ? hp->mla.kv_rank + hp->rope.n_rot :
		    hp->n_head_kv * hp->dk },
		{ &f->v, latent ? 0 : hp->n_head_kv * hp->dv },
		{ &f->att, hp->n_head * hp->dv },
		{ &f->ff, max_int(hp->n_ff, hp->moe.n_ff_shared) },
	};

	memcpy(r, all, sizeof all);
}

/* How prompts are read: through panels, in 8 bits as answers are written; in
 * narrow models, where the rounding shows, with what it took added where it
 * matters, or in F32.  That to BF16, on tiles, is finer, and for all models.
 * FIKR_PANELS=on, fine or off decides for all, for tests and measurements. */
enum reading { READ_F32, READ_FINE, READ_PANELS };

static enum reading
reading(const struct forward *f)
{
	const struct hparams *hp = &f->m->hp;
	const struct kern *kn = f->env.kn;
	const char *told = getenv("FIKR_PANELS");
	/* those of experts are multiplied but once */
	bool can_add = kn->tile && !kn->tiles && hp->moe.n_expert == 0;

	if (!kn->tile || (told && strcmp(told, "off") == 0))
		return READ_F32;
	if (told && strcmp(told, "fine") == 0 && can_add)
		return READ_FINE;
	if (kn->tiles || hp->n_embd >= WIDE ||
	    (told && strcmp(told, "on") == 0))
		return READ_PANELS;
	return can_add ? READ_FINE : READ_F32;
}

static int
alloc_buffers(struct forward *f, int threads)
{
	const struct hparams *hp = &f->m->hp;
	size_t b = (size_t)f->batch;
	struct room r[ROOMS];
	enum reading how = reading(f);
	bool ok = true;

	rooms(f, hp, r);
	for (int i = 0; i < ROOMS; i++) {
		*r[i].at = calloc(b, (size_t)max_int(r[i].width, 1) *
		    sizeof(float));
		ok = ok && *r[i].at;
	}
	f->logits = calloc((size_t)hp->n_vocab, sizeof *f->logits);
	f->state = calloc(b * (size_t)hp->n_head, sizeof *f->state);
	f->parts = calloc(attn_parts(hp) + 1, sizeof *f->parts);
	f->scratch = xcalloc((size_t)threads, sizeof *f->scratch);
	f->inputs = xcalloc((size_t)threads, sizeof *f->inputs);
	for (int i = 0; i < threads; i++) {
		f->scratch[i] = calloc(scratch_floats(hp, f->batch),
		    sizeof(float));
		ok = few_init(&f->inputs[i], 1, widest(hp)) &&
		    f->scratch[i] && ok;
	}
	ok = few_init(&f->input, min_int(f->batch, FEW_MAX), widest(hp)) &&
	    ok;
	if (how != READ_F32) {
		ok = act_rows_init(&f->x8, f->env.kn, f->batch,
		    widest(hp)) == 0 && ok;
		f->env.x8 = &f->x8;
	}
	if (how == READ_FINE)
		ok = act_rows_refine(&f->x8, f->env.kn, f->batch,
		    widest(hp)) == 0 && ok;
	ok = moe_init(&f->moe, f->env.kn, hp, f->batch,
	    how != READ_F32) == 0 && ok;
	return ok && f->logits && f->state && f->parts ? 0 : -1;
}

/* Rows that a sliding layer keeps: its window, a batch, and some that may be
 * taken back without reading everything again. */
static int
ring_rows(const struct hparams *hp, int context)
{
	int64_t rows = 2 * (int64_t)hp->window + FORWARD_BATCH;

	return rows < context ? (int)rows : context;
}

static void
kv_specs(const struct model *m, int context, struct kv_spec *s)
{
	const struct hparams *hp = &m->hp;
	int rank = hp->mla.kv_rank;

	for (int il = 0; il < hp->n_layer; il++) {
		s[il] = (struct kv_spec){ .n_head = hp->n_head_kv,
			.dk = hp->dk, .dv = hp->dv, .rows = context };
		if (m->layers[il].sliding)
			s[il].rows = ring_rows(hp, context);
		if (rank)
			s[il] = (struct kv_spec){ .n_head = 1,
				.dk = rank + hp->rope.n_rot, .dv = rank,
				.shared = true, .rows = context };
	}
}

static int
init_cache(struct forward *f, enum kv_type kv, int context, struct err *err)
{
	const struct hparams *hp = &f->m->hp;
	struct kv_spec *s = xcalloc((size_t)hp->n_layer, sizeof *s);
	int r;

	kv_specs(f->m, context, s);
	r = kv_init(&f->kv, kv, s, hp->n_layer, err);
	free(s);
	if (r || rope_init(&f->rope, &hp->rope, f->m->rope_freqs, context,
	    err))
		return -1;
	return hp->window ? rope_init(&f->rope_sliding, &hp->rope_sliding,
	    NULL, context, err) : 0;
}

/* Products on tiles take so little that unpacking the weights, once a batch,
 * weighs on them: the batches are longer there. */
static int
batch_rows(const struct kern *kn)
{
	return kn->tiles ? FORWARD_BATCH : FORWARD_BATCH / 2;
}

int
forward_init(struct forward *f, const struct model *m, const struct kern *kn,
    struct pool *pool, enum kv_type kv, int context, bool paged,
    struct err *err)
{
	*f = (struct forward){ .m = m, .env = { .pool = pool, .kn = kn },
		.context = context, .ring = ring_rows(&m->hp, context),
		.paged = paged, .batch = min_int(context, batch_rows(kn)) };
	if (alloc_buffers(f, pool_threads(pool))) {
		forward_done(f);
		return err_set(err, "not enough memory to compute with this "
		    "model; close other programs or take a smaller model");
	}
	f->env.scratch = f->scratch;
	profile_init(&f->profile);
	if (init_cache(f, kv, context, err)) {
		forward_done(f);
		return -1;
	}
	return 0;
}

void
forward_done(struct forward *f)
{
	int threads = f->scratch ? pool_threads(f->env.pool) : 0;
	struct room r[ROOMS];

	if (!f->m)
		return;
	profile_print(&f->profile);
	kv_done(&f->kv);
	rope_done(&f->rope);
	rope_done(&f->rope_sliding);
	rooms(f, &f->m->hp, r);
	for (int i = 0; i < ROOMS; i++)
		free(*r[i].at);
	for (int i = 0; i < threads; i++) {
		free(f->scratch[i]);
		few_done(&f->inputs[i]);
	}
	few_done(&f->input);
	act_rows_done(&f->x8);
	moe_done(&f->moe, &f->m->hp);
	free(f->scratch);
	free(f->inputs);
	free(f->state);
	free(f->parts);
	free(f->logits);
	*f = (struct forward){ 0 };
}

void
model_needs(const struct model *m, enum kv_type kv, int context,
    struct model_needs *out)
{
	const struct hparams *hp = &m->hp;
	struct kv_spec *s = xcalloc((size_t)hp->n_layer, sizeof *s);
	struct forward none = { 0 };
	struct room r[ROOMS];
	int batch = min_int(context, FORWARD_BATCH);
	int64_t floats = hp->n_vocab + moe_floats(hp, batch) +
	    (int64_t)context * hp->rope.n_rot * (hp->window ? 2 : 1) +
	    (int64_t)scratch_floats(hp, batch) + (int64_t)attn_parts(hp);

	rooms(&none, hp, r);
	for (int i = 0; i < ROOMS; i++)
		floats += (int64_t)batch * r[i].width;
	kv_specs(m, context, s);
	*out = (struct model_needs){
		.dense = model_dense_bytes(m),
		.experts = m->expert_bytes,
		.kv = kv_bytes(kv, s, hp->n_layer),
		.work = floats * (int64_t)sizeof(float) + m->own_bytes };
	free(s);
}
