/* t_mapguard.c -- mapped files that are cut short: by the handler itself, and
 * as a model sees it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "engine.h"
#include "gguf_fixture.h"
#include "mapguard.h"
#include "tiny_model.h"

#define PAGES 64

static size_t page;

static uint8_t *
map(size_t n)
{
	struct buf b = { 0 };
	void *p;
	int fd;

	while (b.len < n)
		buf_addc(&b, 'x');
	save_as(file, &b);
	buf_free(&b);
	fd = open(file, O_RDONLY);
	assert_true(fd >= 0);
	p = mmap(NULL, n, PROT_READ, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	close(fd);
	return p;
}

/* Catches a reader that dies, a loss that is not seen, and bytes that are
 * still there but read as zeros. */
static void
lost_pages_are_zeros(void **state)
{
	volatile uint8_t *p = map(PAGES * page);
	int g = mapguard_add((const void *)p, PAGES * page);

	(void)state;
	assert_true(g >= 0);
	assert_int_equal(p[PAGES * page - 1], 'x');
	assert_false(mapguard_hit(g));
	assert_int_equal(truncate(file, (off_t)(10 * page)), 0);
	assert_int_equal(p[10 * page - 1], 'x');
	assert_false(mapguard_hit(g));
	assert_int_equal(p[20 * page + 7], 0);
	assert_true(mapguard_hit(g));
	assert_int_equal(p[12 * page], 0);
	assert_int_equal(p[PAGES * page - 1], 0);
	assert_int_equal(p[10 * page - 1], 'x');
	mapguard_remove(g);
	munmap((void *)(uintptr_t)p, PAGES * page);
}

/* Catches one file's loss that is laid at another's door, and a place in the
 * table that keeps an old loss. */
static void
each_has_its_own(void **state)
{
	volatile uint8_t *p = map(4 * page), *q;
	int g = mapguard_add((const void *)p, 4 * page), h;

	(void)state;
	assert_int_equal(unlink(file), 0);
	q = map(4 * page);
	h = mapguard_add((const void *)q, 4 * page);
	assert_int_equal(truncate(file, 0), 0);
	assert_int_equal(q[0], 0);
	assert_true(mapguard_hit(h));
	assert_false(mapguard_hit(g));
	assert_int_equal(p[3 * page], 'x');
	mapguard_remove(h);
	munmap((void *)(uintptr_t)q, 4 * page);
	assert_int_equal(mapguard_add((const void *)p, page), h);
	assert_false(mapguard_hit(h));
	mapguard_remove(h);
	mapguard_remove(g);
	mapguard_remove(-1);
	assert_false(mapguard_hit(-1));
	munmap((void *)(uintptr_t)p, 4 * page);
}

static void *
sum_all(void *ud)
{
	const volatile uint8_t *p = ud;
	unsigned long sum = 0;

	for (int round = 0; round < 50; round++)
		for (size_t i = 0; i < PAGES; i++)
			sum += p[i * page];
	return (void *)sum;
}

/* Catches threads that fault at the same moment and trip over each other. */
static void
threads_fault_together(void **state)
{
	volatile uint8_t *p = map(PAGES * page);
	int g = mapguard_add((const void *)p, PAGES * page);
	pthread_t t[4];

	(void)state;
	assert_int_equal(truncate(file, 0), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, sum_all,
		    (void *)(uintptr_t)p), 0);
	for (int i = 0; i < 4; i++) {
		void *sum;

		pthread_join(t[i], &sum);
		assert_ptr_equal(sum, NULL);
	}
	assert_true(mapguard_hit(g));
	mapguard_remove(g);
	munmap((void *)(uintptr_t)p, PAGES * page);
}

