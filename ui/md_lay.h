/* md_lay.h -- between the blocks (md_lay.c) and the text in them
 * (md_inline.c) of a piece that is being laid out. */
#ifndef FIKR_MD_LAY_H
#define FIKR_MD_LAY_H

#include <md4c.h>

#include "md.h"

#define DEPTH_MAX 32		/* deeper nesting is shown flat */

enum box_kind { BOX_QUOTE, BOX_LIST, BOX_ITEM };

struct box {
	enum box_kind kind;
	bool tight;		/* list, item */
	bool ordered;		/* list */
	unsigned next;		/* list: number of its next item */
	bool used;		/* item: its marker was put out */
	char marker[24];	/* item */
	enum style style;	/* item: of the marker */
};

struct lay {
	struct rows *out;
	int width;
	enum style base;
	struct box boxes[DEPTH_MAX];
	int depth, over;	/* over: boxes beyond DEPTH_MAX */
	int low;		/* least depth since the last block */
	bool wrote;
	struct row line;	/* text of the block being read, not yet safe */
	bool soft;		/* a soft break is pending */
	int heading, em, strong, strike, code, link;
	size_t link_at;		/* bytes of line at the link's start */
	struct buf href;
	struct buf verbatim;	/* a code block's */
	struct buf lang;
	bool in_code;
	struct md_table table;
	struct md_source src;
	struct md_carry *carry;
	bool after;		/* a formula ended the line before */
};

enum style md_role(const struct lay *l, enum style st);
/* Begin a block: the blank row that parts it from the one before, and what its
 * rows begin with.  The caller frees both. */
void md_begin(struct lay *l, struct row *first, struct row *rest);
/* The text read so far becomes rows, if there is any or always is set. */
void md_end_text(struct lay *l, bool always);

/* ---- md_inline.c, called by md4c with a struct lay ---- */

int md_on_text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE n, void *user);
int md_on_enter_span(MD_SPANTYPE type, void *detail, void *user);
int md_on_leave_span(MD_SPANTYPE type, void *detail, void *user);
void md_attribute(const struct lay *l, struct buf *out, const MD_ATTRIBUTE *a);

#endif
