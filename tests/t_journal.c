/* t_journal.c -- a conversation's file: what was saved is there again after
 * cuts, damage, full disks and a second program. */
#include "saved.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "event.h"

/* These stand before the C library's: how often something was synced. */
static int synced_files, synced_dirs;
static int sync_error;		/* why it fails; 0: it does not */

int
fdatasync(int fd)
{
	synced_files++;
	errno = sync_error;
	return sync_error ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		synced_dirs++;
	return (int)syscall(SYS_fsync, fd);
}

static void
assert_same_buf(const struct buf *a, const struct buf *b)
{
	assert_int_equal(a->len, b->len);
	if (a->len)
		assert_memory_equal(a->data, b->data, a->len);
}

static void
assert_same_sampling(const struct sampling *a, const struct sampling *b)
{
	assert_true(a->temperature == b->temperature);
	assert_int_equal(a->top_k, b->top_k);
	assert_true(a->top_p == b->top_p && a->min_p == b->min_p);
	assert_true(a->repeat_penalty == b->repeat_penalty);
	assert_int_equal(a->repeat_last, b->repeat_last);
	assert_true(a->seed == b->seed);
	assert_int_equal(a->max_tokens, b->max_tokens);
}

static void
assert_same_name(const char *a, const char *b)
{
	assert_int_equal(!a, !b);
	if (a)
		assert_string_equal(a, b);
}

static void
assert_same_run(const struct turn *t, const struct turn *u)
{
	const struct run *a = &t->run, *b = &u->run;

	assert_same_name(a->engine, b->engine);
	assert_same_name(a->cpu, b->cpu);
	assert_same_name(a->format, b->format);
	assert_same_name(a->adapters, b->adapters);
	assert_same_name(a->system, b->system);
	assert_int_equal(a->thinking, b->thinking);
	assert_int_equal(a->budget, b->budget);
	assert_int_equal(a->budget_ms, b->budget_ms);
	assert_int_equal(a->context, b->context);
	assert_int_equal(a->threads, b->threads);
	assert_int_equal(a->kv, b->kv);
	assert_int_equal(a->touched, b->touched);
	assert_int_equal(t->n_left_out, u->n_left_out);
	for (size_t i = 0; i < t->n_left_out; i++)
		assert_int_equal(t->left_out[i], u->left_out[i]);
	assert_int_equal(t->n_tail, u->n_tail);
	for (size_t i = 0; i < t->n_tail; i++)
		assert_int_equal(t->tail[i], u->tail[i]);
}

static void
assert_same_tokens(const struct turn *a, const struct turn *b)
{
	assert_int_equal(a->n_tok, b->n_tok);
	for (size_t i = 0; i < a->n_tok; i++) {
		assert_int_equal(a->tok[i].id, b->tok[i].id);
		assert_int_equal(a->tok[i].ms, b->tok[i].ms);
		assert_int_equal(a->tok[i].bytes, b->tok[i].bytes);
		assert_int_equal(a->tok[i].channel, b->tok[i].channel);
	}
}

static void
assert_same_turn(const struct turn *a, const struct turn *b)
{
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->parent, b->parent);
	assert_int_equal(a->role, b->role);
	assert_same_buf(&a->text, &b->text);
	assert_same_buf(&a->thinking, &b->thinking);
	assert_int_equal(a->guided, b->guided);
	assert_true(a->t_start == b->t_start && a->t_first == b->t_first);
	assert_true(a->t_think_end == b->t_think_end && a->t_end == b->t_end);
	assert_same_name(a->model, b->model);
	assert_same_name(a->digest, b->digest);
	assert_same_run(a, b);
	assert_same_tokens(a, b);
	assert_same_sampling(&a->sampling, &b->sampling);
	assert_int_equal(a->end, b->end);
	assert_int_equal(a->prompt_tokens, b->prompt_tokens);
	assert_int_equal(a->cached_tokens, b->cached_tokens);
	assert_int_equal(a->thinking_tokens, b->thinking_tokens);
	assert_int_equal(a->answer_tokens, b->answer_tokens);
	assert_int_equal(a->fold, b->fold);
}

