/* t_cast.c -- frames as escape sequences: a small model of a terminal is fed
 * with them and must then show what the frame has, text, colours and cursor. */
#include "desk.h"

#include <locale.h>
#include <wchar.h>

#include "cast.h"
#include "player.h"
#include "replay.h"
#include "screen_cell.h"
#include "utf8.h"

#define START INT64_C(1700000000000)

/* ---- the terminal ---- */

struct vt_cell {
	wchar_t text[8];
	int cols;		/* 0: the right half of a wide one */
	int attr;
	int32_t fg, bg;
};

struct vt {
	int w, h, x, y;
	struct vt_cell *v;
	struct vt_cell pen;
	bool hidden;
};

static void
vt_blank(struct vt_cell *c)
{
	*c = (struct vt_cell){ .text = L" ", .cols = 1, .fg = -1, .bg = -1 };
}

static void
vt_init(struct vt *t, int w, int h)
{
	*t = (struct vt){ .w = w, .h = h };
	t->v = calloc((size_t)w * (size_t)h, sizeof(*t->v));
	for (int i = 0; i < w * h; i++)
		vt_blank(&t->v[i]);
	vt_blank(&t->pen);
}

/* What is left of a wide character that is written into. */
static void
vt_split(struct vt *t, int x, int y)
{
	struct vt_cell *row = t->v + y * t->w;

	if (row[x].cols == 0 && x > 0)
		wcscpy(row[x - 1].text, L" "), row[x - 1].cols = 1;
	if (row[x].cols == 2 && x + 1 < t->w)
		wcscpy(row[x + 1].text, L" "), row[x + 1].cols = 1;
}

static void
vt_put(struct vt *t, uint32_t cp)
{
	int cols = wcwidth((wchar_t)cp);
	struct vt_cell *row = t->v + t->y * t->w;
	size_t n;

	assert_true(cols >= 0);
	if (cols == 0) {
		n = wcslen(row[t->x - 1].text);
		if (row[t->x - 1].cols == 0)
			row--;
		n = wcslen(row[t->x - 1].text);
		assert_true(n < 7);
		row[t->x - 1].text[n] = (wchar_t)cp;
		row[t->x - 1].text[n + 1] = L'\0';
		return;
	}
	/* Nothing is left to a terminal's wrapping. */
	assert_true(t->x + cols <= t->w);
	vt_split(t, t->x, t->y);
	if (cols == 2)
		vt_split(t, t->x + 1, t->y);
	row[t->x] = t->pen;
	row[t->x].text[0] = (wchar_t)cp;
	row[t->x].text[1] = L'\0';
	row[t->x].cols = cols;
	if (cols == 2) {
		row[t->x + 1] = t->pen;
		row[t->x + 1].text[0] = L'\0';
		row[t->x + 1].cols = 0;
	}
	t->x += cols;
}

static void
vt_sgr(struct vt *t, const int *p, int n)
{
	for (int i = 0; i < n; i++) {
		if (p[i] == 0)
			vt_blank(&t->pen);
		else if (p[i] < 10)
			t->pen.attr |= 1 << p[i];
		else if (p[i] == 38 || p[i] == 48) {
			int32_t rgb;

			assert_true(i + 4 < n && p[i + 1] == 2);
			rgb = p[i + 2] << 16 | p[i + 3] << 8 | p[i + 4];
			*(p[i] == 38 ? &t->pen.fg : &t->pen.bg) = rgb;
			i += 4;
		} else {
			fail_msg("SGR %d", p[i]);
		}
	}
}

