/* lane_store.h -- a model's matrices in lanes (kern_lanes.h), for the kernels
 * that read them so.  They take no more memory than the file's: rows are
 * turned when they are first used, and the file's pages let go of after. */
#ifndef FIKR_LANE_STORE_H
#define FIKR_LANE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "kern.h"
#include "kern_lanes.h"

struct model;
struct weight;

/* One matrix, or all slices of one. */
struct lane_store {
	uint8_t *lanes;			/* sixteen by sixteen of the rows */
	int64_t slice_bytes;
	int per_slice;			/* sixteens of rows in a slice */
	_Atomic unsigned char *ready;	/* [slices * per_slice] */
	atomic_int *missing;		/* [slices]: not turned yet */
};

/* Room for all matrices of m that kn reads in lanes, of which none is turned
 * yet.  Without memory, or where kn reads rows as they lie, nothing happens:
 * they are computed with all the same. */
void lane_store_add(struct model *m, const struct kern *kn);
void lane_store_done(struct model *m);

/* Rows r .. r + 15 (r a multiple of 16) of w, which has w->lanes: turned now,
 * if they are not yet.  Each sixteen is one thread's at a time. */
const void *lane_rows(const struct kern *kn, const struct weight *w, int r);

#endif
