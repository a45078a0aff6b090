/* t_index.c -- searching all conversations: what is found, where, in which
 * order; that the index follows the files, survives damage and forgets. */
#include "saved.h"

#include <sqlite3.h>
#include <sys/time.h>

#include "alloc.h"
#include "index.h"

static struct index *ix;
static struct index_hit *hits;
static size_t n_hits;
static int clock_s = 1000;

/* ---- helpers ---- */

/* A conversation of one question and one answer, later than those before. */
static void
save(const char *id, const char *title, const char *question,
    const char *thinking, const char *answer)
{
	struct convo *c;
	struct journal *j = create(id, &c);
	struct turn *t;
	char name[160];
	struct timeval at[2] = { { clock_s, 0 }, { clock_s, 0 } };

	clock_s++;
	user(j, c, question);
	convo_set_title(c, title);
	assert_int_equal(journal_labels(j, c, NULL), 0);
	t = begin_answer(j, c);
	if (*thinking)
		delta(j, t, CHANNEL_THINKING, thinking);
	delta(j, t, CHANNEL_ANSWER, answer);
	end_answer(j, t);
	journal_close(j);
	convo_free(c);
	snprintf(name, sizeof(name), "%s/%s.yaml", dir, id);
	assert_int_equal(utimes(name, at), 0);
}

static int
begin(void **state)
{
	int r = empty_root(state);

	setenv("XDG_CACHE_HOME", root, 1);
	ix = NULL;
	hits = NULL;
	n_hits = 0;
	return r;
}

static int
end(void **state)
{
	index_hits_free(hits, n_hits);
	index_close(ix);
	return empty_root(state);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

static size_t
search(const char *query)
{
	if (!ix)
		ix = index_open(&store);
	index_update(ix);
	index_hits_free(hits, n_hits);
	n_hits = index_search(ix, query, 50, &hits);
	return n_hits;
}

static void
found(const char *query, size_t n)
{
	if (search(query) != n)
		fail_msg("%s: %zu hits, not %zu", query, n_hits, n);
}

/* The first hit's snippet with [] around its marks. */
static const char *
marked(void)
{
	static char text[2000];
	const struct index_hit *h = hits;
	size_t at = 0, n = 0;

	if (n_hits == 0)
		return "";
	for (size_t i = 0; i < h->n_marks; i++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s[%.*s]",
		    (int)(h->marks[i].from - at), h->snippet + at,
		    (int)(h->marks[i].to - h->marks[i].from),
		    h->snippet + h->marks[i].from);
		at = h->marks[i].to;
	}
	snprintf(text + n, sizeof(text) - n, "%s", h->snippet + at);
	return text;
}

static void
index_path(char *path, size_t n, const char *end_of)
{
	snprintf(path, n, "%s/fikr/index.sqlite%s", root, end_of);
}

/* Is the word in any of the index's files? */
static bool
on_disk(const char *word)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	bool there = false;

	for (size_t i = 0; i < 4; i++) {
		struct buf b = { 0 };
		char name[160];

		index_path(name, sizeof(name), ends[i]);
		if (access(name, F_OK) < 0)
			continue;
		read_path(name, &b);
		there |= b.len && memmem(b.data, b.len, word, strlen(word));
		buf_free(&b);
	}
	return there;
}

/* ---- what is found ---- */

/* Catches a hit in the wrong place, or none in thoughts or titles. */
static void
test_places(void **state)
{
	(void)state;
	save("a", "Baking", "How is bread made?", "Flour and yeast.",
	    "Mix, knead, wait, bake.");
	found("bread", 1);
	assert_string_equal(hits[0].id, "a");
	assert_int_equal(hits[0].turn, 1);
	assert_int_equal(hits[0].where, WHERE_TEXT);
	assert_int_equal(hits[0].role, ROLE_USER);
	assert_string_equal(hits[0].title, "Baking");
	assert_string_equal(hits[0].found, "bread");
	found("yeast", 1);
	assert_int_equal(hits[0].turn, 2);
	assert_int_equal(hits[0].where, WHERE_THINKING);
	assert_int_equal(hits[0].role, ROLE_ASSISTANT);
	found("baking", 1);
	assert_int_equal(hits[0].turn, 0);
	assert_int_equal(hits[0].where, WHERE_TITLE);
	found("brioche", 0);
	found("", 0);
	found("?!", 0);
}