/* s is behind ESC [; the bytes it takes. */
static size_t
vt_csi(struct vt *t, const char *s)
{
	int p[20] = { 0 }, n = 1;
	size_t i = 0;
	bool private = s[0] == '?';

	for (i = private; (s[i] >= '0' && s[i] <= '9') || s[i] == ';'; i++)
		if (s[i] == ';')
			n++;
		else
			p[n - 1] = p[n - 1] * 10 + (s[i] - '0');
	if (s[i] == 'H') {
		t->y = p[0] - 1;
		t->x = p[1] - 1;
		assert_in_range(t->y, 0, t->h - 1);
		assert_in_range(t->x, 0, t->w - 1);
	} else if (s[i] == 'm') {
		vt_sgr(t, p, n);
	} else if (s[i] == 'J') {
		for (int k = 0; k < t->w * t->h; k++)
			vt_blank(&t->v[k]);
	} else {
		assert_true(private && p[0] == 25);
		t->hidden = s[i] == 'l';
	}
	return i + 1;
}

static void
vt_feed(struct vt *t, const struct buf *b)
{
	uint32_t cp;

	for (size_t i = 0; i < b->len;) {
		if (b->data[i] == '\033') {
			assert_int_equal(b->data[i + 1], '[');
			i += 2 + vt_csi(t, b->data + i + 2);
			continue;
		}
		i += (size_t)utf8_decode(b->data + i, b->len - i, &cp, NULL);
		assert_true(cp >= 0x20);
		vt_put(t, cp);
	}
}

static int
attr_bits(const struct look *l)
{
	static const int code[] = { 1, 2, 3, 4, 7, 9 };
	int bits = 0;

	for (int i = 0; i < 6; i++)
		if (l->attr & 1 << i)
			bits |= 1 << code[i];
	return bits;
}

static void
assert_shows(const struct vt *t, const struct grid *g,
    const struct theme *theme)
{
	for (int i = 0; i < g->w * g->h; i++) {
		const struct vt_cell *have = &t->v[i];
		const struct cell *want = &g->cells[i];
		const struct look *l = &theme->look[want->style];
		wchar_t text[CELL_WIDE_MAX + 1];
		int cols;

		if (want->cols == 0)
			continue;	/* looked at with its left half */
		cols = cell_wide(want, text);
		if (wcscmp(have->text, text) != 0)
			fail_msg("row %d column %d: \"%ls\", not \"%ls\"",
			    i / g->w, i % g->w, have->text, text);
		assert_int_equal(have->cols, cols);
		assert_int_equal(have->fg, l->fg);
		assert_int_equal(have->bg, l->bg);
		assert_int_equal(have->attr, attr_bits(l));
	}
	assert_int_equal(t->hidden, g->cx < 0);
	if (g->cx >= 0) {
		assert_int_equal(t->x, g->cx);
		assert_int_equal(t->y, g->cy);
	}
}

/* ---- tests ---- */

static void
some_theme(struct theme *t)
{
	memset(t, 0, sizeof(*t));
	for (int i = 0; i < STYLE_COUNT; i++)
		t->look[i] = (struct look){ .fg = i % 3 ? 0x102030 * i &
			0xFFFFFF : -1, .bg = i % 5 ? -1 : 0x030201 * i,
			.attr = (uint8_t)(i % 64) };
}

/* Would catch a cell that is left as it was, a cursor that is taken to be
 * elsewhere, halves of wide characters, and colours that stay on. */
static void
test_random_frames(void **state)
{
	static const char *const words[] = { "word", "日本語", "e\xcc\x81té",
		"   ", "مرحبا", "😀", "│─", "x", "👨‍👩‍👧", "\xff", "⚠️" };
	struct theme theme;
	struct grid g;
	struct cast c;
	struct vt t;
	struct buf out = { 0 };
	uint32_t seed = 11;

	(void)state;
	some_theme(&theme);
	grid_init(&g, 23, 7);
	cast_init(&c, &theme, g.w, g.h);
	vt_init(&t, g.w, g.h);
	for (int frame = 0; frame < 3000; frame++) {
		for (int i = 0; i < 3; i++) {
			seed = seed * 1103515245 + 12345;
			grid_puts(&g, (int)(seed >> 8) % 26 - 2,
			    (int)(seed >> 14) % 7, 12,
			    words[(seed >> 20) % 11],
			    (enum style)((seed >> 4) % STYLE_COUNT));
		}
		g.cx = frame % 4 ? (int)(seed >> 9) % g.w : -1;
		g.cy = (int)(seed >> 5) % g.h;
		buf_clear(&out);
		cast_frame(&c, &g, &out);
		vt_feed(&t, &out);
		assert_shows(&t, &g, &theme);
	}
	buf_free(&out);
	free(t.v);
	cast_done(&c);
	grid_done(&g);
}

