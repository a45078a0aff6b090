/* theme_file.c -- reads a theme's YAML.  It goes on after a mistake, so that
 * all of them can be told at once. */
#include "theme_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "theme_color.h"
#include "words.h"
#include "ytree.h"

#define THEME_BYTES_MAX 65536
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A theme while it is being read. */
struct reader {
	const char *path;
	theme_problem_fn *fn;
	void *ud;
	bool bad;
	const char *role;	/* that is being read, or NULL */
	struct theme *t;
	int line[STYLE_COUNT];	/* where a role is, 0: left out */
	bool exact[STYLE_COUNT];	/* its fg16 is what was asked for */
};

static const struct { const char *name; uint8_t bit; } attrs[] = {
	{ "bold", ATTR_BOLD }, { "dim", ATTR_DIM }, { "italic", ATTR_ITALIC },
	{ "underline", ATTR_UNDERLINE }, { "reverse", ATTR_REVERSE },
	{ "strike", ATTR_STRIKE },
};

static void problem(struct reader *r, bool warning, int line, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));

static void
problem(struct reader *r, bool warning, int line, const char *fmt, ...)
{
	char text[ERR_MAX];
	struct theme_problem p = { r->path, line, r->role, text, warning };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->bad |= !warning;
	r->fn(&p, r->ud);
}

/* ---- names that are not known ---- */

static const char *
nearest_role(const char *name)
{
	const char *names[STYLE_COUNT];

	for (int i = 0; i < STYLE_COUNT; i++)
		names[i] = style_name((enum style)i);
	return words_nearest(name, names, STYLE_COUNT, sizeof(names[0]));
}

/* ---- the file ---- */

static bool
read_colour(struct reader *r, const struct ynode *v, struct colour *c)
{
	if (v->type == YNODE_SCALAR && colour_parse(v->text, c) == 0)
		return true;
	problem(r, false, v->line, _("\"%s\" is no colour; write "
	    "\"#rrggbb\", a number from 0 to 255, a name such as red or "
	    "bright-blue, or default"),
	    v->type == YNODE_SCALAR ? v->text : _("this"));
	return false;
}

static void
read_attr(struct reader *r, const struct ynode *k, const struct ynode *v,
    struct look *look)
{
	int on;

	for (size_t i = 0; i < COUNT(attrs); i++) {
		if (strcmp(k->text, attrs[i].name) != 0)
			continue;
		if (ynode_bool(v, &on) < 0)
			problem(r, false, v->line,
			    _("\"%s\" is true or false"), k->text);
		else
			look->attr = (uint8_t)(on ?
			    look->attr | attrs[i].bit :
			    look->attr & ~attrs[i].bit);
		return;
	}
	problem(r, false, k->line, _("\"%s\" is not known; a style has fg, "
	    "bg, bold, dim, italic, underline, reverse and strike"), k->text);
}

static void
read_property(struct reader *r, const struct ynode *k, const struct ynode *v,
    struct look *look, bool *exact)
{
	struct colour c;

	if (strcmp(k->text, "fg") == 0) {
		if (!read_colour(r, v, &c))
			return;
		look->fg = c.rgb;
		look->fg256 = c.c256;
		look->fg16 = c.c16;
		*exact = c.exact;
	} else if (strcmp(k->text, "bg") == 0) {
		if (!read_colour(r, v, &c))
			return;
		look->bg = c.rgb;
		look->bg256 = c.c256;
		look->bg16 = c.c16;
	} else {
		read_attr(r, k, v, look);
	}
}

static void
read_look(struct reader *r, const struct ynode *v, struct look *look,
    bool *exact)
{
	if (v->type != YNODE_MAP) {
		problem(r, false, v->line, _("a style is a map such as "
		    "{fg: \"#8a8a9a\", italic: true}"));
		return;
	}
	for (size_t i = 0; i < v->n; i++)
		read_property(r, v->keys[i], v->items[i], look, exact);
}

static int
role_index(const char *name)
{
	for (int i = 0; i < STYLE_COUNT; i++)
		if (strcmp(style_name((enum style)i), name) == 0)
			return i;
	return -1;
}

/* What is left out is like text, but for its attributes. */
static void
read_text(struct reader *r, const struct ynode *map)
{
	const struct ynode *text = ynode_get(map, "text");
	struct look plain = { .fg = -1, .bg = -1, .fg16 = -1, .bg16 = -1 };
	bool exact = false;

	r->role = "text";
	if (text)
		read_look(r, text, &plain, &exact);
	for (int i = 0; i < STYLE_COUNT; i++) {
		r->t->look[i] = plain;
		r->exact[i] = exact;
	}
	r->role = NULL;
}