/* Catches what only exact words would find: other cases, accents, endings,
 * and parts inside of words. */
static void
test_latin(void **state)
{
	(void)state;
	save("a", "x", "Crème BRÛLÉE, the Straße and \xEF\xBC\xA6ull "
	    "w\xEF\xBD\x89""dth; misunderstanding snake_case_name don't", "",
	    "ok");
	found("creme", 1);
	found("CRÈME brulee", 1);
	found("strasse", 1);
	found("full width", 1);
	found("cr", 1);			/* begins a word */
	found("re", 0);			/* is only inside of one */
	found("understand", 1);
	assert_string_equal(hits[0].found, "understand");
	found("standing", 1);
	found("case_na", 1);
	found("don't", 1);
	found("don\xE2\x80\x99t", 1);
	found("\xCC\x80", 0);		/* a mark alone is no word */
}

/* Catches Arabic that is found only as it was written: with its clitics, its
 * vowels, its forms of alef, ya and ta marbuta, its digits. */
static void
test_arabic(void **state)
{
	(void)state;
	save("a", "x", "قرأتُ والكتابَ في المدرسة", "", "إلى أحمد عـــلى ١٢٣");
	found("كتاب", 1);
	assert_string_equal(hits[0].found, "كتابَ");
	found("كِتَاب", 1);
	found("قرات", 1);
	found("المدرسه", 1);
	found("مدرسة", 1);
	found("احمد", 1);
	found("أحمد", 1);
	found("الي", 1);
	found("علي", 1);
	found("على", 1);
	found("123", 1);
	/* Presentation forms, as old programs write them. */
	found("\xEF\xBB\x9B\xEF\xBA\x98\xEF\xBA\x8E\xEF\xBA\x8F", 1);
}

/* Catches scripts without blanks of which only whole runs are found. */
static void
test_wide(void **state)
{
	(void)state;
	save("a", "x", "我在北京大学学习中文，他来自中国。", "",
	    "東京タワーはガラス、ﾊﾝｶｸ 대학교에서 ภาษาไทย 😀");
	found("学", 1);
	found("北京", 1);
	found("京大学", 1);
	found("中国", 1);
	found("文中", 0);
	found("习中文，他", 1);
	found("国学", 0);
	found("タワー", 1);
	found("ガ", 1);
	found("カ", 1);			/* of half width */
	found("ハンカク", 1);
	found("학교", 1);
	found("ไทย", 1);
	found("😀", 1);
	found("北京 习", 1);
	found("北京 日", 0);
}

/* Catches words joined by "or", phrases that are loose, and exclusions that
 * do not exclude. */
static void
test_several(void **state)
{
	(void)state;
	save("a", "x", "the cat sat on the mat", "", "yes");
	save("b", "y", "the mat sat on the cat", "", "no");
	save("c", "z", "a dog", "the cat", "and a mat");
	found("cat mat", 3);
	/* One word in the thought, one in the answer: still one turn. */
	assert_int_equal(search("cat and"), 1);
	assert_string_equal(hits[0].id, "c");
	found("\"the cat sat\"", 1);
	assert_string_equal(hits[0].id, "a");
	found("\"cat mat\"", 0);
	found("cat -sat", 1);
	assert_string_equal(hits[0].id, "c");
	found("cat -\"the cat sat\"", 2);
	found("-cat", 0);
	found("\"the ca", 3);		/* still being typed */
	found("\"the ca\"", 0);
}

/* Catches a question and its answer that are not found together, or found
 * before those that have all words in one place. */
static void
test_across(void **state)
{
	(void)state;
	save("apart", "x", "how is bread made?", "", "in an oven");
	save("title", "Bread", "what does one need?", "", "an oven");
	save("both", "y", "bread of the oven", "", "ok");
	save("one", "z", "bread alone", "", "ok");
	save("not", "w", "bread at home", "", "an oven at home");
	found("bread oven", 4);
	assert_string_equal(hits[0].id, "both");
	for (size_t i = 1; i < n_hits; i++)
		assert_string_not_equal(hits[i].id, "one");
	found("bread oven -home", 3);
	found("bread oven brioche", 0);
	/* One place of each conversation is enough. */
	found("oven an in", 1);
	assert_string_equal(hits[0].id, "apart");
}

