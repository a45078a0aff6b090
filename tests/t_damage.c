/* t_damage.c -- files of conversations that are not as they should be: with all
 * kinds of documents, any byte damaged, cut anywhere; and what is no file. */
#include "saved.h"

#include "event.h"

/* All kinds of documents, in an order that branches. */
static struct convo *
record_all(void)
{
	struct convo *c;
	struct journal *j = create(ID, &c);
	struct turn *t;

	user(j, c, "First");
	convo_set_title(c, "Title");
	assert_int_equal(journal_labels(j, c, NULL), 0);
	t = begin_answer(j, c);
	delta(j, t, CHANNEL_THINKING, "Hm.\n");
	delta(j, t, CHANNEL_ANSWER, "Yes.\n---\n...\n");
	end_answer(j, t);
	convo_set_system(c, "pirate", "Talk\nlike one.");
	assert_int_equal(journal_system(j, c, NULL), 0);
	c->head = 1;
	t = begin_answer(j, c);
	delta(j, t, CHANNEL_ANSWER, "No.");
	end_answer(j, t);
	user(j, c, "Wrong");
	convo_remove(c, c->turns[3]);
	assert_int_equal(journal_remove(j, c->turns[3], NULL), 0);
	convo_select(c, c->turns[1]);
	assert_int_equal(journal_head(j, c->turns[1], NULL), 0);
	c->turns[1]->fold = 1;
	assert_int_equal(journal_fold(j, c->turns[1], NULL), 0);
	user(j, c, "Last");
	journal_close(j);
	return c;
}

/* Where a document stands and which turn it is about. */
struct place {
	size_t from, to;
	enum event kind;
	int turn;
};

static size_t
find_places(const struct buf *text, struct place *v, size_t most)
{
	struct event_span s;
	size_t pos = 0, n = 0;

	while (event_next(text->data, text->len, &pos, &s)) {
		assert_true(n < most);
		v[n].from = (size_t)(s.p - text->data);
		v[n].to = v[n].from + s.n;
		v[n].kind = event_peek(&s, &v[n].turn);
		n++;
	}
	return n;
}

static bool
is_same_buf(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 ||
	    memcmp(a->data, b->data, a->len) == 0);
}

static void
assert_same_but(const struct convo *a, const struct convo *b, int turn)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct turn *t = a->turns[i];
		const struct turn *u = convo_turn(b, t->id);

		if (t->id == turn)
			continue;
		assert_non_null(u);
		assert_int_equal(t->role, u->role);
		assert_int_equal(t->end, u->end);
		assert_int_equal(t->n_tok, u->n_tok);
		assert_true(is_same_buf(&t->text, &u->text));
		assert_true(is_same_buf(&t->thinking, &u->thinking));
	}
}

/* Catches a damaged byte, in whatever kind of document, that changes anything
 * about a turn that the document is not about. */
static void
every_byte_of_every_kind(void **state)
{
	static const char bad[] = { '\xFF', '\0', '\n', ' ', '-', '.', ':',
		'"', '\'', '#', '&', '*', 'x' };
	struct convo *a = record_all(), *b;
	struct buf text = { 0 };
	struct place places[40];
	struct event_span s;
	bool seen[EVENT_OTHER] = { false };
	size_t n, tried = 0, at = 0;

	(void)state;
	read_path(path, &text);
	n = find_places(&text, places, 40);
	for (size_t i = 0; i < n; i++)
		seen[places[i].kind] = true;
	for (int e = EVENT_HEADER; e <= EVENT_SYSTEM; e++)
		assert_true(seen[e]);
	for (size_t i = 0; i < text.len; i++) {
		while (i >= places[at].to)
			at++;
		for (size_t k = 0; k < sizeof(bad); k++) {
			char kept = text.data[i];
			size_t pos = 0;

			text.data[i] = bad[k];
			b = convo_new_as(ID, 0);
			while (event_next(text.data, text.len, &pos, &s))
				event_apply(b, &s);
			assert_same_but(a, b, places[at].turn);
			convo_free(b);
			text.data[i] = kept;
			tried++;
		}
	}
	print_message("%zu damages\n", tried);
	convo_free(a);
	buf_free(&text);
}

