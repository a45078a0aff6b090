/* worker_keep.c -- what is kept on disk of what the slots hold, so that a
 * conversation that comes back need not be read again.
 *
 * A state is written when nothing else is to be done: some time after its
 * answer, in slices between which the input is looked at, or when the model
 * goes.  Where its slot is wanted before that, it leaves the slot, which gets
 * an empty timeline, and waits for its turn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "clock.h"
#include "snapshot.h"
#include "snapshots.h"
#include "worker.h"

#define IDLE_MS 2000		/* after an answer, before it is written */
#define SLICE (1 << 20)		/* bytes between looks at the input */
#define END_MS 1500		/* for what is unwritten at the end */
#define SHARE 4			/* of the limit that one may take: 1/4 */
#define LEAVING PROTO_SLOTS	/* among held */

static struct session *
session_of(const struct worker *w, int i)
{
	return i == LEAVING ? w->keep.leaving : w->session[i];
}

/* It is written, or will never be. */
static void
settle(struct worker *w, int i)
{
	w->keep.held[i].dirty = false;
	if (i != LEAVING)
		return;
	session_free(w->keep.leaving);
	w->keep.leaving = NULL;
	w->keep.held[i].name[0] = '\0';
}

static void
stop_writing(struct worker *w, int i)
{
	if (!w->keep.writer || w->keep.writing != i)
		return;
	snapshot_drop(w->keep.writer);
	w->keep.writer = NULL;
}

static bool
worth_keeping(const struct worker *w, int i)
{
	int64_t bytes = w->keep.held[i].dirty ?
	    snapshot_bytes(session_of(w, i)) : 0;

	return bytes > 0 && bytes <= w->keep.limit / SHARE;
}

/* ---- writing ---- */

/* Begin with the i-th, if it can be. */
static void
begin_writing(struct worker *w, int i)
{
	struct keep *k = &w->keep;
	const char *digest = worth_keeping(w, i) ?
	    engine_digest(w->engine, stop_loading, w) : NULL;
	struct err err = { "" };
	char *path;

	if (!digest || !k->held[i].dirty) {	/* forgotten meanwhile */
		settle(w, i);
		return;
	}
	path = snapshots_path(k->dir, k->held[i].name, digest);
	snapshots_make_room(k->dir, k->limit, snapshot_bytes(session_of(w,
	    i)), path);
	k->writer = snapshot_write(path, session_of(w, i), digest, &err);
	k->writing = i;
	if (!k->writer) {
		fprintf(stderr, "%s\n", err.text);
		settle(w, i);
	}
	free(path);
}

static void
write_slice(struct worker *w)
{
	struct keep *k = &w->keep;
	struct err err = { "" };
	int r = snapshot_step(k->writer, SLICE, &err);

	if (r > 0)
		return;
	if (r < 0)
		fprintf(stderr, "%s\n", err.text);
	stop_writing(w, k->writing);
	settle(w, k->writing);
}

/* Until the i-th is to be written, ms; -1: it need not be. */
static double
due(const struct worker *w, int i)
{
	const struct held *h = &w->keep.held[i];
	double left = h->since + IDLE_MS - clock_now_ms();

	if (!h->dirty)
		return -1;
	return i == LEAVING || left < 0 ? 0 : left;
}

void
keep_idle(struct worker *w)
{
	struct keep *k = &w->keep;

	for (int i = LEAVING; i >= 0 && !k->writer; i--)
		if (due(w, i) == 0)
			begin_writing(w, i);
	if (k->writer)
		write_slice(w);
}

int
keep_wait(const struct worker *w)
{
	double wait = -1;

	if (w->keep.writer)
		return 0;
	for (int i = 0; i <= LEAVING; i++) {
		double d = due(w, i);

		if (d >= 0 && (wait < 0 || d < wait))
			wait = d;
	}
	return wait < 0 ? -1 : (int)wait + 1;
}

/* ---- answers begin and end ---- */

/* Where another conversation is wanted the one that is there makes place.  If
 * one waits already, this one is not kept. */
static void
leave(struct worker *w, int slot)
{
	struct keep *k = &w->keep;
	struct session *s;

	if (k->leaving || !worth_keeping(w, slot))
		return;
	s = session_new(w->engine, session_context(w->session[slot]), NULL);
	if (!s)
		return;
	k->leaving = w->session[slot];
	k->held[LEAVING] = k->held[slot];
	w->session[slot] = s;
}

