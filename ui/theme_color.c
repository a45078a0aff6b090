/* theme_color.c -- colours and their likenesses. */
#include "theme_color.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define READABLE 2.0		/* least contrast of two of the 16 */

static const char *const ansi_names[16] = {
	"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
	"bright-black", "bright-red", "bright-green", "bright-yellow",
	"bright-blue", "bright-magenta", "bright-cyan", "bright-white",
};

/* xterm's default palette: 16 of its own, a cube of 6 levels, 24 greys. */
int32_t
colour_palette(int i)
{
	static const int32_t ansi[16] = {
		0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD,
		0x00CDCD, 0xE5E5E5, 0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00,
		0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
	};
	static const int32_t level[6] = { 0, 95, 135, 175, 215, 255 };

	if (i < 16)
		return ansi[i];
	if (i >= 232)
		return 0x010101 * (8 + 10 * (i - 232));
	i -= 16;
	return level[i / 36] << 16 | level[i / 6 % 6] << 8 | level[i % 6];
}

/* How different two colours look: T. Riemersma, "Colour metric"
 * (compuphase.com/cmetric.htm), squared. */
static int32_t
distance(int32_t a, int32_t b)
{
	int32_t mean = ((a >> 16) + (b >> 16)) / 2;
	int32_t dr = (a >> 16) - (b >> 16);
	int32_t dg = (a >> 8 & 255) - (b >> 8 & 255);
	int32_t db = (a & 255) - (b & 255);

	return ((512 + mean) * dr * dr >> 8) + 4 * dg * dg +
	    ((767 - mean) * db * db >> 8);
}

/* Of the 240 colours that look the same everywhere: the first 16 are whatever
 * the person has made of them. */
static int
nearest_256(int32_t rgb)
{
	int best = 16;

	for (int i = 17; i < 256; i++)
		if (distance(rgb, colour_palette(i)) <
		    distance(rgb, colour_palette(best)))
			best = i;
	return best;
}

/* Of the 16, by hue: the nearest in distance would make most colours grey, and
 * an error must stay red and an accent blue.  Bits 1, 2 and 4 are red, green
 * and blue, 8 is bright. */
static int
nearest_16(int32_t rgb)
{
	static const int greys[] = { 0, 8, 7, 15 };
	int c[3] = { rgb >> 16, rgb >> 8 & 255, rgb & 255 };
	int max = c[0], min = c[0], bits = 0, best = 0;

	for (int i = 1; i < 3; i++) {
		max = c[i] > max ? c[i] : max;
		min = c[i] < min ? c[i] : min;
	}
	if (max - min >= 48) {
		for (int i = 0; i < 3; i++)
			bits |= (c[i] > (max + min) / 2) << i;
		return max >= 192 ? bits | 8 : bits;
	}
	for (int i = 1; i < 4; i++)
		if (distance(rgb, colour_palette(greys[i])) <
		    distance(rgb, colour_palette(greys[best])))
			best = i;
	return greys[best];
}

static int
parse_hex(const char *s, struct colour *c)
{
	char *end;

	if (strlen(s) != 7 || strspn(s + 1, "0123456789abcdefABCDEF") != 6)
		return -1;
	c->rgb = (int32_t)strtol(s + 1, &end, 16);
	c->c256 = (uint8_t)nearest_256(c->rgb);
	c->c16 = (int8_t)nearest_16(c->rgb);
	c->exact = false;
	return 0;
}

int
colour_parse(const char *s, struct colour *c)
{
	char *end;
	long n;

	if (!strcmp(s, "default")) {
		*c = (struct colour){ .rgb = -1, .c16 = -1,
		    .exact = true };
		return 0;
	}
	if (s[0] == '#')
		return parse_hex(s, c);
	n = s[0] >= '0' && s[0] <= '9' ? strtol(s, &end, 10) : -1;
	if (n >= 0 && (*end || n > 255))
		return -1;
	for (int i = 0; n < 0 && i < 16; i++)
		if (!strcmp(s, ansi_names[i]))
			n = i;
	if (n < 0)
		return -1;
	c->rgb = colour_palette((int)n);
	c->c256 = (uint8_t)n;
	c->c16 = (int8_t)(n < 16 ? n : nearest_16(c->rgb));
	c->exact = n < 16;
	return 0;
}

static double
luminance(int32_t rgb)
{
	static const double weight[3] = { 0.2126, 0.7152, 0.0722 };
	double sum = 0;

	for (int i = 0; i < 3; i++) {
		double c = (rgb >> (16 - 8 * i) & 255) / 255.0;

		sum += weight[i] * (c <= 0.03928 ? c / 12.92 :
		    pow((c + 0.055) / 1.055, 2.4));
	}
	return sum;
}

double
colour_contrast(int32_t a, int32_t b)
{
	double x = luminance(a), y = luminance(b);

	return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

bool
colour_light(int32_t rgb)
{
	return colour_contrast(rgb, 0x000000) > colour_contrast(rgb, 0xffffff);
}

/* As it is, brighter or darker of the same hue, or without any. */
int
colour_readable_16(int fg, int bg)
{
	int32_t on = colour_palette(bg);

	if (colour_contrast(colour_palette(fg), on) >= READABLE)
		return fg;
	if (colour_contrast(colour_palette(fg ^ 8), on) >= READABLE)
		return fg ^ 8;
	return colour_light(on) ? 0 : 15;
}
