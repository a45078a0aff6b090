/* player_draw.c -- what is played, and the line that says where it is. */
#include "player.h"

#include <string.h>

#include "app.h"
#include "i18n.h"
#include "width.h"

#define HINT_COLS 60		/* a narrower line has no room for the keys */

static const char *
doing(const struct player *p, const struct replay_step *s)
{
	if (player_over(p))
		return _("the end");
	switch (s->over ? REPLAY_PAUSE : s->phase) {
	case REPLAY_TYPING:
		return _("a message");
	case REPLAY_WAITING:
		return _("waiting");
	case REPLAY_THINKING:
		return _("thinking");
	case REPLAY_ANSWERING:
		return _("answering");
	default:
		return _("a pause");
	}
}

/* What was shortened is said. */
static void
put_doing(const struct player *p, struct buf *out)
{
	const struct replay_step *s = &p->line.v[p->shown.step];
	struct buf time = { 0 };

	if (s->pause > 0 && !player_over(p)) {
		replay_put_time(&time, s->pause);
		buf_printf(out, _("a pause of %s, shortened"), time.data);
		buf_free(&time);
	} else {
		buf_puts(out, doing(p, s));
	}
}

void
player_put_state(const struct player *p, struct buf *out)
{
	struct buf at = { 0 }, length = { 0 };

	replay_put_time(&at, (int64_t)p->at);
	replay_put_time(&length, p->line.length);
	buf_printf(out, _("Replay %s of %s"), at.data, length.data);
	buf_printf(out, " · %gx · ", p->speed);
	if (p->paused && !player_over(p))
		buf_printf(out, "%s · ", _("paused"));
	put_doing(p, out);
	buf_free(&at);
	buf_free(&length);
}

/* The line above the prompt, as far as the playing is: thicker. */
static void
draw_bar(const struct player *p, struct grid *g, const struct rect *r)
{
	int64_t length = p->line.length;
	int done = length > 0 ? (int)(p->at * r->w / (double)length) : r->w;

	for (int x = 0; x < r->w; x++)
		grid_puts(g, r->x + x, r->y, 1, x < done ? "━" : "─",
		    x < done ? STYLE_ACCENT : STYLE_BORDER);
}

static void
draw_line(const struct player *p, struct grid *g, struct rect r,
    const char *notice)
{
	const char *hint = player_over(p) ? _(" Space begins again · q leaves ") :
	    p->paused ? _(" Space goes on ") :
	    _(" Space pauses · ← → · q leaves ");
	int cols = text_cols(hint, strlen(hint));
	struct buf b = { 0 };
	int in = r.w >= 40 ? 1 : 0;

	buf_addc(&b, ' ');
	if (notice)
		text_safe(&b, notice, strcspn(notice, "\n"));
	else
		player_put_state(p, &b);
	buf_addc(&b, ' ');
	grid_cut(g, r.x + in, r.y, r.w - in, b.data, b.len, STYLE_NOTICE);
	if (!notice && r.w >= HINT_COLS &&
	    text_cols(b.data, b.len) + cols + 4 <= r.w)
		grid_puts(g, r.x + r.w - cols - 2, r.y, cols, hint,
		    STYLE_DIM);
	buf_free(&b);
}

void
player_draw(struct app *a, struct grid *g)
{
	const struct player *p = a->player;
	struct app *s = p->app;
	struct rect r;

	/* The list may have been read again since. */
	s->list = a->list;
	s->n_list = a->n_list;
	s->list_at = a->list_at;
	s->w = a->w;
	s->h = a->h;
	app_draw(s, g);
	a->mirror = s->mirror;
	r = s->lay.rule;
	if (p->bare)
		return;
	if (r.h > 0)
		draw_bar(p, g, &r);
	else if ((r = s->lay.status).h > 0)
		grid_fill(g, r, STYLE_TEXT);	/* they share the last line */
	if (r.h > 0)
		draw_line(p, g, r, a->notice);
}
