/* screen_tty.c -- the terminal below curses.  Putting it back is done in two
 * ways: mode by mode when there is time, and from a string prepared
 * beforehand, with nothing but write and tcsetattr, when there is none
 * (signals, no memory left). */
#include "screen_tty.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "alloc.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define UNDO_MAX 512		/* bytes */

/* Every mode that fikr ever turns on by hand, and what undoes it. */
static const struct { const char *on, *off; } modes[TTY_MODES] = {
	[TTY_PASTE] = { "\033[?2004h", "\033[?2004l" },
	[TTY_FOCUS] = { "\033[?1004h", "\033[?1004l" },
	/* 1: no ambiguous keys; 4: the key's Latin letter too, without which
	 * Ctrl-C would be lost on an Arabic keyboard. */
	[TTY_KEYS_KITTY] = { "\033[>5u", "\033[<u" },
	[TTY_KEYS_OTHER] = { "\033[>4;1m", "\033[>4m" },
	[TTY_MOUSE] = { "\033[?1000h\033[?1002h\033[?1006h",
	    "\033[?1006l\033[?1002l\033[?1000l" },
	/* ECMA-48's BDSM: explicit, and implicit again, which terminals that
	 * know it start with. */
	[TTY_BIDI_OURS] = { "\033[8l", "\033[8h" },
	[TTY_BIDI_THEIRS] = { "\033[8h\033[?2501h", "\033[?2501l" },
	[TTY_TITLE] = { "\033[22;2t", "\033[23;2t" },
	[TTY_SYNC] = { "\033[?2026h", "\033[?2026l" },
};

static struct {
	bool open;
	bool want[TTY_MODES];
	char caps[UNDO_MAX];	/* terminfo's part of putting it back ... */
	size_t caps_n;
	size_t plain_n;		/* ... of which this much stays on the screen */
} tty;

/* For the signal handler: on is nonzero while the terminal is not as it was,
 * which says which of the two strings undoes it.  A string is whole before
 * which points to it. */
static volatile sig_atomic_t on, which;
static char undo[2][UNDO_MAX];
static size_t undo_n[2];
static struct termios shell_tty;

void
tty_put(const char *s, size_t n)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	while (n > 0) {
		ssize_t w = write(STDOUT_FILENO, s, n);

		if (w > 0) {
			s += w;
			n -= (size_t)w;
		} else if (w < 0 && errno == EAGAIN) {
			if (poll(&p, 1, 1000) <= 0)
				return;
		} else if (w == 0 || errno != EINTR) {
			return;
		}
	}
}

void
tty_puts(const char *s)
{
	tty_put(s, strlen(s));
}

/* ---- putting it back in a hurry ---- */

/* Only what may be called in a signal handler. */
static void
emergency(void)
{
	int saved = errno;

	if (on) {
		on = 0;
		tty_put(undo[which], undo_n[which]);
		tcsetattr(STDIN_FILENO, TCSANOW, &shell_tty);
	}
	errno = saved;
}

static const int fatal[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL };
static const int polite[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };

static struct sigaction old_action[NSIG];
static bool caught[NSIG];

static void
on_signal(int sig)
{
	emergency();
	/* Delivered again, to whoever was there before us, on return. */
	sigaction(sig, &old_action[sig], NULL);
	raise(sig);
}

static void
catch_one(int sig)
{
	struct sigaction sa = { .sa_handler = on_signal,
		.sa_flags = SA_ONSTACK };

	sigemptyset(&sa.sa_mask);
	caught[sig] = sigaction(sig, &sa, &old_action[sig]) == 0;
}

static void
signals_catch(void)
{
	static char stack[64 << 10];	/* for a stack that has overflowed */
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) }, have;
	struct sigaction sa;

	if (sigaltstack(NULL, &have) == 0 && (have.ss_flags & SS_DISABLE))
		sigaltstack(&ss, NULL);
	for (size_t i = 0; i < COUNT(fatal); i++)
		catch_one(fatal[i]);
	for (size_t i = 0; i < COUNT(polite); i++)
		if (sigaction(polite[i], NULL, &sa) == 0 &&
		    sa.sa_handler == SIG_DFL)
			catch_one(polite[i]);
}