/* Catches letters and signs of a query that mean something to FTS5 or SQL. */
static void
test_odd_queries(void **state)
{
	static const char *const v[] = { "\"", "\"\"", "-", "--", "-\"", "*",
		"a*", "a OR b", "NEAR(a b)", "a AND", "NOT", "{text}: a",
		"^a", "'; DROP TABLE parts;--", "(a", "a\\", "\xFF\xFE",
		"“a”", "«b", "a\"b" };
	struct buf b = { 0 };

	(void)state;
	save("a", "x", "a or b and not near", "", "text: drop");
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		search(v[i]);
	for (int i = 0; i < 5000; i++)
		buf_puts(&b, i % 7 ? "a" : " 中-\"");
	search(b.data);
	buf_free(&b);
	found("or b", 1);
	found("NOT", 1);
}

/* Catches an order that does not follow titles, whole words, and time. */
static void
test_ranking(void **state)
{
	(void)state;
	save("old", "x", "about art", "", "ok");
	save("new", "y", "about art", "", "ok");
	save("part", "z", "a part, to start", "", "ok");
	save("more", "w", "artful", "", "ok");
	save("title", "Art of old", "something", "", "ok");
	found("art", 5);
	assert_string_equal(hits[0].id, "title");
	assert_string_equal(hits[3].id, "more");
	assert_string_equal(hits[4].id, "part");
	/* Said at the same time, so the later conversation is first. */
	assert_string_equal(hits[1].id, "new");
	assert_string_equal(hits[2].id, "old");
}

/* Catches titles that leave no room for what was said. */
static void
test_many_titles(void **state)
{
	int titles = 0;

	(void)state;
	for (int i = 0; i < 60; i++) {
		char id[16];

		snprintf(id, sizeof(id), "c%d", i);
		save(id, "Bread", i < 30 ? "bread?" : "what?", "", "bread!");
	}
	found("bread", 50);
	for (size_t i = 0; i < n_hits; i++) {
		titles += hits[i].where == WHERE_TITLE;
		if (i < 17)
			assert_int_equal(hits[i].where, WHERE_TITLE);
	}
	assert_int_equal(titles, 17);
}

/* Catches marks at the wrong bytes, snippets cut in characters, and a hit that
 * lies far into a text and is not shown. */
static void
test_snippets(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < 200; i++)
		buf_puts(&b, "ünö dos\n\ttres ");
	buf_puts(&b, "the غرفةُ GOLDEN\n\nKey lies here ");
	for (int i = 0; i < 200; i++)
		buf_puts(&b, "更多的文字");
	save("a", "x", b.data, "", "ok");
	buf_free(&b);
	found("\"golden key\"", 1);
	assert_non_null(strstr(marked(), "[GOLDEN Key] lies here 更多"));
	assert_true(strncmp(marked(), "…", 3) == 0);
	assert_true(strlen(hits[0].snippet) < 600);
	assert_string_equal(hits[0].found, "GOLDEN\n\nKey");
	found("غرفه gold", 1);
	assert_non_null(strstr(marked(), "the [غرفةُ] [GOLD]EN Key"));
	/* Where the words are closest. */
	save("b", "x", "step 1: this, step 2: that, step 4: this one", "",
	    "ok");
	found("step 4 this", 1);
	assert_string_equal(hits[0].found, "step 4");
	found("文字更", 1);
	assert_non_null(strstr(marked(), "更多的[文字更]多的"));
}

/* ---- keeping up ---- */

/* Catches a removed turn that is still found, and a version on another branch
 * that is not. */
