/* cast_main.c -- a replay into an asciicast: the same screen as always, without
 * the list of other conversations, drawn whenever something is due. */
#include "cast.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "editor.h"
#include "files.h"
#include "i18n.h"
#include "lang.h"
#include "player.h"
#include "theme_color.h"

#define BEGIN INT64_C(1000000)	/* ms: the app's time is none of anybody's */
#define REST_S 2		/* the last frame stays so long */
#define FLUSH_BYTES (1u << 18)

struct recording {
	const struct ui_opts *o;
	struct app app;
	struct grid grid;
	struct theme theme;
	struct cast cast;
	int64_t now;
	struct buf out;		/* of the file, not written yet */
	int fd;
};

/* ---- the file ---- */

static int
flush(struct recording *r, struct err *err)
{
	if (files_write(r->fd, r->out.data, r->out.len) < 0)
		return err_set(err, "cannot write %s: %s", r->o->how->cast,
		    strerror(errno));
	buf_clear(&r->out);
	return 0;
}

/* Colours, where the theme says what it is made for. */
static void
put_theme(struct buf *out, const struct theme *t)
{
	int32_t fg = t->look[STYLE_TEXT].fg;

	if (fg < 0 || t->background < 0)
		return;
	buf_printf(out, ", \"theme\": {\"fg\": \"#%06x\", \"bg\": \"#%06x\", "
	    "\"palette\": \"", (unsigned)fg, (unsigned)t->background);
	for (int i = 0; i < 16; i++)
		buf_printf(out, "%s#%06x", i ? ":" : "",
		    (unsigned)colour_palette(i));
	buf_puts(out, "\"}");
}

static void
put_header(struct recording *r)
{
	const struct convo *c = r->o->replay;

	buf_printf(&r->out, "{\"version\": 2, \"width\": %d, \"height\": %d, "
	    "\"timestamp\": %lld, \"title\": ", r->grid.w, r->grid.h,
	    (long long)(c->created / 1000));
	cast_json(&r->out, c->title, strlen(c->title));
	buf_puts(&r->out, ", \"env\": {\"TERM\": \"xterm-256color\"}");
	put_theme(&r->out, &r->theme);
	buf_puts(&r->out, "}\n");
}

static void
put_event(struct recording *r, int64_t ms, const struct buf *s)
{
	/* Not printf's comma of the locale. */
	buf_printf(&r->out, "[%lld.%03d, \"o\", ", (long long)(ms / 1000),
	    (int)(ms % 1000));
	cast_json(&r->out, s->data ? s->data : "", s->len);
	buf_puts(&r->out, "]\n");
}

/* ---- playing ---- */

static void
send_event(struct recording *r, struct ui_event ev)
{
	ev.now = r->now;
	app_event(&r->app, &ev);
}

static void
draw(struct recording *r)
{
	struct buf s = { 0 };

	app_draw(&r->app, &r->grid);
	cast_frame(&r->cast, &r->grid, &s);
	if (s.len > 0)
		put_event(r, r->now - BEGIN, &s);
	buf_free(&s);
}

static int
play(struct recording *r, struct err *err)
{
	struct buf none = { 0 };
	int64_t due;

	put_header(r);
	draw(r);
	while ((due = app_deadline(&r->app)) >= 0) {
		r->now = due > r->now ? due : r->now + 1;
		send_event(r, (struct ui_event){ .type = UI_TICK });
		draw(r);
		if (r->out.len > FLUSH_BYTES && flush(r, err) < 0)
			return -1;
	}
	put_event(r, r->now - BEGIN + REST_S * 1000, &none);
	return flush(r, err);
}

/* ---- start and end ---- */

static bool
no_worker(void *ud)
{
	(void)ud;
	return false;
}

static void
start(struct recording *r)
{
	const struct replay_how *how = r->o->how;

	grid_init(&r->grid, how->w ? how->w : 80, how->h ? how->h : 24);
	r->grid.bidi = r->o->conf->bidi != BIDI_OFF;
	r->grid.mirror = r->grid.bidi && lang_is_rtl();
	app_init(&r->app, r->o->conf, "", r->o->store, NULL,
	    (struct app_port){ .alive = no_worker }, r->now);
	/* Titles of other conversations are nobody's business. */
	r->app.list_pane = false;
	send_event(r, (struct ui_event){ .type = UI_RESIZE,
	    .w = r->grid.w, .h = r->grid.h });
	player_begin(&r->app, r->o->replay, how);
	r->app.player->bare = true;
	cast_init(&r->cast, &r->theme, r->grid.w, r->grid.h);
}

static int
record(struct recording *r, struct err *err)
{
	int ret;

	r->fd = open(r->o->how->cast, O_WRONLY | O_CREAT | O_TRUNC |
	    O_CLOEXEC, 0600);
	if (r->fd < 0)
		return err_set(err, "cannot write %s: %s", r->o->how->cast,
		    strerror(errno));
	start(r);
	ret = play(r, err);
	app_done(&r->app);
	cast_done(&r->cast);
	grid_done(&r->grid);
	buf_free(&r->out);
	if (close(r->fd) < 0 && ret == 0)
		ret = err_set(err, "cannot write %s: %s", r->o->how->cast,
		    strerror(errno));
	return ret;
}

int
cast_main(const struct ui_opts *o)
{
	struct recording r = { .o = o, .now = BEGIN };
	struct err err = { .text = "" };

	/* What is wrong with the theme is said; it is without colours then. */
	if (theme_load(&r.theme, o->conf->theme, -1, &err) < 0)
		fprintf(stderr, "fikr: %s\n", err.text);
	if (editor_init(NULL, &err) < 0 || record(&r, &err) < 0) {
		fprintf(stderr, "fikr: %s\n", err.text);
		editor_done();
		return 1;
	}
	editor_done();
	return 0;
}
