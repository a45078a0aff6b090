/* flow.h -- plain text of any length as rows: cut into parts of a few
 * thousand bytes, of which only those that somebody looks at are laid out; of
 * the others the number of rows is a guess.  Text may only grow; what came
 * before the last line is never laid out again for it.  A zeroed struct is an
 * empty text. */
#ifndef FIKR_FLOW_H
#define FIKR_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "rows.h"

#define FLOW_PART 4096		/* bytes; a part ends with the line after them */
#define FLOW_PART_MAX 8192	/* or in the middle of one this long */

struct part {
	size_t from, to;	/* of the text */
	size_t n;		/* its rows: a guess unless laid is to - from */
	size_t laid;		/* bytes that rows was made from */
	size_t settled, settled_rows;	/* of those: what growth leaves alone */
	struct rows rows;
};

struct flow {
	struct part *v;
	size_t n, cap;
	size_t len;		/* of the text */
	size_t total;		/* rows of all parts */
	int width;
	enum style style;
	size_t work;		/* bytes laid out so far, ever */
};

/* The text is s[0..n) now, for a width > 0.  s is not kept. */
void flow_set(struct flow *f, const char *s, size_t n, int width,
    enum style st);
/* Lay a part out; its number of rows. */
size_t flow_lay(struct flow *f, const char *s, size_t part);
void flow_drop(struct flow *f, size_t part);	/* its rows, not their number */
void flow_free(struct flow *f);			/* empty again */
/* A row of all, counted by what is known and guessed. */
size_t flow_before(const struct flow *f, size_t part);
/* Where byte at of the text is shown: the part, which gets laid out, and the
 * row of it. */
size_t flow_find(struct flow *f, const char *s, size_t at, size_t *row);
/* The byte of the text that a row of a part begins with, or so. */
size_t flow_byte(const struct flow *f, const char *s, size_t part,
    size_t row);

/* Bytes [from, to) of the text, row by row of a part that is laid out: after
 * each flow_piece_next that is true, row and its bytes from..to. */
struct flow_piece {
	const struct part *part;
	size_t first, end;	/* characters that are not blank */
	size_t next, have;
	size_t row, from, to;
};

void flow_piece_init(struct flow_piece *v, const struct flow *f,
    const char *s, size_t part, size_t from, size_t to);
bool flow_piece_next(struct flow_piece *v);

/* About as many rows as text has at a width. */
size_t rows_guess(const char *s, size_t n, int width);

#endif
