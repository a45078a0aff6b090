/* moe.h -- mixtures of experts: which experts a token goes through, and the
 * way through them. */
#ifndef FIKR_MOE_H
#define FIKR_MOE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kern_panel.h"
#include "model.h"

struct few;
struct forward;

/* An expert that was chosen and what its result is worth. */
struct route {
	int expert;
	float weight;
};

/* Choose from the router's logits [n_expert], which are overwritten; bias
 * [n_expert] or NULL takes part in the choice alone.  out: [n_used]. */
void moe_route(const struct moe_params *p, float *logits, const float *bias,
    struct route *out);

/* Experts that n tokens go through together, about. */
int moe_touched(const struct moe_params *p, int n);

/* f->x += the experts of layer l applied to f->xn, for the token of one row or
 * a batch of the first n.  False when stopped. */
bool moe_token(struct forward *f, const struct layer *l, int row);
bool moe_batch(struct forward *f, const struct layer *l, int n);

/* Working memory, part of struct forward. */
struct moe {
	float *logits;		/* [batch][n_expert] */
	struct route *route;	/* [batch][n_used] */
	/* a batch, sorted by expert: rows first[e] .. first[e + 1] - 1 */
	int *first;		/* [n_expert + 1] */
	int *row;		/* [batch * n_used]: the token of a row */
	float *weight;		/* [batch * n_used] */
	float *in;		/* [batch * n_used][n_embd] */
	float *ff;		/* [batch * n_used][n_ff] */
	struct act_rows in8, ff8;	/* the same for panels */
	struct few *act;	/* [n_used], of one token */
};

int64_t moe_floats(const struct hparams *hp, int batch);	/* about */
size_t moe_scratch(const struct hparams *hp, int batch);
/* panels: batches go through these.  -1: no memory. */
int moe_init(struct moe *m, const struct kern *kn, const struct hparams *hp,
    int batch, bool panels);
void moe_done(struct moe *m, const struct hparams *hp);

#endif
