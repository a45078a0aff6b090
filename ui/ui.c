/* ui.c -- the loop: one poll over the keyboard, the worker, signals and the
 * clock; at most one frame a turn and thirty a second, none when idle. */
#include "ui_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "bidi.h"
#include "clock.h"
#include "editor.h"
#include "lang.h"
#include "paths.h"
#include "plain.h"
#include "player.h"
#include "port.h"
#include "script.h"

#define ENERGY_MS 1000

enum { FD_TTY, FD_SIGNAL, FD_WORKER, FD_WORKER_OUT, FD_COUNT };

static void
frame(struct ui *u, int64_t now)
{
	const char *title;

	u->app.now = now;
	app_draw(&u->app, &u->grid);
	screen_flush(&u->grid);
	title = app_title(&u->app);
	if (!u->title || strcmp(u->title, title) != 0) {
		free(u->title);
		u->title = xstrdup(title);
		screen_title(title);
	}
	u->dirty = u->typed = false;
	u->last_frame = clock_now_ms();
	if (u->next_frame < u->last_frame)
		u->next_frame = u->last_frame;
	u->next_frame += FRAME_MS;
}

/* When the next one may come, of clock_now_ms(). */
static double
frame_due(const struct ui *u)
{
	double soon = u->last_frame + KEY_FRAME_MS;
	double ahead = u->next_frame - KEY_FRAMES * FRAME_MS;

	if (!u->typed)
		return u->next_frame;
	return soon > ahead ? soon : ahead;
}

/* ---- the loop ---- */

static void
take_keys(struct ui *u)
{
	struct key k;

	while (!u->quit && keys_next(u->keys, &k) > 0) {
		if (k.code == KEY_FOCUS_IN_ || k.code == KEY_FOCUS_OUT_)
			notify_focus(&u->notify, k.code == KEY_FOCUS_IN_);
		if (k.code == KEY_REPLY_)
			ui_reply(u, &k);
		else
			ui_event(u, (struct ui_event){ .type = UI_KEY,
			    .key = &k });
		u->typed = u->dirty;
	}
}

static void
read_tty(struct ui *u)
{
	char buf[4096];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		/* The terminal is gone. */
		u->quit = true;
		u->status = 128 + SIGHUP;
		return;
	}
	keys_feed(u->keys, buf, (size_t)n);
	take_keys(u);
}

/* The shorter one: wait, where -1 is for ever, or until clock_now_ms() is at. */
static int64_t
sooner(int64_t wait, double at)
{
	double left = at - clock_now_ms();
	int64_t due = left > 0 ? (int64_t)left + 1 : 0;

	return wait < 0 || due < wait ? due : wait;
}

/* Milliseconds to sleep: until a key is complete, a tick or a frame is due. */
static int
sleep_ms(struct ui *u, int64_t now)
{
	int64_t due = app_deadline(&u->app), wait = -1, keys;

	if (due >= 0)
		wait = due > now ? due - now : 0;
	keys = keys_wait(u->keys);
	if (keys >= 0 && (wait < 0 || keys < wait))
		wait = keys;
	if (u->dirty)
		wait = sooner(wait, frame_due(u));
	if (u->asked_until > 0)
		wait = sooner(wait, u->asked_until);
	return wait > 60000 ? 60000 : (int)wait;
}

/* Joules since the last time go to the app: once a second while something is
 * computed, and when that begins and ends. */
static void
sample_energy(struct ui *u, int64_t now)
{
	bool busy = app_busy(&u->app) != NULL;
	struct err err;
	double joules;

	if (u->no_energy || (!busy && u->energy_at == 0) ||
	    (busy && u->energy_at > 0 && now >= u->energy_at &&
	    now - u->energy_at < ENERGY_MS))
		return;
	if ((u->energy.n == 0 && energy_open(&u->energy, ENERGY_DIR,
	    &err) < 0) || energy_read(&u->energy, &joules, &err) < 0) {
		stats_no_energy(&u->app, err.text);
		u->no_energy = true;
		return;
	}
	if (u->energy_at > 0 && now > u->energy_at)
		stats_energy(&u->app, joules, (double)(now - u->energy_at));
	u->energy_at = busy ? now : 0;
}

