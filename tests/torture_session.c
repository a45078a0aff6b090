/* torture_session.c -- a session as rich as a person's, straight through the
 * journal: several conversations at once, streamed thoughts and answers,
 * titles, folds, versions, removals, reopenings, also of torn files, deletions.
 * After each step a mark says what is promised from then on (torture_truth.c).
 * The clock is the session's own; ticks come a little late, as they do. */
#include "torture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "journal.h"

#define CONVOS 3
#define START INT64_C(1764000000000)
#define STEPS 256		/* whose time is remembered */

struct talk {
	struct convo *c;
	struct journal *j;
	struct turn *live;
	struct {
		int64_t at;
		size_t thinking, text;
	} step[STEPS];		/* what the live turn had at a time */
	size_t n_step;
};

struct desk {
	const struct store *store;
	struct rng rng;
	int64_t now, ticked;
	struct talk talk[CONVOS];
	int made;
	int failures;		/* whatever the disk refused */
	int wrong;		/* conversations that were not read again */
};

static const char *const pieces[] = { "water ", "boils at 100 °C.\n", "---\n",
	"...\n", "\n\n", "  indented: yes\n", "# a title\n", "日本語 ", "🙂",
	"'quoted' ", "\"twice\" ", "\t", "فكر ", "- item\n", "end of it. ",
	"\\n ", "{a: [b, c]}\n", "event: end\n", "%YAML 1.1\n", "\r\n" };
#define PIECES (sizeof(pieces) / sizeof(*pieces))

static void
mark(const struct talk *t, const char *word, int turn, const char *rest,
    const char *text, size_t n)
{
	struct buf b = { 0 };

	buf_printf(&b, "%s %s %d %s\n", word, t->c->id, turn, rest);
	buf_add(&b, n ? text : "", n);
	if (faults_mark)
		faults_mark(b.data, (uint32_t)b.len);
	buf_free(&b);
}

static void
promise(struct desk *d, const struct talk *t, const char *word, int turn,
    int rc)
{
	if (rc == 0)
		mark(t, word, turn, "-", "", 0);
	else
		d->failures++;
}

static void
words(struct desk *d, struct buf *b, uint32_t most)
{
	uint32_t n = 1 + rng_below(&d->rng, most);

	while (n-- > 0)
		buf_puts(b, pieces[rng_below(&d->rng, PIECES)]);
}

/* ---- conversations ---- */

static void
talk_begin(struct desk *d, struct talk *t)
{
	char id[32];

	snprintf(id, sizeof(id), "20251124-160000-%04x", d->made++);
	t->c = convo_new_as(id, d->now);
	t->j = journal_create(d->store, t->c, NULL);
}

static bool
is_same_buf(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 ||
	    memcmp(a->data, b->data, a->len) == 0);
}

/* Is the file the conversation that was said? */
static bool
is_saved(struct desk *d, const struct convo *c)
{
	struct convo *r = journal_read(d->store, c->id, NULL, NULL);
	bool ok = r && r->n == c->n;

	for (size_t i = 0; ok && i < c->n; i++) {
		const struct turn *t = c->turns[i], *u = r->turns[i];

		ok = t->id == u->id && t->parent == u->parent &&
		    t->role == u->role && t->end == u->end &&
		    t->removed == u->removed && t->fold == u->fold &&
		    t->n_tok == u->n_tok && is_same_buf(&t->text, &u->text) &&
		    is_same_buf(&t->thinking, &u->thinking);
	}
	convo_free(r);
	return ok;
}

/* Once the disk took all, however often it refused before, all is there. */
static void
talk_close(struct desk *d, struct talk *t)
{
	bool saved = t->j && !journal_readonly(t->j) &&
	    journal_flush(t->j, NULL) == 0;

	journal_close(t->j);
	if (saved && !is_saved(d, t->c)) {
		printf("# %s was saved, and is not there\n", t->c->id);
		d->wrong++;
	}
	convo_free(t->c);
	*t = (struct talk){ 0 };
}

