/* signals.c -- see signals.h. */
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* A signal handler can know no more than a file descriptor. */
static int signal_fd = -1;

static const int caught[] = { SIGWINCH, SIGTERM, SIGHUP, SIGTSTP, SIGCONT };
#define N_CAUGHT (sizeof(caught) / sizeof(caught[0]))

static void
on_signal(int sig)
{
	int saved = errno;
	char c = (char)sig;

	/* A full pipe means that the loop is about to wake up anyway. */
	if (write(signal_fd, &c, 1) < 0)
		errno = saved;
	errno = saved;
}

static void
set_all(const struct signals *s, void (*fn)(int))
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = SA_RESTART };

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < N_CAUGHT; i++)
		sigaction(caught[i], &sa, NULL);
	if (s->interrupt)
		sigaction(SIGINT, &sa, NULL);
}

int
signals_open(struct signals *s, bool interrupt, struct err *err)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_set(err, "cannot make a pipe: %s", strerror(errno));
	*s = (struct signals){ fd[0], fd[1], interrupt };
	signal_fd = s->in;
	signal(SIGPIPE, SIG_IGN);
	set_all(s, on_signal);
	return 0;
}

void
signals_close(struct signals *s)
{
	set_all(s, SIG_DFL);
	signal_fd = -1;
	close(s->fd);
	close(s->in);
}

void
signals_stop(const struct signals *s)
{
	signal(SIGTSTP, SIG_DFL);
	kill(0, SIGTSTP);
	set_all(s, on_signal);
}
