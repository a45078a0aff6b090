/* link.c -- fikr's end of the pipe to fikr-worker. */
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "chan.h"
#include "i18n.h"
#include "paths.h"

#define LOG_MAX (1 << 20)
#define GRACE_MS 200
#define QUIT_MS 2000	/* for the worker to write what it keeps */

extern char **environ;

struct link {
	char *worker, *log;
	struct load load;
	pid_t pid;		/* 0: none is running */
	bool greeted;		/* its hello came and was understood */
	struct chan chan;
};

struct link *
link_new(const struct link_opts *o)
{
	struct link *l = xcalloc(1, sizeof *l);

	l->worker = xstrdup(o->worker);
	l->log = xstrdup(o->log);
	load_copy(&l->load, o->load);
	chan_init(&l->chan, -1, -1, PROTO_LINE_MAX);
	return l;
}

/* ---- starting --------------------------------------------------------- */

/* FIKR_WORKER, then what the owner said, then the usual places. */
static char *
find_worker(const struct link *l, struct err *err)
{
	const char *env = getenv("FIKR_WORKER");
	char *path;

	if (env && *env)
		return xstrdup(env);
	if (l->worker)
		return xstrdup(l->worker);
	path = path_libexec("fikr-worker");
	if (!path)
		err_set(err, "fikr-worker is neither beside fikr nor in the "
		    "installed libexec folder; install fikr again or set "
		    "FIKR_WORKER");
	return path;
}

/* The log, emptied once it has grown large; /dev/null where it cannot be
 * had, since a chat without a log is better than none. */
static int
open_log(const char *path)
{
	struct stat st;
	char *dir, *slash;
	int fd = -1;

	if (path) {
		dir = xstrdup(path);
		slash = strrchr(dir, '/');
		if (slash && slash != dir) {
			*slash = '\0';
			path_make_dir(dir, NULL);
		}
		free(dir);
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC |
		    O_NOCTTY, 0600);
	}
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size > LOG_MAX && ftruncate(fd, 0) < 0) {
		close(fd);
		fd = -1;
	}
	return fd >= 0 ? fd : open("/dev/null", O_WRONLY | O_CLOEXEC);
}

/* The environment, in which OpenBLAS learns before it starts that it need not
 * start threads: the worker has its own.  What the person set stays.  Caller
 * frees the array alone. */
static char **
worker_environ(void)
{
	static char one_thread[] = "OPENBLAS_NUM_THREADS=1";
	size_t n = 0, add = getenv("OPENBLAS_NUM_THREADS") ? 0 : 1;
	char **env;

	while (environ && environ[n])
		n++;
	env = xcalloc(n + add + 1, sizeof *env);
	for (size_t i = 0; i < n; i++)
		env[i] = environ[i];
	if (add)
		env[n] = one_thread;
	return env;
}

/* A group of its own keeps the worker out of the reach of ^C, which is fikr's
 * to understand; signals start as they are by default. */
static int
spawn(pid_t *pid, const char *path, int in, int out, int log)
{
	char **env = worker_environ();
	char *argv[] = { (char *)"fikr-worker", NULL };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t none, all;
	int e;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&fa, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&fa, log, STDERR_FILENO);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&at);
	posix_spawnattr_setsigmask(&at, &none);
	posix_spawnattr_setsigdefault(&at, &all);
	posix_spawnattr_setpgroup(&at, 0);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK |
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	e = posix_spawn(pid, path, &fa, &at, argv, env);
	free(env);
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&fa);
	return e;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
close_chan(struct link *l)
{
	close_fd(&l->chan.in);
	close_fd(&l->chan.out);
	chan_done(&l->chan);
}

/* The ends that stay here must not block. */
static void
open_chan(struct link *l, int in, int out)
{
	fcntl(in, F_SETFL, O_NONBLOCK);
	fcntl(out, F_SETFL, O_NONBLOCK);
	chan_init(&l->chan, in, out, PROTO_LINE_MAX);
}

static int
start_process(struct link *l, const char *path, struct err *err)
{
	int to[2] = { -1, -1 }, from[2] = { -1, -1 }, log, e;

	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0) {
		e = errno;
		close_fd(&to[0]);
		close_fd(&to[1]);
		return err_set(err, "cannot make a pipe for the worker: %s",
		    strerror(e));
	}
	log = open_log(l->log);
	e = spawn(&l->pid, path, to[0], from[1], log);
	close_fd(&to[0]);
	close_fd(&from[1]);
	close_fd(&log);
	if (e) {
		l->pid = 0;
		close_fd(&to[1]);
		close_fd(&from[0]);
		return err_set(err, "cannot start the worker %s: %s", path,
		    strerror(e));
	}
	open_chan(l, from[0], to[1]);
	l->greeted = false;
	return 0;
}

void
link_choose(struct link *l, const char *model)
{
	char *copy = xstrdup(model);

	free(l->load.model);
	l->load.model = copy;
}

int
link_load(struct link *l, struct err *err)
{
	struct msg m = { .type = MSG_LOAD, .u.load = l->load };

	return l->load.model ? link_send(l, &m, err) : 0;
}

static int
greet(struct link *l, struct err *err)
{
	struct msg hello = { .type = MSG_HELLO, .u.hello = {
		.version = PROTO_VERSION, .program = (char *)"fikr" } };

	if (link_send(l, &hello, err) < 0)
		return -1;
	return link_load(l, err);
}

