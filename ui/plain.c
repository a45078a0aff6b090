/* plain.c -- the linear mode: one poll over the keyboard, the worker, signals
 * and the clock, as on the screen; then what is new is printed. */
#include "plain_priv.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "action.h"
#include "alloc.h"
#include "clock.h"
#include "editor.h"
#include "i18n.h"
#include "message.h"
#include "paths.h"
#include "port.h"
#include "utf8.h"

#define LINE_MAX_BYTES (4u << 20)

enum { FD_TTY, FD_SIGNAL, FD_WORKER, FD_WORKER_OUT, FD_COUNT };

static bool
is_dumb(char *(*env)(const char *name))
{
	const char *term = env("TERM");

	return !term || !*term || strcmp(term, "dumb") == 0;
}

bool
plain_wanted(const struct conf *c, char *(*env)(const char *name))
{
	const char *own = env("FIKR_PLAIN"), *all = env("ACCESSIBLE");

	if (c->plain)
		return true;
	if (own && *own)
		return strcmp(own, "0") != 0;
	if (all && *all && strcmp(all, "0") != 0)
		return true;
	return is_dumb(env);
}

/* ---- a line is given in ---- */

static void
remember_draft(struct plain *p)
{
	free(p->draft);
	p->draft = xstrdup(editor_text());
}

/* A backslash at the end: the message goes on in the next line. */
static bool
goes_on(struct plain *p)
{
	char *text = xstrdup(editor_text());
	size_t n = strlen(text);

	p->more = n > 0 && text[n - 1] == '\\';
	if (p->more) {
		text[n - 1] = '\n';
		editor_set(text);
		remember_draft(p);
	}
	free(text);
	return p->more;
}

/* True when it was a command that is done here. */
static bool
command(struct plain *p)
{
	unsigned r;
	char *text;
	bool done;

	if (p->app.mode != MODE_CHAT || !action_is_slash(editor_text()))
		return false;
	app_guard_history(&p->app);
	text = editor_take();
	plain_forget_notice(p);
	done = plain_command(p, text, &r);
	if (done)
		plain_react(p, r);
	else
		editor_set(text);
	free(text);
	return done;
}

/* What is in the prompt, as by Enter on the screen. */
static void
give(struct plain *p)
{
	struct app *a = &p->app;
	const char *text = editor_text();

	if (goes_on(p) || command(p))
		return;
	p->mute = text[strspn(text, " \t\n")] != '\0';
	message_watch(a);
	if (a->attached)
		plain_say(p, _("Attached: %s"), a->attached);
	plain_key(p, "enter");
}

static void
news(struct plain *p)
{
	if (p->quit)
		return;
	plain_news(p);
	plain_pages(p);
}

/* ---- whole lines ---- */

/* A line goes behind what waits for it, or takes its place. */
static void
put_line(struct plain *p, const char *line)
{
	const char *old = editor_text();
	size_t n = strlen(old);

	if (p->more || (n > 1 && old[0] == '/' && old[n - 1] == ' '))
		editor_insert(line, strlen(line));
	else if (*line || n == 0)
		editor_set(line);
}

static void
take_line(struct plain *p, const char *line)
{
	plain_enter(p);
	if (!plain_reply(p, line)) {
		put_line(p, line);
		give(p);
	}
	news(p);
}

static void
end_of_input(struct plain *p)
{
	plain_erase(p);
	if (p->app.pick) {
		plain_key(p, "esc");
	} else {
		editor_clear();
		plain_key(p, "ctrl+d");
	}
	news(p);
}

static void
read_lines(struct plain *p, const char *s, size_t n)
{
	char *nl, *line;

	buf_add(&p->typed, s, n);
	while (!p->quit && p->typed.len > 0 && (nl = memchr(p->typed.data,
	    '\n', p->typed.len)) != NULL) {
		n = (size_t)(nl - p->typed.data);
		line = xstrndup(p->typed.data, n);
		buf_drop(&p->typed, n + 1);
		take_line(p, line);
		free(line);
	}
	if (p->typed.len > LINE_MAX_BYTES)
		buf_clear(&p->typed);
}

/* ---- single keys ---- */

static void
reply(struct plain *p)
{
	char *line = buf_take(&p->typed);

	plain_enter(p);
	plain_reply(p, line);
	free(line);
}

/* The reply to a question is a line of its own beside the prompt's text. */
static void
question_key(struct plain *p, const struct key *k)
{
	struct buf *b = &p->typed;
	char s[4];
	size_t n;

	if (k->code == KEY_ENTER_) {
		reply(p);
	} else if (k->code == KEY_ESC_ || (k->code == KEY_CHAR &&
	    k->mod == MOD_CTRL && strchr("cdg", (int)(k->ch & 0x7f)))) {
		buf_clear(b);
		reply(p);
	} else if (k->code == KEY_BACKSPACE_) {
		utf8_chop(b);
	} else if (k->code == KEY_CHAR && !(k->mod & ~MOD_SHIFT) &&
	    b->len < 200) {
		n = (size_t)utf8_encode(k->ch, s);
		buf_add(b, s, n);
	}
}

static void
yes_no_key(struct plain *p, const struct key *k)
{
	bool yes = k->code == KEY_CHAR && !k->mod && (k->ch == 'y' ||
	    k->ch == 'Y');

	plain_put(p, yes ? "y\n" : "n\n", 2);
	plain_reply(p, yes ? "y" : "n");
}

