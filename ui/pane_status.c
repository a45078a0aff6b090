/* pane_status.c -- one line that answers "what is it doing?".  It is made of
 * parts, the least important of which are left out until the rest fits. */
#include "pane.h"

#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "width.h"

#define SPIN_MS 250

/* From what stays longest to what goes first. */
enum status_part {
	PART_PHASE, PART_AMOUNT, PART_RATE, PART_CONTEXT, PART_DETAIL,
	PART_WHERE, PART_HELP, PART_OTHER, PART_MODEL, PART_COUNT
};

/* As they stand on the line. */
static const enum status_part left[] = { PART_PHASE, PART_AMOUNT, PART_DETAIL,
	PART_WHERE, PART_OTHER, PART_MODEL };
static const enum status_part right[] = { PART_RATE, PART_CONTEXT, PART_HELP };
#define N_LEFT (sizeof(left) / sizeof(left[0]))
#define N_RIGHT (sizeof(right) / sizeof(right[0]))

static void
put_left(struct buf *b, double seconds)
{
	/* rounded up: 0 would be a promise */
	if (seconds > 0)
		buf_printf(b, _("%d s left"), (int)(seconds + 0.999));
}

static void
put_percent(struct buf *b, int64_t done, int64_t total)
{
	if (total > 0)
		buf_printf(b, _("%d %%"), (int)(100 * done / total));
}

static void
put_loading(const struct app *a, struct buf *parts)
{
	const struct model_state *m = &a->model;

	buf_puts(&parts[PART_PHASE], _("loading"));
	put_percent(&parts[PART_AMOUNT], m->load_done, m->load_total);
	put_left(&parts[PART_DETAIL], stats_left(a->now, m->load_start,
	    m->load_from, m->load_done, m->load_total, 0));
}

static void
put_reading(const struct app *a, const struct session *s, struct buf *parts)
{
	buf_puts(&parts[PART_PHASE], _("reading the prompt"));
	put_percent(&parts[PART_AMOUNT], s->read_done, s->read_total);
	put_left(&parts[PART_DETAIL], stats_left(a->now, s->read_start,
	    s->read_from, s->read_done, s->read_total, a->read_rate));
}

/* Seconds and tokens, of those that it may take where that is bounded. */
static void
put_thinking(const struct app *a, const struct session *s, struct buf *parts)
{
	const struct turn *t = s->live;
	int64_t ms = t->t_first && a->now > t->t_first ?
	    a->now - t->t_first : 0;

	buf_puts(&parts[PART_PHASE], _("thinking"));
	if (s->view.budget_ms > 0)
		buf_printf(&parts[PART_AMOUNT], _("%d of %d s"),
		    (int)(ms / 1000), (int)(s->view.budget_ms / 1000));
	else
		buf_printf(&parts[PART_AMOUNT], _("%d s"), (int)(ms / 1000));
	if (s->view.budget > 0)
		buf_printf(&parts[PART_DETAIL], _("%d of %d tokens"),
		    t->thinking_tokens, s->view.budget);
	else
		buf_printf(&parts[PART_DETAIL], ngettext("%d token",
		    "%d tokens", (unsigned long)t->thinking_tokens),
		    t->thinking_tokens);
}

const char *
pane_phase_name(enum phase p)
{
	switch (p) {
	case PHASE_READING:
		return _("reading the prompt");
	case PHASE_THINKING:
		return _("thinking");
	case PHASE_ANSWERING:
		return _("answering");
	case PHASE_STOPPING:
		return _("stopping");
	default:
		return _("waiting");
	}
}

static void
put_title(struct buf *b, const char *format, const struct session *s)
{
	struct buf title = { 0 };
	const char *name = s->convo->title;

	text_safe(&title, name, strcspn(name, "\n"));
	buf_printf(b, format, title.data ? title.data : "");
	buf_free(&title);
}

/* What s is at, and where, if that is not before the reader's eyes. */
static void
put_session(const struct app *a, const struct session *s, struct buf *parts)
{
	if (s->phase == PHASE_READING)
		put_reading(a, s, parts);
	else if (s->phase == PHASE_THINKING)
		put_thinking(a, s, parts);
	else
		buf_puts(&parts[PART_PHASE], pane_phase_name(s->phase));
	if (!app_shown(a, s) && s->convo->title[0])
		put_title(&parts[PART_WHERE], _("in “%s”"), s);
}

static void
put_other(const struct app *a, const struct session *s, struct buf *parts)
{
	for (int i = 0; i < RUNS_MAX; i++) {
		const struct session *o = a->run[i];

		if (!o || o == s)
			continue;
		buf_puts(&parts[PART_OTHER], pane_phase_name(o->phase));
		if (o->convo->title[0]) {
			buf_addc(&parts[PART_OTHER], ' ');
			put_title(&parts[PART_OTHER], _("in “%s”"), o);
		}
		return;
	}
}