static void
assert_same(const struct convo *a, const struct convo *b)
{
	assert_string_equal(a->id, b->id);
	assert_string_equal(a->title, b->title);
	assert_int_equal(a->title_by, b->title_by);
	assert_int_equal(a->pinned, b->pinned);
	assert_int_equal(a->archived, b->archived);
	assert_true(a->trashed == b->trashed);
	assert_int_equal(a->n_tags, b->n_tags);
	for (size_t i = 0; i < a->n_tags; i++)
		assert_string_equal(a->tags[i], b->tags[i]);
	assert_true(a->created == b->created);
	assert_int_equal(a->head, b->head);
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_same_turn(a->turns[i], b->turns[i]);
}

/* Catches any field that is not saved or not read back, on one writing and on
 * appending after a reopening; and wrong permissions. */
static void
test_round_trip(void **state)
{
	struct convo *a = record(), *b, *again;
	struct err notice = { { 0 } };
	struct journal *j = reopen(&b, &notice);
	struct stat st;

	(void)state;
	assert_string_equal(notice.text, "");
	assert_same(a, b);
	assert_false(journal_readonly(j));
	user(j, b, "Third");
	journal_close(j);
	j = reopen(&again, &notice);
	assert_same(b, again);
	journal_close(j);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	convo_free(a);
	convo_free(b);
	convo_free(again);
}

/* Catches a branch that comes back as a line. */
static void
test_branches(void **state)
{
	struct convo *a, *b;
	struct journal *j = create(ID, &a);

	(void)state;
	user(j, a, "q");
	end_answer(j, begin_answer(j, a));
	a->head = 1;
	end_answer(j, begin_answer(j, a));
	journal_close(j);
	j = reopen(&b, NULL);
	assert_int_equal(b->turns[1]->parent, 1);
	assert_int_equal(b->turns[2]->parent, 1);
	assert_int_equal(b->head, 3);
	journal_close(j);
	convo_free(a);
	convo_free(b);
}

/* Catches choices of a person that are forgotten: the version shown, what was
 * removed, the conversation's own system prompt. */
static void
test_choices(void **state)
{
	struct convo *a, *b;
	struct journal *j = create(ID, &a);

	(void)state;
	user(j, a, "q");
	end_answer(j, begin_answer(j, a));
	a->head = 1;
	end_answer(j, begin_answer(j, a));
	user(j, a, "wrong");
	convo_select(a, a->turns[1]);
	assert_int_equal(journal_head(j, a->turns[1], NULL), 0);
	convo_remove(a, a->turns[3]);
	assert_int_equal(journal_remove(j, a->turns[3], NULL), 0);
	convo_set_system(a, "pirate", "Talk\nlike one.");
	assert_int_equal(journal_system(j, a, NULL), 0);
	journal_close(j);
	j = reopen(&b, NULL);
	assert_int_equal(b->head, 2);
	assert_true(b->turns[3]->removed);
	assert_string_equal(b->persona, "pirate");
	assert_string_equal(b->system, "Talk\nlike one.");
	journal_close(j);
	convo_free(a);
	convo_free(b);
}

/* Catches streamed text that waits for the end of the turn: after a tick all
 * but a cut character is in the file, and kill -9 then loses nothing. */