int
link_start(struct link *l, struct err *err)
{
	char *path;
	int ret;

	if (l->pid)
		return 0;
	/* A worker that died shows as EPIPE, not as our own death. */
	signal(SIGPIPE, SIG_IGN);
	path = find_worker(l, err);
	if (!path)
		return -1;
	ret = start_process(l, path, err);
	free(path);
	if (ret == 0)
		greet(l, NULL);		/* its death is told by link_read */
	return ret;
}

/* ---- ending ----------------------------------------------------------- */

static void
sleep_ms(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

/* Wait so long for the end of the child, then see to it; its wait status.
 * *forced says that it had to be killed. */
static int
reap(struct link *l, int grace_ms, bool *forced)
{
	int status = 0;
	pid_t r = 0;

	*forced = false;
	for (int ms = 0; ms < grace_ms && r == 0; ms += 2) {
		r = waitpid(l->pid, &status, WNOHANG);
		if (r == 0)
			sleep_ms(2);
	}
	if (r == 0) {
		*forced = true;
		kill(l->pid, SIGKILL);
		do
			r = waitpid(l->pid, &status, 0);
		while (r < 0 && errno == EINTR);
	}
	l->pid = 0;
	return status;
}

void
link_free(struct link *l)
{
	struct msg quit = { .type = MSG_QUIT };
	bool forced;

	if (!l)
		return;
	if (l->pid) {
		link_send(l, &quit, NULL);
		close_chan(l);
		reap(l, QUIT_MS, &forced);
	}
	close_chan(l);
	free(l->worker);
	load_done(&l->load);
	free(l->log);
	free(l);
}

/* The worker is gone, or has to go: reap it and say how it ended, unless err
 * has the reason already (told). */
static int
lost(struct link *l, bool told, struct err *err)
{
	char *log;
	bool forced;
	int status;

	close_chan(l);
	status = reap(l, GRACE_MS, &forced);
	if (told)
		return -1;
	log = l->log ? xasprintf(_("; its log is %s"), l->log) : xstrdup("");
	if (forced)
		err_set(err, "the worker closed the pipe and was ended%s", log);
	else if (WIFSIGNALED(status))
		err_set(err, "the worker was killed by signal %d (%s)%s",
		    WTERMSIG(status), strsignal(WTERMSIG(status)), log);
	else
		err_set(err, "the worker ended with status %d%s",
		    WEXITSTATUS(status), log);
	free(log);
	return -1;
}

/* ---- talking ---------------------------------------------------------- */

bool
link_alive(const struct link *l)
{
	return l->pid != 0;
}

int
link_fd(const struct link *l)
{
	return l->chan.in;
}

bool
link_wants_write(const struct link *l)
{
	return l->chan.outbuf.len > 0;
}

int
link_out_fd(const struct link *l)
{
	return l->chan.out;
}

int
link_flush(struct link *l, struct err *err)
{
	if (!l->pid)
		return err_set(err, "no worker is running");
	return chan_flush(&l->chan, err) < 0 ? -1 : 0;
}

int
link_send(struct link *l, const struct msg *m, struct err *err)
{
	struct buf line = { 0 };

	if (!l->pid)
		return err_set(err, "no worker is running");
	msg_format(m, &line);
	if (line.len > PROTO_LINE_MAX) {
		buf_free(&line);
		return err_set(err, "the conversation is longer than the pipe "
		    "to the worker takes (%u MiB); start a new one",
		    PROTO_LINE_MAX >> 20);
	}
	chan_put(&l->chan, line.data, line.len);
	buf_free(&line);
	return link_flush(l, err);
}

/* hello is the link's own business. */
static int
understand(struct link *l, const struct msg *m, struct err *err)
{
	if (m->type == MSG_HELLO) {
		l->greeted = m->u.hello.version == PROTO_VERSION;
		if (!l->greeted)
			return err_set(err, "the worker speaks version %d of "
			    "the protocol and this fikr version %d; install "
			    "both from the same release", m->u.hello.version,
			    PROTO_VERSION);
		return 0;
	}
	if (!l->greeted && m->type != MSG_ERROR)
		return err_set(err, "the worker did not say hello; is it "
		    "really fikr-worker?");
	return 0;
}

/* 1: a message was handled, 0: none there, -1: the worker cannot stay. */
static int
one_message(struct link *l, void (*fn)(const struct msg *m, void *ud),
    void *ud, struct err *err)
{
	struct err why;
	struct msg m;
	char *line;
	size_t n;
	int r = chan_line(&l->chan, &line, &n, &why);

	if (r == 0)
		return 0;
	if (r < 0 || msg_parse(&m, line, n, &why) < 0)
		return err_set(err, "the worker sent what fikr does not "
		    "understand: %s", why.text);
	r = understand(l, &m, err) < 0 ? -1 : 1;
	if (r > 0 && m.type != MSG_HELLO)
		fn(&m, ud);
	msg_free(&m);
	return r;
}

int
link_read(struct link *l, void (*fn)(const struct msg *m, void *ud), void *ud,
    struct err *err)
{
	int filled, r;

	if (!l->pid)
		return err_set(err, "no worker is running");
	filled = chan_fill(&l->chan, NULL);
	while ((r = one_message(l, fn, ud, err)) > 0)
		;
	if (r < 0)
		return lost(l, true, err);
	return filled < 0 ? lost(l, false, err) : 0;
}