static void
test_branches(void **state)
{
	struct convo *c;
	struct journal *j;
	struct turn *t;

	(void)state;
	save("a", "x", "question", "", "first version");
	j = journal_open(&store, "a", &c, NULL, NULL);
	assert_non_null(j);
	c->head = 1;
	t = begin_answer(j, c);
	delta(j, t, CHANNEL_ANSWER, "second version");
	end_answer(j, t);
	found("version", 2);
	assert_int_equal(journal_remove(j, c->turns[1], NULL), 0);
	found("first", 0);
	found("version", 1);
	assert_int_equal(hits[0].turn, 3);
	journal_close(j);
	convo_free(c);
}

/* Catches what is in the trash and still found. */
static void
test_trash(void **state)
{
	struct convo_info *v;
	struct convo *c;
	struct journal *j;

	(void)state;
	save("a", "Title", "question", "", "answer");
	found("title", 1);
	j = journal_open(&store, "a", &c, NULL, NULL);
	c->trashed = 5000;
	assert_int_equal(journal_labels(j, c, NULL), 0);
	found("title", 0);
	found("question", 0);
	assert_int_equal(index_list(&store, &v, NULL), 1);
	assert_string_equal(v[0].title, "Title");
	assert_true(v[0].trashed == 5000);
	convo_infos_free(v, 1);
	c->trashed = 0;
	assert_int_equal(journal_labels(j, c, NULL), 0);
	found("title", 1);
	found("answer", 1);
	journal_close(j);
	convo_free(c);
}

/* Catches news that are not noticed: more text, a new title (which keeps the
 * file's time), a file that is gone, one that came back. */
static void
test_follows(void **state)
{
	struct convo *c;
	struct journal *j;
	struct turn *t;
	size_t done, all;

	(void)state;
	save("a", "Before", "question", "", "answer");
	found("before", 1);
	j = journal_open(&store, "a", &c, NULL, NULL);
	t = begin_answer(j, c);
	delta(j, t, CHANNEL_ANSWER, "halfway");
	assert_int_equal(journal_tick(j, 5000, NULL), 0);
	found("halfway", 1);
	delta(j, t, CHANNEL_ANSWER, " and whole");
	end_answer(j, t);
	found("whole", 1);
	convo_set_title(c, "Afterwards");
	assert_int_equal(journal_labels(j, c, NULL), 0);
	found("before", 0);
	found("afterwards", 1);
	journal_close(j);
	convo_free(c);
	index_scan(ix);
	index_progress(ix, &done, &all);
	assert_int_equal(all, 0);	/* nothing is read twice */
	assert_int_equal(journal_delete(&store, "a", NULL), 0);
	found("whole", 0);
	found("afterwards", 0);
}

/* Catches slices that leave something out. */
static void
test_slices(void **state)
{
	char id[16], word[32];
	size_t done, all;
	int slices = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(id, sizeof(id), "c%d", i);
		snprintf(word, sizeof(word), "number%d", i);
		save(id, "t", word, "", "common");
	}
	ix = index_open(&store);
	index_scan(ix);
	index_progress(ix, &done, &all);
	assert_int_equal(done, 0);
	assert_int_equal(all, 20);
	while (index_refresh(ix, 1) == INDEX_MORE) {
		n_hits = index_search(ix, "common", 50, &hits);
		assert_int_equal(n_hits, ++slices);
		index_hits_free(hits, n_hits);
	}
	n_hits = 0;
	hits = NULL;
	assert_int_equal(slices, 19);
	found("common", 20);
	found("number7", 1);
}

/* Catches an index that is not private, or holds what it should not. */
static void
test_files(void **state)
{
	char name[160];
	struct stat st;

	(void)state;
	save("a", "x", "a word", "", "ok");
	found("word", 1);
	index_path(name, sizeof(name), "");
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	index_path(name, sizeof(name), "-wal");
	if (stat(name, &st) == 0)
		assert_int_equal(st.st_mode & 0777, 0600);
}

/* ---- damage ---- */

static void
again(const char *query, size_t n)
{
	index_close(ix);
	ix = NULL;
	found(query, n);
}

/* Catches an index that is damaged, of another version, of another store, or
 * no index at all, and is an error instead of made anew. */
