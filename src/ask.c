/* ask.c -- `fikr ask`: one question, the answer on standard output and nothing
 * else there, so that it can stand in a pipe. */
#include "ask.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "ask_save.h"
#include "i18n.h"
#include "link.h"
#include "out.h"
#include "paths.h"
#include "utf8.h"

#define INPUT_MAX (8u << 20)
#define ASK_ID 1

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_SIGNAL = 128 };

struct ask {
	const struct options *o;
	struct link *link;
	struct out answer, thinking;
	sigset_t open;		/* the signals' mask while waiting; they are
				 * blocked otherwise */
	struct msg generate;	/* sent once the model is loaded */
	struct ask_save *save;	/* or NULL */
	const char *model;	/* its path */
	bool over;
	int status;
	struct err err;		/* why status is EXIT_FAILED */
};

static volatile sig_atomic_t caught;

static void
on_signal(int sig)
{
	caught = sig;
}

/* ---- the question ----------------------------------------------------- */

/* Until fd is ready for events, or a signal came: then false. */
static bool
ready(const struct ask *a, int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	while (!caught && ppoll(&p, 1, NULL, &a->open) < 0 && errno == EINTR)
		;
	return !caught;
}

static int
read_input(const struct ask *a, struct buf *in, struct err *err)
{
	char chunk[65536];
	ssize_t n;

	while (ready(a, STDIN_FILENO, POLLIN) &&
	    (n = read(STDIN_FILENO, chunk, sizeof chunk)) != 0) {
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return err_set(err, "cannot read standard input: %s",
			    strerror(errno));
		if (in->len + (size_t)n > INPUT_MAX)
			return err_set(err, "standard input is longer than %u "
			    "MiB", INPUT_MAX >> 20);
		buf_add(in, chunk, (size_t)n);
	}
	return 0;
}

/* Text that C strings and JSON can carry: valid UTF-8 without NUL. */
static char *
clean(const char *s, size_t n)
{
	struct buf b = { 0 };

	while (n) {
		size_t k = strnlen(s, n);

		utf8_scrub(&b, s, k);
		if (k < n) {
			buf_puts(&b, "\xef\xbf\xbd");
			k++;
		}
		s += k;
		n -= k;
	}
	while (b.len && strchr(" \t\r\n", b.data[b.len - 1]))
		b.data[--b.len] = '\0';
	return buf_take(&b);
}

/* Standard input, a blank line, the argument.  NULL with err, or with an
 * empty err when there is no question at all. */
static char *
question(const struct ask *a, struct err *err)
{
	const struct options *o = a->o;
	struct buf in = { 0 };
	char *arg, *given, *both = NULL;
	int bad = 0;

	err->text[0] = '\0';
	if (!isatty(STDIN_FILENO))
		bad = read_input(a, &in, err);
	arg = clean(o->text ? o->text : "", o->text ? strlen(o->text) : 0);
	given = clean(in.data ? in.data : "", in.len);
	if (!bad && (*arg || *given))
		both = xasprintf("%s%s%s", given, *arg && *given ? "\n\n" : "",
		    arg);
	buf_free(&in);
	free(arg);
	free(given);
	return both;
}

static void
make_generate(struct ask *a, const struct conf *c, char *text)
{
	bool system = c->system && *c->system;
	struct chat_msg *m = xcalloc(2, sizeof *m);
	size_t n = 0;

	if (system)
		m[n++] = (struct chat_msg){ ROLE_SYSTEM,
			clean(c->system, strlen(c->system)) };
	m[n++] = (struct chat_msg){ ROLE_USER, text };
	a->generate = (struct msg){ .type = MSG_GENERATE, .u.generate = {
		.id = ASK_ID, .messages = m, .n_messages = n,
		.sampling = c->sampling, .budget = c->budget,
		.budget_ms = c->budget_time * 1000,
		/* in a pipe, a model not trained to think answers at once
		 * unless the command line says otherwise */
		.thinking = a->o->think_given ? c->thinking : THINKING_AUTO } };
}

/* ---- the answer ------------------------------------------------------- */

static void
finish(struct ask *a, int status)
{
	a->over = true;
	a->status = status;
}

static void
put(struct ask *a, struct out *to, const char *text)
{
	if (a->over)
		return;
	/* a reader that only waits must not keep us from being ended */
	if (!ready(a, to->fd, POLLOUT)) {
		finish(a, EXIT_SIGNAL + caught);
		return;
	}
	if (out_text(to, text, strlen(text), &a->err) == 0)
		return;
	/* as if the signal had ended us, but in order */
	finish(a, to->broken ? EXIT_SIGNAL + SIGPIPE : EXIT_FAILED);
}

static void
on_delta(struct ask *a, const struct msg_delta *d)
{
	ask_save_delta(a->save, d);
	if (d->channel == CHANNEL_THINKING) {
		if (a->o->thinking_stderr)
			put(a, &a->thinking, d->text);
		return;
	}
	out_end(&a->thinking, NULL);
	put(a, &a->answer, d->text);
}

static void
on_done(struct ask *a, const struct msg_done *d)
{
	ask_save_done(a->save, d);
	if (a->over)
		return;
	if (d->reason == DONE_CONTEXT)
		fprintf(stderr, _("fikr: the answer was cut short because the "
		    "context is full; --context makes it larger\n"));
	if (a->answer.begun) {
		finish(a, EXIT_OK);
		return;
	}
	err_set(&a->err, "%s", d->reason == DONE_LENGTH ? _("the limit of "
	    "tokens was reached before the answer began; raise "
	    "--max-tokens") : _("the model gave no answer"));
	finish(a, EXIT_FAILED);
}