static void
turn(struct ui *u)
{
	struct pollfd p[FD_COUNT] = {
		[FD_TTY] = { STDIN_FILENO, POLLIN, 0 },
		[FD_SIGNAL] = { u->signals.fd, POLLIN, 0 },
		[FD_WORKER] = { link_fd(u->link), POLLIN, 0 },
		[FD_WORKER_OUT] = { link_wants_write(u->link) ?
		    link_out_fd(u->link) : -1, POLLOUT, 0 },
	};
	int64_t now = clock_wall_ms();
	bool pending = keys_wait(u->keys) >= 0;
	int n = poll(p, FD_COUNT, sleep_ms(u, now));

	if (n < 0)
		return;
	now = clock_wall_ms();
	if (p[FD_SIGNAL].revents)
		ui_signals_read(u);
	if (p[FD_TTY].revents) {
		read_tty(u);
	} else if (pending && keys_wait(u->keys) <= 0) {
		keys_timeout(u->keys);
		take_keys(u);
	}
	if (u->asked_until > 0 && clock_now_ms() >= u->asked_until)
		ui_asked(u);
	if (p[FD_WORKER_OUT].revents)
		port_write(u->link);
	if (p[FD_WORKER].revents)
		ui_react(u, port_read(u->link, &u->app, now));
	if (app_deadline(&u->app) >= 0 && app_deadline(&u->app) <= now)
		ui_event(u, (struct ui_event){ .type = UI_TICK });
	ui_notify(u);
	sample_energy(u, now);
	if (u->dirty && !u->quit && clock_now_ms() >= frame_due(u))
		frame(u, now);
}

/* ---- start and end ---- */

/* Whatever a library prints would tear the screen. */
static void
stderr_redirect(struct ui *u)
{
	int fd;
	char *dir = path_state(NULL);

	u->saved_stderr = -1;
	u->log = path_state("fikr.log");
	if (path_make_dir(dir, NULL) == 0 && (fd = open(u->log, O_WRONLY |
	    O_CREAT | O_APPEND | O_CLOEXEC, 0600)) >= 0) {
		fflush(stderr);
		u->saved_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
	free(dir);
}

static void
stderr_restore(struct ui *u)
{
	if (u->saved_stderr >= 0) {
		fflush(stderr);
		dup2(u->saved_stderr, STDERR_FILENO);
		close(u->saved_stderr);
		u->saved_stderr = -1;
	}
	free(u->log);
}

static void
load_panes(struct ui *u)
{
	char *path = path_state("panes.yaml");

	panes_remember(&u->app, path);
	free(path);
}

static void
run(struct ui *u)
{
	struct link_opts lo = { .load = u->o->load, .log = u->log };
	struct theme theme = u->app.theme;

	u->link = link_new(&lo);
	app_init(&u->app, u->o->conf, u->o->load->model ? u->o->load->model :
	    "", u->o->store, u->o->open,
	    port_link(u->link), clock_wall_ms());
	u->app.theme = theme;
	load_panes(u);
	ui_size(u);
	app_begin(&u->app, &u->theme, &u->history);
	if (u->o->replay)
		player_begin(&u->app, u->o->replay, u->o->how);
	frame(u, clock_wall_ms());		/* before anything slow */
	ui_ask(u);
	if (!u->o->replay)
		app_start_worker(&u->app);
	u->dirty = true;
	while (!u->quit)
		turn(u);
	app_finish(&u->app, &u->unsaved);
	app_done(&u->app);
	energy_done(&u->energy);
	screen_close();
	link_free(u->link);
}

static int
start(struct ui *u, struct err *err)
{
	char *history = path_state("history");

	/* A chat without a history is better than none. */
	editor_init(u->o->replay ? NULL : history, &u->history);
	free(history);
	if (signals_open(&u->signals, false, err) < 0) {
		editor_done();
		return -1;
	}
	if (screen_open(&u->app.theme, err) < 0) {
		signals_close(&u->signals);
		editor_done();
		return -1;
	}
	return 0;
}

static void
setup_bidi(struct ui *u)
{
	enum bidi_by by = bidi_choose(u->o->conf->bidi, getenv);

	screen_bidi(by, u->o->conf->arabic_forms);
	u->grid.bidi = by == BIDI_EXPLICIT || by == BIDI_WORDS;
	u->grid.mirror = u->grid.bidi && lang_is_rtl();
}

int
ui_main(const struct ui_opts *o)
{
	struct ui u = { .o = o };
	struct err err = { .text = "" };

	if (o->script)
		return script_main(o);
	if (plain_wanted(o->conf, getenv))
		return plain_main(o);
	/* What could not be loaded is without colours. */
	theme_load(&u.app.theme, o->conf->theme, -1, &u.theme);
	stderr_redirect(&u);
	if (start(&u, &err) < 0) {
		stderr_restore(&u);
		fprintf(stderr, "fikr: %s\n", err.text);
		return 1;
	}
	u.keys = keys_new();
	grid_init(&u.grid, 1, 1);
	setup_bidi(&u);
	run(&u);
	keys_free(u.keys);
	grid_done(&u.grid);
	free(u.title);
	editor_done();
	signals_close(&u.signals);
	stderr_restore(&u);
	if (u.unsaved.text[0])
		fprintf(stderr, "fikr: %s\n", u.unsaved.text);
	return u.unsaved.text[0] && u.status == 0 ? 1 : u.status;
}
