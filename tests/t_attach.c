/* t_attach.c -- files that go with a message, and long pastes. */
#include "desk.h"

#include "attach.h"
#include "message.h"

static void
write_file(struct desk *d, const char *name, const char *text, size_t n)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	fclose(f);
}

static int
in_folder(void **state)
{
	struct desk *d;

	if (set_up(state) < 0)
		return -1;
	d = *state;
	write_file(d, "notes.txt", "one ``` two", 11);
	write_file(d, "note book.md", "pages\n", 6);
	write_file(d, "data.bin", "a\0b", 3);
	return chdir(d->dir);
}

static int
out_of_folder(void **state)
{
	return chdir("/") < 0 ? -1 : tear_down(state);
}

/* Would catch files that are not found behind an '@', names that are none, and
 * a fence that the file's own text closes. */
static void
expanding(void **state)
{
	struct buf b = { 0 };
	struct err err = { .text = "" };

	(void)state;
	assert_int_equal(attach_expand("See @notes.txt, @nobody and "
	    "@\"note book.md\".", &b, &err), 0);
	assert_string_equal(b.data, "See @notes.txt, @nobody and "
	    "@\"note book.md\".\n\nnotes.txt:\n````txt\none ``` two\n````"
	    "\n\nnote book.md:\n```md\npages\n```");
	buf_clear(&b);
	assert_int_equal(attach_expand("a@notes.txt", &b, &err), 0);
	assert_string_equal(b.data, "a@notes.txt");
	buf_clear(&b);
	assert_int_equal(attach_expand("@data.bin", &b, &err), -1);
	assert_non_null(strstr(err.text, "data.bin is no text"));
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

static void
expect_complete(const char *text, const char *want)
{
	size_t cursor = 0;
	char *s = attach_complete(text, strlen(text), NULL, &cursor);

	if (!want) {
		assert_null(s);
		return;
	}
	assert_string_equal(s, want);
	assert_int_equal(cursor, strlen(want));
	free(s);
}

/* Would catch completion that guesses, or that takes a mail address for a
 * file. */
static void
completing(void **state)
{
	struct buf names = { 0 };
	size_t cursor;

	(void)state;
	expect_complete("@notes", "@notes.txt ");
	expect_complete("see @n", "see @note");
	expect_complete("me@n", NULL);
	expect_complete("@nothing", NULL);
	expect_complete("@\"note b", "@\"note book.md\" ");
	assert_null(attach_complete("@note", 5, &names, &cursor));
	assert_non_null(strstr(names.data, "notes.txt"));
	assert_non_null(strstr(names.data, "note book.md"));
	buf_free(&names);
}

/* Would catch a cost that is told only after sending, and a file that is not
 * sent. */
static void
in_the_prompt(void **state)
{
	struct desk *d = *state;
	int ends[] = { 31 };

	hear(d, (struct msg){ .type = MSG_LOADED, .u.loaded = {
	    .name = (char *)"m", .arch = (char *)"a", .format = (char *)"f",
	    .cpu = (char *)"c", .context = 2048 } });
	editor_set("see @notes.tx");
	press(d, "t");
	assert_int_equal(d->kind, MSG_MEASURE);
	assert_string_equal(d->app.attached, "notes.txt 11 bytes");
	hear(d, (struct msg){ .type = MSG_MEASURED, .u.measured = {
	    .id = d->app.cost.id, .tokens = 31, .ends = ends, .n_ends = 1,
	    .context = 2048 } });
	assert_true(d->app.cost.known);
	press(d, "enter");
	assert_non_null(strstr(d->last, "one ``` two"));
	assert_null(d->app.attached);
}

/* Would catch a long paste that fills the prompt, one that is sent as its
 * token, and files named by pasted text. */
static void
pasting(void **state)
{
	struct desk *d = *state;
	char text[2000];
	struct key k = { .code = KEY_PASTE_, .text = text, .n = 1999 };

	hear(d, (struct msg){ .type = MSG_LOADED, .u.loaded = {
	    .name = (char *)"m", .arch = (char *)"a", .format = (char *)"f",
	    .cpu = (char *)"c", .context = 8192 } });
	d->alive = true;
	memset(text, 'x', sizeof(text));
	memcpy(text + 1000, " @notes.txt ", 12);
	text[1999] = '\0';
	editor_set("Look: ");
	event(d, (struct ui_event){ .type = UI_KEY, .key = &k });
	assert_string_equal(editor_text(),
	    "Look: [Pasted 1: 1 lines, 1999 bytes]");
	assert_null(d->app.attached);
	press(d, "!");
	press(d, "enter");
	assert_int_equal(strlen(d->app.cur->ask->text.data), 6 + 1999 + 1);
	assert_null(strstr(d->app.cur->ask->text.data, "one ```"));
	/* The history has what was sent. */
	press(d, "up");
	assert_int_equal(strlen(editor_text()), 6 + 1999 + 1);
	/* A token that was changed is text. */
	finish(d, DONE_STOP);
	editor_set("[Pasted 1: 1 lines, 1 bytes]");
	press(d, "enter");
	assert_string_equal(d->app.cur->ask->text.data,
	    "[Pasted 1: 1 lines, 1 bytes]");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, in_folder, out_of_folder)
	const struct CMUnitTest tests[] = {
		T(expanding), T(completing), T(in_the_prompt), T(pasting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
