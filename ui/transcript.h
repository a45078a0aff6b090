/* transcript.h -- a conversation as it is read: a list of blocks (a message, a
 * thought, an answer, a notice), and a place in it that stays where the reader
 * left it.  Only what is near that place is laid out; of the rest the height
 * is a guess, so that hundreds of thousands of lines cost no more than a
 * screenful. */
#ifndef FIKR_TRANSCRIPT_H
#define FIKR_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cell.h"
#include "conf.h"
#include "convo.h"
#include "find.h"
#include "flow.h"
#include "markdown.h"
#include "sums.h"

enum block_kind {
	BLOCK_USER,
	BLOCK_NAME,		/* who answers */
	BLOCK_THINK,
	BLOCK_ANSWER,
	BLOCK_NOTE
};

enum block_shape {
	SHAPE_WHOLE,
	SHAPE_HEAD,		/* the header alone */
	SHAPE_LAST,		/* header and the last rows */
	SHAPE_FIRST		/* header, the first rows, how many more */
};

/* A block has units, each laid out in one go: the parts of a whole flow, else
 * just one. */
struct block {
	enum block_kind kind;
	struct turn *turn;		/* of the conversation; NULL: a note */
	char *note;
	enum style style;		/* of a note */
	int version, versions;		/* of a turn: 2 of 3; 0: the only */
	/* The layout: plain text is a flow, an answer Markdown. */
	struct flow flow;
	struct mdview *md;
	const struct rows *md_rows;	/* NULL: not laid out */
	size_t md_n;			/* rows of md to show: a guess without
					 * md_rows */
	size_t md_first;		/* those before are empty */
	size_t md_len;			/* bytes they were made from */
	bool md_done;			/* of text that was whole */
	bool sided, rtl;		/* a thought that begins at the right */
	/* What is shown of it, in this order. */
	enum block_shape shape;
	int head;			/* 0 or 1 header row */
	int more;			/* 0 or 1 row on what is left out */
	int mark;			/* 0 or 1 row on how it ended */
	int gap;			/* 0 or 1 blank row */
	size_t rows;			/* in all, known or guessed */
	size_t hits;			/* what the search found in it */
};

struct place { size_t block, unit, row; };

/* What a row of the pane shows. */
struct line {
	struct place at;
	bool shown;		/* false: below the end */
};

/* A piece of a row that a search found. */
struct hit {
	int y;			/* row of the pane */
	uint32_t from, to;	/* bytes of its spans, one after the other */
	bool current;
};

struct transcript {
	struct block *v;
	size_t n, cap;
	const struct turn *live;	/* being streamed, or NULL */
	int budget;			/* tokens it may think, 0: no matter */
	int64_t budget_ms;
	enum think_view view;
	bool fold_answered;		/* fold a thought once it is answered */
	bool away;			/* thoughts have a pane of their own */
	bool solo;			/* this is that pane: one thought */
	size_t at;			/* the block at hand */
	/* Set by transcript_layout. */
	int width, height;
	size_t total, top;		/* about, where rows are guessed */
	bool follow;			/* keep the end in sight */
	size_t seen;			/* total when following ended */
	bool recount;			/* total changes for another reason
					 * than new text */
	struct place anchor;		/* the first visible row */
	struct {
		struct place at;
		size_t now;		/* rows of its unit, */
		double rows;		/* and how many they would be */
		int width;		/* at that width */
	} home;				/* the same, where the reader chose */
	struct line *lines;		/* [height] of the pane */
	int lines_cap;
	struct sums sums;		/* rows of blocks */
	size_t placed;			/* blocks that are in sums */
	const struct turn *was_live;
	size_t kept;			/* bytes that are laid out now */
	size_t work;			/* bytes laid out, ever */
	struct {
		struct needle needle;	/* n = 0: nothing is looked for */
		size_t block, nth;	/* where it is: its nth hit there */
		struct spot spot;	/* of its rows (Markdown) or text */
		size_t total;
		bool some;		/* there is a current one */
		struct turn *turn;	/* of the current one, else NULL */
		bool unfolded;		/* its turn's fold has changed */
		struct hit *v;		/* to mark on the pane */
		size_t n, cap;
	} find;
};

