/* replay_print.c -- see replay_print.h. */
#include "replay_print.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "i18n.h"
#include "out.h"

struct print {
	const struct replay *r;
	enum replay_thoughts thoughts;
	struct out out, side;
	size_t turn;		/* whose heading is there; SIZE_MAX: none's */
	bool thinking;		/* ... that of its thought */
	bool fresh;		/* nothing came below it yet */
	size_t thought, text;	/* bytes of it that are there */
};

static void
wait_until(double at)
{
	double ms = at - clock_now_ms();
	struct timespec t;

	if (ms <= 0)
		return;
	t.tv_sec = (time_t)(ms / 1000);
	t.tv_nsec = (long)((ms - (double)t.tv_sec * 1000) * 1e6);
	while (nanosleep(&t, &t) < 0)
		;
}

static const char *
heading(enum role role, bool thinking)
{
	return thinking && role == ROLE_ASSISTANT ? _("Thinking") :
	    role_heading(role);
}

static int
put_heading(struct print *p, size_t turn, bool thinking, struct err *err)
{
	struct buf b = { 0 };
	int ret;

	if (p->turn == turn && p->thinking == thinking)
		return 0;
	buf_printf(&b, "\n\n# %s\n\n", heading(p->r->turns[turn]->role,
	    thinking));
	ret = out_text(&p->out, b.data, b.len, err);
	buf_free(&b);
	p->turn = turn;
	p->thinking = thinking;
	p->fresh = true;
	return ret;
}

/* Some of a text, below its heading; blank lines come only within it. */
static int
put_text(struct print *p, const struct buf *b, size_t from, size_t to,
    struct err *err)
{
	while (p->fresh && from < to && b->data[from] == '\n')
		from++;
	if (from == to)
		return 0;
	p->fresh = false;
	return out_text(&p->out, b->data + from, to - from, err);
}

static int
put_thought(struct print *p, const struct replay_step *s, struct err *err)
{
	const struct buf *b = &p->r->turns[s->turn]->thinking;
	size_t from = p->thought;

	p->thought = s->thinking;
	if (s->thinking <= from || p->thoughts == THOUGHTS_NONE)
		return 0;
	if (p->thoughts == THOUGHTS_STDERR) {
		out_text(&p->side, b->data + from, s->thinking - from, NULL);
		return 0;
	}
	if (put_heading(p, s->turn, true, err) < 0)
		return -1;
	return put_text(p, b, from, s->thinking, err);
}

/* What a step brings that is not there yet. */
static int
put_step(struct print *p, const struct replay_step *s, struct err *err)
{
	const struct buf *b = &p->r->turns[s->turn]->text;
	size_t from;

	if (s->phase == REPLAY_TYPING)
		return 0;
	if (put_thought(p, s, err) < 0)
		return -1;
	from = p->text;
	p->text = s->text;
	if (s->text <= from)
		return 0;
	if (put_heading(p, s->turn, false, err) < 0)
		return -1;
	return put_text(p, b, from, s->text, err);
}

/* What was there before the first step that is printed is left out. */
static void
begin(struct print *p, size_t step, size_t first)
{
	const struct replay_step *s = &p->r->v[step];
	const struct replay_step *before = step > 0 ? s - 1 : NULL;

	p->turn = SIZE_MAX;
	p->thought = p->text = 0;
	if (step == first && before && before->turn == s->turn &&
	    before->phase != REPLAY_TYPING) {
		p->thought = before->thinking;
		p->text = before->text;
	}
}

int
replay_print(const struct replay *r, int64_t from, double speed,
    enum replay_thoughts thoughts, struct err *err)
{
	struct print p = { .r = r, .thoughts = thoughts,
		.out = { .fd = STDOUT_FILENO },
		.side = { .fd = STDERR_FILENO } };
	double start = clock_now_ms();
	size_t first = 0;
	int ret = 0;

	err->text[0] = '\0';
	while (first < r->n_steps && r->v[first].at < from)
		first++;
	for (size_t i = first; i < r->n_steps && ret == 0; i++) {
		const struct replay_step *s = &r->v[i];

		if (i == first || s->turn != r->v[i - 1].turn)
			begin(&p, i, first);
		if (speed > 0)
			wait_until(start + (double)(s->at - from) / speed);
		ret = put_step(&p, s, err);
	}
	if (ret == 0)
		ret = out_end(&p.out, err);
	out_end(&p.side, NULL);
	if (p.out.broken)
		err->text[0] = '\0';
	return ret;
}