/* What a program leaves that is killed while it writes. */
static void
tear(const struct desk *d, const char *id)
{
	static const char half[] = "---\nevent: delta\nturn: 1\ntext: |\n  ha";
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s.yaml", d->store->dir, id);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (lseek(fd, 0, SEEK_END) < 0 ||
	    write(fd, half, sizeof(half) - 1) < 0)
		perror(path);
	close(fd);
}

static void
talk_reopen(struct desk *d, struct talk *t)
{
	char id[32];

	snprintf(id, sizeof(id), "%s", t->c->id);
	talk_close(d, t);
	if (rng_below(&d->rng, 2))
		tear(d, id);
	t->j = journal_open(d->store, id, &t->c, NULL, NULL);
	if (!t->j)
		talk_begin(d, t);
}

static void
talk_delete(struct desk *d, struct talk *t)
{
	char id[32];

	snprintf(id, sizeof(id), "%s", t->c->id);
	talk_close(d, t);
	t->c = convo_new_as(id, 0);
	mark(t, "gone", 0, "-", "", 0);
	convo_free(t->c);
	t->c = NULL;
	journal_delete(d->store, id, NULL);
	talk_begin(d, t);
}

/* ---- turns ---- */

static struct turn *
offer(struct desk *d, struct talk *t, enum role role)
{
	struct turn *turn = convo_add(t->c, role, d->now);

	if (role == ROLE_USER) {
		words(d, &turn->text, rng_below(&d->rng, 20) ? 12 : 1500);
		turn->end = DONE_STOP;
	} else {
		turn->model = xstrdup("tiny");
		turn->digest = xstrdup("sha256:0123");
	}
	mark(t, "turn", turn->id, role_name(role), turn->text.data,
	    turn->text.len);
	return turn;
}

static void
send(struct desk *d, struct talk *t)
{
	struct turn *turn = offer(d, t, ROLE_USER);

	promise(d, t, "begun", turn->id, journal_begin(t->j, turn, NULL));
	convo_auto_title(t->c);
	turn = offer(d, t, ROLE_ASSISTANT);
	promise(d, t, "begun", turn->id, journal_begin(t->j, turn, NULL));
	t->live = turn;
	t->n_step = 0;
}

static void
stream(struct desk *d, struct talk *t, enum channel ch)
{
	struct turn *turn = t->live;
	struct buf b = { 0 };

	words(d, &b, rng_below(&d->rng, 40) ? 3 : 800);
	mark(t, "more", turn->id, ch == CHANNEL_THINKING ? "t" : "a", b.data,
	    b.len);
	buf_add(ch == CHANNEL_THINKING ? &turn->thinking : &turn->text, b.data,
	    b.len);
	mark(t, "token", turn->id, "-", "", 0);
	turn_add_token(turn, (struct token){ .id = (int)rng_below(&d->rng,
	    50000), .ms = (uint32_t)(d->now - turn->t_start),
	    .bytes = (uint32_t)b.len, .channel = ch });
	if (journal_delta(t->j, turn, ch, b.data, b.len, NULL) < 0)
		d->failures++;
	if (t->n_step < STEPS) {
		t->step[t->n_step].at = d->now;
		t->step[t->n_step].thinking = turn->thinking.len;
		t->step[t->n_step++].text = turn->text.len;
	}
	buf_free(&b);
}

static void
finish(struct desk *d, struct talk *t)
{
	struct turn *turn = t->live;

	turn->end = rng_below(&d->rng, 4) ? DONE_STOP : DONE_CANCEL;
	turn->t_end = d->now;
	mark(t, "ending", turn->id, "-", "", 0);
	promise(d, t, "ended", turn->id, journal_end(t->j, turn, NULL));
	t->live = NULL;
}

