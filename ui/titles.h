/* titles.h -- titles written by the model itself, in the background: some
 * seconds after an answer, when nobody types and nothing is computed, in a
 * slot of its own; given up at once when anything else is to be generated. */
#ifndef FIKR_TITLES_H
#define FIKR_TITLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "proto.h"

struct app;
struct session;

struct titles {
	int64_t id;		/* of the generation; 0: none */
	struct buf said;	/* by it, so far */
	char (*due)[32];	/* [n_due], ids of conversations; the first is
				 * the one it is for */
	size_t n_due;
	char (*tried)[32];	/* [n_tried], those that were asked for once */
	size_t n_tried;
	int64_t quiet;		/* since when nobody does anything, ms */
};

void titles_done(struct titles *t);
/* s has an answer: it may need a title. */
void titles_want(struct app *a, const struct session *s);
void titles_active(struct app *a);	/* a key was pressed, an answer came */
/* Ask for one, if it is time; when that is (-1: none is wanted). */
void titles_tick(struct app *a);
int64_t titles_deadline(const struct app *a);
/* Before anything else is generated. */
void titles_cancel(struct app *a);
void titles_lost(struct app *a);	/* the worker died */
/* A message about t->id. */
void titles_message(struct app *a, const struct msg *m);

#endif