/* True while something works. */
static bool
put_phase(const struct app *a, struct buf *parts)
{
	const struct session *s = app_busy(a);

	if (a->model.loading && !(s && s->phase == PHASE_STOPPING)) {
		put_loading(a, parts);
		return true;
	}
	if (!s) {
		buf_puts(&parts[PART_PHASE], a->model.loaded ? _("ready") :
		    a->port.alive(a->port.ud) ? _("no model") :
		    _("no worker"));
		return false;
	}
	put_session(a, s, parts);
	put_other(a, s, parts);
	return true;
}

static void
put_rest(const struct app *a, struct buf *parts)
{
	const char *name = a->model.name;

	if (name)
		text_safe(&parts[PART_MODEL], name, strcspn(name, "\n"));
	if (a->rate > 0)
		buf_printf(&parts[PART_RATE], a->rate < 10 ?
		    _("%.1f tok/s") : _("%.0f tok/s"), a->rate);
	if (a->model.context > 0 && a->model.loaded)
		buf_printf(&parts[PART_CONTEXT], _("context %d %%"),
		    (int)(100.0 * a->context_used / a->model.context + 0.5));
	buf_puts(&parts[PART_HELP], _("F1 help"));
}

/* What stands before a part of the left side. */
static const char *
joint(enum status_part p)
{
	return p == PART_PHASE ? "" : p == PART_AMOUNT || p == PART_WHERE ?
	    " " : " · ";
}

static int
part_cols(const struct buf *b)
{
	return b->len > 0 ? text_cols(b->data, b->len) : 0;
}

/* Columns of all parts, with what joins them. */
static int
total_cols(const struct buf *parts)
{
	int sum = 0, n, at_right = 0;

	for (size_t i = 0; i < N_LEFT; i++)
		if ((n = part_cols(&parts[left[i]])) > 0)
			sum += n + text_cols(joint(left[i]),
			    strlen(joint(left[i])));
	for (size_t i = 0; i < N_RIGHT; i++)
		if ((n = part_cols(&parts[right[i]])) > 0)
			at_right += n + 3;
	return sum + at_right;
}

static void
drop_parts(struct buf *parts, int room)
{
	for (int i = PART_COUNT - 1; i > 0 && total_cols(parts) > room; i--)
		buf_clear(&parts[i]);
}

/* A sign that turns while it works, for the eye; the words say the same. */
static const char *
spinner(const struct app *a, bool busy)
{
	static const char *const steps[] = { "| ", "/ ", "- ", "\\ " };

	if (!busy || !a->animations || a->lay.status.w < 40)
		return "";
	return steps[a->now / SPIN_MS % 4];
}

static void
draw_left(const struct app *a, struct grid *g, struct rect r,
    const struct buf *parts, bool busy)
{
	enum style st = busy ? STYLE_STATUS_BUSY : STYLE_STATUS;
	int x = r.x;

	x += grid_puts(g, x, r.y, r.x + r.w - x, spinner(a, busy), st);
	for (size_t i = 0; i < N_LEFT; i++) {
		const struct buf *b = &parts[left[i]];

		if (b->len == 0)
			continue;
		if (left[i] == PART_MODEL)
			st = STYLE_STATUS;
		x += grid_puts(g, x, r.y, r.x + r.w - x, joint(left[i]), st);
		x += grid_text(g, x, r.y, r.x + r.w - x, b->data, b->len, st);
	}
}

static void
draw_right(struct grid *g, struct rect r, const struct buf *parts)
{
	struct buf all = { 0 };
	int cols;

	for (size_t i = 0; i < N_RIGHT; i++)
		if (parts[right[i]].len > 0)
			buf_printf(&all, "%s%s", all.len > 0 ? " · " : "",
			    parts[right[i]].data);
	cols = part_cols(&all);
	if (cols > 0)
		grid_text(g, r.x + r.w - cols, r.y, cols, all.data, all.len,
		    STYLE_STATUS);
	buf_free(&all);
}

void
pane_status_draw(struct app *a, struct grid *g)
{
	struct rect r = a->lay.status;
	struct buf parts[PART_COUNT] = { { 0 } };
	bool busy;

	if (r.h <= 0)
		return;
	grid_fill(g, r, STYLE_STATUS);
	if (r.w >= 40) {
		r.x++;
		r.w -= 2;
	} else if (r.w > 10) {
		r.w--;
	}
	busy = put_phase(a, parts);
	put_rest(a, parts);
	drop_parts(parts, r.w - (int)strlen(spinner(a, busy)));
	draw_left(a, g, r, parts, busy);
	draw_right(g, r, parts);
	for (int i = 0; i < PART_COUNT; i++)
		buf_free(&parts[i]);
}
