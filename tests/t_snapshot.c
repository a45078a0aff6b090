/* t_snapshot.c -- a session's state on disk: that it comes back bit by bit,
 * that nothing else comes back, and the folder such files are in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "engine.h"
#include "snapshot.h"
#include "snapshots.h"
#include "sum64.h"
#include "tiny_model.h"
#include "tiny_open.h"

#define N 590			/* tokens: more than a window's ring keeps */
#define V 50
#define MORE 6			/* ... and of its continuation */
#define CONTEXT 600
#define DIGEST "sha256:0123456789abcdef"

static char folder[64];

static int
set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/t_snapshot.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int
tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

static const char *
at(const char *name)
{
	static char path[2][160];
	static int i;

	i = !i;
	snprintf(path[i], sizeof path[i], "%s/%s", folder, name);
	return path[i];
}

static int32_t
token(int i)
{
	return (i * i * 7 + i * 3 + 11) % V;
}

/* A session that has read n tokens, a prompt and some that were written. */
static struct session *
talked(struct engine *e, int n)
{
	struct session *s = session_new(e, CONTEXT, NULL);
	int32_t tok[CONTEXT];

	assert_non_null(s);
	for (int i = 0; i < n; i++)
		tok[i] = token(i);
	assert_int_equal(session_sync(s, tok, (size_t)(n - 3), NULL, NULL,
	    NULL), 0);
	for (int i = n - 3; i < n; i++)
		assert_int_equal(session_eval(s, tok[i], NULL, NULL), 0);
	return s;
}

static void
save(struct session *s, const char *path, int64_t slice)
{
	struct err err = { "" };
	struct snapshot_writer *w = snapshot_write(path, s, DIGEST, &err);
	int64_t bytes = snapshot_bytes(s);
	struct stat st;
	int r;

	if (!w)
		print_error("%s\n", err.text);
	assert_non_null(w);
	while ((r = snapshot_step(w, slice, &err)) == 1)
		;
	assert_int_equal(r, 0);
	snapshot_drop(w);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, bytes);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* Whether path became what s is. */
static bool
restore(const char *path, struct session *s)
{
	struct err err = { "" };
	struct snapshot_reader *r = snapshot_open(path, s, &err);
	bool done = r && snapshot_restore(r, s, NULL, NULL, &err) == 0;

	assert_true(done || err.text[0]);
	snapshot_close(r);
	return done;
}

/* Both go on with the same bits. */
static void
assert_same(struct session *a, struct session *b)
{
	assert_int_equal(session_used(a), session_used(b));
	assert_memory_equal(session_tokens(a), session_tokens(b),
	    (size_t)session_used(a) * sizeof(int32_t));
	assert_memory_equal(session_logits(a), session_logits(b),
	    V * sizeof(float));
	for (int i = 0; i < MORE; i++) {
		assert_int_equal(session_eval(a, token(i), NULL, NULL), 0);
		assert_int_equal(session_eval(b, token(i), NULL, NULL), 0);
		assert_memory_equal(session_logits(a), session_logits(b),
		    V * sizeof(float));
	}
}

/* Would catch a row, a layer or a token at the wrong place, rings that are not
 * taken up where they were, and slices that lose something between them. */
static void
comes_back(void **state)
{
	struct model_spec slides = tiny_spec;
	const struct model_spec *specs[] = { &tiny_spec, &slides };

	(void)state;
	slides.arch = "gemma3";
	slides.window = 16;
	slides.n_layer = 4;
	for (int i = 0; i < 6; i++) {
		struct engine *e = open_spec(specs[i % 2],
		    (enum kv_type)(i / 2));
		struct session *s = talked(e, N), *t = session_new(e, CONTEXT,
		    NULL);

		save(s, at("a.kv"), i < 3 ? 1 : 1 << 20);
		assert_true(restore(at("a.kv"), t));
		assert_same(s, t);
		session_free(t);
		session_free(s);
		engine_close(e);
	}
}

/* Would catch a prompt that has to be read again, to other bits, when its
 * answer is asked for once more. */
