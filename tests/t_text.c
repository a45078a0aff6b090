/* t_text.c -- text from outside on its way to the screen: cut anywhere while it
 * streams, and full of what a terminal would obey. */
#include "desk.h"

#include "utf8.h"

static char *
drawn(struct desk *d)
{
	struct buf b = { 0 };

	grid_dump(&d->grid, &b, true);
	return buf_take(&b);
}

/* What the screen shows of a thought and an answer that come as text[0..cut)
 * and the rest. */
static char *
streamed(const char *text, size_t cut)
{
	char first[200];
	void *state;
	struct desk *d;
	char *s;

	snprintf(first, sizeof(first), "%.*s", (int)cut, text);
	assert_int_equal(set_up(&state), 0);
	d = state;
	ask(d, "go");
	if (cut > 0)
		delta(d, CHANNEL_THINKING, first);
	delta(d, CHANNEL_THINKING, text + cut);
	if (cut > 0)
		delta(d, CHANNEL_ANSWER, first);
	delta(d, CHANNEL_ANSWER, text + cut);
	s = drawn(d);
	tear_down(&state);
	return s;
}

/* Pitfall 16.  Catches a letter that is drawn when its mark, selector, joiner
 * or second half has not come yet, and stays as it was then; Arabic whose place
 * and order were settled too early. */
static void
cut_anywhere(void **state)
{
	static const char *const texts[] = { "e\u0301a\u0302\u0303 n",
		"x \u2764\uFE0F y", "\U0001F468\u200D\U0001F469\u200D"
		"\U0001F467.", "\U0001F1E9\U0001F1EA\U0001F1EB",
		"\U0001F44D\U0001F3FD ok", "\u0915\u094D\u0937\u093F",
		"1 \u0633\u064E\u0644\u0652\u0627 ab 2\n3 cd \u05D0",
		"\u1100\u1161\u11A8", "a\r\nb" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *want = streamed(texts[i], 0);
		size_t at = 0;
		uint32_t cp;

		while (texts[i][at] != '\0') {
			char *got = streamed(texts[i], at);

			assert_string_equal(got, want);
			free(got);
			at += (size_t)utf8_decode(texts[i] + at,
			    strlen(texts[i] + at), &cp, NULL);
		}
		free(want);
	}
}

#define HOSTILE "\033[31mred\033]52;c;eA==\a\033]0;owned\033\\ \033P1$r" \
	"\033\\ \xC2\x9B" "2J \xC2\x9D" "0;x\xC2\x9C over\rtyped \b\b\x7F \x0E " \
	"\u202Eabc\u202C \u2066x\u2069 \u200F \u200B \uFEFF " \
	"\xFF\xC0\x80 \xED\xA0\x80"

static bool
obeyed(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) ||
	    (cp >= 0x200B && cp <= 0x200F && cp != 0x200C && cp != 0x200D) ||
	    (cp >= 0x2028 && cp <= 0x202E) ||
	    (cp >= 0x2060 && cp <= 0x2069) || cp == 0xFEFF;
}

static void
expect_harmless(struct desk *d)
{
	for (int i = 0; i < d->grid.w * d->grid.h; i++) {
		const char *s = d->grid.cells[i].text;
		size_t n = strlen(s);
		uint32_t cp;

		for (size_t k = 0; k < n; ) {
			k += (size_t)utf8_decode(s + k, n - k, &cp, NULL);
			if (obeyed(cp))
				fail_msg("U+%04X at column %d, row %d",
				    (unsigned)cp, i % d->grid.w,
				    i / d->grid.w);
		}
	}
}

/* Pitfall 10.  Catches text that a terminal would obey, or that hides or turns
 * other text, on any way to the screen: prompt, message, thought, answer with
 * code, a table and links, the model's name, the worker's notes and errors, an
 * attached file's name and text, and the title. */
static void
harmless_everywhere(void **state)
{
	struct desk *d = *state;
	char *notes[] = { (char *)HOSTILE };
	char name[300];
	FILE *f;

	app_start_worker(&d->app);
	hear(d, (struct msg){ .type = MSG_LOADED, .u.loaded = {
	    .name = (char *)HOSTILE, .arch = (char *)HOSTILE,
	    .format = (char *)HOSTILE, .cpu = (char *)HOSTILE, .context = 1 << 16,
	    .notes = notes, .n_notes = 1 } });
	expect_harmless(d);
	editor_insert(HOSTILE, strlen(HOSTILE));
	event(d, (struct ui_event){ .type = UI_TICK });
	expect_harmless(d);
	press(d, "enter");
	assert_int_equal(d->sent, 1);
	expect_harmless(d);
	delta(d, CHANNEL_THINKING, HOSTILE);
	expect_harmless(d);
	delta(d, CHANNEL_ANSWER, "# " HOSTILE "\n\n> " HOSTILE "\n\n1. `"
	    HOSTILE "`\n\n");
	expect_harmless(d);
	delta(d, CHANNEL_ANSWER, "```" HOSTILE "\n" HOSTILE "\n```\n\n| "
	    HOSTILE " | b |\n|---|---|\n| " HOSTILE " | " HOSTILE " |\n\n");
	expect_harmless(d);
	delta(d, CHANNEL_ANSWER, "[" HOSTILE "](http://a/" HOSTILE ") <http://b/"
	    "\033]52;c;eA==\a> &#27;[31m &#x202E; &#155; $" HOSTILE "$\n");
	expect_harmless(d);
	assert_string_equal(last_turn(d)->thinking.data, HOSTILE);
	for (int i = 0; i < d->grid.n_links; i++)
		for (const char *p = d->grid.links[i].href; *p; p++)
			assert_in_range(*p, 0x21, 0x7E);
	finish(d, DONE_STOP);
	snprintf(name, sizeof(name), "see @%s/\033]0;x\a\u202Ex.txt", d->dir);
	f = fopen(name + 5, "w");
	assert_non_null(f);
	fputs("text \033[31mred \u202Ex\n", f);
	fclose(f);
	ask(d, name);
	assert_non_null(strstr(d->last, "see @"));
	expect_harmless(d);
	finish(d, DONE_STOP);
	ask(d, "and @/none/\033]0;x\a\u202Ex.txt");
	expect_harmless(d);
	hear(d, (struct msg){ .type = MSG_ERROR, .u.error = {
	    .id = d->id, .text = (char *)HOSTILE } });
	expect_harmless(d);
	editor_set("/rename " HOSTILE);
	press(d, "enter");
	expect_harmless(d);
	editor_set("/" HOSTILE);
	press(d, "enter");
	expect_harmless(d);
	for (int w = 10; w < 80; w += 23) {
		grid_resize(&d->grid, w, 24);
		event(d, (struct ui_event){ .type = UI_RESIZE, .w = w,
		    .h = 24 });
		expect_harmless(d);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test_setup_teardown(harmless_everywhere, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
