/* md_math.h -- LaTeX's mathematics as text: where formulas are in a text
 * (md_math_find.c), symbols (md_math_sym.c), scripts and accents of single
 * characters (md_math_char.c), boxes of rows (md_math_box.c), what stands in a
 * formula (md_math_list.c, md_math_cmd.c, md_math_env.c) and its shapes
 * (md_math_script.c, md_math_shape.c, md_math_over.c), and how it becomes
 * rows (md_math.c). */
#ifndef FIKR_MD_MATH_H
#define FIKR_MD_MATH_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "rows.h"

/* ---- finding ---- */

struct md_formula {
	size_t at, n;		/* with its marks */
	size_t from, to;	/* what stands between them */
	bool display;
};

/* Where the search for a closing mark failed, so that a text of nothing but
 * opening ones is looked at once.  Zeroed at the start of a text. */
struct md_math_scan {
	size_t none[6];		/* by kind: no closing mark before here */
};

/* The formula that begins at s[at], of a text s[0..n).  It does not outlive its
 * paragraph.  False: there is none. */
bool md_math_at(struct md_math_scan *m, const char *s, size_t n, size_t at,
    struct md_formula *f);
/* The text so far has what may be an open formula at at: what is half typed at
 * its end is taken off, and what would close it is added.  False: it is no
 * formula so far. */
bool md_math_close(struct buf *out, size_t at);
/* An environment that is mathematics, with or without its star? */
bool md_math_env_known(const char *name, size_t n);

/* ---- layout ---- */

struct md_math {
	enum style math, box, strong, text;
};

/* A formula as one row, appended to line (not yet safe). */
void md_math_inline(struct row *line, const char *tex, size_t n,
    const struct md_math *look);
/* A formula as rows of its own, at most width columns.  One that is too wide
 * is cut at its relations, at last wrapped like text. */
void md_math_display(struct rows *out, const char *tex, size_t n, int width,
    const struct md_math *look);

/* ---- boxes: some rows of equal width, one of them the formula's line ---- */

struct mbox {
	struct row *v;		/* h of them */
	int h, w;
	int base;		/* the row that stands on the line */
};

void mbox_free(struct mbox *b);
/* A box of one row; s is safe. */
struct mbox mbox_text(const char *s, size_t n, enum style st);
/* Put b to the right of a, on the same line; b is taken. */
void mbox_beside(struct mbox *a, struct mbox *b, enum style pad);
/* The same for text that is safe. */
void mbox_append(struct mbox *b, const char *s, enum style st);
/* The same, with row 0 of b at row at of a (which may be negative). */
void mbox_beside_at(struct mbox *a, struct mbox *b, int at, enum style pad);
/* Put b below a, centred (0), to the left (-1) or the right (1); taken.  The
 * line stays a's. */
void mbox_below(struct mbox *a, struct mbox *b, int where, enum style pad);
/* Make it w columns wide. */
void mbox_widen(struct mbox *b, int w, int where, enum style pad);
/* A row of one character repeated. */
struct mbox mbox_line(const char *ch, int w, enum style st);
/* A delimiter as tall as h rows, "(" or "" and so on. */
struct mbox mbox_fence(const char *delim, int h, int base, enum style st);
/* A frame around it. */
void mbox_frame(struct mbox *b, enum style frame, enum style pad);

/* ---- symbols ---- */

enum mclass {
	M_ORD, M_OP, M_BIG, M_LIM, M_BIN, M_REL, M_OPEN, M_CLOSE, M_PUNCT,
	M_SPACE
};

struct msym {
	const char *name, *text;
	unsigned char class;	/* enum mclass */
};

/* The symbol that \name stands for, or NULL. */
const struct msym *md_math_symbol(const char *name, size_t n);
/* The class of a character that stands for itself. */
enum mclass md_math_class(const char *s, size_t n);

/* ---- characters ---- */

enum malphabet { M_BB, M_CAL, M_FRAK };

/* s, if all its characters have a raised (lowered) form, in that; else false
 * and out is as it was. */
bool md_math_script(struct buf *out, const char *s, size_t n, bool up);
/* The letters of s in another alphabet, where it has them. */
void md_math_letters(struct buf *out, const char *s, size_t n,
    enum malphabet a);
