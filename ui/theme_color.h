/* theme_color.h -- colours: how they are written, what stands for them on
 * terminals that have few, and how well one can be read on another. */
#ifndef FIKR_THEME_COLOR_H
#define FIKR_THEME_COLOR_H

#include <stdbool.h>
#include <stdint.h>

struct colour {
	int32_t rgb;		/* 0xRRGGBB, or -1: the terminal's own */
	uint8_t c256;		/* the nearest of the 256 colours */
	int8_t c16;		/* 0..15, or -1: the terminal's own */
	bool exact;		/* c16 is what was asked for */
};

/* "#rrggbb", 0..255, "bright-blue", "default".  0, or -1: no colour. */
int colour_parse(const char *s, struct colour *c);
/* One of the 256, as xterm has them unless somebody changed them. */
int32_t colour_palette(int i);
/* WCAG 2.1: 1 (the same) to 21 (black on white), of 0xRRGGBB. */
double colour_contrast(int32_t a, int32_t b);
bool colour_light(int32_t rgb);		/* nearer to white than to black */
/* Of the 16 the one for fg that can be read on one of the 16. */
int colour_readable_16(int fg, int bg);

#endif