/* How a child ends that does this. */
static int
death(void (*deed)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		deed();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
default_bus(void)
{
	/* whatever a sanitizer put there */
	signal(SIGBUS, SIG_DFL);
}

static void
read_unguarded(void)
{
	volatile uint8_t *p = map(page);
	int g;

	default_bus();
	g = mapguard_add((const void *)p, page);
	mapguard_remove(g);
	if (truncate(file, 0) == 0)
		(void)p[0];
}

static void
send_signal(void)
{
	volatile uint8_t *p = map(page);

	default_bus();
	mapguard_add((const void *)p, page);
	raise(SIGBUS);
}

static void
ended_by_sigbus(void (*deed)(void))
{
	int status = death(deed);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGBUS);
}

/* Catches faults of others that are swallowed: an endless loop, or a broken
 * program that runs on.  First of all tests, before the handler is there. */
static void
others_still_die(void **state)
{
	(void)state;
	ended_by_sigbus(read_unguarded);
	ended_by_sigbus(send_signal);
}

/* A model of one tensor of PAGES pages. */
static struct gguf *
open_model(void)
{
	struct buf b = { 0 };
	struct gguf *g;
	struct err err;

	header(&b, 3, 1, 0);
	tensor2(&b, "w", page / 4, PAGES, TT_F32, 0);
	pad(&b, 32);
	fill(&b, PAGES * page);
	save_as(file, &b);
	buf_free(&b);
	g = gguf_open(file, &err);
	assert_non_null(g);
	assert_int_equal(gguf_whole(g, &err), 0);
	return g;
}

/* Catches a model that goes on computing with a file that was cut short,
 * touched or not, or that came back afterwards. */
static void
a_model_says_so(void **state)
{
	struct gguf *g = open_model();
	int64_t bytes = g->file_bytes;
	struct err err;

	(void)state;
	assert_int_equal(truncate(file, bytes - 1), 0);
	assert_int_equal(gguf_whole(g, &err), -1);
	assert_says(err.text, file, "cut short while in use");
	gguf_close(g);
	g = open_model();
	assert_int_equal(truncate(file, (off_t)page), 0);
	read_all(g);
	assert_int_equal(truncate(file, bytes), 0);
	assert_int_equal(gguf_whole(g, NULL), -1);
	gguf_close(g);
}

/* Catches a complaint about a model whose path got a new file, while the old
 * one is still there for who has it open. */
static void
renamed_over_is_whole(void **state)
{
	struct gguf *g = open_model();
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(unlink(file), 0);
	save_as(file, &b);
	assert_int_equal(gguf_whole(g, NULL), 0);
	read_all(g);
	assert_int_equal(gguf_whole(g, NULL), 0);
	gguf_close(g);
}

/* Catches text made of weights that are gone: a session must say what
 * happened, whether it reads a prompt or adds a token, with all its threads. */
static void
a_session_says_so(void **state)
{
	struct engine_opts o = { .threads = 4, .no_vocab = true };
	static const int32_t tok[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct session *s;
	struct engine *e;
	struct err err;
	char path[256];

	(void)state;
	tiny_write(&tiny_spec, path);
	e = engine_open(path, &o, &err);
	assert_non_null(e);
	s = session_new(e, 64, &err);
	assert_non_null(s);
	assert_int_equal(session_sync(s, tok, 6, NULL, NULL, &err), 0);
	assert_int_equal(truncate(path, (off_t)page), 0);
	assert_int_equal(session_eval(s, 7, NULL, &err), -1);
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, "cut short while in use"));
	assert_int_equal(session_sync(s, tok, 8, NULL, NULL, &err), -1);
	assert_non_null(strstr(err.text, "cut short while in use"));
	session_free(s);
	engine_close(e);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_still_die),
		cmocka_unit_test(lost_pages_are_zeros),
		cmocka_unit_test(each_has_its_own),
		cmocka_unit_test(threads_fault_together),
		cmocka_unit_test(a_model_says_so),
		cmocka_unit_test(renamed_over_is_whole),
		cmocka_unit_test(a_session_says_so),
	};

	page = (size_t)sysconf(_SC_PAGESIZE);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