static void
prompts_are_known(void **state)
{
	struct engine *e = open_spec(&tiny_spec, KV_F16);
	struct session *s = talked(e, 200), *t = session_new(e, CONTEXT, NULL);
	int32_t tok[197];
	int kept;

	(void)state;
	memcpy(tok, session_tokens(s), sizeof tok);
	save(s, at("p.kv"), 1 << 20);
	assert_true(restore(at("p.kv"), t));
	assert_int_equal(session_sync(t, tok, 197, &kept, NULL, NULL), 0);
	assert_int_equal(kept, 197);
	assert_int_equal(session_sync(s, tok, 197, &kept, NULL, NULL), 0);
	assert_same(s, t);
	session_free(t);
	session_free(s);
	engine_close(e);
}

/* Would catch rows counted as there that a window has lost, and a common
 * beginning that is too long or too short. */
static void
what_is_common(void **state)
{
	struct model_spec slides = tiny_spec;
	struct engine *e;
	struct session *s;
	struct snapshot_reader *r;
	int32_t tok[N];

	(void)state;
	slides.arch = "gemma3";
	slides.window = 16;
	e = open_spec(&slides, KV_F16);
	s = talked(e, N);
	memcpy(tok, session_tokens(s), sizeof tok);
	save(s, at("c.kv"), 1 << 20);
	r = snapshot_open(at("c.kv"), s, NULL);
	assert_non_null(r);
	assert_int_equal(snapshot_common(r, tok, N), N);
	assert_int_equal(snapshot_common(r, tok, 500), 500);
	assert_int_equal(snapshot_common(r, tok, 40), 0);
	tok[400]++;
	assert_int_equal(snapshot_common(r, tok, N), 400);
	snapshot_close(r);
	session_free(s);
	engine_close(e);
}

static void
flip(const char *path, off_t where)
{
	int fd = open(path, O_RDWR);
	unsigned char c;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &c, 1, where), 1);
	c ^= (unsigned char)(1 << where % 8);
	assert_int_equal(pwrite(fd, &c, 1, where), 1);
	close(fd);
}

/* A damaged file is of no use to s, and gone. */
static void
assert_refused(const char *path, struct session *s, long where)
{
	if (restore(path, s))
		print_error("byte %ld is not looked at\n", where);
	assert_true(session_used(s) == 0);
	if (access(path, F_OK) == 0)
		print_error("byte %ld: the file is left\n", where);
	assert_true(access(path, F_OK) < 0);
}

/* Would catch a byte that no check covers, one that is used before it is
 * checked, and a damaged file that is found again and again. */
static void
damage_is_found(void **state)
{
	struct engine *e = open_spec(&tiny_spec, KV_F16);
	struct session *s = talked(e, 80), *t = session_new(e, CONTEXT, NULL);
	long bytes = (long)snapshot_bytes(s);

	(void)state;
	for (long i = 0; i < bytes; i += i < 1200 ? 7 : 541) {
		if (i >= 8 && i < 16)	/* another version, see below */
			continue;
		save(s, at("d.kv"), 1 << 20);
		flip(at("d.kv"), i);
		assert_refused(at("d.kv"), t, i);
	}
	for (long i = bytes - 1; i >= 0; i -= 4999) {
		save(s, at("d.kv"), 1 << 20);
		assert_int_equal(truncate(at("d.kv"), i), 0);
		assert_refused(at("d.kv"), t, i);
	}
	save(s, at("d.kv"), 1 << 20);
	assert_int_equal(truncate(at("d.kv"), bytes + 1), 0);
	assert_refused(at("d.kv"), t, bytes);
	assert_int_equal(session_sync(t, session_tokens(s), 80, NULL, NULL,
	    NULL), 0);
	session_free(t);
	session_free(s);
	engine_close(e);
}

/* What is whole, but not for s, is left to whom it is for. */
static void
assert_foreign(const struct model_spec *spec, enum kv_type kv, int threads)
{
	struct engine_opts o = { .threads = threads, .kv = kv,
		.no_vocab = true };
	char path[256];
	struct engine *e;
	struct session *s;

	tiny_write(spec, path);
	e = engine_open(path, &o, NULL);
	unlink(path);
	assert_non_null(e);
	s = session_new(e, CONTEXT, NULL);
	assert_false(restore(at("f.kv"), s));
	assert_int_equal(access(at("f.kv"), F_OK), 0);
	session_free(s);
	engine_close(e);
}

