/* t_link.c -- the link to the worker, against stand-ins written in shell. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "alloc.h"
#include "link.h"
#include "paths.h"

#define STR(x) STR_(x)
#define STR_(x) #x
#define HELLO "echo '{\"type\":\"hello\",\"version\":" STR(PROTO_VERSION) \
	",\"program\":\"w\"}'\n"

struct world {
	char *dir, *worker, *log;
	struct link *link;
	char seen[256];		/* types of the messages that came */
};

static int
setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct world *w = xcalloc(1, sizeof *w);

	unsetenv("FIKR_WORKER");
	w->dir = xasprintf("%s/fikr-link-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(w->dir))
		return -1;
	w->worker = xasprintf("%s/worker", w->dir);
	w->log = xasprintf("%s/state/worker.log", w->dir);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	char *sub = xasprintf("%s/state", w->dir);

	link_free(w->link);
	unlink(w->worker);
	unlink(w->log);
	rmdir(sub);
	rmdir(w->dir);
	free(sub);
	free(w->dir);
	free(w->worker);
	free(w->log);
	free(w);
	return 0;
}

static void
write_worker(struct world *w, const char *body)
{
	FILE *f = fopen(w->worker, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s", body);
	fclose(f);
	chmod(w->worker, 0700);
}

static void
make_link(struct world *w)
{
	struct load load = { .model = (char *)"/m.gguf" };
	struct link_opts o = { .worker = w->worker, .load = &load,
		.log = w->log };

	w->link = link_new(&o);
}

static void
note(const struct msg *m, void *ud)
{
	struct world *w = ud;
	size_t n = strlen(w->seen);

	snprintf(w->seen + n, sizeof w->seen - n, "%s ",
	    msg_type_name(m->type));
}

/* Read until the worker is gone or n messages came. */
static int
pump(struct world *w, const char *until, struct err *err)
{
	while (!until || !strstr(w->seen, until)) {
		struct pollfd p = { link_fd(w->link), POLLIN, 0 };

		if (poll(&p, 1, 20000) <= 0)
			fail_msg("nothing came");
		if (link_read(w->link, note, w, err) < 0)
			return -1;
	}
	return 0;
}

/* Catches a hello or load that is not sent, a hello shown to the owner, and
 * standard error that does not reach the log. */
static void
starts_greets_and_loads(void **state)
{
	struct world *w = *state;
	struct err err;
	char line[128];
	FILE *f;

	write_worker(w, HELLO "read a; read b; echo \"$a$b\" >&2\n"
	    "echo '{\"type\":\"error\",\"id\":0,\"text\":\"ready\"}'\n"
	    "read c\n");
	make_link(w);
	assert_false(link_alive(w->link));
	assert_int_equal(link_start(w->link, &err), 0);
	assert_int_equal(link_start(w->link, &err), 0);
	assert_true(link_alive(w->link));
	assert_int_equal(pump(w, "error", &err), 0);
	assert_string_equal(w->seen, "error ");
	f = fopen(w->log, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof line, f));
	fclose(f);
	assert_non_null(strstr(line, "\"hello\""));
	assert_non_null(strstr(line, "\"/m.gguf\""));
}

/* Catches a switch that a running worker is not asked for, or that is forgotten
 * when it has to be started again. */
static void
switches_the_model(void **state)
{
	struct world *w = *state;
	struct err err = { "" };

	write_worker(w, HELLO "read a; read b; read c\n"
	    "case $c in *other.gguf*) exit 4;; esac\nexit 5\n");
	make_link(w);
	assert_int_equal(link_start(w->link, &err), 0);
	link_choose(w->link, "/other.gguf");
	assert_int_equal(link_load(w->link, &err), 0);
	assert_int_equal(pump(w, NULL, &err), -1);
	assert_non_null(strstr(err.text, "status 4"));
	write_worker(w, HELLO "read a; read b\n"
	    "case $b in *other.gguf*) exit 6;; esac\nexit 5\n");
	assert_int_equal(link_start(w->link, &err), 0);
	assert_int_equal(pump(w, NULL, &err), -1);
	assert_non_null(strstr(err.text, "status 6"));
}

/* Pitfall 20.  Catches a death that is not noticed or not explained, text
 * before it that is lost, a zombie that stays, and a link that cannot start
 * again. */
