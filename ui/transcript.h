/* transcript.h -- a conversation as it is read: a list of blocks (a message, a
 * thought, an answer, a notice), each laid out once for a width and kept, and
 * a place in it that stays where the reader left it. */
#ifndef FIKR_TRANSCRIPT_H
#define FIKR_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cell.h"
#include "conf.h"
#include "convo.h"
#include "markdown.h"

enum block_kind {
	BLOCK_USER,
	BLOCK_NAME,		/* who answers */
	BLOCK_THINK,
	BLOCK_ANSWER,
	BLOCK_NOTE
};

struct block {
	enum block_kind kind;
	struct turn *turn;		/* of the conversation; NULL: a note */
	char *note;
	enum style style;		/* of a note */
	/* The layout, and what it was made from. */
	struct rows rows;		/* of plain text */
	struct mdview *md;		/* of an answer */
	const struct rows *body;	/* rows, or md's; NULL: not laid out */
	size_t len;			/* bytes laid out */
	size_t settled, settled_rows;	/* bytes and rows that stay */
	/* What is shown of it, in this order. */
	int head;			/* 0 or 1 header row */
	size_t first, count;		/* rows of the body */
	int mark;			/* 0 or 1 row on how it ended */
	int gap;			/* 0 or 1 blank row */
	size_t offset;			/* rows before the block */
};

struct anchor { size_t block, row; };

struct transcript {
	struct block *v;
	size_t n, cap;
	const struct turn *live;	/* being streamed, or NULL */
	enum think_view view;
	size_t at;			/* the block at hand */
	/* Set by transcript_layout. */
	int width, height;
	size_t total, top;
	bool follow;			/* keep the end in sight */
	size_t seen;			/* total when following ended */
	bool recount;			/* total changes for another reason
					 * than new text */
	struct anchor anchor;		/* the first visible row, at width */
	struct {
		struct anchor at;
		size_t rows;		/* of its block then */
		int width;
	} home;				/* the same, where the reader chose */
};

void transcript_init(struct transcript *t, enum think_view view);
void transcript_done(struct transcript *t);
/* Show c's branch from its end; notes there are move behind it. */
void transcript_load(struct transcript *t, const struct convo *c);
void transcript_add(struct transcript *t, struct turn *turn);
void transcript_note(struct transcript *t, enum style st, const char *text);
void transcript_set_view(struct transcript *t, enum think_view v);
bool transcript_empty(const struct transcript *t);

/* Bring the layout up to date for a pane of w x h; work is proportional to
 * what is new since the last call at this width.  Call before the others. */
void transcript_layout(struct transcript *t, int w, int h);
/* focused: mark the turn at hand.  now_ms feeds the live header. */
void transcript_draw(const struct transcript *t, struct grid *g,
    struct rect r, bool focused, int64_t now_ms);

void transcript_scroll(struct transcript *t, long rows);
void transcript_top(struct transcript *t);
void transcript_bottom(struct transcript *t);
/* Move to the next (1) or previous (-1) message or answer. */
void transcript_jump(struct transcript *t, int dir);
/* Fold or unfold the thinking of the turn at hand, or make it v (a think_view)
 * when v >= 0; returns its turn, or NULL when it has none. */
struct turn *transcript_fold(struct transcript *t, int v);
/* The block drawn at row y of the pane, or NULL; makes it the one at hand. */
struct block *transcript_hit(struct transcript *t, int y);

/* The turn at hand, or NULL. */
struct turn *transcript_at(const struct transcript *t);

/* "Thinking 12 s · 431 tokens", "Thought for 38 s ..." (exposed for tests). */
void thinking_label(struct buf *out, const struct turn *t, bool live,
    int64_t now_ms);

#endif
