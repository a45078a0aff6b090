/* theme.h -- styles to colours and attributes, from themes/NAME.yaml. */
#ifndef FIKR_THEME_H
#define FIKR_THEME_H

#include <stdbool.h>
#include <stddef.h>
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
	int32_t background;	/* what it is made for; -1: not said */
	uint8_t ground256;	/* the same for fewer colours */
	int8_t ground16;
	bool paint;		/* it wants that background whatever the
				 * terminal has */
	struct look look[STYLE_COUNT];
};

/* name: a built-in one of themes/, a file of the user's own in
 * $XDG_CONFIG_HOME/fikr/themes, a path, or "auto", which is theme_auto of
 * background (0xRRGGBB, or -1).  Errors name file and line; a missing role
 * inherits "text".  After an error t is without colours. */
int theme_load(struct theme *t, const char *name, int32_t background,
    struct err *err);
/* "light" or "dark", for a background that the terminal has told, else for the
 * one that COLORFGBG tells, else "dark". */
const char *theme_auto(int32_t background);
/* Names of all themes, sorted, each once; without "auto". */
size_t theme_list(char ***names);
void theme_list_free(char **names, size_t n);
/* The file of a theme, which the caller frees, or NULL. */
char *theme_path(const char *name);
/* Give the theme's background to what has none, if the theme wants that, or if
 * the terminal's (0xRRGGBB; -1: not known) is light and the theme is for a dark
 * one, or the reverse. */
void theme_paint(struct theme *t, int32_t terminal);
/* Attributes only, no colours (NO_COLOR, mono terminals). */
void theme_mono(struct theme *t);

#endif