/* Would catch frames that send what is there already. */
static void
test_only_changes(void **state)
{
	struct theme theme;
	struct grid g;
	struct cast c;
	struct buf out = { 0 };

	(void)state;
	some_theme(&theme);
	grid_init(&g, 80, 24);
	cast_init(&c, &theme, g.w, g.h);
	grid_puts(&g, 3, 3, 70, "something", STYLE_TEXT);
	cast_frame(&c, &g, &out);
	assert_true(out.len > 80);
	buf_clear(&out);
	cast_frame(&c, &g, &out);
	assert_int_equal(out.len, 0);
	grid_puts(&g, 12, 3, 68, "s", STYLE_TEXT);
	cast_frame(&c, &g, &out);
	assert_in_range(out.len, 1, 12);
	buf_free(&out);
	cast_done(&c);
	grid_done(&g);
}

static struct convo *
spoken(void)
{
	struct convo *c = convo_new(START);
	struct turn *t = convo_add(c, ROLE_USER, START);
	const char *text = "# Überschrift\n\n- 水 `code` **fett** مرحبا\n"
	    "- mehr\n\n| a | b |\n|---|---|\n| 1 | 日本 |\n";

	convo_set_title(c, "Ein \"Titel\"");
	buf_puts(&t->text, "Hallo, wie geht’s? 😀");
	t->t_end = START;
	t = convo_add(c, ROLE_ASSISTANT, START);
	t->model = strdup("Tiny");
	buf_puts(&t->thinking, "Ich denke nach, und zwar lange.\nUnd noch.");
	buf_puts(&t->text, text);
	t->t_first = START + 3000;
	t->t_think_end = START + 9000;
	t->t_end = START + 20000;
	t->end = DONE_STOP;
	return c;
}

/* Would catch a replay of which a recording shows another thing than the
 * screen, in any of its frames. */
static void
test_replay_frames(void **state)
{
	struct desk *d = *state;
	struct convo *convo = spoken();
	struct replay_how how = { .speed = 1 };
	struct theme theme;
	struct buf out = { 0 };
	struct cast c;
	struct vt t;
	int frames = 0;

	some_theme(&theme);
	cast_init(&c, &theme, d->grid.w, d->grid.h);
	vt_init(&t, d->grid.w, d->grid.h);
	player_begin(&d->app, convo, &how);
	do {
		app_draw(&d->app, &d->grid);
		buf_clear(&out);
		cast_frame(&c, &d->grid, &out);
		vt_feed(&t, &out);
		assert_shows(&t, &d->grid, &theme);
		d->now = app_deadline(&d->app);
		if (d->now >= 0)
			event(d, (struct ui_event){ .type = UI_TICK });
		frames++;
	} while (d->now >= 0);
	assert_in_range(frames, 60, 30 * 22);
	d->now = START;
	buf_free(&out);
	free(t.v);
	cast_done(&c);
	convo_free(convo);
}

/* Would catch a file that no JSON parser reads. */
static void
test_json(void **state)
{
	struct buf b = { 0 };

	(void)state;
	cast_json(&b, "a\"b\\c\n\033[m\177水", 13);
	assert_string_equal(b.data,
	    "\"a\\\"b\\\\c\\n\\u001b[m\\u007f水\"");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_frames),
		cmocka_unit_test(test_only_changes),
		cmocka_unit_test_setup_teardown(test_replay_frames, set_up,
		    tear_down),
		cmocka_unit_test(test_json),
	};

	if (!setlocale(LC_ALL, "C.UTF-8") && !setlocale(LC_ALL, "en_US.UTF-8"))
		return 77;	/* no such locale: skipped */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
