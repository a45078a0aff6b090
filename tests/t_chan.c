/* t_chan.c -- lines over pipes. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "chan.h"

/* These stand before the C library's: a signal comes in the middle of so many
 * of the next calls. */
static int interrupt;

static bool
interrupted(void)
{
	if (interrupt == 0)
		return false;
	interrupt--;
	errno = EINTR;
	return true;
}

ssize_t
read(int fd, void *s, size_t n)
{
	return interrupted() ? -1 : (ssize_t)syscall(SYS_read, fd, s, n);
}

ssize_t
write(int fd, const void *s, size_t n)
{
	return interrupted() ? -1 : (ssize_t)syscall(SYS_write, fd, s, n);
}

struct ends {
	struct chan c;
	int to, from;		/* our ends: written by us, read by us */
};

static int
setup(void **state)
{
	struct ends *e = calloc(1, sizeof *e);
	int a[2], b[2];

	if (!e || pipe(a) < 0 || pipe(b) < 0)
		return -1;
	fcntl(a[0], F_SETFL, O_NONBLOCK);
	fcntl(b[1], F_SETFL, O_NONBLOCK);
	chan_init(&e->c, a[0], b[1], 1000);
	e->to = a[1];
	e->from = b[0];
	*state = e;
	return 0;
}

static int
teardown(void **state)
{
	struct ends *e = *state;

	close(e->c.in);
	close(e->c.out);
	if (e->to >= 0)
		close(e->to);
	if (e->from >= 0)
		close(e->from);
	chan_done(&e->c);
	free(e);
	return 0;
}

static void
give(struct ends *e, const char *s)
{
	assert_int_equal(write(e->to, s, strlen(s)), (int)strlen(s));
}

static void
expect(struct ends *e, const char *want)
{
	char *line;
	size_t n;
	struct err err;

	assert_int_equal(chan_line(&e->c, &line, &n, &err), 1);
	assert_string_equal(line, want);
	assert_int_equal(n, strlen(want));
}

static void
expect_none(struct ends *e, int want)
{
	char *line;
	size_t n;
	struct err err;

	assert_int_equal(chan_line(&e->c, &line, &n, &err), want);
}

/* Catches lines lost or glued when several come at once or one in pieces. */
static void
lines_in_any_pieces(void **state)
{
	struct ends *e = *state;
	struct err err;

	assert_int_equal(chan_fill(&e->c, &err), 0);
	expect_none(e, 0);
	give(e, "one\n\ntwo\nth");
	assert_int_equal(chan_fill(&e->c, &err), 1);
	expect(e, "one");
	expect(e, "");
	expect(e, "two");
	expect_none(e, 0);
	give(e, "ree\n");
	assert_int_equal(chan_fill(&e->c, &err), 1);
	expect(e, "three");
	expect_none(e, 0);
}

/* Catches a line still borrowed being mixed with what comes after it. */
static void
fill_between_lines(void **state)
{
	struct ends *e = *state;
	struct err err;

	give(e, "a\nb");
	chan_fill(&e->c, &err);
	expect(e, "a");
	give(e, "c\nd\n");
	chan_fill(&e->c, &err);
	expect(e, "bc");
	expect(e, "d");
	expect_none(e, 0);
}

/* Catches the end hiding lines that were read before it. */
static void
end_keeps_whole_lines(void **state)
{
	struct ends *e = *state;
	struct err err = { "" };

	give(e, "last\nhalf");
	close(e->to);
	e->to = -1;
	assert_int_equal(chan_fill(&e->c, &err), 1);
	assert_int_equal(chan_fill(&e->c, &err), -1);
	assert_true(e->c.eof);
	assert_true(strlen(err.text) > 0);
	expect(e, "last");
	expect_none(e, 0);
	assert_int_equal(chan_fill(&e->c, &err), -1);
}

/* Catches memory without bound for a line without end, and what follows it
 * being lost or taken for a message. */
static void
long_line_is_skipped(void **state)
{
	struct ends *e = *state;
	struct err err;
	char x[600];

	memset(x, 'x', sizeof x);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(write(e->to, x, sizeof x), (int)sizeof x);
		chan_fill(&e->c, &err);
		expect_none(e, i == 1 ? -1 : 0);
		assert_true(e->c.inbuf.len <= 1200);
	}
	give(e, "tail\ngood\n");
	chan_fill(&e->c, &err);
	expect(e, "good");
	expect_none(e, 0);
}

/* Catches the same when the whole long line came at once; and a line of
 * exactly the bound being refused. */
static void
line_at_the_bound(void **state)
{
	struct ends *e = *state;
	struct err err;
	char x[1001];

	memset(x, 'y', sizeof x);
	assert_int_equal(write(e->to, x, 1000), 1000);
	give(e, "\n");
	assert_int_equal(write(e->to, x, 1001), 1001);
	give(e, "\nnext\n");
	chan_fill(&e->c, &err);
	x[1000] = '\0';
	expect(e, x);
	expect_none(e, -1);
	expect(e, "next");
}

/* Catches bytes lost or doubled when the pipe takes only a part. */
static void
flush_in_parts(void **state)
{
	struct ends *e = *state;
	size_t total = 300000, got = 0;
	struct err err;
	char x[4096];
	int r;

	for (size_t i = 0; i < total; i++) {
		char c = (char)('a' + i % 23);

		chan_put(&e->c, &c, 1);
	}
	r = chan_flush(&e->c, &err);
	assert_int_equal(r, 0);
	while (got < total) {
		ssize_t n = read(e->from, x, sizeof x);

		assert_true(n > 0);
		for (ssize_t i = 0; i < n; i++)
			if (x[i] != (char)('a' + (got + (size_t)i) % 23))
				fail_msg("byte %zu", got + (size_t)i);
		got += (size_t)n;
		r = chan_flush(&e->c, &err);
		assert_true(r >= 0);
	}
	assert_int_equal(r, 1);
	assert_int_equal(e->c.outbuf.len, 0);
}

/* Catches dying of SIGPIPE, or not noticing that nobody reads. */
static void
broken_pipe_is_an_error(void **state)
{
	struct ends *e = *state;
	struct err err = { "" };

	signal(SIGPIPE, SIG_IGN);
	close(e->from);
	e->from = -1;
	chan_put(&e->c, "x", 1);
	assert_int_equal(chan_flush(&e->c, &err), -1);
	assert_true(strlen(err.text) > 0);
	/* nothing is left that an owner would wait to write for ever */
	assert_int_equal(e->c.outbuf.len, 0);
}

/* Pitfall 20.  Catches a signal (a child's end, another size) that is taken for
 * the end of the pipe. */
static void
interruptions_are_no_end(void **state)
{
	struct ends *e = *state;
	struct err err = { "" };
	char *line, got[4];
	size_t n;

	give(e, "one\n");
	interrupt = 2;
	assert_int_equal(chan_fill(&e->c, &err), 1);
	assert_int_equal(chan_line(&e->c, &line, &n, &err), 1);
	assert_int_equal(n, 3);
	chan_put(&e->c, "abc", 3);
	interrupt = 2;
	assert_int_equal(chan_flush(&e->c, &err), 1);
	assert_int_equal(interrupt, 0);
	assert_int_equal(read(e->from, got, sizeof(got)), 3);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(lines_in_any_pieces),
		T(fill_between_lines),
		T(end_keeps_whole_lines),
		T(long_line_is_skipped),
		T(line_at_the_bound),
		T(flush_in_parts),
		T(broken_pipe_is_an_error),
		T(interruptions_are_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