static void
test_streaming(void **state)
{
	struct convo *a, *b;
	struct err notice;
	struct journal *j = create(ID, &a);
	struct turn *t;
	struct buf saved = { 0 };

	(void)state;
	user(j, a, "q");
	t = begin_answer(j, a);
	delta(j, t, CHANNEL_ANSWER, "half \xD9\x81\xD9");
	assert_int_equal(journal_tick(j, 1000000, NULL), 0);
	delta(j, t, CHANNEL_ANSWER, "\x83");
	assert_int_equal(journal_tick(j, 1000100, NULL), 0);	/* not due */
	read_path(path, &saved);
	delta(j, t, CHANNEL_ANSWER, " more");
	assert_int_equal(journal_tick(j, 900000, NULL), 0);	/* set back */
	journal_close(j);
	j = reopen(&b, &notice);
	assert_string_equal(notice.text, "");
	assert_string_equal(b->turns[1]->text.data,
	    "half \xD9\x81\xD9\x83 more");
	assert_int_equal(b->turns[1]->end, DONE_OPEN);
	journal_close(j);
	convo_free(b);
	write_path(path, saved.data, saved.len);
	j = reopen(&b, &notice);
	assert_string_equal(notice.text, "");
	assert_string_equal(b->turns[1]->text.data, "half \xD9\x81");
	assert_int_equal(b->turns[1]->end, DONE_OPEN);
	assert_string_equal(b->turns[1]->model, a->turns[1]->model);
	/* A half answer can go on. */
	delta(j, b->turns[1], CHANNEL_ANSWER, "!");
	end_answer(j, b->turns[1]);
	journal_close(j);
	convo_free(a);
	j = reopen(&a, NULL);
	assert_same(a, b);
	journal_close(j);
	convo_free(a);
	convo_free(b);
	buf_free(&saved);
}

/* Catches a file that says something else than the turn at its end, when the
 * caller trimmed the text or told no deltas. */
static void
test_end_is_truth(void **state)
{
	struct convo *a, *b;
	struct journal *j = create(ID, &a);
	struct turn *t;

	(void)state;
	t = begin_answer(j, a);
	delta(j, t, CHANNEL_ANSWER, "trimmed \n\n");
	t->text.len = 7;
	t->text.data[7] = '\0';
	buf_puts(&t->thinking, "never told");
	end_answer(j, t);
	journal_close(j);
	j = reopen(&b, NULL);
	assert_same_turn(t, b->turns[0]);
	journal_close(j);
	convo_free(a);
	convo_free(b);
}

/* Do to c what the whole documents of a cut file say; where they end. */
static size_t
whole_prefix(const char *text, size_t n, struct convo *c)
{
	struct event_span s;
	size_t pos = 0, end = 0;

	while (event_next(text, n, &pos, &s) && s.kind == SPAN_DOC) {
		assert_true(event_apply(c, &s) >= 0);
		end = pos;
	}
	return end;
}

/* Catches any cut of the file that loses a whole document, keeps half of one,
 * or that cannot be opened and written on. */
static void
test_every_cut(void **state)
{
	struct convo *full = record(), *b, *expected;
	struct buf text = { 0 }, now = { 0 }, tail = { 0 };
	struct err notice;
	struct journal *j;
	size_t end;

	(void)state;
	read_path(path, &text);
	for (size_t n = 0; n <= text.len; n++) {
		unlink(torn);
		write_path(path, text.data, n);
		expected = convo_new_as(ID, 0);
		end = whole_prefix(text.data, n, expected);
		j = reopen(&b, &notice);
		assert_int_equal(b->n, expected->n);
		for (size_t i = 0; i < b->n; i++)
			assert_same_turn(b->turns[i], expected->turns[i]);
		assert_int_equal(notice.text[0] != '\0', end != n);
		if (end != n) {
			buf_clear(&tail);
			read_path(torn, &tail);
			assert_int_equal(tail.len, n - end);
			assert_memory_equal(tail.data, text.data + end,
			    tail.len);
		}
		journal_close(j);
		convo_free(b);
		convo_free(expected);
		buf_clear(&now);
		read_path(path, &now);
		if (end) {	/* else there is a new header */
			assert_int_equal(now.len, end);
			assert_memory_equal(now.data, text.data, end);
		}
	}
	print_message("%zu cuts\n", text.len + 1);
	convo_free(full);
	buf_free(&text);
	buf_free(&now);
	buf_free(&tail);
}

static int
missing(const struct convo *a, const struct convo *b)
{
	int n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += !convo_turn(b, a->turns[i]->id);
	return n;
}

