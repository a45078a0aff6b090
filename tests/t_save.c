/* t_save.c -- what the screen does when the disk refuses a conversation, when
 * its file goes away, when the clock is set back; and what it offers when an
 * answer was cut off. */
#include "desk.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void
limit_files(rlim_t bytes)
{
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &r), 0);
	r.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &r), 0);
}

/* On a screen that is wide enough for any sentence. */
static bool
shows(struct desk *d, const char *text)
{
	struct buf b = { 0 };
	bool yes;

	grid_resize(&d->grid, 250, 40);
	event(d, (struct ui_event){ .type = UI_RESIZE, .w = 250, .h = 40 });
	grid_dump(&d->grid, &b, false);
	yes = b.data && strstr(b.data, text) != NULL;
	buf_free(&b);
	return yes;
}

/* As the loop does it when the app's deadline has come. */
static void
wait_for_tick(struct desk *d)
{
	if (app_deadline(&d->app) < 0)
		return;
	if (d->now < app_deadline(&d->app))
		d->now = app_deadline(&d->app);
	event(d, (struct ui_event){ .type = UI_TICK });
}

/* Until what was refused is tried again. */
static void
wait_for_retry(struct desk *d)
{
	for (int i = 0; i < 12; i++)
		wait_for_tick(d);
}

static void
answer(struct desk *d, const char *text)
{
	delta(d, CHANNEL_ANSWER, text);
	finish(d, DONE_STOP);
}

/* The texts of a conversation's file, in order. */
static void
assert_saved(struct desk *d, const char *id, const char *expected)
{
	struct convo *c = journal_read(&d->store, id, NULL, NULL);
	struct buf b = { 0 };

	assert_non_null(c);
	for (size_t i = 0; i < c->n; i++) {
		buf_printf(&b, "%d>%d %s%s\n", c->turns[i]->parent,
		    c->turns[i]->id, c->turns[i]->text.data ?
		    c->turns[i]->text.data : "",
		    c->turns[i]->end == DONE_OPEN ? " ..." : "");
	}
	assert_string_equal(b.data ? b.data : "", expected);
	buf_free(&b);
	convo_free(c);
}

#define FOUR "0>1 one\n1>2 first\n2>3 two\n3>4 second\n"

/* Would catch turns that are never saved because there was no file for them
 * when they were said: only the message that finds room gets into it. */
static void
no_file_at_first(void **state)
{
	struct desk *d = *state;
	char *good = d->store.dir, file[210], in_file[220];

	snprintf(file, sizeof(file), "%s/file", d->dir);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	snprintf(in_file, sizeof(in_file), "%s/x", file);
	d->store.dir = in_file;
	ask(d, "one");
	assert_true(shows(d, "Not saved: cannot make the folder"));
	answer(d, "first");
	ask(d, "two");
	answer(d, "second");
	assert_false(shows(d, "saved now"));
	d->store.dir = good;
	wait_for_tick(d);
	assert_true(shows(d, "All of it is saved now"));
	assert_saved(d, d->app.cur->convo->id, FOUR);
	assert_false(sessions_wait(&d->app));
}

/* Would catch an answer whose end is forgotten because nothing streams any
 * more when there is room again. */
static void
room_while_nothing_happens(void **state)
{
	struct desk *d = *state;

	ask(d, "one");
	limit_files(10);
	answer(d, "first");
	assert_true(shows(d, "Not saved"));
	ask(d, "two");
	answer(d, "second");
	wait_for_tick(d);
	assert_false(shows(d, "saved now"));
	limit_files(RLIM_INFINITY);
	wait_for_retry(d);
	assert_true(shows(d, "All of it is saved now"));
	assert_saved(d, d->app.cur->convo->id, FOUR);
}

/* Would catch a program that ends without a word while something is not
 * saved, or that cannot be left at all. */
static void
quitting_with_a_full_disk(void **state)
{
	struct desk *d = *state;
	struct err err = { "" };

	ask(d, "one");
	limit_files(10);
	answer(d, "first");
	assert_false(press(d, "ctrl+d") & REACT_QUIT);
	assert_true(shows(d, "Quit again to lose what is not saved"));
	assert_true(press(d, "ctrl+d") & REACT_QUIT);
	assert_int_equal(app_finish(&d->app, &err), -1);
	assert_non_null(strstr(err.text, "“one” is not saved"));
	limit_files(RLIM_INFINITY);
	assert_true(press(d, "ctrl+d") & REACT_QUIT);
	assert_int_equal(app_finish(&d->app, &err), 0);
	assert_saved(d, d->app.cur->convo->id, "0>1 one\n1>2 first\n");
}

/* Would catch a conversation that is dropped with what is not saved of it when
 * another one is shown, or opened a second time from its file. */
