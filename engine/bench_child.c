/* bench_child.c -- other programs, run to their end: how they are started,
 * what they print, how long they take and how much memory. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

#define OUT_MAX ((size_t)4 << 20)
#define SAID_MAX 4096
#define PATIENCE_MS (30 * 60 * 1e3)

extern char **environ;

static int
start(const char *name, const char *const argv[], int out, int said, pid_t *pid,
    struct err *err)
{
	posix_spawn_file_actions_t fa;
	int e;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null",
	    O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&fa, said, STDERR_FILENO);
	e = posix_spawn(pid, argv[0], &fa, NULL,
	    (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	return e == 0 ? 0 : err_set(err, "%s cannot be started: %s", name,
	    strerror(e));
}

/* False at the end of the pipe. */
static bool
take(int fd, struct buf *b)
{
	char tmp[4096];
	ssize_t n = read(fd, tmp, sizeof tmp);

	if (n > 0)
		buf_add(b, tmp, (size_t)n);
	return n > 0 || (n < 0 && errno == EINTR);
}

/* Read both pipes to their ends. */
static int
listen_to(const char *name, int out, int said, double began, struct child *c,
    struct err *err)
{
	struct pollfd p[2] = { { out, POLLIN, 0 }, { said, POLLIN, 0 } };

	while (p[0].fd >= 0 || p[1].fd >= 0) {
		double left = began + PATIENCE_MS - clock_now_ms();

		if (left <= 0)
			return err_set(err, "%s took more than %.0f minutes "
			    "and was stopped; ask for fewer tokens", name,
			    PATIENCE_MS / 60e3);
		if (poll(p, 2, (int)left + 1) < 0 && errno != EINTR)
			return err_set(err, "%s cannot be heard: %s", name,
			    strerror(errno));
		if (p[0].fd >= 0 && p[0].revents && !take(out, &c->out))
			p[0].fd = -1;
		if (c->out.len > 0 && c->first_ms == 0.0)
			c->first_ms = clock_now_ms() - began;
		if (p[1].fd >= 0 && p[1].revents && !take(said, &c->said))
			p[1].fd = -1;
		if (c->said.len > SAID_MAX)
			buf_drop(&c->said, c->said.len - SAID_MAX);
		if (c->out.len > OUT_MAX)
			return err_set(err, "%s prints more than %zu MiB, "
			    "which no benchmark does; it was stopped", name,
			    OUT_MAX >> 20);
	}
	return 0;
}

/* The last line that is not empty; b is cut after it. */
static const char *
last_line(struct buf *b)
{
	char *at;

	while (b->len > 0 && strchr("\r\n ", b->data[b->len - 1]))
		b->data[--b->len] = '\0';
	if (b->len == 0)
		return "it says nothing";
	at = strrchr(b->data, '\n');
	return at ? at + 1 : b->data;
}

static int
end(const char *name, pid_t pid, bool kill_it, struct child *c,
    struct err *err)
{
	struct rusage use = { 0 };
	int status;

	if (kill_it)
		kill(pid, SIGKILL);
	while (wait4(pid, &status, 0, &use) < 0)
		if (errno != EINTR)
			return err_set(err, "%s is lost: %s", name,
			    strerror(errno));
	c->rss = (int64_t)use.ru_maxrss * 1024;
	if (kill_it)
		return -1;
	if (WIFSIGNALED(status))
		return err_set(err, "%s was ended by signal %d (%s): %.300s",
		    name, WTERMSIG(status), strsignal(WTERMSIG(status)),
		    last_line(&c->said));
	if (WEXITSTATUS(status) != 0)
		return err_set(err, "%s failed with status %d: %.300s", name,
		    WEXITSTATUS(status), last_line(&c->said));
	return 0;
}

int
child_run(const char *name, const char *const argv[], struct child *c,
    struct err *err)
{
	int out[2], said[2], r;
	double began;
	pid_t pid;

	*c = (struct child){ 0 };
	if (pipe2(out, O_CLOEXEC))
		return err_set(err, "no pipe for %s: %s", name,
		    strerror(errno));
	if (pipe2(said, O_CLOEXEC)) {
		close(out[0]);
		close(out[1]);
		return err_set(err, "no pipe for %s: %s", name,
		    strerror(errno));
	}
	began = clock_now_ms();
	r = start(name, argv, out[1], said[1], &pid, err);
	close(out[1]);
	close(said[1]);
	if (r == 0) {
		r = listen_to(name, out[0], said[0], began, c, err);
		r = end(name, pid, r != 0, c, err);
	}
	close(out[0]);
	close(said[0]);
	return r;
}

void
child_done(struct child *c)
{
	buf_free(&c->out);
	buf_free(&c->said);
}

/* ---- our own start ---- */

#define START_RUNS 3

/* Before the model is opened here: what a process has used at most counts on
 * in the one that it starts. */
int
bench_start(struct bench *b, struct err *err)
{
	char threads[16];
	const char *argv[16] = { "/proc/self/exe", "generate", "--temp", "0", "-n",
		"1", "--kv", kv_type_name(b->o->kv) };
	double ms[START_RUNS];
	int n = 8;

	snprintf(threads, sizeof threads, "%d", b->o->threads);
	if (b->o->threads > 0) {
		argv[n++] = "-t";
		argv[n++] = threads;
	}
	argv[n++] = "--";
	argv[n++] = b->path;
	argv[n] = "The capital of France is";
	for (int i = -1; i < START_RUNS; i++) {	/* the first warms */
		struct child c;
		int r = child_run("a short answer", argv, &c, err);

		if (i >= 0)
			ms[i] = c.first_ms;
		if (c.rss > b->start_rss)
			b->start_rss = c.rss;
		child_done(&c);
		if (r)
			return -1;
	}
	b->start_ms = bench_median(ms, START_RUNS);
	return 0;
}
