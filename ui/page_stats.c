/* page_stats.c -- how fast it is, how fast it could be, what it takes, and what
 * the same would have cost elsewhere. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "i18n.h"
#include "page.h"
#include "width.h"

#define BAR_COLS 40
#define NAME_COLS 28
#define PRICE_COLS 75		/* of the table of prices */

static void put(struct rows *out, int w, enum style st, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void
put(struct rows *out, int w, enum style st, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	wrap_plain(out, text, strlen(text), w, "  ", "  ", st);
}

static void
put_heading(struct rows *out, int w, const char *text)
{
	if (out->n > 0)
		rows_add(out);
	wrap_plain(out, text, strlen(text), w, NULL, NULL, STYLE_HEADING);
}

/* The bar says in columns what the sentence below it says in figures. */
static void
put_bar(struct rows *out, int w, double share)
{
	struct row *row = rows_add(out);
	int cols = w - 2 < BAR_COLS ? w - 2 : BAR_COLS;

	row_puts(row, "  ", STYLE_TEXT);
	for (int i = 0; i < cols; i++)
		row_puts(row, (i + 0.5) / cols < share ? "█" : "░",
		    STYLE_CHART);
}

/* ---- speed ---- */

/* Whole seconds, the newest at the right. */
static void
put_sparkline(const struct stats *st, struct rows *out, int w)
{
	static const char *const steps[] = { "▁", "▂", "▃", "▄", "▅", "▆",
		"▇", "█" };
	int n = w - 2 < STATS_SECONDS - 1 ? w - 2 : STATS_SECONDS - 1;
	int most = 0, v;
	struct row *row;

	for (int i = 0; i < n; i++)
		if ((v = stats_second(st, i)) > most)
			most = v;
	if (most == 0)
		return;
	row = rows_add(out);
	row_puts(row, "  ", STYLE_TEXT);
	for (int i = n - 1; i >= 0; i--) {
		v = stats_second(st, i);
		row_puts(row, steps[v == 0 ? 0 : (v * 7 + most - 1) / most],
		    STYLE_CHART);
	}
	put(out, w, STYLE_DIM, _("tokens in each of the last %d seconds, up "
	    "to %d"), n, most);
}

static double
rate_of(int64_t tokens, double ms)
{
	return ms > 0 ? (double)tokens * 1000 / ms : 0;
}

static void
put_rates(struct app *a, const struct session *s, const struct stats_sum *sum,
    struct rows *out, int w)
{
	double now = s ? stats_rate_now(a, s) : 0;
	double mean = rate_of(sum->thinking + sum->answer,
	    sum->thinking_ms + sum->answer_ms);

	if (now > 0)
		put(out, w, STYLE_TEXT, _("Now: %.1f tokens a second"), now);
	if (mean > 0)
		put(out, w, STYLE_TEXT, _("Mean of this answer: %.1f tokens a "
		    "second"), mean);
	if (a->stats.best > 0)
		put(out, w, STYLE_TEXT, _("Best second so far: %d tokens"),
		    a->stats.best);
	if (a->read_rate > 0)
		put(out, w, STYLE_TEXT, _("Reading prompts: %.0f tokens a "
		    "second"), a->read_rate);
	if (sum->answers > 0 && sum->first_ms >= 0)
		put(out, w, STYLE_TEXT, _("First token after %.1f s"),
		    (double)sum->first_ms / 1000);
}

/* Each token reads all weights in use and the cache of all tokens before it:
 * memory bounds how often that can be. */
static void
put_share(const struct app *a, double rate, struct rows *out, int w)
{
	const struct msg_limits *l = &a->stats.limits;
	double bytes = (double)l->decode_bytes +
	    (double)l->kv_bytes_token * a->context_used, most;

	if (!a->stats.limits_known) {
		put(out, w, STYLE_DIM, "%s", !a->model.loaded ?
		    _("The machine's limit is measured once a model is "
		    "loaded") : app_busy(a) && !a->stats.limits_asked ?
		    _("The machine's limit is measured when nothing is being "
		    "computed") : _("Measuring the machine's limit…"));
		return;
	}
	if (l->read_bytes_s <= 0 || bytes <= 0) {
		put(out, w, STYLE_DIM, _("The machine's limit could not be "
		    "measured"));
		return;
	}
	most = l->read_bytes_s / bytes;
	if (rate > 0)
		put_bar(out, w, rate / most);
	if (rate > 0)
		put(out, w, STYLE_TEXT, _("%.0f %% of the machine's limit, "
		    "%.1f tokens a second"), 100 * rate / most, most);
	else
		put(out, w, STYLE_TEXT, _("The machine's limit: %.1f tokens "
		    "a second"), most);
	put(out, w, STYLE_DIM, ngettext("%d thread reads %.1f GB/s from "
	    "memory; a token needs %.0f MB", "%d threads read %.1f GB/s from "
	    "memory; a token needs %.0f MB", (unsigned long)l->threads),
	    l->threads, l->read_bytes_s / 1e9, bytes / 1e6);
}

static void
put_speed(struct app *a, const struct session *s, const struct stats_sum *sum,
    struct rows *out, int w)
{
	size_t n;

	put_heading(out, w, _("Speed"));
	n = out->n;
	put_sparkline(&a->stats, out, w);
	put_rates(a, s, sum, out, w);
	if (out->n == n)
		put(out, w, STYLE_DIM, _("Nothing has been written yet"));
	put_share(a, s && stats_rate_now(a, s) > 0 ? stats_rate_now(a, s) :
	    rate_of(sum->thinking + sum->answer, sum->thinking_ms +
	    sum->answer_ms), out, w);
}

/* ---- tokens ---- */

static void
put_sum(const char *title, const struct stats_sum *s, bool read,
    struct rows *out, int w)
{
	double rate = rate_of(s->thinking + s->answer,
	    s->thinking_ms + s->answer_ms);
	struct buf b = { 0 };

	buf_puts(&b, title);
	buf_puts(&b, ": ");
	if (s->answers > 1)
		buf_printf(&b, ngettext("%d answer, ", "%d answers, ",
		    (unsigned long)s->answers), s->answers);
	if (read)
		buf_printf(&b, _("read %lld tokens in %.1f s, "),
		    (long long)s->read, s->read_ms / 1000);
	buf_printf(&b, _("thought %lld in %.1f s, answered %lld in %.1f s"),
	    (long long)s->thinking, s->thinking_ms / 1000,
	    (long long)s->answer, s->answer_ms / 1000);
	if (rate > 0)
		buf_printf(&b, _(", %.1f a second"), rate);
	wrap_plain(out, b.data, b.len, w, "  ", "    ", STYLE_TEXT);
	buf_free(&b);
}

static void
put_tokens(const struct app *a, const struct session *s,
    const struct stats_sum *sum, const struct stats_sum *convo,
    struct rows *out, int w)
{
	put_heading(out, w, _("Tokens and time"));
	if (sum->answers > 0)
		put_sum(s ? _("This answer") : _("The last answer"), sum, true,
		    out, w);
	if (convo->answers > 0)
		put_sum(_("This conversation"), convo, false, out, w);
	if (a->stats.all.answers > 0)
		put_sum(_("Since the start"), &a->stats.all, true, out, w);
	if (sum->answers + convo->answers == 0)
		put(out, w, STYLE_DIM, _("Nothing has been asked yet"));
}

static void
put_memory(const struct app *a, struct rows *out, int w)
{
	put_heading(out, w, _("Memory"));
	if (!a->model.loaded) {
		put(out, w, STYLE_DIM, _("The model is not loaded yet"));
		return;
	}
	if (a->model.context > 0) {
		double share = (double)a->context_used / a->model.context;

		put_bar(out, w, share);
		put(out, w, STYLE_TEXT, _("Context: %d of %d tokens, %.0f %%"),
		    a->context_used, a->model.context, 100 * share);
	}
	put(out, w, STYLE_TEXT, _("Weights: %.0f MB"),
	    (double)a->model.bytes / 1e6);
}

/* ---- what it takes ---- */

static void
put_energy(const struct app *a, const struct stats_sum *sum, struct rows *out,
    int w)
{
	const struct stats *st = &a->stats;
	int64_t tokens = sum->thinking + sum->answer;

	put_heading(out, w, _("Energy of the processor"));
	if (!st->energy_known) {
		put(out, w, STYLE_DIM, "%s", st->energy_why ? st->energy_why :
		    _("Not measured yet: it is while an answer is written"));
		return;
	}
	if (tokens > 0)
		put(out, w, STYLE_TEXT, _("This answer: %.1f J, %.2g J a "
		    "token, %.1f W"), sum->joules, sum->joules /
		    (double)tokens, st->watts);
	put(out, w, STYLE_TEXT, _("Since the start: %.1f J"), st->all.joules);
}

/* Text in a column, cut or padded to cols; at its right side if right. */
static void
put_cell(struct row *row, const char *s, int cols, bool right, enum style st)
{
	int used, fit = (int)text_fit(s, strlen(s), cols, &used);

	for (int i = used; right && i < cols; i++)
		row_puts(row, " ", st);
	row_put(row, s, (size_t)fit, st);
	for (int i = used; !right && i < cols; i++)
		row_puts(row, " ", st);
}

static void
put_price(const struct price *p, const struct stats_sum *sums[3],
    struct rows *out, int w)
{
	struct buf name = { 0 }, b = { 0 }, safe = { 0 };
	struct row *row = rows_add(out);

	buf_printf(&name, "%s (%s)", p->name, p->provider);
	text_safe(&safe, name.data, name.len);
	row_puts(row, "  ", STYLE_TEXT);
	put_cell(row, safe.data, w >= PRICE_COLS ? NAME_COLS : w > 13 ?
	    w - 13 : 1, false, STYLE_TEXT);
	if (w < PRICE_COLS) {
		row_puts(row, " ", STYLE_DIM);
		row_puts(row, p->as_of, STYLE_DIM);
		row = rows_add(out);
		row_puts(row, "   ", STYLE_TEXT);
	}
	for (int i = 0; i < 3; i++) {
		buf_clear(&b);
		price_put(p, price_of(p, (double)sums[i]->prompt,
		    (double)(sums[i]->thinking + sums[i]->answer)), &b);
		if (w < PRICE_COLS)
			row_puts(row, " ", STYLE_TEXT);
		/* a currency is a word of the file */
		buf_clear(&safe);
		text_safe(&safe, b.data, b.len);
		put_cell(row, safe.data, w < PRICE_COLS ? text_cols(safe.data,
		    safe.len) : 11, true, STYLE_TEXT);
	}
	if (w >= PRICE_COLS) {
		row_puts(row, "  ", STYLE_TEXT);
		row_puts(row, p->as_of, STYLE_DIM);
	}
	buf_free(&name);
	buf_free(&safe);
	buf_free(&b);
}

static void
put_prices(const struct app *a, const struct stats_sum *sums[3],
    struct rows *out, int w)
{
	const struct prices *p = &a->stats.prices;
	struct row *row;

	put_heading(out, w, _("What the same tokens would have cost"));
	if (a->stats.prices_why)
		put(out, w, STYLE_ERROR, "%s", a->stats.prices_why);
	if (p->n == 0)
		return;
	put(out, w, STYLE_DIM, _("At list prices, as of the day shown; "
	    "thinking counts as output. prices.yaml in the config folder adds "
	    "others."));
	if (w < PRICE_COLS) {
		put(out, w, STYLE_DIM, _("Answer, conversation, since the "
		    "start:"));
	} else {
		row = rows_add(out);
		put_cell(row, "", NAME_COLS + 2, false, STYLE_DIM);
		put_cell(row, _("answer"), 11, true, STYLE_DIM);
		put_cell(row, _("chat"), 11, true, STYLE_DIM);
		put_cell(row, _("all"), 11, true, STYLE_DIM);
		row_puts(row, "  ", STYLE_DIM);
		row_puts(row, _("as of"), STYLE_DIM);
	}
	for (size_t i = 0; i < p->n; i++)
		put_price(&p->v[i], sums, out, w);
}

void
stats_fill(struct app *a, struct rows *out, int w, const char *typed)
{
	struct session *s = app_busy(a);
	struct stats_sum sum = a->stats.last, convo, all = a->stats.all;
	const struct stats_sum *sums[3] = { &sum, &convo, &all };

	(void)typed;
	if (s)
		stats_running(a, s, &sum);
	stats_convo(a->cur->convo, a->cur->live, a->now, &convo);
	stats_move(a);
	put_speed(a, s, &sum, out, w);
	put_tokens(a, s, &sum, &convo, out, w);
	put_memory(a, out, w);
	put_energy(a, &sum, out, w);
	put_prices(a, sums, out, w);
}
