/* few.h -- a few vectors on their way into products, as answers are written:
 * one, or up to FEW_MAX at once, each of which gives the very same bits as it
 * would alone.  That is what makes guesses at the next tokens exact. */
#ifndef FIKR_FEW_H
#define FIKR_FEW_H

#include <stdbool.h>
#include <stdint.h>

#include "kern.h"
#include "kern_panel.h"

#define FEW_MAX 16

struct few {
	int n;				/* vectors */
	/* Each: as it is, padded with zeros to whole groups where it has to
	 * be, and in 8 bits. */
	struct act act[FEW_MAX];
	struct act_rows rows;		/* the same, side by side */
	int16_t *sum;			/* what act[].sum point into */
	float *pad;
};

/* Room for `most` vectors of up to width values.  False without memory; then
 * few_done is due all the same. */
bool few_init(struct few *x, int most, int width);
void few_done(struct few *x);
/* The n vectors f [n][width] made ready; f must stay until the products are
 * done. */
void few_fill(struct few *x, const struct kern *kn, const float *f, int n,
    int width);

#endif
