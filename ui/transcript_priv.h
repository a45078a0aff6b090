/* transcript_priv.h -- between the files of the transcript: its blocks
 * (transcript.c, transcript_block.c), their layout (transcript_lay.c), drawing,
 * moving and the search in them. */
#ifndef FIKR_TRANSCRIPT_PRIV_H
#define FIKR_TRANSCRIPT_PRIV_H

#include "transcript.h"

#define BRIEF_ROWS 3		/* of a thought shown in brief */
#define FOLD_ROWS 12		/* a message longer than this is folded */
#define FOLDED_ROWS 8		/* to these */

/* ---- transcript_block.c ---- */

int transcript_margin(const struct transcript *t);
int transcript_cols(const struct transcript *t);	/* for text */
enum think_view think_view_of(const struct transcript *t,
    const struct turn *turn);
/* Has this message more rows than one likes to see?  Its block is laid out as
 * far as that needs. */
bool block_long(struct transcript *t, struct block *b);
const char *block_end_mark(const struct turn *turn);	/* or NULL */
/* The plain text of a block, without blank lines around it. */
const char *block_text(const struct transcript *t, const struct block *b,
    size_t *n);
/* Is b's text Markdown? */
bool block_is_md(const struct block *b);
void block_forget(struct block *b);		/* its layout */

size_t block_units(const struct block *b);
size_t unit_rows(const struct block *b, size_t unit);
/* Lay a unit out, so that its rows are no guess. */
void unit_lay(struct transcript *t, size_t block, size_t unit);
/* A row of body text, or NULL: the row is a header or something else. */
const struct row *unit_row(const struct block *b, size_t unit, size_t row);
/* Rows of the unit that come before its text. */
size_t unit_head(const struct block *b, size_t unit);
/* Rows of body text that are left out before the unit's first one. */
size_t block_hidden(const struct block *b);

/* What is known of a block without laying anything out; grown: a change of
 * its height is new text, no wrong guess. */
void block_update(struct transcript *t, size_t block, bool grown);
void block_lay(struct transcript *t, size_t block, size_t unit, bool grown);

/* ---- transcript_lay.c ---- */

/* What is in sight, from the anchor or the end; and that of blocks that have
 * changed in another way than by growing. */
void transcript_settle(struct transcript *t);
void transcript_refresh(struct transcript *t, size_t block);
bool block_same_turn(const struct transcript *t, size_t a, size_t b);

/* ---- transcript_move.c ---- */

size_t place_row(const struct transcript *t, const struct place *p);
/* rows down (or up), laying out what is passed; stops at both ends. */
void place_move(struct transcript *t, struct place *p, long rows);
/* Where the pane's first row is when the end is at its last one. */
struct place place_bottom(struct transcript *t);
bool place_before(const struct place *a, const struct place *b);
/* The reader chose this place: it is what resizing returns to. */
void transcript_go(struct transcript *t, struct place p);
/* Bring p into sight, with a part of the pane above it. */
void transcript_reveal(struct transcript *t, struct place p);

/* ---- transcript_find.c ---- */

/* The current hit is elsewhere: the layout has changed. */
void transcript_find_again(struct transcript *t);

/* ---- transcript_mark.c ---- */

/* Mark what is found in the lines of the pane. */
void transcript_mark(struct transcript *t);

#endif
