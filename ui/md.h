/* md.h -- between the files that make up Markdown: where the text is cut into
 * pieces that stand alone (md_split.c), the layout of a piece (md_lay.h), of
 * code (md_code.c, md_lex.h), formulas (md_math.h) and tables (md_table.c),
 * characters on their way through md4c (md_text.c), blocks of code given out
 * (md_copy.c), and the message as a whole (markdown.c). */
#ifndef FIKR_MD_H
#define FIKR_MD_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "md_lex.h"
#include "md_math.h"
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
/* Add what would close the emphasis, code and mathematics still open at the
 * end of text, less what is half a mark there. */
void md_close(struct buf *text);

/* What the layout of a piece hands on to the next; zeroed at the start. */
struct md_carry {
	struct md_lex lex;	/* of the fence that is open */
	int blocks;		/* of code so far */
};

void md_lay(struct rows *out, const struct md_piece *p, const char *s,
    int width, enum style base, struct md_carry *carry);

/* ---- code ---- */

struct md_code {
	struct rows *out;
	int width;
	enum style code, dim;
	struct md_lex *lex;
	int number;		/* of the block, from 1 */
};

/* The language's name and the block's number; each row begins with first or
 * rest (may be NULL).  False: it has neither. */
bool md_code_label(const struct md_code *k, const char *lang, size_t n,
    const struct row *first, const struct row *rest);
/* text is whole lines, not yet safe; first: NULL for rest. */
void md_code_lines(const struct md_code *k, const char *text, size_t n,
    const struct row *first, const struct row *rest);
/* A piece that is code, at the left edge. */
void md_fenced(struct md_code *k, const struct md_piece *p, const char *s,
    struct md_carry *carry);
/* Its lines, without what the fence's indent adds. */
void md_code_text(struct buf *out, const struct md_piece *p, const char *s);

/* ---- tables ---- */

struct md_table {
	int cols;
	unsigned char *align;	/* [cols] MD_ALIGN */
	struct row *cells;	/* in reading order, the first cols the head */
	size_t n, cap;
	enum style rule, label;
};

void md_table_rows(struct rows *out, const struct md_table *t, int width);
void md_table_free(struct md_table *t);

/* ---- text ---- */

/* Put before a '[' that would begin a link reference definition: md4c takes
 * those out of the text, and here no text may vanish.  Whoever takes text from
 * md4c leaves it out again. */
#define MD_GUARD '\1'

/* Around the number of a formula, which stands for it in the text for md4c: a
 * character that Unicode keeps for such uses, since md4c wants no controls in
 * the addresses of links. */
#define MD_FORMULA "\xEF\xB7\x90"
#define MD_FORMULA_LEN 3
#define MD_RUNS 32

/* Reading text; zeroed at its start. */
struct md_scan {
	size_t no_code[MD_RUNS];	/* by backticks: no end before here */
	struct md_math_scan math;
};

/* The bytes of what begins at s[i]: a formula (f->n is not 0 then), code, an
 * escaped character, or one byte. */
size_t md_scan(struct md_scan *sc, const char *s, size_t n, size_t i,
    struct md_formula *f);

struct md_source {
	struct buf text;	/* for md4c */
	const char *s;		/* what was typed; borrowed */
	struct md_formula *v;
	size_t n, cap;
};

/* What md4c is asked for. */
#define MD_LAY_FLAGS (MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | \
	MD_FLAG_TASKLISTS | MD_FLAG_NOHTML | MD_FLAG_PERMISSIVEURLAUTOLINKS)

void md_guard(struct md_source *src, const char *s, size_t n);
void md_source_free(struct md_source *src);
bool md_is_formula(const char *s, size_t n);	/* begins with that mark */
/* The formula that the text from md4c stands for; *len: its bytes there. */
const struct md_formula *md_formula_at(const struct md_source *src,
    const char *s, size_t n, size_t *len);
/* Text from md4c as it was typed. */
void md_as_typed(const struct md_source *src, struct buf *out, const char *s,
    size_t n);
/* "&name;" or "&#number;" as text; an unknown one stays as it is. */
void md_entity(struct buf *out, const char *s, size_t n);

#endif
