/* md.h -- between the files that make up Markdown: where the text is cut into
 * pieces that stand alone (md_split.c), the layout of a piece (md_lay.c), of a
 * table (md_table.c), and the message as a whole (markdown.c). */
#ifndef FIKR_MD_H
#define FIKR_MD_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "rows.h"

/* Markdown is cut at places where what follows cannot change what came before:
 * a new block at the left edge.  A piece is laid out alone, so that a message
 * which is streaming and one which is whole come out the same. */
struct md_piece {
	size_t n;		/* bytes */
	bool code;		/* a fenced block at the left edge, or part of
				 * one; else Markdown for md4c */
	bool opened;		/* code: it begins with the fence's line */
	size_t info, from, to;	/* code: the fence's first line from its info
				 * string on, the lines of code */
	int indent;		/* code: spaces to take off each line */
	bool joined;		/* goes on from the piece before: no blank row */
	bool settled;		/* more text will not change it */
};

/* What a piece hands on to the next; zeroed at the start of the text. */
struct md_split {
	char mark;		/* in a fence of these, else 0 */
	int count, indent;	/* of the fence's first line */
	bool cut;		/* the piece before was cut for its length */
};

/* The piece that s[0..n), n > 0, begins with. */
struct md_piece md_next(struct md_split *st, const char *s, size_t n);
/* Where the text's unfinished end stops being worth showing (a line of nothing
 * but marks, that may become anything): bytes to show of s[0..n). */
size_t md_hold(const struct md_piece *p, const char *s, size_t n);
/* What would close the emphasis and code still open at the end of s. */
void md_closers(struct buf *out, const char *s, size_t n);

void md_lay(struct rows *out, const struct md_piece *p, const char *s,
    int width, enum style base);

struct md_table {
	int cols;
	unsigned char *align;	/* [cols] MD_ALIGN */
	struct row *cells;	/* in reading order, the first cols the head */
	size_t n, cap;
	enum style rule, label;
};

void md_table_rows(struct rows *out, const struct md_table *t, int width);
void md_table_free(struct md_table *t);

#endif