/* Catches one damaged byte that hides more than its own document. */
static void
test_every_damaged_byte(void **state)
{
	static const char bad[] = { '\xFF', '\0', '\n', 'x' };
	struct convo *a = record(), *b;
	struct buf text = { 0 };
	struct event_span s;
	size_t tried = 0;

	(void)state;
	read_path(path, &text);
	for (size_t i = 0; i < text.len * sizeof(bad); i++) {
		char *p = text.data + i / sizeof(bad), kept = *p;
		size_t pos = 0;
		int docs = 0, hidden = 0;

		*p = bad[i % sizeof(bad)];
		if (*p == kept)
			continue;
		b = convo_new_as(ID, 0);
		while (event_next(text.data, text.len, &pos, &s)) {
			enum event e = event_apply(b, &s);

			docs++;
			hidden += e < 0 || e == EVENT_OTHER;
		}
		/* A newline can cut the document that quotes markers. */
		assert_in_range(docs, 13, 14);
		assert_in_range(hidden, 0, docs - 12);
		assert_in_range(missing(a, b), 0, 1);
		convo_free(b);
		*p = kept;
		tried++;
	}
	print_message("%zu damages\n", tried);
	convo_free(a);
	buf_free(&text);
}

/* Catches damage in the middle that is not told, or that keeps the file from
 * being written on. */
static void
test_damage_is_told(void **state)
{
	struct convo *a = record(), *b;
	struct buf text = { 0 };
	struct err notice;
	struct journal *j;

	(void)state;
	read_path(path, &text);
	strstr(text.data, "First question")[0] = '\xFF';
	write_path(path, text.data, text.len);
	j = reopen(&b, &notice);
	assert_non_null(strstr(notice.text, "1 damaged part of"));
	assert_non_null(strstr(notice.text, "at line 7"));
	assert_null(convo_turn(b, 1));
	assert_same_buf(&a->turns[1]->text, &convo_turn(b, 2)->text);
	assert_int_equal(convo_turn(b, 2)->parent, 0);
	assert_same_turn(a->turns[2], convo_turn(b, 3));
	assert_int_equal(access(torn, F_OK), -1);
	user(j, b, "goes on");
	assert_int_equal(b->head, 5);
	journal_close(j);
	convo_free(a);
	convo_free(b);
	buf_free(&text);
}

/* Catches two programs writing to one file, and a second one that takes the
 * first one's half-written end for damage. */
static void
test_lock(void **state)
{
	struct convo *a, *b;
	struct err notice, err;
	struct journal *j = create(ID, &a), *second;
	int status;
	pid_t pid;

	(void)state;
	user(j, a, "q");
	pid = fork();
	if (pid == 0) {	/* another program: no lock is inherited by open */
		second = journal_open(&store, ID, &b, &notice, &err);
		_exit(!(second && journal_readonly(second) &&
		    strstr(notice.text, "another fikr") && b->n == 1 &&
		    journal_begin(second, b->turns[0], &err) == -1));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(journal_delete(&store, ID, &err), -1);
	assert_non_null(strstr(err.text, "is open"));
	journal_close(j);
	second = reopen(&b, &notice);
	assert_false(journal_readonly(second));
	assert_string_equal(notice.text, "");
	journal_close(second);
	assert_int_equal(journal_delete(&store, ID, &err), 0);
	assert_int_equal(access(path, F_OK), -1);
	convo_free(a);
	convo_free(b);
}

/* Catches `fikr show` cutting the tail of a file, or keeping a fikr that comes
 * after it from writing. */
static void
test_reading_changes_nothing(void **state)
{
	struct buf before = { 0 }, after = { 0 };
	struct err notice;
	struct journal *j;
	struct convo *c, *d;

	(void)state;
	convo_free(record());
	read_path(path, &before);
	buf_puts(&before, "---\nhalf");
	write_path(path, before.data, before.len);
	assert_int_equal(chmod(path, 0640), 0);
	c = journal_read(&store, ID, &notice, NULL);
	assert_non_null(c);
	assert_string_equal(notice.text, "");
	assert_int_equal(c->n, 4);
	read_path(path, &after);
	assert_string_equal(after.data, before.data);
	assert_int_equal(access(torn, F_OK), -1);
	convo_free(c);
	j = reopen(&c, NULL);
	d = journal_read(&store, ID, &notice, NULL);
	assert_string_equal(notice.text, "");
	assert_int_equal(d->n, 4);
	convo_free(d);
	journal_close(j);
	convo_free(c);
	assert_null(journal_read(&store, "../x", NULL, NULL));
	assert_null(journal_read(&store, "nothing", NULL, NULL));
	buf_free(&before);
	buf_free(&after);
}

static void
limit_files(rlim_t bytes)
{
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &r), 0);
	r.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &r), 0);
}