/* Catches a document that cannot be missed by those behind it. */
static void
every_document_left_out(void **state)
{
	struct convo *a = record_all(), *b;
	struct buf text = { 0 }, rest = { 0 };
	struct place places[40];
	struct err notice;
	struct journal *j;
	size_t n;

	(void)state;
	read_path(path, &text);
	n = find_places(&text, places, 40);
	for (size_t i = 0; i < n; i++) {
		buf_clear(&rest);
		buf_add(&rest, text.data, places[i].from);
		buf_add(&rest, text.data + places[i].to,
		    text.len - places[i].to);
		write_path(path, rest.data, rest.len);
		j = reopen(&b, &notice);
		assert_same_but(a, b, places[i].turn);
		user(j, b, "goes on");
		journal_close(j);
		convo_free(b);
	}
	convo_free(a);
	buf_free(&text);
	buf_free(&rest);
}

/* Catches what is no file and makes the program wait, or fail without saying
 * so; and a link that is not followed. */
static void
odd_files(void **state)
{
	struct err err = { "" }, notice;
	struct convo *c, *a = record_all();
	struct journal *j;
	char other[160];

	(void)state;
	snprintf(other, sizeof(other), "%s/elsewhere", root);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink(other, path), 0);
	j = reopen(&c, &notice);
	assert_int_equal(c->n, a->n);
	user(j, c, "through the link");
	journal_close(j);
	convo_free(c);
	unlink(path);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_null(journal_open(&store, ID, &c, NULL, &err));
	assert_non_null(strstr(err.text, "there is no conversation"));
	j = create(ID, &c);	/* it takes another name */
	assert_string_not_equal(c->id, ID);
	journal_close(j);
	convo_free(c);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(journal_open(&store, ID, &c, NULL, &err));
	assert_non_null(strstr(err.text, "is not a file"));
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_null(journal_open(&store, ID, &c, NULL, &err));
	assert_non_null(strstr(err.text, path));
	assert_int_equal(rmdir(path), 0);
	convo_free(a);
}

/* Catches a file that was only just made when its maker was killed, and one
 * that a lost write left zeros in. */
static void
empty_and_holes(void **state)
{
	struct convo *a = record_all(), *c;
	struct buf text = { 0 }, holed = { 0 };
	struct err notice;
	struct journal *j;
	char zeros[600] = { 0 };

	(void)state;
	read_path(path, &text);
	write_path(path, "", 0);
	j = reopen(&c, &notice);
	assert_string_equal(notice.text, "");
	user(j, c, "first after all");
	journal_close(j);
	convo_free(c);
	buf_add(&holed, text.data, text.len);
	buf_add(&holed, zeros, sizeof(zeros));
	buf_puts(&holed, "---\nevent: fold\nturn: 2\nfold: 0\n...\n");
	buf_puts(&holed, "---\nevent: fold\nturn: 3\nfold: 2\n...\n");
	buf_add(&holed, zeros, sizeof(zeros));
	write_path(path, holed.data, holed.len);
	j = reopen(&c, &notice);
	assert_non_null(strstr(notice.text, "600 bytes"));
	assert_non_null(strstr(notice.text, "1 damaged part"));
	assert_same_but(a, c, 0);
	assert_int_equal(convo_turn(c, 2)->fold, 0);
	assert_int_equal(convo_turn(c, 3)->fold, 2);
	user(j, c, "goes on");
	journal_close(j);
	convo_free(c);
	j = reopen(&c, &notice);
	assert_string_equal(convo_turn(c, c->head)->text.data, "goes on");
	journal_close(j);
	convo_free(c);
	convo_free(a);
	buf_free(&text);
	buf_free(&holed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EMPTY(every_byte_of_every_kind),
		IN_EMPTY(every_document_left_out),
		IN_EMPTY(odd_files), IN_EMPTY(empty_and_holes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
