/* saved.h -- a folder of conversations for the tests of its files, and a
 * conversation to put there. */
#ifndef FIKR_TESTS_SAVED_H
#define FIKR_TESTS_SAVED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal.h"

#define ID "20261124-053122-7f3a"

static char root[64], dir[80], path[128], torn[136];
static const struct store store = { .dir = dir };

/* Before and after each, so that one failure does not cause another. */
#define IN_EMPTY(f) cmocka_unit_test_setup_teardown(f, empty_root, empty_root)

static inline int
empty_root(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'/*", root);
	return system(command);
}

static inline int
set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	/* Thousands of syncs: in memory they cost nothing. */
	snprintf(root, sizeof(root), "%.40s/t_journal.XXXXXX",
	    tmp ? tmp : "/dev/shm");
	if (!mkdtemp(root)) {
		snprintf(root, sizeof(root), "/tmp/t_journal.XXXXXX");
		if (!mkdtemp(root))
			return -1;
	}
	snprintf(dir, sizeof(dir), "%s/convos", root);
	snprintf(path, sizeof(path), "%s/%s.yaml", dir, ID);
	snprintf(torn, sizeof(torn), "%s.torn", path);
	return 0;
}

static inline int
tear_down(void **state)
{
	(void)state;
	return rmdir(root);
}

static inline struct journal *
create(const char *id, struct convo **c)
{
	struct err err = { { 0 } };
	struct journal *j;

	*c = convo_new_as(id, INT64_C(1763962282123));
	j = journal_create(&store, *c, &err);
	if (!j)
		fail_msg("%s", err.text);
	return j;
}

static inline struct journal *
reopen(struct convo **c, struct err *notice)
{
	struct err err = { { 0 } };
	struct journal *j = journal_open(&store, ID, c, notice, &err);

	if (!j)
		fail_msg("%s", err.text);
	return j;
}

static inline void
user(struct journal *j, struct convo *c, const char *text)
{
	struct turn *t = convo_add(c, ROLE_USER, 1000);

	buf_puts(&t->text, text);
	assert_int_equal(journal_begin(j, t, NULL), 0);
}

static inline void
delta(struct journal *j, struct turn *t, enum channel ch, const char *text)
{
	buf_puts(ch == CHANNEL_THINKING ? &t->thinking : &t->text, text);
	turn_add_token(t, (struct token){ .id = 7, .ms = 90, .channel = ch });
	turn_add_token(t, (struct token){ .id = 100000 + (int)t->n_tok,
	    .ms = 100 * (unsigned)t->n_tok, .bytes = (unsigned)strlen(text),
	    .channel = ch });
	assert_int_equal(journal_delta(j, t, ch, text, strlen(text), NULL), 0);
}

static inline struct turn *
begin_answer(struct journal *j, struct convo *c)
{
	struct turn *t = convo_add(c, ROLE_ASSISTANT, 2000);

	t->model = strdup("tiny \"model\"");
	t->digest = strdup("sha256:0123");
	t->sampling.temperature = 0.7f;
	t->guided = true;
	t->run = (struct run){ .engine = strdup("w 1"), .cpu = strdup("avx2"),
		.format = strdup("chatml"), .adapters = strdup("/a.gguf=0.5"),
		.system = strdup("Be\nbrief."),
		.thinking = THINKING_ON, .budget = 5, .budget_ms = 6,
		.context = 2048, .threads = 2, .kv = KV_Q8_0 };
	t->left_out = calloc(2, sizeof(*t->left_out));
	t->left_out[t->n_left_out++] = 1;
	assert_int_equal(journal_begin(j, t, NULL), 0);
	return t;
}

static inline void
end_answer(struct journal *j, struct turn *t)
{
	t->end = DONE_LENGTH;
	t->t_first = 2100;
	t->t_think_end = 2200;
	t->t_end = INT64_C(1763962289999);
	t->prompt_tokens = 11;
	t->cached_tokens = 3;
	t->tail = calloc(2, sizeof(*t->tail));
	t->tail[0] = 49151;
	t->n_tail = 2;
	t->run.touched = true;
	t->thinking_tokens = 22;
	t->answer_tokens = 33;
	t->sampling.seed = UINT64_MAX;
	assert_int_equal(journal_end(j, t, NULL), 0);
}

/* An answer to what was asked, and a question with its answer. */
static inline void
record_rest(struct journal *j, struct convo *c)
{
	struct turn *t = begin_answer(j, c);

	delta(j, t, CHANNEL_THINKING, "Let me ");
	delta(j, t, CHANNEL_THINKING, "think.\n---\n...\n");
	delta(j, t, CHANNEL_ANSWER, "It is ");
	assert_int_equal(journal_tick(j, 5000, NULL), 0);
	delta(j, t, CHANNEL_ANSWER, "so \xF0\x9F\x98\x80.");
	end_answer(j, t);
	t->fold = 1;
	assert_int_equal(journal_fold(j, t, NULL), 0);
	user(j, c, "Second");
	t = begin_answer(j, c);
	delta(j, t, CHANNEL_ANSWER, "Done");
	end_answer(j, t);
}

/* Two questions, two answers, a title, a fold. */
static inline struct convo *
record(void)
{
	struct convo *c;
	struct journal *j = create(ID, &c);

	user(j, c, "First question?\n\n  indented\n");
	convo_auto_title(c);
	c->pinned = c->archived = true;
	c->trashed = 1234;
	assert_true(convo_tag(c, "two words"));
	assert_true(convo_tag(c, "\xD9\x81\xD9\x83\xD8\xB1"));
	assert_int_equal(journal_labels(j, c, NULL), 0);
	record_rest(j, c);
	journal_close(j);
	return c;
}

static inline void
read_path(const char *name, struct buf *b)
{
	char block[4096];
	ssize_t got;
	int fd = open(name, O_RDONLY);

	assert_true(fd >= 0);
	while ((got = read(fd, block, sizeof(block))) > 0)
		buf_add(b, block, (size_t)got);
	close(fd);
}

static inline void
write_path(const char *name, const char *p, size_t n)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	close(fd);
}

#endif