static int
stream(struct journal *j, struct turn *t, int64_t *now, struct err *err)
{
	static const char text[] = "some words that need room on the disk. ";

	buf_puts(&t->text, text);
	assert_int_equal(journal_delta(j, t, CHANNEL_ANSWER, text,
	    sizeof(text) - 1, err), 0);
	return journal_tick(j, *now += 1000, err);
}

/* Catches a torn middle after a short write, text lost while there is no
 * room, and an error told every second. */
static void
test_full_disk(void **state)
{
	struct convo *a, *b;
	struct err err = { { 0 } }, notice;
	struct journal *j = create(ID, &a);
	struct turn *t;
	struct stat st;
	int64_t now = 1000000;
	int told = 0;

	(void)state;
	user(j, a, "q");
	t = begin_answer(j, a);
	assert_int_equal(stat(path, &st), 0);
	limit_files((rlim_t)st.st_size + 100);
	for (int i = 0; i < 20; i++)
		told += stream(j, t, &now, &err) < 0;
	assert_int_equal(told, 1);
	assert_non_null(strstr(err.text, "File too large"));
	assert_non_null(strstr(err.text, path));
	t->end = DONE_STOP;
	assert_int_equal(journal_end(j, t, &err), -1);
	limit_files(RLIM_INFINITY);
	/* What is there now is whole. */
	b = convo_new_as(ID, 0);
	{
		struct buf text = { 0 };

		read_path(path, &text);
		assert_int_equal(whole_prefix(text.data, text.len, b),
		    text.len);
		buf_free(&text);
	}
	convo_free(b);
	assert_int_equal(journal_tick(j, now += 1000, &err), 0);
	journal_close(j);
	j = reopen(&b, &notice);
	assert_string_equal(notice.text, "");
	assert_same_turn(t, b->turns[1]);
	journal_close(j);
	convo_free(a);
	convo_free(b);
}

/* Pitfall 24.  Catches what is written but does not survive a loss of power: a
 * message, the end of an answer, and the file's name in its folder. */
static void
test_syncs(void **state)
{
	struct convo *a;
	struct journal *j;
	struct turn *t;
	int before;

	(void)state;
	synced_files = synced_dirs = 0;
	j = create(ID, &a);
	user(j, a, "q");
	assert_true(synced_files >= 1);
	assert_true(synced_dirs >= 3);	/* it, and those above */
	t = begin_answer(j, a);
	before = synced_files;
	end_answer(j, t);
	assert_true(synced_files > before);
	journal_close(j);
	convo_free(a);
}

/* Catches a file that is taken for empty, and deleted, because no sync of it
 * ever worked; and that is not told. */
static void
test_no_sync_works(void **state)
{
	struct err err = { { 0 } };
	struct convo *c, *b;
	struct journal *j;
	struct turn *t;

	(void)state;
	sync_error = EIO;
	j = create(ID, &c);
	t = convo_add(c, ROLE_USER, 1);
	buf_puts(&t->text, "still in the file");
	assert_int_equal(journal_begin(j, t, &err), -1);
	assert_non_null(strstr(err.text, "Input/output error"));
	assert_true(journal_failing(j));
	journal_close(j);
	sync_error = 0;
	j = reopen(&b, NULL);
	assert_same_buf(&t->text, &convo_turn(b, 1)->text);
	journal_close(j);
	convo_free(b);
	convo_free(c);
}

/* Catches an empty file left behind when there never was room. */
static void
test_no_room_at_all(void **state)
{
	struct err err = { { 0 } };
	struct convo *c;
	struct journal *j;
	struct turn *t;

	(void)state;
	limit_files(0);
	j = create(ID, &c);
	t = convo_add(c, ROLE_USER, 1);
	assert_int_equal(journal_begin(j, t, &err), -1);
	assert_non_null(strstr(err.text, "cannot save to"));
	journal_close(j);
	limit_files(RLIM_INFINITY);
	assert_int_equal(access(path, F_OK), -1);
	convo_free(c);
}

