/* passphrase.c -- asking for a passphrase.  Signals wait in a descriptor while
 * the terminal does not echo, so that it does again before they act. */
#include "passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

enum got { READ_DONE, READ_AGAIN, READ_FAILED };

static int
passphrase_init(struct passphrase *p, struct err *err)
{
	p->n = 0;
	p->text = sodium_init() < 0 ? NULL : sodium_malloc(PASSPHRASE_MAX + 1);
	return p->text ? 0 : err_set(err, "there is no memory for a "
	    "passphrase that is kept from swapping; raise the limit "
	    "(ulimit -l)");
}

void
passphrase_done(struct passphrase *p)
{
	sodium_free(p->text);		/* which overwrites it */
	p->text = NULL;
	p->n = 0;
}

/* One line, byte by byte: what follows in a pipe is not ours. */
static enum got
read_line(struct passphrase *p, int fd, int signals)
{
	struct pollfd f[2] = { { fd, POLLIN, 0 }, { signals, POLLIN, 0 } };
	ssize_t r;
	char c;

	for (;;) {
		if (signals >= 0 && poll(f, 2, -1) < 0 && errno != EINTR)
			return READ_FAILED;
		if (signals >= 0 && f[1].revents)
			return READ_AGAIN;
		r = read(fd, &c, 1);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return READ_FAILED;
		if (r == 0 || c == '\n')
			break;
		if (p->n == PASSPHRASE_MAX) {
			errno = E2BIG;
			return READ_FAILED;
		}
		p->text[p->n++] = c;
	}
	sodium_memzero(&c, 1);
	return READ_DONE;
}

static void
put(int tty, const char *s)
{
	size_t n = strlen(s);
	ssize_t w;

	while (n > 0 && (w = write(tty, s, n)) > 0) {
		s += w;
		n -= (size_t)w;
	}
}

/* With a signal, the terminal is as it was, the signal does what it does, and
 * if that was not the end the person is asked again. */
static enum got
ask_once(struct passphrase *p, int tty, const char *prompt)
{
	struct termios was, quiet;
	sigset_t set, before;
	enum got r;
	int fd;

	if (tcgetattr(tty, &was) < 0)
		return READ_FAILED;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_BLOCK, &set, &before);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	put(tty, prompt);
	p->n = 0;
	r = tcsetattr(tty, TCSAFLUSH, &quiet) < 0 ? READ_FAILED :
	    read_line(p, tty, fd);
	tcsetattr(tty, TCSAFLUSH, &was);
	put(tty, "\n");
	if (fd >= 0)
		close(fd);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

int
passphrase_ask(struct passphrase *p, const char *prompt, struct err *err)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	enum got r = READ_FAILED;

	if (tty < 0)
		return err_set(err, "there is no terminal to ask for the "
		    "passphrase on; FIKR_PASSPHRASE_FILE may name a file that "
		    "holds it");
	if (passphrase_init(p, err) < 0) {
		close(tty);
		return -1;
	}
	do
		r = ask_once(p, tty, prompt);
	while (r == READ_AGAIN);
	if (r == READ_FAILED) {
		err_set(err, "cannot read a passphrase from the terminal: %s",
		    strerror(errno));
		passphrase_done(p);
	}
	close(tty);
	return r == READ_DONE ? 0 : -1;
}

static const char *
given_file(void)
{
	const char *path = getenv("FIKR_PASSPHRASE_FILE");

	return path && *path ? path : NULL;
}

bool
passphrase_given(void)
{
	return given_file() != NULL;
}

int
passphrase_read(struct passphrase *p, struct err *err)
{
	const char *path = given_file();
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), r;

	if (fd < 0)
		return err_set(err, "cannot open %s, which "
		    "FIKR_PASSPHRASE_FILE names: %s", path, strerror(errno));
	r = passphrase_init(p, err);
	if (r == 0 && read_line(p, fd, -1) != READ_DONE) {
		r = err_set(err, "cannot read a passphrase from %s: %s", path,
		    strerror(errno));
		passphrase_done(p);
	} else if (r == 0 && p->n == 0) {
		r = err_set(err, "there is no passphrase in the first line "
		    "of %s", path);
		passphrase_done(p);
	}
	close(fd);
	return r;
}