/* What there is to know about the model, beside the answer. */
static void
tell_notes(const struct msg_loaded *l)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < l->n_notes; i++) {
		buf_puts(&text, "fikr: ");
		out_visible(&text, l->notes[i], strlen(l->notes[i]));
		buf_addc(&text, '\n');
	}
	if (text.len)
		fwrite(text.data, 1, text.len, stderr);
	buf_free(&text);
}

static void
on_msg(const struct msg *m, void *ud)
{
	struct ask *a = ud;

	switch (m->type) {
	case MSG_LOADED:
		tell_notes(&m->u.loaded);
		ask_save_loaded(a->save, a->model, &m->u.loaded);
		if (link_send(a->link, &a->generate, &a->err) < 0 &&
		    link_alive(a->link))
			finish(a, EXIT_FAILED);
		break;
	case MSG_DELTA:
		on_delta(a, &m->u.delta);
		break;
	case MSG_DONE:
		on_done(a, &m->u.done);
		break;
	case MSG_ERROR:
		if (!a->over)
			err_set(&a->err, "%s", m->u.error.text);
		if (!a->over)
			finish(a, EXIT_FAILED);
		break;
	default:
		break;
	}
}

/* One round of waiting; signals come through only inside ppoll. */
static void
turn(struct ask *a)
{
	struct pollfd p[3] = {
		{ .fd = link_fd(a->link), .events = POLLIN },
		{ .fd = link_wants_write(a->link) ? link_out_fd(a->link) : -1,
			.events = POLLOUT },
		/* a reader of ours that went away need not wait for text */
		{ .fd = STDOUT_FILENO },
	};
	const struct timespec half = { .tv_nsec = 500000000 };
	int n = ppoll(p, 3, a->save ? &half : NULL, &a->open);

	ask_save_tick(a->save);
	if (caught)
		finish(a, EXIT_SIGNAL + caught);
	if (n <= 0 || a->over)
		return;
	if (p[2].revents & POLLERR) {
		finish(a, EXIT_SIGNAL + SIGPIPE);
		return;
	}
	if (p[1].revents)
		link_flush(a->link, NULL);
	if (p[0].revents && link_read(a->link, on_msg, a, &a->err) < 0 &&
	    !a->over)
		finish(a, EXIT_FAILED);
}

static void
converse(struct ask *a)
{
	if (link_start(a->link, &a->err) < 0)
		finish(a, EXIT_FAILED);
	while (!a->over)
		turn(a);
}

/* The last newline, unless that would mean to wait although a signal came. */
static int
end_text(struct out *to, struct err *err)
{
	struct pollfd p = { .fd = to->fd, .events = POLLOUT };

	if (to->broken || (caught && poll(&p, 1, 0) != 1))
		return 0;
	return out_end(to, err);
}

static int
run(struct ask *a, const struct conf *c, const struct store *store)
{
	struct link_opts lo = { 0 };
	struct load load;
	char *log;
	struct err err;

	if (load_resolve(&load, &c->load, &a->err) < 0)
		return EXIT_FAILED;
	log = path_state("worker.log");
	lo.load = &load;
	lo.log = log;
	a->link = link_new(&lo);
	a->model = load.model;
	if (a->o->save) {
		a->save = ask_save_new(store, c, &a->generate.u.generate);
		a->generate.u.generate.keep = ask_save_keep(a->save, store);
	}
	free(log);
	converse(a);
	link_free(a->link);
	ask_save_free(a->save, a->status == EXIT_FAILED);
	load_done(&load);
	end_text(&a->thinking, NULL);
	if (end_text(&a->answer, &err) < 0 && a->status == EXIT_OK) {
		a->status = EXIT_FAILED;
		a->err = err;
	}
	return a->status;
}

static void
catch_signals(struct ask *a)
{
	struct sigaction sa = { .sa_handler = on_signal };
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t mine;

	sigemptyset(&mine);
	for (size_t i = 0; i < sizeof sigs / sizeof sigs[0]; i++) {
		struct sigaction was;

		sigaddset(&mine, sigs[i]);
		/* what was ignored (nohup) stays ignored */
		if (sigaction(sigs[i], NULL, &was) == 0 &&
		    was.sa_handler != SIG_IGN)
			sigaction(sigs[i], &sa, NULL);
	}
	sigprocmask(SIG_BLOCK, &mine, &a->open);
	signal(SIGPIPE, SIG_IGN);
}

int
ask_main(const struct options *o, const struct conf *c,
    const struct store *store)
{
	struct ask a = { .o = o, .answer.fd = STDOUT_FILENO,
		.thinking.fd = STDERR_FILENO };
	char *text;

	catch_signals(&a);
	text = question(&a, &a.err);
	if (caught)
		a.status = EXIT_SIGNAL + caught;
	else if (text)
		a.status = -1;
	else
		a.status = a.err.text[0] ? EXIT_FAILED : EXIT_USAGE;
	if (a.status == EXIT_USAGE)
		err_set(&a.err, "there is no question; try fikr ask "
		    "\"QUESTION\", or give it on standard input");
	if (a.status < 0) {
		make_generate(&a, c, text);
		a.status = run(&a, c, store);
		msg_free(&a.generate);
	} else {
		free(text);
	}
	if (a.status == EXIT_FAILED || a.status == EXIT_USAGE)
		fprintf(stderr, "fikr: %s\n", a.err.text);
	return a.status;
}