/* Catches a deleted file whose conversation seems to be saved. */
static void
test_deleted_meanwhile(void **state)
{
	struct err err = { { 0 } };
	struct convo *c;
	struct journal *j = create(ID, &c);

	(void)state;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(journal_begin(j, convo_add(c, ROLE_USER, 1), &err),
	    -1);
	assert_non_null(strstr(err.text, "was deleted"));
	journal_close(j);
	convo_free(c);
}

/* Catches a folder or file that may not be written and is not named.  Root
 * may write everywhere, so a file stands in for the forbidden folder. */
static void
test_unwritable(void **state)
{
	struct err err = { { 0 } }, notice = { { 0 } };
	struct convo *c = record(), *b;
	struct journal *j;
	char in_file[160];
	struct store nowhere = { .dir = in_file };

	(void)state;
	snprintf(in_file, sizeof(in_file), "%s/x", path);
	assert_null(journal_create(&nowhere, c, &err));
	assert_non_null(strstr(err.text, path));
	if (geteuid() != 0) {
		assert_int_equal(chmod(path, 0400), 0);
		j = reopen(&b, &notice);
		assert_true(journal_readonly(j));
		assert_non_null(strstr(notice.text, "Permission denied"));
		assert_same(c, b);
		journal_close(j);
		convo_free(b);
	}
	convo_free(c);
}

/* Catches a conversation that is not saved because a clock that was set back
 * gave it the id of another one, and one that is written into that one. */
static void
test_id_taken(void **state)
{
	struct convo *a = record(), *b, *c;
	struct err notice;
	struct journal *j = create(ID, &b);

	(void)state;
	assert_string_not_equal(b->id, ID);
	assert_int_equal(strncmp(b->id, "20251124-053122-", 16), 0);
	user(j, b, "another one");
	journal_close(j);
	j = reopen(&c, &notice);
	assert_same(a, c);
	journal_close(j);
	convo_free(c);
	j = journal_open(&store, b->id, &c, &notice, NULL);
	assert_int_equal(c->n, 1);
	journal_close(j);
	convo_free(a);
	convo_free(b);
	convo_free(c);
}

/* Catches an id that leaves the folder. */
static void
test_ids(void **state)
{
	static const char *const bad[] = { "", ".", "..", "../x", "a/b",
		"/etc/passwd", "a.b", "a b", "a\nb",
		"0123456789012345678901234567890123456789" };
	struct err err;
	struct convo *c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_null(journal_open(&store, bad[i], &c, NULL, &err));
		assert_non_null(strstr(err.text, "not the id"));
		assert_int_equal(journal_delete(&store, bad[i], &err), -1);
	}
	c = convo_new_as("../x", 1);
	assert_null(journal_create(&store, c, &err));
	convo_free(c);
	assert_null(journal_open(&store, ID, &c, NULL, &err));
	assert_non_null(strstr(err.text, "there is no conversation " ID));
	assert_int_equal(journal_delete(&store, ID, &err), -1);
}

/* Catches a later format read as if it were this one. */
static void
test_newer(void **state)
{
	struct convo *c = record();
	struct convo_info *v;
	struct buf text = { 0 };
	struct err err;

	(void)state;
	read_path(path, &text);
	strstr(text.data, "version: 1")[9] = '3';
	write_path(path, text.data, text.len);
	convo_free(c);
	assert_null(journal_open(&store, ID, &c, NULL, &err));
	assert_null(c);
	assert_non_null(strstr(err.text, "newer fikr"));
	assert_int_equal(journal_list(&store, &v, NULL), 1);
	assert_non_null(strstr(v[0].title, "newer fikr"));
	convo_infos_free(v, 1);
	buf_free(&text);
}