static void
read_styles(struct reader *r, const struct ynode *map)
{
	struct look plain;

	if (map->type != YNODE_MAP) {
		problem(r, false, map->line, _("\"styles\" is a map of roles"));
		return;
	}
	read_text(r, map);
	plain = r->t->look[STYLE_TEXT];
	plain.attr = 0;
	for (size_t i = 0; i < map->n; i++) {
		const struct ynode *k = map->keys[i];
		int role = role_index(k->text);

		r->role = k->text;
		if (role < 0) {
			problem(r, false, k->line, _("there is no role \"%s\"; "
			    "did you mean \"%s\"?"), k->text,
			    nearest_role(k->text));
			continue;
		}
		r->line[role] = k->line;
		if (role == STYLE_TEXT)
			continue;
		r->t->look[role] = plain;
		read_look(r, map->items[i], &r->t->look[role],
		    &r->exact[role]);
	}
	r->role = NULL;
}

static void
read_theme(struct reader *r, const struct ynode *y)
{
	struct colour c;
	int on;

	if (y->type != YNODE_MAP) {
		problem(r, false, y->line, _("a theme is a map with name, "
		    "background, paint and styles"));
		return;
	}
	for (size_t i = 0; i < y->n; i++) {
		const struct ynode *k = y->keys[i], *v = y->items[i];

		if (strcmp(k->text, "styles") == 0) {
			read_styles(r, v);
		} else if (strcmp(k->text, "background") == 0) {
			if (!read_colour(r, v, &c))
				continue;
			r->t->background = c.rgb;
			r->t->ground256 = c.c256;
			r->t->ground16 = c.c16;
		} else if (strcmp(k->text, "paint") == 0) {
			if (ynode_bool(v, &on) < 0)
				problem(r, false, v->line,
				    _("\"%s\" is true or false"), k->text);
			else
				r->t->paint = on;
		} else if (strcmp(k->text, "name") != 0 ||
		    v->type != YNODE_SCALAR) {
			problem(r, false, k->line, _("\"%s\" is not known; a "
			    "theme has name, background, paint and styles"),
			    k->text);
		} else {
			snprintf(r->t->name, sizeof(r->t->name), "%s",
			    v->text);
		}
	}
}

/* ---- what can be read ---- */

/* The least contrast that a role should have: text 4.5 (WCAG 2.1, AA), what is
 * meant to recede 3, lines half of that. */
static double
least_contrast(int role)
{
	switch (role) {
	case STYLE_BORDER:
	case STYLE_TABLE:
		return 1.5;
	case STYLE_DIM:
	case STYLE_THINKING:
	case STYLE_THINKING_HEAD:
	case STYLE_STRIKE:
	case STYLE_CODE_COMMENT:
	case STYLE_QUEUED:
	case STYLE_REMOVED:
	case STYLE_CHART:
		return 3;
	}
	return 4.5;
}

static void
check_contrast(struct reader *r, int role)
{
	const struct look *l = &r->t->look[role];
	int32_t bg = l->bg < 0 ? r->t->background : l->bg;
	double have, want = least_contrast(role);

	if (l->fg < 0 || bg < 0)
		return;
	have = colour_contrast(l->fg, bg);
	r->role = style_name((enum style)role);
	if (have < want)
		problem(r, true, r->line[role], _("#%06x on #%06x has a "
		    "contrast of %.1f; below %.1f it is hard to read"),
		    (unsigned)l->fg, (unsigned)bg, have, want);
	r->role = NULL;
}

/* With 16 colours, two of which may end up too near to each other. */
static void
readable_16(struct reader *r, int role)
{
	struct look *l = &r->t->look[role];
	int bg = l->bg16;

	if (bg < 0 && r->t->paint)
		bg = r->t->ground16;
	if (bg < 0 && r->t->background >= 0)
		bg = colour_light(r->t->background) ? 15 : 0;
	if (bg >= 0 && l->fg16 >= 0 && !r->exact[role])
		l->fg16 = (int8_t)colour_readable_16(l->fg16, bg);
}

int
theme_read(struct theme *t, const char *path, theme_problem_fn *fn, void *ud)
{
	struct reader r = { .path = path, .fn = fn, .ud = ud, .t = t };
	struct err err = { "" };
	struct theme_problem p = { .file = path };
	struct ynode *y = ytree_load_file(path, THEME_BYTES_MAX, &err);

	t->background = t->ground16 = -1;
	t->ground256 = 0;
	t->paint = false;
	for (int i = 0; i < STYLE_COUNT; i++)
		t->look[i] = (struct look){ .fg = -1, .bg = -1,
		    .fg16 = -1, .bg16 = -1 };
	if (y == NULL) {
		p.text = err.text;
		fn(&p, ud);
		return -1;
	}
	read_theme(&r, y);
	ynode_free(y);
	for (int i = 0; i < STYLE_COUNT && !r.bad; i++) {
		check_contrast(&r, i);
		readable_16(&r, i);
	}
	return r.bad ? -1 : 0;
}
