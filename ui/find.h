/* find.h -- looking for words in text that may be wrapped: upper and lower
 * case, accents, Markdown's marks, and whether words are parted by one blank, many
 * or the end of a line make no difference, so that text and its rows have the
 * same hits. */
#ifndef FIKR_FIND_H
#define FIKR_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEEDLE_MAX 128		/* characters; the rest is ignored */

struct needle {
	uint32_t cp[NEEDLE_MAX];
	uint8_t fail[NEEDLE_MAX];	/* how much of it goes on fitting */
	int n;			/* 0: nothing to look for */
	bool marks;		/* it has nothing but marks, so they count */
};

/* Where a character of the text is: bytes [from, to) of a row. */
struct spot {
	size_t row;
	uint32_t from, to;
};

struct finder {
	const struct needle *needle;
	int state;
	int blank;		/* seen since the last character */
	uint32_t last;		/* that character */
	size_t fed;
	struct spot ring[NEEDLE_MAX];	/* of the last characters */
};

/* False when text has nothing to look for. */
bool needle_init(struct needle *nd, const char *text);

void finder_init(struct finder *f, const struct needle *nd);
typedef void finder_fn(void *ud, const struct spot *first,
    const struct spot *last);
/* A row ends here; glue: in the middle of a word. */
void finder_row(struct finder *f, bool glue);
/* Go on with bytes s[0..n), which lie in row at byte base; fn gets each hit as
 * it is complete.  They do not overlap. */
void finder_feed(struct finder *f, size_t row, size_t base, const char *s,
    size_t n, finder_fn *fn, void *ud);
size_t find_count(const struct needle *nd, const char *s, size_t n);

#endif
