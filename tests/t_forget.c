/* t_forget.c -- what a forgotten conversation leaves: nothing of its own, and
 * all that belongs to others. */
#include "saved.h"

#include "alloc.h"
#include "forget.h"
#include "histfile.h"
#include "paths.h"
#include "wipe.h"

static char *history;

static int
homes(void **state)
{
	char name[160];

	if (set_up(state) < 0)
		return -1;
	snprintf(name, sizeof(name), "%s/state", root);
	setenv("XDG_STATE_HOME", name, 1);
	snprintf(name, sizeof(name), "%s/cache", root);
	setenv("XDG_CACHE_HOME", name, 1);
	history = path_state("history");
	return 0;
}

static int
no_homes(void **state)
{
	free(history);
	return tear_down(state);
}

/* Put text into a file of fikr's state. */
static void
put_state(const char *name, const char *text)
{
	char *folder = path_state(NULL), *file = path_state(name);

	assert_int_equal(path_make_dir(folder, NULL), 0);
	write_path(file, text, strlen(text));
	free(folder);
	free(file);
}

static void
assert_state(const char *name, const char *want)
{
	char *file = path_state(name);
	struct buf b = { 0 };

	read_path(file, &b);
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
	free(file);
}

static void
put_convo(const char *const *said)
{
	struct convo *c;
	struct journal *j = create(ID, &c);

	convo_set_title(c, "Of bees and honey");
	assert_int_equal(journal_labels(j, c, NULL), 0);
	for (; *said; said++)
		user(j, c, *said);
	journal_close(j);
	convo_free(c);
}

/* Catches lines that are left: what was pasted or attached stands for a line
 * that is not the message; and lines of others that go. */
static void
test_history(void **state)
{
	static const char *const said[] = { "Hello", "two\nlines",
		"Look at @bees.txt\n\n```bees.txt\nbuzz\n```\n",
		"Sum up this: one two three, in brief", "a\\b", NULL };
	struct forgotten f;
	struct err err = { "" };

	(void)state;
	put_convo(said);
	put_state("history", "Hello\nHello you\ntwo\\nlines\ntwo\n"
	    "Look at @bees.txt\nLook at\n"
	    "Sum up this: [Pasted 1: 3 lines, 13 bytes], in brief\n"
	    "Sum up this: [Pasted 2: 9 lines, 99 bytes], at length\n"
	    "a\\\\b\n/rename Of bees\n/rename Of wasps\n/help\n");
	assert_int_equal(forget_convo(&store, ID, &f, &err), 0);
	assert_string_equal(err.text, "");
	assert_int_equal(f.history, 6);
	assert_int_equal(f.files, 1);
	assert_state("history", "Hello you\ntwo\nLook at\n"
	    "Sum up this: [Pasted 2: 9 lines, 99 bytes], at length\n"
	    "/rename Of wasps\n/help\n");
}

/* Catches a log that goes on naming it, or is moved under the feet of who
 * writes to it. */
static void
test_logs(void **state)
{
	static const char *const said[] = { "Hello", NULL };
	struct forgotten f;
	struct stat before, after;
	char *log = path_state("worker.log");

	(void)state;
	put_convo(said);
	put_state("worker.log", "first\nkept " ID " of\nlast");
	assert_int_equal(stat(log, &before), 0);
	assert_int_equal(forget_convo(&store, ID, &f, NULL), 0);
	assert_int_equal(f.log, 1);
	assert_state("worker.log",
	    "first\n                            \nlast");
	assert_int_equal(stat(log, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	free(log);
}

/* Catches files that stay, and those of other conversations that do not. */
static void
test_files(void **state)
{
	static const char *const said[] = { "Hello", NULL };
	static const char *const names[] = { "%s/" ID ".yaml.torn",
		"%s/" ID ".yaml.new", "%s/trash/" ID ".yaml" };
	struct forgotten f;
	char name[160];

	(void)state;
	put_convo(said);
	snprintf(name, sizeof(name), "%s/trash", dir);
	mkdir(name, 0700);
	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), names[i], dir);
		write_path(name, "x", 1);
	}
	snprintf(name, sizeof(name), "%s/" ID "0.yaml", dir);
	write_path(name, "x", 1);
	assert_int_equal(forget_convo(&store, ID, &f, NULL), 0);
	assert_int_equal(f.files, 4);
	assert_int_equal(access(path, F_OK), -1);
	for (size_t i = 0; i < 3; i++) {
		char gone[160];

		snprintf(gone, sizeof(gone), names[i], dir);
		assert_int_equal(access(gone, F_OK), -1);
	}
	assert_int_equal(access(name, F_OK), 0);
	snprintf(name, sizeof(name), "rm -rf '%s'", dir);
	assert_int_equal(system(name), 0);
}

/* Catches a conversation that goes on being written after it was forgotten, and
 * an id that is a path. */
static void
test_refused(void **state)
{
	struct convo *c;
	struct journal *j = create(ID, &c);
	struct forgotten f;
	struct err err;

	(void)state;
	user(j, c, "Hello");
	assert_int_equal(forget_convo(&store, ID, &f, &err), -1);
	assert_non_null(strstr(err.text, "open"));
	assert_int_equal(access(path, F_OK), 0);
	journal_close(j);
	convo_free(c);
	assert_int_equal(forget_convo(&store, "../" ID, &f, &err), -1);
	assert_int_equal(access(path, F_OK), 0);
}

/* Catches bytes that are still there for who has the file open, where the file
 * system writes in place; and another name of the file that is emptied. */
static void
test_wipe(void **state)
{
	char block[8] = "", other[160];
	int fd;

	(void)state;
	mkdir(dir, 0700);
	write_path(path, "secret", 6);
	fd = open(path, O_RDONLY);
	assert_int_equal(wipe_file(path), 1);
	assert_int_equal(pread(fd, block, 6, 0), 6);
	assert_memory_equal(block, "\0\0\0\0\0\0", 6);
	close(fd);
	assert_int_equal(wipe_file(path), 0);
	write_path(path, "secret", 6);
	snprintf(other, sizeof(other), "%s/other", dir);
	assert_int_equal(link(path, other), 0);
	assert_int_equal(wipe_file(path), 1);
	fd = open(other, O_RDONLY);
	assert_int_equal(pread(fd, block, 6, 0), 6);
	assert_memory_equal(block, "secret", 6);
	close(fd);
}

/* Catches what lies in the clear beside a store that is encrypted. */
static void
test_caches(void **state)
{
	char *cache = path_cache(NULL), *kv = path_cache("kv");
	char *names[4] = { path_cache("index.sqlite"),
		path_cache("index.sqlite-wal"), path_cache("kv/x.1.kv"),
		path_state("history") };

	(void)state;
	put_state("history", "Hello\n");
	assert_int_equal(path_make_dir(kv, NULL), 0);
	for (size_t i = 0; i < 3; i++)
		write_path(names[i], "x", 1);
	assert_int_equal(forget_caches(NULL), 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(access(names[i], F_OK), -1);
		free(names[i]);
	}
	assert_int_equal(forget_caches(NULL), 0);
	free(cache);
	free(kv);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EMPTY(test_history),
		IN_EMPTY(test_logs),
		IN_EMPTY(test_files),
		IN_EMPTY(test_refused),
		IN_EMPTY(test_wipe),
		IN_EMPTY(test_caches),
	};

	return cmocka_run_group_tests(tests, homes, no_homes);
}