/* Catches events and keys of later programs that make this one stumble. */
static void
test_unknown_is_passed_over(void **state)
{
	static const char more[] = "# a person's comment\n\n---\nevent: star\n"
	    "turn: 2\n...\n--- \nevent: fold\nturn: 4\nfold: 0\n"
	    "times: [1, 2, {a: b}]\n...\n";
	struct convo *a = record(), *b;
	struct err notice;
	struct journal *j;
	struct buf text = { 0 };

	(void)state;
	read_path(path, &text);
	buf_puts(&text, more);
	write_path(path, text.data, text.len);
	j = reopen(&b, &notice);
	assert_string_equal(notice.text, "");
	assert_int_equal(convo_turn(b, 4)->fold, 0);
	journal_close(j);
	convo_free(a);
	convo_free(b);
	buf_free(&text);
}

/* Catches a change of the file's format that nobody meant: old conversations
 * must open for ever. */
static void
test_format(void **state)
{
	static const char start[] =
	    "---\nevent: conversation\nversion: 1\nid: '" ID "'\n"
	    "created: 2025-11-24T05:31:22.123Z\n...\n"
	    "---\nevent: begin\nturn: 1\nparent: 0\nrole: user\n"
	    "started: 1970-01-01T00:00:01.000Z\n"
	    "text: |\n  First question?\n\n    indented\n...\n"
	    "---\nevent: title\nturns: 1\ntitle: 'First question?'\n"
	    "by: first\npinned: true\narchived: true\n"
	    "tags: 'two words, \xD9\x81\xD9\x83\xD8\xB1'\n"
	    "trashed: 1970-01-01T00:00:01.234Z\n...\n"
	    "---\nevent: begin\nturn: 2\nparent: 1\nrole: assistant\n"
	    "started: 1970-01-01T00:00:02.000Z\nmodel: 'tiny \"model\"'\n"
	    "digest: 'sha256:0123'\nguided: true\n"
	    "sampling: {temperature: 0.7, top-k: 40, top-p: 0.95, "
	    "min-p: 0.05, repeat-penalty: 1.05, repeat-last: 64, seed: 0, "
	    "max-tokens: 0}\n"
	    "engine: 'w 1'\ncpu: 'avx2'\nformat: 'chatml'\n"
	    "adapters: '/a.gguf=0.5'\n"
	    "system: |-\n  Be\n  brief.\n"
	    "run: {thinking: on, budget: 5, budget-ms: 6, context: 2048, "
	    "threads: 2, kv: q8_0}\nleft-out: '1'\n...\n"
	    "---\nevent: delta\nturn: 2\nthinking: |\n  Let me think.\n"
	    "  ---\n  ...\n"
	    "ids: '7 100001 7 100003'\nms: '90 100 90 300'\n"
	    "bytes: '0 7 0 15'\n...\n"
	    "---\nevent: delta\nturn: 2\ntext: \"It is \"\n"
	    "ids: '7 100005'\nms: '90 500'\nbytes: '0 6'\n...\n";
	struct buf text = { 0 };

	(void)state;
	convo_free(record());
	read_path(path, &text);
	assert_true(text.len > sizeof(start));
	text.data[sizeof(start) - 1] = '\0';
	assert_string_equal(text.data, start);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EMPTY(test_round_trip),
		IN_EMPTY(test_branches),
		IN_EMPTY(test_choices),
		IN_EMPTY(test_streaming),
		IN_EMPTY(test_end_is_truth),
		IN_EMPTY(test_every_cut),
		IN_EMPTY(test_every_damaged_byte),
		IN_EMPTY(test_damage_is_told),
		IN_EMPTY(test_lock),
		IN_EMPTY(test_reading_changes_nothing),
		IN_EMPTY(test_syncs),
		IN_EMPTY(test_full_disk),
		IN_EMPTY(test_no_sync_works),
		IN_EMPTY(test_no_room_at_all),
		IN_EMPTY(test_deleted_meanwhile),
		IN_EMPTY(test_unwritable),
		IN_EMPTY(test_id_taken),
		IN_EMPTY(test_ids),
		IN_EMPTY(test_newer),
		IN_EMPTY(test_unknown_is_passed_over),
		IN_EMPTY(test_format),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