static void
signals_release(void)
{
	struct sigaction sa;

	for (int sig = 1; sig < NSIG; sig++) {
		if (caught[sig] && sigaction(sig, NULL, &sa) == 0 &&
		    sa.sa_handler == on_signal)
			sigaction(sig, &old_action[sig], NULL);
		caught[sig] = false;
	}
}

/* A capability of terminfo as bytes: without its marks for padding. */
static void
add_cap(const char *s)
{
	const char *end;

	while (s && *s != '\0' && tty.caps_n < sizeof(tty.caps) - 1) {
		if (s[0] == '$' && s[1] == '<' &&
		    (end = strchr(s, '>')) != NULL)
			s = end + 1;
		else
			tty.caps[tty.caps_n++] = *s++;
	}
}

static void
undo_add(int i, const char *s, size_t n)
{
	if (undo_n[i] + n > UNDO_MAX)
		return;
	memcpy(undo[i] + undo_n[i], s, n);
	undo_n[i] += n;
}

static void
undo_prepare(void)
{
	int i = !which;

	undo_n[i] = 0;
	for (int m = TTY_MODES - 1; m >= 0; m--)
		if (tty.want[m])
			undo_add(i, modes[m].off, strlen(modes[m].off));
	undo_add(i, tty.caps, tty.caps_n);
	undo_add(i, "\r\n", 2);
	which = i;
}

/* ---- modes ---- */

int
tty_open(struct err *err)
{
	if (tcgetattr(STDIN_FILENO, &shell_tty) != 0)
		return err_set(err, "The terminal's settings cannot be read: "
		    "%s.", strerror(errno));
	memset(&tty, 0, sizeof(tty));
	tty.open = true;
	undo_prepare();
	signals_catch();
	alloc_failed_hook = emergency;
	return 0;
}

void
tty_undo(const char *(*cap)(const char *name))
{
	add_cap(cap("sgr0"));
	add_cap(cap("op"));
	add_cap(cap("cnorm"));
	tty.plain_n = tty.caps_n;
	add_cap(cap("rmcup"));
	undo_prepare();
}

void
tty_close(void)
{
	if (!tty.open)
		return;
	on = 0;
	signals_release();
	if (alloc_failed_hook == emergency)
		alloc_failed_hook = NULL;
	memset(&tty, 0, sizeof(tty));
}

void
tty_mode(enum tty_mode m, bool want)
{
	if (tty.want[m] == want)
		return;
	/* An undo too many does no harm, one too few does. */
	if (want) {
		tty.want[m] = true;
		undo_prepare();
	}
	if (on)
		tty_puts(want ? modes[m].on : modes[m].off);
	if (!want) {
		tty.want[m] = false;
		undo_prepare();
	}
}

void
tty_mode_forget(enum tty_mode m)
{
	tty.want[m] = false;
	undo_prepare();
}

void
tty_enter(void)
{
	on = 1;
}

void
tty_modes_on(void)
{
	for (int m = 0; m < TTY_MODES; m++)
		if (tty.want[m])
			tty_puts(modes[m].on);
}

void
tty_modes_off(void)
{
	for (int m = TTY_MODES - 1; m >= 0; m--)
		if (tty.want[m])
			tty_puts(modes[m].off);
}

void
tty_left(void)
{
	on = 0;
}

bool
tty_entered(void)
{
	return on;
}

void
tty_clean(bool xterm)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &shell_tty);
	if (xterm)
		tty_puts("\033[?1000l\033[?1002l\033[?1003l\033[?1006l"
		    "\033[?1015l\033[?1004l\033[?2004l\033[?2026l"
		    "\033[>4m\033[r\033[?6l\033[?7h\033(B\017");
	tty_put(tty.caps, tty.plain_n);
}