/* The combining mark of the accent \name, or NULL; *wide: it may stand over
 * several characters, each with the mark. */
const char *md_math_accent(const char *name, size_t n, bool *wide);
/* The one character of "1/2" and its like, or NULL. */
const char *md_math_vulgar(const char *num, const char *den);
/* Characters (with their marks) in s. */
int md_math_count(const char *s, size_t n);
/* Each character of s followed by the mark. */
void md_math_mark(struct buf *out, const char *s, size_t n, const char *mark);

/* ---- a formula being read ---- */

#define M_DEPTH 16		/* deeper nesting is shown as it was typed */
#define M_CELLS 60000		/* a picture that would take more is made flat */
#define M_CELLS_FLAT 400000

struct mctx {
	const char *s;		/* safe */
	size_t n, i;
	bool flat;		/* one row only */
	bool loose;		/* outer environments are left open, to be cut */
	int script;		/* within so many scripts: no spaces */
	int depth;
	long cells;		/* what boxes took so far */
	bool big;		/* ... was too much */
	const struct md_math *look;
	enum style st;
};

struct matom {
	struct mbox box;
	unsigned char class;	/* enum mclass */
	bool limits;		/* scripts above and below */
	bool word;		/* a name: a space to letters beside it */
};

struct mlist {
	struct matom *v;
	int n, cap;
};

/* Atoms up to the end, an unmatched '}', '&', "\\", \right or \end, or the
 * character stop (0: none); it is not read. */
void md_math_list(struct mctx *c, struct mlist *l, char stop);
void mlist_free(struct mlist *l);
void mlist_add(struct mlist *l, struct mbox box, enum mclass class);
/* The space before atom i: 0 or 1 columns. */
int mlist_space(const struct mctx *c, const struct mlist *l, int from, int i);
/* Atoms [from, to) as one box; they are taken. */
struct mbox mlist_join(struct mctx *c, struct mlist *l, int from, int to);
/* A list read up to stop, joined. */
struct mbox md_math_row(struct mctx *c, char stop);
/* The argument that comes next: a group or one atom. */
struct mbox md_math_arg(struct mctx *c);
/* ... as it was typed, without its braces; empty if there is none. */
void md_math_raw(struct mctx *c, const char **s, size_t *n);
/* The argument of "[...]", if there is one. */
bool md_math_option(struct mctx *c, const char **s, size_t *n);
/* The text of a box of one row. */
void mbox_string(const struct mbox *b, struct buf *out);
/* a/b, stacked or on one row; taken. */
struct mbox md_math_frac(struct mctx *c, struct mbox num, struct mbox den);
/* The root of b, index may be empty; taken. */
struct mbox md_math_root(struct mctx *c, struct mbox index, struct mbox b);
/* mark over (or under) b, by its name. */
struct mbox md_math_accented(struct mctx *c, const char *name, size_t n,
    struct mbox b);
/* The delimiter that comes next, as text; "" for none. */
void md_math_delim(struct mctx *c, struct buf *out);
/* Add scripts to the last atom of l. */
void md_math_scripts(struct mctx *c, struct mlist *l);
/* The command s[i] == '\\' begins; false: none that is known. */
bool md_math_command(struct mctx *c, struct mlist *l, const char *name,
    size_t n);
/* In md_math_over.c, commands like those of md_math_cmd.c. */
void md_math_left(struct mctx *c, struct mlist *l, const char *name, size_t n);
void md_math_big(struct mctx *c, struct mlist *l, const char *name, size_t n);
void md_math_stack(struct mctx *c, struct mlist *l, const char *name, size_t n);
void md_math_brace(struct mctx *c, struct mlist *l, const char *name, size_t n);
void md_math_arrow(struct mctx *c, struct mlist *l, const char *name, size_t n);
/* b, and note in parentheses that open as said; both are taken. */
struct mbox md_math_note(struct mctx *c, struct mbox b, struct mbox note,
    const char *open);
/* From behind "\begin" on. */
void md_math_env(struct mctx *c, struct mlist *l);
/* s begins with this command, and it ends there. */
bool md_math_is(const struct mctx *c, size_t at, const char *command);
/* Note what a box takes; false: too much. */
bool md_math_room(struct mctx *c, const struct mbox *b);

#endif