/* Would catch a state that is taken up by a model of another shape, by another
 * cache, version or window, or deleted by one that cannot use it. */
static void
foreign_is_ignored(void **state)
{
	struct engine *e = open_spec(&tiny_spec, KV_F16);
	struct session *s = talked(e, 100), *small = session_new(e, 90, NULL);
	struct model_spec other = tiny_spec;

	(void)state;
	save(s, at("f.kv"), 1 << 20);
	assert_null(snapshot_open(folder, s, NULL));
	assert_null(snapshot_open(at("gone.kv"), s, NULL));
	assert_false(restore(at("f.kv"), small));
	assert_foreign(&tiny_spec, KV_F32, 2);
	assert_foreign(&tiny_spec, KV_F16, 1);
	other.n_head_kv = 4;
	assert_foreign(&other, KV_F16, 2);
	other = tiny_spec;
	other.n_layer = 3;
	assert_foreign(&other, KV_F16, 2);
	assert_true(restore(at("f.kv"), s));
	flip(at("f.kv"), 8);		/* the version */
	assert_false(restore(at("f.kv"), s));
	assert_int_equal(access(at("f.kv"), F_OK), 0);
	session_free(small);
	session_free(s);
	engine_close(e);
}

/* Would catch files that are taken for untouched ones, and a model's name that
 * is not that of the state. */
static void
touched_files(void **state)
{
	struct engine *e = open_spec(&tiny_spec, KV_F16);
	struct session *s = talked(e, 100), *t;
	struct snapshot_reader *r;

	(void)state;
	save(s, at("t.kv"), 1 << 20);
	r = snapshot_open(at("t.kv"), s, NULL);
	assert_true(snapshot_sure(r, s));
	assert_string_equal(snapshot_digest(r), DIGEST);
	session_free(s);
	engine_close(e);
	e = open_spec(&tiny_spec, KV_F16);	/* a copy of it */
	t = session_new(e, CONTEXT, NULL);
	assert_false(snapshot_sure(r, t));
	snapshot_close(r);
	session_free(t);
	engine_close(e);
}

static int
files(void)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static bool
stop_at_third(void *ud)
{
	int *asked = ud;

	return ++*asked == 3;
}

/* Would catch half a file that is left or takes the place of a whole one, and
 * half a state that is gone on from. */
static void
left_off(void **state)
{
	struct engine *e = open_spec(&tiny_spec, KV_F16);
	struct session *s = talked(e, 100), *few = session_new(e, 100, NULL);
	struct snapshot_writer *w;
	struct snapshot_reader *r;
	int32_t tok[SNAPSHOT_TOKENS - 1] = { 0 };
	int asked = 0;

	(void)state;
	save(s, at("l.kv"), 1 << 20);
	w = snapshot_write(at("l.kv"), s, DIGEST, NULL);
	assert_int_equal(snapshot_step(w, 5000, NULL), 1);
	assert_int_equal(files(), 2);
	snapshot_drop(w);
	assert_int_equal(files(), 1);
	assert_null(snapshot_write(at("l.kv/no.kv"), s, DIGEST, NULL));
	r = snapshot_open(at("l.kv"), s, NULL);
	assert_int_equal(snapshot_restore(r, s, stop_at_third, &asked, NULL),
	    1);
	snapshot_close(r);
	assert_int_equal(session_used(s), 0);
	assert_true(restore(at("l.kv"), s));
	assert_int_equal(session_sync(few, tok, SNAPSHOT_TOKENS - 1, NULL,
	    NULL, NULL), 0);
	assert_int_equal(snapshot_bytes(few), 0);
	session_free(few);
	session_free(s);
	engine_close(e);
}

