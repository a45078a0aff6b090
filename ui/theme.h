/* theme.h -- styles to colours and attributes, from themes/NAME.yaml. */
#ifndef FIKR_THEME_H
#define FIKR_THEME_H

#include <stdint.h>

#include "err.h"
#include "style.h"

enum { ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_ITALIC = 4, ATTR_UNDERLINE = 8,
	ATTR_REVERSE = 16, ATTR_STRIKE = 32 };

struct look {
	int32_t fg, bg;		/* 0xRRGGBB, or -1: the terminal's own */
	uint8_t fg256, bg256;	/* the nearest of the 256 colours */
	int8_t fg16, bg16;	/* 0..15, or -1: the terminal's own */
	uint8_t attr;
};

struct theme {
	char name[64];
	struct look look[STYLE_COUNT];
};

/* name: a built-in one of themes/, a file of the user's own in
 * $XDG_CONFIG_HOME/fikr/themes, or a path.  Errors name file and line; a
 * missing role inherits "text". */
int theme_load(struct theme *t, const char *name, struct err *err);
/* Attributes only, no colours (NO_COLOR, mono terminals). */
void theme_mono(struct theme *t);

#endif
