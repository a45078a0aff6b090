/* prompt_walk.h -- the way through the prompt's text, cluster by cluster in
 * reading order: where each goes when rows break between words. */
#ifndef FIKR_PROMPT_WALK_H
#define FIKR_PROMPT_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct walk {
	const char *s;
	size_t n, at;		/* bytes, and the next cluster */
	int cols;		/* of a row */
	int x, y;		/* behind the last one */
	bool gap;		/* a word may begin here */
};

struct walk walk_begin(const char *s, size_t n, int cols);
/* Advance by one cluster; its safe text in *out, its place in *x, *y and its
 * columns returned (0 for what is not drawn: a newline, a blank at the edge),
 * or -1 at the end. */
int walk_next(struct walk *w, struct buf *out, int *x, int *y);
/* On from w to where row y begins (the next step is its first cluster), or to
 * the end. */
struct walk walk_row(struct walk w, int y);

#endif