/* What a command that is half typed could become. */
static void
hint(struct plain *p)
{
	struct buf b = { 0 };

	action_hint(editor_text(), &b);
	if (b.len > 0)
		plain_say(p, _("Note: %s"), b.data);
	buf_free(&b);
}

static void
chat_key(struct plain *p, const struct key *k)
{
	size_t n = strlen(editor_text());

	if (k->code == KEY_ENTER_ && !k->mod && !editor_busy()) {
		plain_prompt(p);
		plain_enter(p);
		give(p);
		return;
	}
	plain_event(p, (struct ui_event){ .type = UI_KEY, .key = k });
	if (k->code == KEY_TAB_ && !k->mod && n == strlen(editor_text()))
		hint(p);
}

static void
take_keys(struct plain *p)
{
	struct key k;

	while (!p->quit && keys_next(p->keys, &k) > 0) {
		if (k.code == KEY_BAD_ || k.code == KEY_REPLY_)
			continue;
		if (p->app.pick)
			question_key(p, &k);
		else if (p->app.mode == MODE_DELETE)
			yes_no_key(p, &k);
		else
			chat_key(p, &k);
		news(p);
	}
}

/* ---- the loop ---- */

static void
read_tty(struct plain *p)
{
	char buf[4096];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n == 0 && !p->raw) {
		end_of_input(p);
	} else if (n <= 0) {
		p->quit = true;
		p->status = 128 + SIGHUP;
	} else if (p->raw) {
		keys_feed(p->keys, buf, (size_t)n);
		take_keys(p);
	} else {
		read_lines(p, buf, (size_t)n);
	}
}

static int
sleep_ms(const struct plain *p, int64_t now)
{
	int64_t due = app_deadline(&p->app), wait = -1;
	int keys = keys_wait(p->keys);

	if (due >= 0)
		wait = due > now ? due - now : 0;
	if (keys >= 0 && (wait < 0 || keys < wait))
		wait = keys;
	return wait > 60000 ? 60000 : (int)wait;
}

static void
turn(struct plain *p)
{
	struct pollfd f[FD_COUNT] = {
		[FD_TTY] = { STDIN_FILENO, POLLIN, 0 },
		[FD_SIGNAL] = { p->signals.fd, POLLIN, 0 },
		[FD_WORKER] = { link_fd(p->link), POLLIN, 0 },
		[FD_WORKER_OUT] = { link_wants_write(p->link) ?
		    link_out_fd(p->link) : -1, POLLOUT, 0 },
	};
	bool pending = keys_wait(p->keys) >= 0;
	int64_t now = clock_wall_ms();

	plain_prompt(p);
	if (poll(f, FD_COUNT, sleep_ms(p, now)) < 0)
		return;
	now = clock_wall_ms();
	if (f[FD_SIGNAL].revents)
		plain_signals(p);
	if (f[FD_TTY].revents && !p->quit) {
		read_tty(p);
	} else if (pending && keys_wait(p->keys) <= 0) {
		keys_timeout(p->keys);
		take_keys(p);
	}
	if (f[FD_WORKER_OUT].revents)
		port_write(p->link);
	if (f[FD_WORKER].revents)
		plain_react(p, port_read(p->link, &p->app, now));
	if (app_deadline(&p->app) >= 0 && app_deadline(&p->app) <= now)
		plain_event(p, (struct ui_event){ .type = UI_TICK });
	news(p);
}

/* ---- start and end ---- */

static void
begin(struct plain *p, const struct err *history)
{
	plain_say(p, _("This is fikr, line by line: /help lists the commands, "
	    "Ctrl-D quits."));
	app_begin(&p->app, NULL, history);
	plain_event(p, (struct ui_event){ .type = UI_RESIZE,
	    .w = plain_width(), .h = 24 });
	app_start_worker(&p->app);
	news(p);
}

static void
run(struct plain *p, const struct err *history)
{
	char *log = path_state("worker.log");
	struct link_opts lo = { .load = p->o->load, .log = log };

	p->link = link_new(&lo);
	free(log);
	app_init(&p->app, p->o->conf, p->o->load->model, p->o->store, p->o->open,
	    port_link(p->link), clock_wall_ms());
	p->app.lines = true;
	begin(p, history);
	while (!p->quit)
		turn(p);
	app_finish(&p->app, &p->unsaved);
	app_done(&p->app);
	plain_close(p);
	link_free(p->link);
}

int
plain_main(const struct ui_opts *o)
{
	struct plain p = { .o = o, .raw = !is_dumb(getenv) };
	struct err err = { .text = "" }, history = { .text = "" };
	char *path = path_state("history"), *dir = path_state(NULL);

	path_make_dir(dir, NULL);
	free(dir);
	editor_init(path, &history);
	free(path);
	if (plain_open(&p, &err) < 0) {
		editor_done();
		fprintf(stderr, "fikr: %s\n", err.text);
		return 1;
	}
	p.keys = keys_new();
	run(&p, &history);
	if (p.unsaved.text[0]) {
		fprintf(stderr, "fikr: %s\n", p.unsaved.text);
		p.status = p.status ? p.status : 1;
	}
	keys_free(p.keys);
	editor_done();
	buf_free(&p.label);
	buf_free(&p.shown);
	buf_free(&p.typed);
	free(p.told);
	free(p.notice);
	free(p.draft);
	return p.status;
}
