/* store_bench.c -- what finding costs: makes stores of conversations in the
 * format of their files and prints how long it takes to read them into the
 * index, to search them, and to list a million messages.
 * Usage: store_bench [MESSAGES [LISTED]] */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "clock.h"
#include "convo.h"
#include "event.h"
#include "index.h"
#include "journal.h"

#define TURNS 50		/* of a conversation */
#define WORDS 60		/* of a message, about */
#define KINDS (sizeof(queries) / sizeof(queries[0]))
#define TIMES 5

static const char *const queries[] = {
	"the", "th", "a", "of the and", "ing", "question", "quest", "zyx",
	"xq", "\"of the\"", "the -and", "capital france", "mesa tarun",
	"في", "كتاب", "الكتاب", "من الى", "的", "中国", "的是 中",
	"nothing-like-that", "the 的 في", "re", "sion"
};

static const char *const english[] = { "the", "of", "and", "to", "in", "a",
	"is", "that", "for", "it", "as", "was", "with", "be", "by", "on",
	"not", "he", "this", "are", "or", "his", "from", "at", "which",
	"question", "answer", "capital", "France", "Paris", "model",
	"running", "thinking", "session", "version", "reading", "café" };
static const char *const arabic[] = { "في", "من", "إلى", "على", "كتاب",
	"والكتاب", "مدرسة", "اللغة", "العربية", "سؤال", "الجواب", "كَتَبَ" };
static const char *const chinese[] = { "的", "是", "中", "国", "人", "我",
	"在", "有", "他", "这", "大", "来", "上", "个", "学", "问", "题" };
static const char *const parts[] = { "me", "sa", "ta", "run", "lo", "ki",
	"ver", "do", "pa", "shi", "mon", "tre", "bu", "ge", "cal", "nor" };

#define PICK(v, r) (v)[(r) % (sizeof(v) / sizeof((v)[0]))]

static uint64_t seed = 88172645463325252u;

static uint32_t
random_bits(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16);
}

/* Small numbers are frequent, as common words are. */
static uint32_t
rank(uint32_t max)
{
	double u = (random_bits() % 1000000 + 1) / 1e6;

	return (uint32_t)(u * u * u * max);
}

static void
put_made_up(struct buf *b)
{
	uint32_t r = rank(60000);

	for (int i = 0; i < 2 || r > 0; i++, r /= 16)
		buf_puts(b, PICK(parts, r));
}

static void
put_message(struct buf *b)
{
	uint32_t language = random_bits() % 4;

	for (int i = 0; i < WORDS; i++) {
		if (language == 2) {
			buf_puts(b, random_bits() % 2 ? PICK(chinese,
			    rank(17)) : "一");
			if (i % 12 == 11)
				buf_puts(b, "，");
			continue;
		}
		if (random_bits() % 2)
			buf_puts(b, language == 3 ? PICK(arabic, rank(12)) :
			    PICK(english, rank(37)));
		else
			put_made_up(b);
		buf_puts(b, i % 15 == 14 ? ".\n" : " ");
	}
}

/* ---- stores ---- */

static void
must(bool well, const char *what)
{
	if (well)
		return;
	perror(what);
	exit(1);
}

static void
fill_turn(struct turn *t, int64_t at, int number)
{
	put_message(&t->text);
	if (t->role == ROLE_ASSISTANT && number % 10 == 1)
		put_message(&t->thinking);
	t->end = DONE_STOP;
	t->t_first = at + 300;
	t->t_end = at + 5000;
}

static void
put_convo(struct buf *b, const char *id, int turns, int64_t at)
{
	struct convo *c = convo_new_as(id, at);

	event_put_header(b, c, NULL);
	for (int i = 0; i < turns; i++, at += 60000) {
		struct turn *t = convo_add(c, i % 2 ? ROLE_ASSISTANT :
		    ROLE_USER, at);

		fill_turn(t, at, i);
		event_put_begin(b, t, NULL);
		if (i % 2)
			event_put_end(b, t, false, false, NULL);
		convo_auto_title(c);
	}
	event_put_title(b, c, c->turns[c->n - 1]->id, NULL);
	convo_free(c);
}

static void
write_file(const char *dir, const char *id, const struct buf *b, int64_t at)
{
	char *path = xasprintf("%s/%s.yaml", dir, id);
	struct timespec t[2] = { { at / 1000, 0 }, { at / 1000, 0 } };
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	must(fd >= 0 && write(fd, b->data, b->len) == (ssize_t)b->len, path);
	futimens(fd, t);
	close(fd);
	free(path);
}

