/* pane_status.c -- one line that answers "what is it doing?". */
#include "pane.h"

#include <stdlib.h>
#include <string.h>

#include "width.h"

static void
put_percent(struct buf *b, const char *what, int64_t done, int64_t total)
{
	buf_puts(b, what);
	if (total > 0)
		buf_printf(b, " %d %%", (int)(100 * done / total));
}

/* The phase in words; true while something works. */
static bool
phase_text(const struct app *a, struct buf *b)
{
	const struct session *s = app_busy(a);

	if (s && s->phase == PHASE_STOPPING) {
		buf_puts(b, "stopping");
		return true;
	}
	if (a->model.loading) {
		put_percent(b, "loading", a->model.percent, 100);
		return true;
	}
	if (!s) {
		buf_puts(b, a->model.loaded ? "ready" :
		    a->port.alive(a->port.ud) ? "no model" : "no worker");
		return false;
	}
	switch (s->phase) {
	case PHASE_READING:
		put_percent(b, "reading the prompt", s->read_done,
		    s->read_total);
		break;
	case PHASE_THINKING:
		buf_puts(b, "thinking");
		break;
	case PHASE_ANSWERING:
		buf_puts(b, "answering");
		break;
	default:
		buf_puts(b, "waiting");
		break;
	}
	return true;
}

static void
model_text(const struct app *a, struct buf *b)
{
	if (a->model.name)
		text_safe(b, a->model.name, strcspn(a->model.name, "\n"));
}

static void
rate_text(const struct app *a, struct buf *b)
{
	if (a->rate > 0)
		buf_printf(b, a->rate < 10 ? "%.1f tok/s" : "%.0f tok/s",
		    a->rate);
}

static void
context_text(const struct app *a, struct buf *b)
{
	if (a->model.context > 0 && a->model.loaded)
		buf_printf(b, "context %d %%", (int)(100.0 *
		    a->context_used / a->model.context + 0.5));
}

/* The right side, of what fits: the most important is kept. */
static void
draw_right(const struct app *a, struct grid *g, struct rect r, int used)
{
	struct buf parts[3] = { { 0 }, { 0 }, { 0 } }, all = { 0 };
	int room = r.w - used - 3, cols;

	rate_text(a, &parts[0]);
	context_text(a, &parts[1]);
	buf_puts(&parts[2], "F1 help");
	/* Drop from the right: help, then context, then rate. */
	for (int keep = 3; keep > 0; keep--) {
		buf_clear(&all);
		for (int i = 0; i < keep; i++)
			if (parts[i].len > 0)
				buf_printf(&all, "%s%s", all.len > 0 ?
				    " · " : "", parts[i].data);
		if (all.len == 0)
			break;
		cols = text_cols(all.data, all.len);
		if (cols <= room) {
			grid_text(g, r.x + r.w - cols - 1, r.y, cols,
			    all.data, all.len, STYLE_STATUS);
			break;
		}
	}
	for (int i = 0; i < 3; i++)
		buf_free(&parts[i]);
	buf_free(&all);
}

void
pane_status_draw(struct app *a, struct grid *g)
{
	struct rect r = a->lay.status;
	struct buf phase = { 0 }, model = { 0 };
	bool busy;
	int x = r.x + (r.w >= 40 ? 1 : 0), cols;

	if (r.h <= 0)
		return;
	busy = phase_text(a, &phase);
	grid_fill(g, r, STYLE_STATUS);
	x += grid_text(g, x, r.y, r.w - x, phase.data, phase.len,
	    busy ? STYLE_STATUS_BUSY : STYLE_STATUS);
	model_text(a, &model);
	if (model.len > 0) {
		cols = text_cols(model.data, model.len) + 3;
		/* Leave room for the rate and the context. */
		if (x + cols + 30 <= r.w) {
			x += grid_puts(g, x, r.y, r.w - x, " · ",
			    STYLE_STATUS);
			x += grid_text(g, x, r.y, r.w - x, model.data,
			    model.len, STYLE_STATUS);
		}
	}
	draw_right(a, g, r, x);
	buf_free(&phase);
	buf_free(&model);
}