/* What was streamed more than a second ago is promised. */
static void
promise_streamed(struct desk *d, const struct talk *t)
{
	char rest[48];
	size_t i = t->n_step;

	while (i > 0 && t->step[i - 1].at > d->now - 1000)
		i--;
	if (i == 0 || d->failures)
		return;
	snprintf(rest, sizeof(rest), "%zu %zu", t->step[i - 1].thinking,
	    t->step[i - 1].text);
	mark(t, "sure", t->live->id, rest, "", 0);
}

/* As the screen does: every quarter of a second while something streams. */
static void
advance(struct desk *d, int64_t ms)
{
	d->now += ms;
	for (int i = 0; i < CONVOS; i++)
		if (d->talk[i].live)
			promise_streamed(d, &d->talk[i]);
	if (d->now - d->ticked < 250)
		return;
	d->ticked = d->now;
	for (int i = 0; i < CONVOS; i++)
		if (d->talk[i].live && journal_tick(d->talk[i].j, d->now,
		    NULL) < 0)
			d->failures++;
}

/* ---- what else a person does ---- */

static void
label(struct desk *d, struct talk *t)
{
	struct buf b = { 0 };

	buf_printf(&b, "Title %u", rng_next(&d->rng) % 1000);
	convo_set_title(t->c, b.data);
	t->c->title_by = rng_below(&d->rng, 2) ? TITLE_MODEL : TITLE_PERSON;
	t->c->pinned = rng_below(&d->rng, 2);
	t->c->archived = rng_below(&d->rng, 2);
	convo_tag(t->c, pieces[rng_below(&d->rng, PIECES)]);
	buf_clear(&b);
	truth_labels(t->c, &b);
	mark(t, "labels", 0, "offered", b.data, b.len);
	if (journal_labels(t->j, t->c, NULL) == 0)
		mark(t, "labels", 0, "saved", b.data, b.len);
	else
		d->failures++;
	buf_free(&b);
}

static void
choose(struct desk *d, struct talk *t)
{
	struct turn *turn;

	if (t->c->n == 0 || t->live)
		return;
	turn = t->c->turns[rng_below(&d->rng, (uint32_t)t->c->n)];
	switch (rng_below(&d->rng, 5)) {
	case 0:
		turn->fold = (int)rng_below(&d->rng, 3) - 1;
		journal_fold(t->j, turn, NULL);
		break;
	case 1:
		convo_select(t->c, turn);
		journal_head(t->j, convo_turn(t->c, t->c->head), NULL);
		break;
	case 2:
		convo_remove(t->c, turn);
		journal_remove(t->j, turn, NULL);
		break;
	case 3:
		convo_set_system(t->c, "pirate", "Talk\nlike one.");
		journal_system(t->j, t->c, NULL);
		break;
	default:
		label(d, t);
	}
}

static void
step(struct desk *d, struct talk *t)
{
	uint32_t what = rng_below(&d->rng, 100);

	if (!t->c)
		talk_begin(d, t);
	else if (!t->j || journal_readonly(t->j))
		talk_close(d, t);	/* no room for it, or its torn end */
	else if (t->live && what < 85)
		stream(d, t, t->live->text.len || what > 40 ?
		    CHANNEL_ANSWER : CHANNEL_THINKING);
	else if (t->live && what < 97)
		finish(d, t);
	else if (what < 60)
		send(d, t);
	else if (what < 90)
		choose(d, t);
	else if (what < 99 || rng_below(&d->rng, 8))
		talk_reopen(d, t);	/* in the middle of an answer, too */
	else
		talk_delete(d, t);
}

int
torture_session(const struct store *store, uint64_t seed, int rounds)
{
	struct desk d = { .store = store, .rng = { seed }, .now = START };

	signal(SIGXFSZ, SIG_IGN);
	for (int i = 0; i < rounds; i++) {
		step(&d, &d.talk[rng_below(&d.rng, CONVOS)]);
		advance(&d, 10 + rng_below(&d.rng, 60));
	}
	for (int i = 0; i < CONVOS; i++)
		if (d.talk[i].c)
			talk_close(&d, &d.talk[i]);
	return d.wrong ? 1 : 0;
}