static void
death_is_told_and_survived(void **state)
{
	struct world *w = *state;
	struct err err = { "" };

	write_worker(w, HELLO "echo '{\"type\":\"delta\",\"id\":1,\"channel\":"
	    "\"answer\",\"text\":\"x\"}'\nkill -9 $$\n");
	make_link(w);
	assert_int_equal(link_start(w->link, &err), 0);
	assert_int_equal(pump(w, NULL, &err), -1);
	assert_string_equal(w->seen, "delta ");
	assert_non_null(strstr(err.text, "signal 9"));
	assert_false(link_alive(w->link));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(link_fd(w->link), -1);
	write_worker(w, HELLO "exit 3\n");
	assert_int_equal(link_start(w->link, &err), 0);
	assert_int_equal(pump(w, NULL, &err), -1);
	assert_non_null(strstr(err.text, "status 3"));
}

/* Catches talking on with a worker of another version. */
static void
other_version_is_refused(void **state)
{
	struct world *w = *state;
	struct err err = { "" };

	write_worker(w, "echo '{\"type\":\"hello\",\"version\":99}'\nread a\n"
	    "read b\nread c\n");
	make_link(w);
	assert_int_equal(link_start(w->link, &err), 0);
	assert_int_equal(pump(w, NULL, &err), -1);
	assert_non_null(strstr(err.text, "99"));
	assert_false(link_alive(w->link));
}

/* Catches a program that is no worker hanging or crashing the owner. */
static void
garbage_is_refused(void **state)
{
	struct world *w = *state;
	struct err err = { "" };

	write_worker(w, "echo hello there\nread a\nread b\nread c\n");
	make_link(w);
	assert_int_equal(link_start(w->link, &err), 0);
	assert_int_equal(pump(w, NULL, &err), -1);
	assert_non_null(strstr(err.text, "JSON"));
}

/* Catches a missing program being anything but a sentence. */
static void
missing_worker(void **state)
{
	struct world *w = *state;
	struct err err = { "" };
	struct msg quit = { .type = MSG_QUIT };

	make_link(w);
	assert_int_equal(link_start(w->link, &err), -1);
	assert_non_null(strstr(err.text, w->worker));
	assert_false(link_alive(w->link));
	assert_int_equal(link_send(w->link, &quit, &err), -1);
}

/* Catches link_free waiting for ever on a worker that does not listen. */
static void
stuck_worker_is_killed(void **state)
{
	struct world *w = *state;
	struct err err;

	write_worker(w, HELLO "trap '' TERM HUP\nexec sleep 1000\n");
	make_link(w);
	assert_int_equal(link_start(w->link, &err), 0);
	link_free(w->link);
	w->link = NULL;
}

/* Catches a worker whose OpenBLAS starts threads beside the worker's own, or
 * that is kept from what the person wants. */
static void
one_thread_for_blas(void **state)
{
	struct world *w = *state;
	struct err err = { "" };

	write_worker(w, HELLO "exit ${OPENBLAS_NUM_THREADS:-9}\n");
	make_link(w);
	unsetenv("OPENBLAS_NUM_THREADS");
	assert_int_equal(link_start(w->link, &err), 0);
	assert_int_equal(pump(w, NULL, &err), -1);
	assert_non_null(strstr(err.text, "status 1;"));
	setenv("OPENBLAS_NUM_THREADS", "7", 1);
	assert_int_equal(link_start(w->link, &err), 0);
	assert_int_equal(pump(w, NULL, &err), -1);
	assert_non_null(strstr(err.text, "status 7;"));
	unsetenv("OPENBLAS_NUM_THREADS");
}

/* Catches a log that grows without end. */
static void
large_log_is_emptied(void **state)
{
	struct world *w = *state;
	struct stat st;
	struct err err;
	char *dir = xasprintf("%s/state", w->dir);
	FILE *f;

	assert_int_equal(path_make_dir(dir, &err), 0);
	free(dir);
	f = fopen(w->log, "w");
	assert_non_null(f);
	for (int i = 0; i < 3000; i++)
		fprintf(f, "%500d\n", i);
	fclose(f);
	write_worker(w, HELLO "echo fresh >&2\nexit 0\n");
	make_link(w);
	assert_int_equal(link_start(w->link, &err), 0);
	pump(w, NULL, &err);
	assert_int_equal(stat(w->log, &st), 0);
	assert_int_equal(st.st_size, 6);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(starts_greets_and_loads),
		T(switches_the_model),
		T(death_is_told_and_survived),
		T(other_version_is_refused),
		T(garbage_is_refused),
		T(missing_worker),
		T(stuck_worker_is_killed),
		T(one_thread_for_blas),
		T(large_log_is_emptied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