static void
test_made_anew(void **state)
{
	struct store other = { .dir = dir };
	char name[160], elsewhere[128];
	sqlite3 *db;

	(void)state;
	save("a", "x", "a word", "", "ok");
	found("word", 1);
	index_close(ix);
	ix = NULL;
	index_path(name, sizeof(name), "");
	assert_int_equal(unlink(name), 0);
	found("word", 1);
	index_close(ix);
	ix = NULL;
	write_path(name, "this is no database, but long enough to be one", 46);
	found("word", 1);
	index_close(ix);
	ix = NULL;
	assert_int_equal(sqlite3_open(name, &db), SQLITE_OK);
	sqlite3_exec(db, "PRAGMA user_version=99", NULL, NULL, NULL);
	sqlite3_close(db);
	found("word", 1);
	index_close(ix);
	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", root);
	other.dir = elsewhere;
	ix = index_open(&other);
	index_update(ix);
	index_hits_free(hits, n_hits);
	n_hits = index_search(ix, "word", 5, &hits);
	assert_int_equal(n_hits, 0);
	again("word", 1);
}

/* Catches a crash or a hang on bytes that are not what was written: whatever
 * is damaged, nothing worse happens than that it is made anew. */
static void
test_flipped_bytes(void **state)
{
	struct buf good = { 0 };
	unsigned r = 12345;
	char name[160], id[16];

	(void)state;
	for (int i = 0; i < 30; i++) {
		snprintf(id, sizeof(id), "c%d", i);
		save(id, "A title", "words to be found", "thoughts", "answers");
	}
	found("found", 30);
	index_close(ix);
	ix = NULL;
	index_path(name, sizeof(name), "");
	read_path(name, &good);
	for (int round = 0; round < 60; round++) {
		struct buf b = { 0 };

		buf_add(&b, good.data, good.len);
		for (int i = 0; i < 40; i++) {
			r = r * 1103515245 + 12345;
			b.data[(r >> 4) % b.len] ^= (char)(1 + (r >> 24));
		}
		write_path(name, b.data, round % 3 ? b.len : b.len / 2);
		buf_free(&b);
		search("found");
		search("wor -answers");
		index_close(ix);
		ix = NULL;
	}
	buf_free(&good);
	assert_int_equal(unlink(name), 0);
	found("found", 30);
}

/* Catches a search that fails where nothing can be written. */
static void
test_in_memory(void **state)
{
	char name[160];

	(void)state;
	save("a", "x", "a word", "", "ok");
	snprintf(name, sizeof(name), "%s/fikr", root);
	write_path(name, "a file where the folder would be", 10);
	found("word", 1);
	unlink(name);
}

/* Catches two that wait for each other for ever, and what one has read that
 * the other does not see. */
static void
test_two(void **state)
{
	struct index *other;
	struct index_hit *v;
	char name[160];
	sqlite3 *db;

	(void)state;
	save("a", "x", "a word", "", "ok");
	found("word", 1);
	other = index_open(&store);
	save("b", "x", "a word more", "", "ok");
	index_update(other);
	index_hits_free(hits, n_hits);
	n_hits = index_search(ix, "word", 5, &hits);
	assert_int_equal(n_hits, 2);
	save("c", "x", "a last word", "", "ok");
	index_path(name, sizeof(name), "");
	assert_int_equal(sqlite3_open(name, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL,
	    NULL), SQLITE_OK);
	index_scan(other);
	assert_int_equal(index_refresh(other, 1000), INDEX_BUSY);
	assert_int_equal(index_search(other, "word", 5, &v), 2);
	index_hits_free(v, 2);
	sqlite3_close(db);
	assert_int_equal(index_refresh(other, 100000), INDEX_READY);
	found("word", 3);
	index_close(other);
}

/* ---- forgetting ---- */

/* Catches a word, a part of one or a title that is left in any of the index's
 * files, and other conversations that are forgotten, too. */