/* Would catch words, bits or lengths that cancel each other out. */
static void
sums(void **state)
{
	unsigned char b[200] = { 0 };
	uint64_t seen[1 + 200 * 8 + 200];
	struct sum64 s;
	int n = 0;

	(void)state;
	for (int i = -1; i < 200 * 8; i++) {
		if (i >= 0)
			b[i / 8] ^= (unsigned char)(1 << i % 8);
		sum64_init(&s);
		sum64_add(&s, b, sizeof b);
		seen[n++] = sum64_end(&s);
		if (i >= 0)
			b[i / 8] = 0;
	}
	for (size_t i = 0; i < sizeof b; i++) {
		sum64_init(&s);
		sum64_add(&s, b, i);
		seen[n++] = sum64_end(&s);
	}
	for (int i = 0; i < n; i++)
		for (int k = 0; k < i; k++)
			assert_true(seen[i] != seen[k]);
}

/* ---- the folder ---- */

static void
make(const char *name, int bytes, int age)
{
	struct timespec t[2] = { { .tv_sec = time(NULL) - age } };
	int fd = open(at(name), O_CREAT | O_RDWR, 0600);

	t[1] = t[0];
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, bytes), 0);
	assert_int_equal(futimens(fd, t), 0);
	close(fd);
}

static bool
there(const char *name)
{
	return access(at(name), F_OK) == 0;
}

/* Would catch a limit that is not kept, one that a file counts against while
 * it is replaced, the wrong ones deleted, and somebody else's files too. */
static void
oldest_go_first(void **state)
{
	char path[160];

	(void)state;
	make("a.00000000.kv", 300, 50);
	make("b.00000000.kv", 300, 90);
	make("c.00000000.kv", 300, 10);
	make("notes.txt", 5000, 99);
	make("x.00000000.kv.1.new", 9000, 3);
	make("y.00000000.kv.1.new", 9000, 3000);
	snprintf(path, sizeof path, "%s", at("b.00000000.kv"));
	snapshots_make_room(folder, 1000, 400, path);
	assert_true(there("a.00000000.kv") && there("b.00000000.kv") &&
	    there("c.00000000.kv") && there("notes.txt"));
	assert_true(there("x.00000000.kv.1.new"));
	assert_false(there("y.00000000.kv.1.new"));
	snapshots_make_room(folder, 1000, 400, at("new.00000000.kv"));
	assert_false(there("b.00000000.kv"));
	assert_true(there("a.00000000.kv"));
	snapshots_make_room(folder, 1000, 500, at("new.00000000.kv"));
	assert_false(there("a.00000000.kv"));
	assert_true(there("c.00000000.kv"));
	snapshots_make_room(at("none"), 1000, 500, at("new.00000000.kv"));
}

/* Would catch a conversation that is not forgotten wholly, or others that
 * are, and names that lead out of the folder. */
static void
forgotten(void **state)
{
	char *p = snapshots_path("/x", "20261124-1", "sha256:0123456789ab");
	char **v;
	size_t n;

	(void)state;
	assert_string_equal(p, "/x/20261124-1.01234567.kv");
	free(p);
	make("me.00000000.kv", 1, 0);
	make("me.11111111.kv", 1, 0);
	make("me.11111111.kv.77.new", 1, 0);
	make("me2.00000000.kv", 1, 0);
	v = snapshots_find(folder, "me", &n);
	assert_int_equal(n, 2);
	assert_true(strcmp(v[0], at("me.00000000.kv")) == 0 ||
	    strcmp(v[1], at("me.00000000.kv")) == 0);
	snapshots_free(v, n);
	assert_int_equal(snapshots_remove_in(folder, "me", NULL), 0);
	assert_null(snapshots_find(folder, "me", &n));
	assert_int_equal(n, 0);
	assert_false(there("me.11111111.kv.77.new"));
	assert_true(there("me2.00000000.kv"));
	assert_int_equal(snapshots_remove_in(at("none"), "me", NULL), 0);
	assert_true(snapshots_name_ok("20261124-053122-7f3a"));
	assert_false(snapshots_name_ok(""));
	assert_false(snapshots_name_ok("../etc"));
	assert_false(snapshots_name_ok("a.b"));
	assert_false(snapshots_name_ok("12345678901234567890123456789012"));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(comes_back),
		CASE(prompts_are_known),
		CASE(what_is_common),
		CASE(damage_is_found),
		CASE(foreign_is_ignored),
		CASE(touched_files),
		CASE(left_off),
		cmocka_unit_test(sums),
		CASE(oldest_go_first),
		CASE(forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
