/* t_mirror.c -- the screen of an interface that is read from right to left:
 * labels, rows, the cursor and the mouse. */
#include "desk.h"

#include "bidi.h"
#include "bidi_label.h"

static struct grid g;

static int
open_grid(void **state)
{
	(void)state;
	grid_init(&g, 20, 2);
	g.mirror = true;
	return 0;
}

static int
close_grid(void **state)
{
	(void)state;
	grid_done(&g);
	return 0;
}

static void
expect(const char *want)
{
	struct buf b = { 0 };

	grid_dump(&g, &b, false);
	assert_string_equal(b.data, want);
	buf_free(&b);
	grid_fill(&g, (struct rect){ 0, 0, g.w, g.h }, STYLE_TEXT);
}

/* What of s is kept apart, as 'L' or '.' for each byte of ASCII, and nothing
 * for others. */
static void
expect_label(const char *s, const char *want)
{
	uint8_t apart[200];
	char got[200];
	size_t n = 0;

	bidi_label(s, strlen(s), apart);
	for (size_t i = 0; s[i]; i++)
		if ((unsigned char)s[i] < 0x80)
			got[n++] = apart[i] == BIDI_LTR ? 'L' : '.';
	got[n] = '\0';
	assert_string_equal(got, want);
}

/* Catches a path whose first slash goes to its other end, words of a name in
 * reverse order, and a full stop of the sentence that goes with them. */
static void
test_label(void **state)
{
	(void)state;
	expect_label("", "");
	expect_label("   ", "...");
	expect_label("(untitled)", "LLLLLLLLLL");
	expect_label("> Hello, you?", "..LLLLLLLLLLL");
	expect_label("اقرأ /home/a b", ".LLLLLLLLL");
	expect_label("لا /help، ولا", ".LLLLL.");
	expect_label("نموذج Qwen 3 4B.", ".LLLLLLLLL.");
	expect_label("بقي 3 من 40", "......");
}

/* Catches labels that begin at the left, are cut at their beginning, or write
 * beyond an edge. */
static void
test_text(void **state)
{
	(void)state;
	assert_int_equal(grid_puts(&g, 1, 0, 9, "abc", STYLE_TEXT), 3);
	expect("                abc\n\n");
	grid_puts(&g, 0, 0, 20, "أب ج", STYLE_TEXT);
	expect("                ج بأ\n\n");
	assert_int_equal(grid_puts(&g, 0, 0, 2, "أبج", STYLE_TEXT), 2);
	expect("                  بأ\n\n");
	grid_cut(&g, 0, 0, 3, "أبجد", strlen("أبجد"), STYLE_TEXT);
	expect("                 …بأ\n\n");
	grid_puts(&g, 18, 0, 9, "abc", STYLE_TEXT);
	grid_puts(&g, -1, 1, 9, "abc", STYLE_TEXT);
	expect("bc\n                  ab\n");
	grid_puts(&g, 0, 0, INT32_MAX, "ab", STYLE_TEXT);
	grid_fill(&g, (struct rect){ 3, 1, INT32_MAX, 1 }, STYLE_DIM);
	expect("                  ab\n\n");
}

/* Catches a frame with its corners changed and a mark that points away. */
static void
test_turned(void **state)
{
	(void)state;
	grid_puts(&g, 0, 0, 1, "┌", STYLE_TEXT);
	grid_puts(&g, 19, 0, 1, "┐", STYLE_TEXT);
	grid_puts(&g, 2, 1, 9, "▸ ab", STYLE_TEXT);
	expect("┌                  ┐\n              ab ◂\n");
}

/* Catches text of a conversation that loses its own direction, and rows of the
 * interface that keep the English one. */
static void
test_rows(void **state)
{
	struct row row = { 0 };

	(void)state;
	row_puts(&row, "Hi!", STYLE_TEXT);
	grid_row(&g, 2, 0, 10, &row);
	expect("        Hi!\n\n");
	row_puts(&row, "  ", STYLE_TEXT);
	row_puts(&row, "[x", STYLE_KEY);
	grid_label(&g, 2, 0, 10, &row);
	expect("           [x  Hi!\n\n");
	row_free(&row);
}

/* Catches a cursor or a click at the place where it would be in English, and
 * a grid that is mirrored though the terminal reorders. */
static void
test_places(void **state)
{
	(void)state;
	grid_cursor(&g, 3, 1);
	assert_int_equal(g.cx, 16);
	assert_int_equal(grid_left(&g, 3, 5), 12);
	g.bidi = false;
	assert_int_equal(grid_left(&g, 3, 5), 3);
	grid_puts(&g, 1, 0, 9, "abc", STYLE_TEXT);
	expect(" abc\n\n");
}

static void
click(struct desk *d, int x, int y)
{
	struct key k = { .code = KEY_MOUSE_, .x = x, .y = y };

	event(d, (struct ui_event){ .type = UI_KEY, .key = &k });
}

/* Catches a mouse that is not mirrored with what it points at: in the text of
 * the prompt, and beside it. */
static void
test_mouse(void **state)
{
	struct desk *d = *state;

	d->grid.mirror = true;
	event(d, (struct ui_event){ .type = UI_RESIZE, .w = 80, .h = 24 });
	assert_int_equal(d->grid.cx, 77);	/* the empty prompt */
	editor_set("abcdef");
	event(d, (struct ui_event){ .type = UI_TICK });
	click(d, d->app.prompt.x + 3, d->app.prompt.y);
	assert_int_equal(editor_point(), 3);
	assert_int_equal(d->app.focus, FOCUS_PROMPT);
	/* The transcript is at the left, the list at the right. */
	click(d, 5, 5);
	assert_int_equal(d->app.focus, FOCUS_VIEW);
	assert_string_equal(d->grid.cells[53].text, "│");
	/* Their line goes where it is drawn to. */
	click(d, 53, 5);
	event(d, (struct ui_event){ .type = UI_KEY, .key = &(struct key){
		.code = KEY_DRAG_, .x = 49, .y = 5 } });
	assert_string_equal(d->grid.cells[49].text, "│");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_label),
		cmocka_unit_test_setup_teardown(test_text, open_grid,
		    close_grid),
		cmocka_unit_test_setup_teardown(test_turned, open_grid,
		    close_grid),
		cmocka_unit_test_setup_teardown(test_rows, open_grid,
		    close_grid),
		cmocka_unit_test_setup_teardown(test_places, open_grid,
		    close_grid),
		cmocka_unit_test_setup_teardown(test_mouse, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