/* Every conversation is its own, or one of a hundred under another name. */
static void
make_store(const char *dir, int messages, bool copies)
{
	struct buf v[100] = { 0 };
	int64_t at = INT64_C(1600000000000);
	int n = messages / TURNS;

	must(mkdir(dir, 0700) == 0, dir);
	for (int i = 0; i < n; i++, at += 3600000) {
		char id[32];
		struct buf *b = &v[i % 100];

		snprintf(id, sizeof(id), "20261124-%06d-%04x", i % 1000000,
		    i & 0xFFFF);
		if (!copies || b->len == 0) {
			buf_clear(b);
			put_convo(b, id, TURNS, at);
		} else {
			memcpy(strstr(b->data, "id: '") + 5, id, strlen(id));
		}
		write_file(dir, id, b, at);
	}
	for (int i = 0; i < 100; i++)
		buf_free(&v[i]);
}

/* ---- measuring ---- */

static double
since(double t)
{
	return (clock_now_ms() - t);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
measure_search(const struct store *store, int messages)
{
	double v[KINDS * TIMES], worst = 0, t = clock_now_ms();
	struct index *ix = index_open(store);
	struct index_hit *hits;
	size_t n, slow = 0;

	index_update(ix);
	printf("%-28s %d\n", "messages", messages);
	printf("%-28s %.1f s\n", "read into the index", since(t) / 1000);
	for (size_t i = 0; i < KINDS * TIMES; i++) {
		t = clock_now_ms();
		n = index_search(ix, queries[i % KINDS], 20, &hits);
		v[i] = since(t);
		index_hits_free(hits, n);
		if (i >= KINDS && v[i] > worst) {
			worst = v[i];
			slow = i % KINDS;
		}
		if (i / KINDS == TIMES - 1)
			printf("  %-26s %.1f ms, %zu hits\n",
			    queries[i % KINDS], v[i], n);
	}
	qsort(v, KINDS * TIMES, sizeof(v[0]), by_value);
	printf("%-28s %.1f ms\n", "search, median",
	    v[KINDS * TIMES / 2]);
	printf("%-28s %.1f ms (%s)\n", "search, worst", worst, queries[slow]);
	index_close(ix);
	t = clock_now_ms();
	ix = index_open(store);
	index_update(ix);
	n = index_search(ix, "question", 20, &hits);
	printf("%-28s %.1f ms\n", "open, look for news, search", since(t));
	index_hits_free(hits, n);
	index_close(ix);
}

static void
measure_list(const struct store *store, int messages)
{
	struct convo_info *v, *w;
	double t = clock_now_ms();
	int n = journal_list(store, &v, NULL), m;

	printf("%-28s %.0f ms, %d conversations of %d messages\n",
	    "list, by the files", since(t), n, messages);
	t = clock_now_ms();
	m = journal_list_known(store, v, n, &w, NULL);
	printf("%-28s %.0f ms\n", "list, once more", since(t));
	convo_infos_free(w, m);
	convo_infos_free(v, n);
}

int
main(int argc, char **argv)
{
	int messages = argc > 1 ? atoi(argv[1]) : 100000;
	int listed = argc > 2 ? atoi(argv[2]) : 1000000;
	const char *tmp = getenv("TMPDIR");
	char *root = xasprintf("%s/fikr-store.XXXXXX", tmp ? tmp : "/tmp");
	struct store store = { 0 };
	char *command;

	setvbuf(stdout, NULL, _IOLBF, 0);
	must(mkdtemp(root) != NULL, root);
	setenv("XDG_CACHE_HOME", root, 1);
	store.dir = xasprintf("%s/convos", root);
	if (messages > 0) {
		make_store(store.dir, messages, false);
		measure_search(&store, messages);
	}
	free(store.dir);
	store.dir = xasprintf("%s/many", root);
	if (listed > 0) {
		make_store(store.dir, listed, true);
		measure_list(&store, listed);
	}
	command = xasprintf("rm -rf '%s'", root);
	if (!getenv("KEEP") && system(command) != 0)
		fprintf(stderr, "cannot remove %s\n", root);
	free(command);
	free(store.dir);
	free(root);
	return 0;
}
