/* compose.c -- runs an editor on a file.  The editor is a job of its own, as a
 * shell would start it: what is typed to interrupt or stop it does not reach
 * the worker, which goes on answering. */
#include "compose.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "files.h"
#include "i18n.h"
#include "utf8.h"

static const char *
editor_command(void)
{
	static const char *const names[] = { "VISUAL", "EDITOR" };
	const char *s;

	for (int i = 0; i < 2; i++)
		if ((s = getenv(names[i])) != NULL && *s != '\0')
			return s;
	return "vi";
}

/* Make pid's group the terminal's foreground.  SIGTTOU, which a background
 * process gets for it, would stop us. */
static void
foreground(pid_t pgid)
{
	sigset_t ttou, old;

	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &old);
	tcsetpgrp(STDIN_FILENO, pgid);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* In memory, where the system has such a folder for the person. */
static const char *
temp_dir(void)
{
	const char *dir = getenv("TMPDIR");

	if (!dir || !*dir)
		dir = getenv("XDG_RUNTIME_DIR");
	return dir && *dir ? dir : "/tmp";
}

static int
write_file(struct compose *c, const char *text, struct err *err)
{
	bool whole;
	int fd;

	c->path = xasprintf("%s/fikr-prompt-XXXXXX.md", temp_dir());
	fd = mkostemps(c->path, 3, O_CLOEXEC);		/* mode 0600 */
	if (fd < 0)
		return err_set(err, _("cannot make the file %s for the "
		    "editor: %s"), c->path, strerror(errno));
	whole = files_write(fd, text, strlen(text)) == 0;
	if (close(fd) == 0 && whole)
		return 0;
	err_set(err, _("cannot write %s for the editor: %s"), c->path,
	    strerror(errno));
	unlink(c->path);
	return -1;
}

static _Noreturn void
child(const struct compose *c, const char *command)
{
	static const int sigs[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTTOU, SIGTTIN,
		SIGPIPE, SIGHUP, SIGTERM, SIGWINCH, SIGCONT, SIGXFSZ };

	setpgid(0, 0);
	foreground(getpid());
	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		signal(sigs[i], SIG_DFL);
	dup2(STDOUT_FILENO, STDERR_FILENO);
	execl("/bin/sh", "sh", "-c", command, "sh", c->path, (char *)NULL);
	_exit(127);
}

int
compose_start(struct compose *c, const char *text, struct err *err)
{
	char *command;

	*c = (struct compose){ .pid = -1 };
	if (write_file(c, text, err) < 0) {
		free(c->path);
		return -1;
	}
	/* As git does it: the variable may hold arguments. */
	command = xasprintf("%s \"$@\"", editor_command());
	c->pid = fork();
	if (c->pid == 0)
		child(c, command);
	free(command);
	if (c->pid < 0) {
		err_set(err, _("cannot start the editor: %s"),
		    strerror(errno));
		unlink(c->path);
		free(c->path);
		return -1;
	}
	setpgid(c->pid, c->pid);
	return 0;
}

enum compose_state
compose_check(struct compose *c)
{
	pid_t r = waitpid(c->pid, &c->status, WNOHANG | WUNTRACED);

	if (r == 0 || (r < 0 && errno == EINTR))
		return COMPOSE_RUNS;
	foreground(getpgrp());
	if (r > 0 && WIFSTOPPED(c->status))
		return COMPOSE_STOPPED;
	if (r < 0)
		c->status = 0;		/* somebody else has reaped it */
	return COMPOSE_OVER;
}

void
compose_continue(struct compose *c)
{
	foreground(c->pid);
	kill(-c->pid, SIGCONT);
}

void
compose_kill(struct compose *c, int sig)
{
	kill(-c->pid, sig);
	kill(-c->pid, SIGCONT);
}

static int
check_status(const struct compose *c, struct err *err)
{
	int st = c->status;

	if (WIFSIGNALED(st))
		return err_set(err, _("the editor was killed by signal %d; "
		    "the prompt is what it was"), WTERMSIG(st));
	if (WEXITSTATUS(st) == 127)
		return err_set(err, _("the editor \"%s\" was not found; set "
		    "EDITOR to one that is there"), editor_command());
	if (WEXITSTATUS(st) != 0)
		return err_set(err, _("the editor ended with status %d; the "
		    "prompt is what it was"), WEXITSTATUS(st));
	return 0;
}

/* The bytes of the file; FIFOs and devices are not waited for. */
static int
read_file(const char *path, struct buf *raw, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	char chunk[8192];
	ssize_t n = -1;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		err_set(err, _("the editor left no file to read back from "
		    "%s: %s"), path, fd < 0 ? strerror(errno) :
		    _("it is no ordinary file"));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (raw->len <= COMPOSE_MAX &&
	    (n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			buf_add(raw, chunk, (size_t)n);
	}
	close(fd);
	if (raw->len > COMPOSE_MAX)
		return err_set(err, _("the text from the editor is longer "
		    "than %u bytes; the prompt is what it was"), COMPOSE_MAX);
	return n < 0 ? err_set(err, _("cannot read %s back: %s"), path,
	    strerror(errno)) : 0;
}

static void
clean(struct buf *text, struct buf *raw)
{
	size_t to = 0;

	for (size_t i = 0; i < raw->len; i++) {
		if (raw->data[i] == '\r' && i + 1 < raw->len &&
		    raw->data[i + 1] == '\n')
			continue;
		raw->data[to++] = raw->data[i] ? raw->data[i] : ' ';
	}
	if (to > 0 && raw->data[to - 1] == '\n')
		to--;
	utf8_scrub(text, raw->data ? raw->data : "", to);
}

int
compose_end(struct compose *c, struct buf *text, struct err *err)
{
	struct buf raw = { 0 };
	int rc = check_status(c, err);

	if (rc == 0)
		rc = read_file(c->path, &raw, err);
	if (rc == 0)
		clean(text, &raw);
	buf_free(&raw);
	unlink(c->path);
	free(c->path);
	return rc;
}