void
keep_before(struct worker *w, const struct msg_generate *g)
{
	struct held *h = &w->keep.held[g->slot];
	const char *name = g->keep && w->keep.dir ? g->keep : "";

	stop_writing(w, g->slot);
	if (strcmp(h->name, name) == 0)
		return;
	leave(w, g->slot);
	*h = (struct held){ .dirty = false };
	snprintf(h->name, sizeof h->name, "%s", name);
}

/* Whether it is of the model that is loaded; the fingerprint is waited for
 * only if files were touched. */
static bool
is_ours(struct worker *w, const struct snapshot_reader *r,
    const struct session *s)
{
	const char *digest = snapshot_sure(r, s) ? snapshot_digest(r) :
	    engine_digest(w->engine, stop_generating, w);

	return digest && strcmp(digest, snapshot_digest(r)) == 0;
}

/* The state in path, if it has enough more of the prompt than s. */
static void
try_file(struct worker *w, const char *path, struct session *s,
    const struct ids *prompt)
{
	int have = session_common(s, prompt->v, prompt->n);
	struct err err = { "" };
	struct snapshot_reader *r = snapshot_open(path, s, &err);

	if (r && snapshot_common(r, prompt->v, prompt->n) >=
	    have + SNAPSHOT_TOKENS && is_ours(w, r, s))
		snapshot_restore(r, s, stop_generating, w, &err);
	if (err.text[0])
		fprintf(stderr, "%s\n", err.text);
	snapshot_close(r);
}

void
keep_restore(struct worker *w, const struct msg_generate *g)
{
	struct session *s = w->session[g->slot];
	const char *name = w->keep.held[g->slot].name;
	struct ids prompt = { 0 };
	size_t n = 0;
	char **v = name[0] ? snapshots_find(w->keep.dir, name, &n) : NULL;

	if (n > 0 && gen_prompt(w->engine, s, g, &prompt, NULL) == 0)
		for (size_t i = 0; i < n; i++)
			try_file(w, v[i], s, &prompt);
	ids_free(&prompt);
	snapshots_free(v, n);
}

/* What would be gone on from without waiting for anything. */
int
keep_cached(struct worker *w, const struct msg_generate *g, int have)
{
	struct session *s = w->session[g->slot] ? w->session[g->slot] :
	    w->session[0];
	const char *name = g->keep && w->keep.dir ? g->keep : "";
	struct ids prompt = { 0 };
	size_t n = 0;
	char **v = name[0] ? snapshots_find(w->keep.dir, name, &n) : NULL;

	if (n > 0)
		gen_prompt(w->engine, s, g, &prompt, NULL);
	for (size_t i = 0; i < n; i++) {
		struct snapshot_reader *r = snapshot_open(v[i], s, NULL);
		int common = r && snapshot_sure(r, s) ?
		    snapshot_common(r, prompt.v, prompt.n) : 0;

		if (common >= have + SNAPSHOT_TOKENS)
			have = common;
		snapshot_close(r);
	}
	ids_free(&prompt);
	snapshots_free(v, n);
	return have;
}

void
keep_after(struct worker *w, int slot)
{
	struct held *h = &w->keep.held[slot];

	h->dirty = h->name[0] != '\0';
	h->since = clock_now_ms();
}

void
keep_forget(struct worker *w, const char *name)
{
	struct err err = { "" };

	for (int i = 0; i <= LEAVING; i++) {
		if (strcmp(w->keep.held[i].name, name) != 0)
			continue;
		stop_writing(w, i);
		settle(w, i);
		w->keep.held[i].name[0] = '\0';
	}
	if (w->keep.dir && snapshots_remove_in(w->keep.dir, name, &err) < 0)
		fprintf(stderr, "%s\n", err.text);
}

/* ---- models come and go ---- */

void
keep_start(struct worker *w, const struct load *l)
{
	int64_t mib = l->snapshot_mib ? l->snapshot_mib :
	    SNAPSHOTS_BYTES >> 20;

	w->keep = (struct keep){ .dir = xstrdup(l->snapshots),
		.limit = mib << 20 };
}

void
keep_end(struct worker *w)
{
	double end = clock_now_ms() + END_MS;

	while (w->keep.writer && clock_now_ms() < end)
		write_slice(w);
	for (int i = LEAVING; i >= 0; i--) {
		if (w->keep.held[i].dirty && !w->keep.writer)
			begin_writing(w, i);
		while (w->keep.writer && clock_now_ms() < end)
			write_slice(w);
		settle(w, i);
	}
	stop_writing(w, w->keep.writing);
	free(w->keep.dir);
	w->keep = (struct keep){ .dir = NULL };
}