static void
leaving_with_a_full_disk(void **state)
{
	struct desk *d = *state;
	struct session *s = d->app.cur;
	char id[32];

	ask(d, "one");
	memcpy(id, s->convo->id, sizeof(id));
	limit_files(10);
	answer(d, "first");
	press(d, "alt+n");
	assert_ptr_not_equal(d->app.cur, s);
	assert_int_equal(d->app.n_unsaved, 1);
	assert_int_equal(app_open(&d->app, id), 0);
	assert_ptr_equal(d->app.cur, s);
	assert_int_equal(d->app.n_unsaved, 0);
	press(d, "alt+n");
	limit_files(RLIM_INFINITY);
	wait_for_retry(d);
	assert_int_equal(d->app.n_unsaved, 0);
	assert_saved(d, id, "0>1 one\n1>2 first\n");
}

static void
file_of(struct desk *d, char path[300])
{
	snprintf(path, 300, "%s/%s.yaml", d->dir, d->app.cur->convo->id);
}

/* Would catch a conversation that ends where its file was deleted. */
static void
deleted_while_open(void **state)
{
	struct desk *d = *state;
	char path[300];

	ask(d, "one");
	answer(d, "first");
	file_of(d, path);
	assert_int_equal(unlink(path), 0);
	ask(d, "two");
	assert_true(shows(d, "was deleted or replaced"));
	answer(d, "second");
	assert_saved(d, d->app.cur->convo->id, FOUR);
}

/* Would catch writing into the file that somebody put in place of ours, or
 * writing into nothing. */
static void
replaced_while_open(void **state)
{
	struct desk *d = *state;
	char path[300], other[320], id[32];
	struct stat st;
	int fd;

	ask(d, "one");
	answer(d, "first");
	memcpy(id, d->app.cur->convo->id, sizeof(id));
	file_of(d, path);
	snprintf(other, sizeof(other), "%s.other", path);
	fd = open(other, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(write(fd, "# another\n", 10), 10);
	close(fd);
	assert_int_equal(rename(other, path), 0);
	ask(d, "two");
	answer(d, "second");
	assert_string_not_equal(d->app.cur->convo->id, id);
	assert_saved(d, d->app.cur->convo->id, FOUR);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 10);
}

static size_t
read_whole(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, size);

	assert_true(n > 0);
	close(fd);
	return (size_t)n;
}

/* Would catch half of an answer that is shown as if that was all, or that
 * cannot be gone on with. */
static void
half_an_answer_is_offered(void **state)
{
	struct desk *d = *state;
	char path[300], id[32], text[8192];
	size_t n;
	int fd;

	ask(d, "question");
	delta(d, CHANNEL_ANSWER, "half ");
	wait_for_tick(d);
	memcpy(id, d->app.cur->convo->id, sizeof(id));
	file_of(d, path);
	n = read_whole(path, text, sizeof(text));
	app_done(&d->app);
	fd = open(path, O_WRONLY | O_TRUNC);	/* as kill -9 leaves it */
	assert_int_equal(write(fd, text, n), n);
	close(fd);
	open_app(d, id);
	assert_true(shows(d, "half"));
	assert_true(shows(d, "/continue goes on with it"));
	ask(d, "/continue");
	assert_int_equal(d->last_role, ROLE_ASSISTANT);
	assert_string_equal(d->last, "half ");
	answer(d, "an answer");
	assert_saved(d, id, "0>1 question\n1>2 half an answer\n");
	app_done(&d->app);
	open_app(d, id);
	assert_false(shows(d, "/continue goes on with it"));
}

/* Would catch text that is not saved for as long as the clock was set back,
 * since nothing is due before that. */
static void
clock_set_back(void **state)
{
	struct desk *d = *state;
	int64_t was;

	ask(d, "question");
	delta(d, CHANNEL_ANSWER, "some ");
	wait_for_tick(d);
	was = d->now -= 3600000;
	delta(d, CHANNEL_ANSWER, "text");
	wait_for_tick(d);
	wait_for_tick(d);
	assert_true(d->now - was <= 1000);
	assert_saved(d, d->app.cur->convo->id,
	    "0>1 question\n1>2 some text ...\n");
}

/* Would catch a second program that writes into the same file, or that does
 * not say why it does not. */
static void
a_second_program_only_reads(void **state)
{
	struct desk *d = *state;
	struct convo *c;
	struct journal *j;
	char id[32];

	ask(d, "one");
	answer(d, "first");
	memcpy(id, d->app.cur->convo->id, sizeof(id));
	app_done(&d->app);
	j = journal_open(&d->store, id, &c, NULL, NULL);	/* the other */
	open_app(d, id);
	assert_true(shows(d, "first"));
	assert_true(shows(d, "is open in another fikr"));
	ask(d, "two");
	assert_int_equal(d->sent, 1);
	assert_string_equal(editor_text(), "two");
	journal_close(j);
	convo_free(c);
	assert_saved(d, id, "0>1 one\n1>2 first\n");
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(no_file_at_first), T(room_while_nothing_happens),
		T(quitting_with_a_full_disk), T(leaving_with_a_full_disk),
		T(deleted_while_open), T(replaced_while_open),
		T(half_an_answer_is_offered), T(clock_set_back),
		T(a_second_program_only_reads),
	};

	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
