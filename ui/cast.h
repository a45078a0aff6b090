/* cast.h -- frames as what a terminal has to be sent, and a replay as a file of
 * that: an asciicast, version 2 (docs.asciinema.org/manual/asciicast/v2), which
 * players on web pages show.  Nothing of it needs a terminal here. */
#ifndef FIKR_CAST_H
#define FIKR_CAST_H

#include "buf.h"
#include "cell.h"
#include "theme.h"
#include "ui.h"

/* A terminal that was sent frames: what it shows. */
struct cast {
	const struct theme *theme;	/* borrowed */
	int w, h;
	struct cell *cells;	/* [h][w] */
	int x, y;		/* its cursor; x < 0: nobody knows */
	int style;		/* that it writes in; -1: nobody knows */
	int cx, cy;		/* as the last frame left the cursor */
	bool begun;
};

void cast_init(struct cast *c, const struct theme *theme, int w, int h);
void cast_done(struct cast *c);
/* Append what makes it show g, of the same size; nothing when it does. */
void cast_frame(struct cast *c, const struct grid *g, struct buf *out);

/* Append s as a JSON string. */
void cast_json(struct buf *out, const char *s, size_t n);
/* Write o->replay as o->how says to the file o->how->cast; an exit status. */
int cast_main(const struct ui_opts *o);

#endif