void transcript_init(struct transcript *t, enum think_view view);
void transcript_done(struct transcript *t);
/* Show c's branch from its end; notes there are move behind it. */
void transcript_load(struct transcript *t, const struct convo *c);
void transcript_add(struct transcript *t, struct turn *turn);
/* Only the thought of turn, NULL: nothing (see solo). */
void transcript_solo(struct transcript *t, struct turn *turn);
void transcript_note(struct transcript *t, enum style st, const char *text);
void transcript_set_view(struct transcript *t, enum think_view v);
void transcript_set_away(struct transcript *t, bool away);
bool transcript_empty(const struct transcript *t);

/* Bring the layout up to date for a pane of w x h; work is proportional to
 * what is new since the last call at this width, and to what is in sight.
 * Call before the others. */
void transcript_layout(struct transcript *t, int w, int h);
/* focused: mark the turn at hand.  now_ms feeds the live header. */
void transcript_draw(const struct transcript *t, struct grid *g,
    struct rect r, bool focused, int64_t now_ms);

void transcript_scroll(struct transcript *t, long rows);
void transcript_top(struct transcript *t);
void transcript_bottom(struct transcript *t);
/* A turn at the pane's top: its thought, or its text. */
void transcript_go_turn(struct transcript *t, int turn, bool thought);
/* Move to the next (1) or previous (-1) message or answer. */
void transcript_jump(struct transcript *t, int dir);
/* Fold or unfold the thinking of the turn at hand, or its long message, or
 * make it v (a think_view) when v >= 0; returns its turn, or NULL when there
 * is nothing to fold. */
struct turn *transcript_fold(struct transcript *t, int v);
/* The block drawn at row y of the pane, or NULL; makes it the one at hand. */
struct block *transcript_hit(struct transcript *t, int y);
/* Is row y of the pane a header that folds its block? */
bool transcript_is_head(const struct transcript *t, int y);
/* Show byte at of the text of a block of plain text at the pane's top. */
void transcript_show(struct transcript *t, size_t block, size_t at);
/* The byte of the block's text that the pane's first row shows, or so. */
size_t transcript_byte(const struct transcript *t, size_t *block);
/* The turn at hand, or NULL. */
struct turn *transcript_at(const struct transcript *t);
/* The answer at hand, else the first in sight, or NULL: its thought is the one
 * to show beside them. */
struct turn *transcript_turn(const struct transcript *t);
/* Rows before a block, known or guessed. */
size_t transcript_offset(const struct transcript *t, size_t block);

/* Look for text: marks what is found, goes to the first at or below the pane's
 * top, and unfolds what it is in; NULL or "" ends that.  Returns how many
 * there are. */
size_t transcript_find(struct transcript *t, const char *text);
/* The same, but goes to the first in a turn: in its thought, or its text.
 * False, and nowhere gone to, if there is none. */
bool transcript_find_in(struct transcript *t, const char *text, int turn,
    bool thought);
/* To the next (1) or previous (-1) one, round the end; false: there is none. */
bool transcript_find_next(struct transcript *t, int dir);
/* Look for what from looks for; go: to the hit that is current there, of which
 * this is the pane (see solo). */
void transcript_find_like(struct transcript *t,
    const struct transcript *from, bool go);
/* "3 of 17", appended; nothing when nothing is looked for. */
void transcript_find_label(const struct transcript *t, struct buf *out);

/* The turn at hand, or NULL. */
struct turn *transcript_at(const struct transcript *t);

/* What is left of what the live turn may think, appended: " · 48 s left". */
void transcript_put_budget(const struct transcript *t,
    const struct turn *turn, struct buf *out, int64_t now_ms);
/* "Thinking 12 s · 431 tokens", "Thought for 38 s ..." (exposed for tests). */
void thinking_label(struct buf *out, const struct turn *t, bool live,
    int64_t now_ms);

#endif
