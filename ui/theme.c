/* theme.c -- reads a theme's YAML; finds the nearest colours for terminals
 * that have few. */
#include "theme.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "paths.h"
#include "ytree.h"

#define THEME_BYTES_MAX 65536
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const role_names[STYLE_COUNT] = {
#define X(id, name) [STYLE_##id] = name,
	STYLE_LIST(X)
#undef X
};

static const char *const ansi_names[16] = {
	"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
	"bright-black", "bright-red", "bright-green", "bright-yellow",
	"bright-blue", "bright-magenta", "bright-cyan", "bright-white",
};

static const struct { const char *name; uint8_t bit; } attrs[] = {
	{ "bold", ATTR_BOLD }, { "dim", ATTR_DIM }, { "italic", ATTR_ITALIC },
	{ "underline", ATTR_UNDERLINE }, { "reverse", ATTR_REVERSE },
	{ "strike", ATTR_STRIKE },
};

const char *
style_name(enum style s)
{
	return (unsigned)s < STYLE_COUNT ? role_names[s] : "?";
}

/* ---- colours ---- */

/* xterm's default palette: 16 of its own, a cube of 6 levels, 24 greys. */
static int32_t
palette(int i)
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
		if (distance(rgb, palette(i)) < distance(rgb, palette(best)))
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
		if (distance(rgb, palette(greys[i])) <
		    distance(rgb, palette(greys[best])))
			best = i;
	return greys[best];
}

struct colour {
	int32_t rgb;		/* -1: the terminal's own */
	uint8_t c256;
	int8_t c16;
};

static int
parse_hex(const char *s, struct colour *c)
{
	char *end;

	if (strlen(s) != 7 || strspn(s + 1, "0123456789abcdefABCDEF") != 6)
		return -1;
	c->rgb = (int32_t)strtol(s + 1, &end, 16);
	c->c256 = (uint8_t)nearest_256(c->rgb);
	c->c16 = (int8_t)nearest_16(c->rgb);
	return 0;
}