static void
test_forget(void **state)
{
	struct err err = { { 0 } };

	(void)state;
	for (int i = 0; i < 40; i++) {
		char id[16];

		snprintf(id, sizeof(id), "c%d", i);
		save(id, "Ordinary", "some shared words", "", "xylophone");
	}
	save("s", "Titlesecretword", "some zanzibarquux words",
	    "thoughtsecret", "secretanswer shared");
	found("zanzibarquux", 1);
	assert_true(on_disk("zanzibarquux") || on_disk("ibarquux"));
	assert_int_equal(journal_delete(&store, "s", NULL), 0);
	if (index_forget(&store, "s", &err) < 0)
		fail_msg("%s", err.text);
	assert_false(on_disk("zanzibar"));
	assert_false(on_disk("ibarquux"));
	assert_false(on_disk("itlesecret"));
	assert_false(on_disk("houghtsecret"));
	assert_false(on_disk("ecretanswer"));
	assert_true(on_disk("xylophone"));
	found("zanzibarquux", 0);
	found("xylophone", 40);
	found("shared", 40);
	index_close(ix);
	ix = NULL;
	assert_int_equal(index_forget(&store, "never-there", &err), 0);
}

/* Catches forgetting that makes an index, or waits for ever for another. */
static void
test_forget_other(void **state)
{
	struct err err = { { 0 } };
	char name[160];
	sqlite3 *db;

	(void)state;
	index_path(name, sizeof(name), "");
	assert_int_equal(index_forget(&store, "a", &err), 0);
	assert_int_equal(access(name, F_OK), -1);
	save("a", "x", "a word", "", "ok");
	found("word", 1);
	assert_int_equal(sqlite3_open(name, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL,
	    NULL), SQLITE_OK);
	assert_int_equal(index_forget(&store, "a", &err), -1);
	assert_non_null(strstr(err.text, "another"));
	sqlite3_close(db);
}

/* ---- the list ---- */

/* Catches a list out of the index that is not that of the files. */
static void
test_list(void **state)
{
	struct convo_info *a, *b;
	struct convo *c;
	struct journal *j;
	int n;

	(void)state;
	for (int i = 0; i < 10; i++) {
		char id[16], title[32];

		snprintf(id, sizeof(id), "c%d", i);
		snprintf(title, sizeof(title), "Title %d", i);
		save(id, title, "question", "", "answer");
	}
	j = journal_open(&store, "c3", &c, NULL, NULL);
	c->pinned = c->archived = true;
	c->tags = xcalloc(2, sizeof(char *));
	c->tags[0] = xstrdup("work");
	c->tags[1] = xstrdup("two words");
	c->n_tags = 2;
	c->title_by = TITLE_PERSON;
	assert_int_equal(journal_labels(j, c, NULL), 0);
	journal_close(j);
	convo_free(c);
	found("question", 10);
	save("c10", "Not in the index", "question", "", "answer");
	n = journal_list(&store, &a, NULL);
	assert_int_equal(n, 11);
	assert_int_equal(index_list(&store, &b, NULL), n);
	for (int i = 0; i < n; i++) {
		assert_string_equal(a[i].id, b[i].id);
		assert_string_equal(a[i].title, b[i].title);
		assert_int_equal(a[i].title_by, b[i].title_by);
		assert_true(a[i].created == b[i].created);
		assert_true(a[i].changed == b[i].changed);
		assert_int_equal(a[i].turns, b[i].turns);
		assert_int_equal(a[i].pinned, b[i].pinned);
		assert_int_equal(a[i].archived, b[i].archived);
		assert_int_equal(a[i].n_tags, b[i].n_tags);
		for (size_t k = 0; k < a[i].n_tags; k++)
			assert_string_equal(a[i].tags[k], b[i].tags[k]);
	}
	convo_infos_free(a, n);
	convo_infos_free(b, n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_places),
		CASE(test_latin),
		CASE(test_arabic),
		CASE(test_wide),
		CASE(test_several),
		CASE(test_across),
		CASE(test_odd_queries),
		CASE(test_ranking),
		CASE(test_many_titles),
		CASE(test_snippets),
		CASE(test_branches),
		CASE(test_trash),
		CASE(test_follows),
		CASE(test_slices),
		CASE(test_files),
		CASE(test_made_anew),
		CASE(test_flipped_bytes),
		CASE(test_in_memory),
		CASE(test_two),
		CASE(test_forget),
		CASE(test_forget_other),
		CASE(test_list),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
