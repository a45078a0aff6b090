/* t_journal_list.c -- the list of conversations, which looks at the ends of
 * their files only. */
#include "saved.h"

#include <sys/time.h>

static void
touch(const char *id, int seconds)
{
	char name[160];
	struct timeval t[2] = { { seconds, 0 }, { seconds, 0 } };

	snprintf(name, sizeof(name), "%s/%s.yaml", dir, id);
	assert_int_equal(utimes(name, t), 0);
}

/* Catches a wrong order, foreign files in the list, and a file that cannot be
 * read and is left out without a word. */
static void
test_list(void **state)
{
	struct convo_info *v;
	struct convo *c;
	struct journal *j;
	char name[160];

	(void)state;
	assert_int_equal(journal_list(&store, &v, NULL), 0);
	convo_free(record());
	j = create("b", &c);
	user(j, c, "untitled so far");
	journal_close(j);
	convo_free(c);
	j = create("c", &c);
	journal_close(j);
	convo_free(c);
	snprintf(name, sizeof(name), "%s/notes.txt", dir);
	write_path(name, "x", 1);
	snprintf(name, sizeof(name), "%s/..x.yaml", dir);
	write_path(name, "x", 1);
	snprintf(name, sizeof(name), "%s/d.yaml", dir);
	assert_int_equal(mkdir(name, 0700), 0);
	snprintf(name, sizeof(name), "%s/e.yaml", dir);
	write_path(name, "\0\xFF garbage", 10);
	touch(ID, 5000);
	touch("b", 9000);
	touch("c", 1000);
	touch("d", 500);
	touch("e", 400);
	assert_int_equal(journal_list(&store, &v, NULL), 5);
	assert_string_equal(v[0].id, "b");
	assert_string_equal(v[0].title, "untitled so far");
	assert_int_equal(v[0].turns, 1);
	assert_string_equal(v[1].id, ID);
	assert_string_equal(v[1].title, "First question?");
	assert_int_equal(v[1].turns, 4);
	assert_true(v[1].created == INT64_C(1763962282123));
	assert_true(v[1].changed == 5000000);
	assert_string_equal(v[2].id, "c");
	assert_int_equal(v[2].turns, 0);
	assert_non_null(strstr(v[3].title, "is not a file"));
	assert_string_equal(v[4].id, "e");
	convo_infos_free(v, 5);
}

/* Catches a new title or a fold that moves an old conversation to the top of
 * the list as if something had been said in it. */
static void
test_arranging_is_no_news(void **state)
{
	struct convo_info *v;
	struct convo *c;
	struct journal *j;

	(void)state;
	convo_free(record());
	touch(ID, 5000);
	j = journal_open(&store, ID, &c, NULL, NULL);
	assert_non_null(j);
	convo_set_title(c, "Anew");
	assert_int_equal(journal_labels(j, c, NULL), 0);
	c->turns[1]->fold = 1;
	assert_int_equal(journal_fold(j, c->turns[1], NULL), 0);
	journal_close(j);
	convo_free(c);
	assert_int_equal(journal_list(&store, &v, NULL), 1);
	assert_string_equal(v[0].title, "Anew");
	assert_true(v[0].changed == 5000000);
	convo_infos_free(v, 1);
}

/* Catches a conversation that sinks in the list when something is said in it
 * after the clock was set back. */
static void
test_clock_set_back(void **state)
{
	struct convo_info *v;
	struct convo *c;
	struct journal *j;
	struct timeval future[2] = { { INT32_MAX, 0 }, { INT32_MAX, 0 } };

	(void)state;
	convo_free(record());
	assert_int_equal(utimes(path, future), 0);
	j = journal_open(&store, ID, &c, NULL, NULL);
	user(j, c, "said now, which is earlier");
	journal_close(j);
	convo_free(c);
	assert_int_equal(journal_list(&store, &v, NULL), 1);
	assert_true(v[0].changed == INT64_C(1000) * INT32_MAX);
	convo_infos_free(v, 1);
}

/* Catches a title lost in the middle of a long file, where the list does not
 * look. */
static void
test_list_long(void **state)
{
	struct convo_info *v;
	struct convo *c;
	struct journal *j = create(ID, &c);
	struct turn *t;
	struct buf big = { 0 };
	struct stat st;

	(void)state;
	user(j, c, "q");
	convo_set_title(c, "kept");
	assert_int_equal(journal_labels(j, c, NULL), 0);
	t = begin_answer(j, c);
	for (int i = 0; i < 6000; i++)
		delta(j, t, CHANNEL_ANSWER, "Twenty-five more bytes.\n ");
	end_answer(j, t);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 150000);
	assert_int_equal(journal_list(&store, &v, NULL), 1);
	assert_string_equal(v[0].title, "kept");
	assert_int_equal(v[0].turns, 2);
	assert_true(v[0].created == c->created);
	convo_infos_free(v, 1);
	for (int i = 0; i < 30000; i++)
		buf_puts(&big, "a big paste ");
	user(j, c, big.data);
	assert_int_equal(journal_list(&store, &v, NULL), 1);
	assert_string_equal(v[0].title, "kept");
	assert_int_equal(v[0].turns, 3);
	convo_infos_free(v, 1);
	journal_close(j);
	convo_free(c);
	buf_free(&big);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EMPTY(test_list),
		IN_EMPTY(test_arranging_is_no_news),
		IN_EMPTY(test_clock_set_back),
		IN_EMPTY(test_list_long),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