static int
parse_colour(const char *s, struct colour *c)
{
	char *end;
	long n;

	if (!strcmp(s, "default")) {
		*c = (struct colour){ .rgb = -1, .c16 = -1 };
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
	c->rgb = palette((int)n);
	c->c256 = (uint8_t)n;
	c->c16 = (int8_t)(n < 16 ? n : nearest_16(c->rgb));
	return 0;
}

/* ---- names that are not known ---- */

#define WORD_MAX 24

/* Levenshtein's edit distance, one row of it. */
static int
edits(const char *a, const char *b)
{
	int row[WORD_MAX + 1], n = (int)strlen(b);

	if (n > WORD_MAX || strlen(a) > WORD_MAX)
		return WORD_MAX;
	for (int j = 0; j <= n; j++)
		row[j] = j;
	for (int i = 1; a[i - 1]; i++) {
		int corner = row[0];

		row[0] = i;
		for (int j = 1; j <= n; j++) {
			int least = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			if (row[j] + 1 < least)
				least = row[j] + 1;
			if (row[j - 1] + 1 < least)
				least = row[j - 1] + 1;
			row[j] = least;
		}
	}
	return row[n];
}

static const char *
nearest_role(const char *name)
{
	int best = 0;

	for (int i = 1; i < STYLE_COUNT; i++)
		if (edits(name, role_names[i]) < edits(name, role_names[best]))
			best = i;
	return role_names[best];
}

/* ---- the file ---- */

struct reader {
	const char *path;
	struct err *err;
};

static int
bad_colour(const struct reader *r, const struct ynode *v)
{
	return err_set(r->err, "%s:%d: \"%s\" is no colour; write \"#rrggbb\", "
	    "a number from 0 to 255, a name such as red or bright-blue, or "
	    "default", r->path, v->line,
	    v->type == YNODE_SCALAR ? v->text : "this");
}

static int
read_colour(const struct reader *r, const struct ynode *v, struct colour *c)
{
	if (v->type != YNODE_SCALAR || parse_colour(v->text, c) < 0)
		return bad_colour(r, v);
	return 0;
}

static int
read_property(const struct reader *r, const struct ynode *k,
    const struct ynode *v, struct look *look)
{
	struct colour c;
	int on;

	if (!strcmp(k->text, "fg")) {
		if (read_colour(r, v, &c) < 0)
			return -1;
		look->fg = c.rgb;
		look->fg256 = c.c256;
		look->fg16 = c.c16;
		return 0;
	}
	if (!strcmp(k->text, "bg")) {
		if (read_colour(r, v, &c) < 0)
			return -1;
		look->bg = c.rgb;
		look->bg256 = c.c256;
		look->bg16 = c.c16;
		return 0;
	}
	for (size_t i = 0; i < COUNT(attrs); i++) {
		if (strcmp(k->text, attrs[i].name))
			continue;
		if (ynode_bool(v, &on) < 0)
			return err_set(r->err, "%s:%d: \"%s\" is true or "
			    "false", r->path, v->line, k->text);
		look->attr = (uint8_t)(on ? look->attr | attrs[i].bit :
		    look->attr & ~attrs[i].bit);
		return 0;
	}
	return err_set(r->err, "%s:%d: \"%s\" is not known; a style has fg, "
	    "bg, bold, dim, italic, underline, reverse and strike", r->path,
	    k->line, k->text);
}

static int
read_look(const struct reader *r, const struct ynode *v, struct look *look)
{
	if (v->type != YNODE_MAP)
		return err_set(r->err, "%s:%d: a style is a map such as "
		    "{fg: \"#8a8a9a\", italic: true}", r->path, v->line);
	for (size_t i = 0; i < v->n; i++)
		if (read_property(r, v->keys[i], v->items[i], look) < 0)
			return -1;
	return 0;
}

static int
role_index(const char *name)
{
	for (int i = 0; i < STYLE_COUNT; i++)
		if (!strcmp(role_names[i], name))
			return i;
	return -1;
}

static int
read_styles(const struct reader *r, const struct ynode *map, struct theme *t)
{
	const struct ynode *text;
	struct look plain = { .fg = -1, .bg = -1, .fg16 = -1, .bg16 = -1 };

	if (map->type != YNODE_MAP)
		return err_set(r->err, "%s:%d: \"styles\" is a map of roles",
		    r->path, map->line);
	text = ynode_get(map, "text");
	if (text && read_look(r, text, &plain) < 0)
		return -1;
	for (int i = 0; i < STYLE_COUNT; i++)
		t->look[i] = plain;
	plain.attr = 0;
	for (size_t i = 0; i < map->n; i++) {
		const struct ynode *k = map->keys[i];
		int role = role_index(k->text);

		if (role < 0)
			return err_set(r->err, "%s:%d: there is no role "
			    "\"%s\"; did you mean \"%s\"?", r->path, k->line,
			    k->text, nearest_role(k->text));
		if (role == STYLE_TEXT)
			continue;
		t->look[role] = plain;
		if (read_look(r, map->items[i], &t->look[role]) < 0)
			return -1;
	}
	return 0;
}

static int
read_theme(const struct reader *r, const struct ynode *y, struct theme *t)
{
	struct colour c;

	if (y->type != YNODE_MAP)
		return err_set(r->err, "%s:%d: a theme is a map with name, "
		    "background and styles", r->path, y->line);
	for (size_t i = 0; i < y->n; i++) {
		const struct ynode *k = y->keys[i], *v = y->items[i];

		if (!strcmp(k->text, "styles")) {
			if (read_styles(r, v, t) < 0)
				return -1;
		} else if (!strcmp(k->text, "background")) {
			if (read_colour(r, v, &c) < 0)
				return -1;
		} else if (strcmp(k->text, "name") ||
		    v->type != YNODE_SCALAR)
			return err_set(r->err, "%s:%d: \"%s\" is not known; a "
			    "theme has name, background and styles", r->path,
			    k->line, k->text);
		else
			snprintf(t->name, sizeof(t->name), "%s", v->text);
	}
	return 0;
}

/* The file that a name means, which the caller frees, or NULL. */
static char *
find(const char *name)
{
	char *file, *path;

	if (strchr(name, '/'))
		return xstrdup(name);
	file = xasprintf("themes/%s.yaml", name);
	path = path_config(file);
	if (path && access(path, F_OK) < 0) {
		free(path);
		path = path_share(file);
	}
	free(file);
	return path;
}

int
theme_load(struct theme *t, const char *name, struct err *err)
{
	struct theme fresh = { 0 };
	struct reader r = { .err = err };
	struct ynode *y = NULL;
	char *path = find(name);
	int rc = -1;

	theme_mono(t);
	if (path == NULL || access(path, F_OK) < 0) {
		if (!strcmp(name, "mono"))
			rc = 0;
		else
			err_set(err, "there is no theme \"%s\"; take dark, "
			    "light or mono, the name of a file in fikr/themes "
			    "of your configuration folder, or a path", name);
		free(path);
		return rc;
	}
	r.path = path;
	for (int i = 0; i < STYLE_COUNT; i++)
		fresh.look[i] = (struct look){ .fg = -1, .bg = -1,
		    .fg16 = -1, .bg16 = -1 };
	snprintf(fresh.name, sizeof(fresh.name), "%s", name);
	y = ytree_load_file(path, THEME_BYTES_MAX, err);
	if (y && read_theme(&r, y, &fresh) == 0) {
		*t = fresh;
		rc = 0;
	}
	ynode_free(y);
	free(path);
	return rc;
}

void
theme_mono(struct theme *t)
{
	static const uint8_t mono[STYLE_COUNT] = {
		[STYLE_DIM] = ATTR_DIM,
		[STYLE_ACCENT] = ATTR_BOLD,
		[STYLE_ERROR] = ATTR_BOLD | ATTR_REVERSE,
		[STYLE_NOTICE] = ATTR_BOLD,
		[STYLE_BORDER] = ATTR_DIM,
		[STYLE_TITLE] = ATTR_BOLD,
		[STYLE_STATUS] = ATTR_REVERSE,
		[STYLE_STATUS_BUSY] = ATTR_REVERSE | ATTR_BOLD,
		[STYLE_PROMPT_MARK] = ATTR_BOLD,
		[STYLE_LIST_CURRENT] = ATTR_BOLD,
		[STYLE_LIST_SELECTED] = ATTR_REVERSE,
		[STYLE_USER_HEAD] = ATTR_BOLD | ATTR_UNDERLINE,
		[STYLE_ANSWER_HEAD] = ATTR_BOLD,
		[STYLE_THINKING] = ATTR_DIM | ATTR_ITALIC,
		[STYLE_THINKING_HEAD] = ATTR_DIM | ATTR_BOLD,
		[STYLE_HEADING] = ATTR_BOLD | ATTR_UNDERLINE,
		[STYLE_STRONG] = ATTR_BOLD,
		[STYLE_EMPH] = ATTR_ITALIC,
		[STYLE_STRONG_EMPH] = ATTR_BOLD | ATTR_ITALIC,
		[STYLE_STRIKE] = ATTR_STRIKE,
		[STYLE_CODE] = ATTR_BOLD,
		[STYLE_LINK] = ATTR_UNDERLINE,
		[STYLE_QUOTE] = ATTR_ITALIC,
		[STYLE_BULLET] = ATTR_BOLD,
		[STYLE_TABLE] = ATTR_DIM,
		[STYLE_ODD] = ATTR_REVERSE,
		[STYLE_KEY] = ATTR_BOLD,
		[STYLE_CODE_KEYWORD] = ATTR_BOLD,
		[STYLE_CODE_COMMENT] = ATTR_DIM | ATTR_ITALIC,
		[STYLE_MATH_BOX] = ATTR_BOLD,
		[STYLE_HIT] = ATTR_UNDERLINE | ATTR_BOLD,
		[STYLE_HIT_CURRENT] = ATTR_REVERSE | ATTR_BOLD,
		[STYLE_SELECTED] = ATTR_REVERSE,
		[STYLE_FOCUS] = ATTR_BOLD | ATTR_UNDERLINE,
		[STYLE_QUEUED] = ATTR_DIM,
		[STYLE_ADDED] = ATTR_BOLD | ATTR_UNDERLINE,
		[STYLE_REMOVED] = ATTR_DIM | ATTR_STRIKE,
	};

	*t = (struct theme){ .name = "mono" };
	for (int i = 0; i < STYLE_COUNT; i++)
		t->look[i] = (struct look){ .fg = -1, .bg = -1, .fg16 = -1,
		    .bg16 = -1, .attr = mono[i] };
}
