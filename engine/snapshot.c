/* snapshot.c -- what is in a snapshot's file, see snapshot_priv.h. */
#include "snapshot.h"

#include <stdio.h>
#include <string.h>

#include "kern_panel.h"
#include "num.h"
#include "snapshot_priv.h"

#define CHUNK_BYTES (256 << 10)		/* of rows: what a near cache holds */

const char snapshot_magic[8] = "fikr kv";

/* ---- what must be the same ---- */

/* The shapes of all layers' rows, and which of them slide. */
static uint64_t
shape_sum(const struct session *s)
{
	struct sum64 sum;

	sum64_init(&sum);
	for (int il = 0; il < s->f.kv.n_layer; il++) {
		const struct kv_layer *l = &s->f.kv.layers[il];
		const uint64_t shape[] = { (uint64_t)l->s.n_head,
			(uint64_t)l->s.dk, (uint64_t)l->s.dv, l->s.shared,
			l->k_row, l->v_row, s->e->m->layers[il].sliding };

		sum64_add(&sum, shape, sizeof shape);
	}
	return sum64_end(&sum);
}

/* How prompts are multiplied (forward_memory.c). */
static const char *
reading(const struct forward *f)
{
	return !f->env.x8 ? "f32" : f->env.x8->rest ? "fine" : "panels";
}

/* Everything that bits hang on.  The size of the context is none of it, but
 * where it bounds what sliding layers keep. */
void
snapshot_head(struct snapshot_head *h, const struct session *s,
    const char *digest)
{
	const struct engine *e = s->e;

	memset(h, 0, sizeof *h);	/* what is between members, too */
	memcpy(h->magic, snapshot_magic, sizeof h->magic);
	h->version = SNAPSHOT_VERSION;
	h->order = 0x01020304;
	h->n_vocab = e->m->hp.n_vocab;
	h->stamp = e->stamp;
	snprintf(h->digest, sizeof h->digest, "%s", digest);
	snprintf(h->identity, sizeof h->identity, "fikr %s; %s, %d layers, "
	    "rows %016llx in %s, ring %d; kernels %s, prompts %s, lanes %d, "
	    "BLAS %s, threads %d; adapters %016llx",
	    PACKAGE_VERSION, e->m->arch->name, e->m->hp.n_layer,
	    (unsigned long long)shape_sum(s), kv_type_name(e->kv),
	    e->m->hp.window ? s->f.ring : 0, e->kn->name, reading(&s->f),
	    e->m->lanes != NULL, kern_blas_name(), pool_threads(e->pool),
	    (unsigned long long)lora_sum(e->m->loras));
}

uint64_t
snapshot_head_sum(const struct snapshot_head *h)
{
	struct sum64 sum;

	sum64_init(&sum);
	sum64_add(&sum, h, offsetof(struct snapshot_head, head_sum));
	return sum64_end(&sum);
}

/* ---- the chunks ---- */

/* The first position of a layer that is in the file. */
static int
first_row(const struct chunks *w)
{
	return w->s->e->m->layers[w->layer].sliding ? w->h->lost : 0;
}

void
chunks_begin(struct chunks *w, struct session *s,
    const struct snapshot_head *h)
{
	*w = (struct chunks){ .h = h, .s = s };
	w->pos = first_row(w);
}

/* What is not rows: the tokens, the scores after all of them, and those after
 * prompts. */
static bool
next_whole(struct chunks *w, struct chunk *p)
{
	size_t logits = (size_t)w->h->n_vocab * sizeof(float);

	while (w->part < 2 + ENDINGS) {
		int i = w->part++;

		if (i == 0)
			*p = (struct chunk){ w->s->tok, (size_t)w->h->n *
				sizeof *w->s->tok };
		else if (i == 1 && w->h->has_logits)
			*p = (struct chunk){ w->s->f.logits, logits };
		else if (i >= 2 && w->h->endings[i - 2] > 0)
			*p = (struct chunk){ w->s->endings[i - 2].logits,
				logits };
		else
			continue;
		return true;
	}
	return false;
}

/* On to the next head, side, or layer. */
static void
next_plane(struct chunks *w)
{
	const struct kv_spec *s = &w->s->f.kv.layers[w->layer].s;

	if (++w->head == s->n_head) {
		w->head = 0;
		w->values = !w->values && !s->shared;
		w->layer += !w->values;
	}
	w->pos = w->layer < w->s->f.kv.n_layer ? first_row(w) : 0;
}

static bool
next_rows(struct chunks *w, struct chunk *p)
{
	const struct kv *c = &w->s->f.kv;
	size_t row;
	int n;

	while (w->layer < c->n_layer && w->pos >= w->h->n)
		next_plane(w);
	if (w->layer == c->n_layer)
		return false;
	p->p = kv_rows(c, w->layer, w->head, w->pos, w->values, &row);
	n = kv_run(c, w->layer, w->pos, w->h->n - w->pos);
	n = min_int(n, max_int(1, (int)(CHUNK_BYTES / row)));
	p->n = (size_t)n * row;
	w->pos += n;
	return true;
}

bool
chunks_next(struct chunks *w, struct chunk *p)
{
	return next_whole(w, p) || next_rows(w, p);
}

int64_t
chunks_bytes(struct session *s, const struct snapshot_head *h)
{
	int64_t sum = (int64_t)sizeof *h;
	struct chunks w;
	struct chunk p;

	chunks_begin(&w, s, h);
	while (chunks_next(&w, &p))
		sum += (int64_t)p.n;
	return sum;
}
