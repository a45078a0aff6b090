/* verify.c -- `fikr verify`: see verify.h. */
#include "verify.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "alloc.h"
#include "bar.h"
#include "cmd.h"
#include "i18n.h"
#include "out.h"
#include "paths.h"
#include "rerun.h"

struct verify {
	const struct options *o;
	struct convo *c;
	struct rerun *r;
	struct out out;
	struct buf changes;	/* sentences on what is not as it was */
	json_t *turns;		/* with --json, else NULL */
	const struct turn *t;	/* that is being written again */
	struct bar bar;
	int same, differ, left;
};

static volatile sig_atomic_t caught;

static void
on_signal(int sig)
{
	caught = sig;
}

/* ---- telling ---------------------------------------------------------- */

static bool
progress(size_t done, size_t of, void *ud)
{
	struct verify *v = ud;

	if (bar_due(&v->bar)) {
		char *label = xasprintf(_("Writing turn %d again"),
		    v->t->id);

		bar_draw(&v->bar, label, done, of);
		free(label);
	}
	return caught != 0;
}

static void
say(struct verify *v, const char *text)
{
	bar_clear(&v->bar);
	if (!v->turns)
		out_text(&v->out, text, strlen(text), NULL);
}

/* A token's text, for a line of output. */
static void
quote(struct buf *out, const struct buf *text)
{
	if (text->len == 0) {
		buf_puts(out, _("the end"));
		return;
	}
	buf_puts(out, "“");
	for (size_t i = 0; i < text->len; i++) {
		if (text->data[i] == '\n')
			buf_puts(out, "\\n");
		else
			buf_addc(out, text->data[i]);
	}
	buf_puts(out, "”");
}

/* ---- what has changed since ------------------------------------------- */

static void
note_change(struct verify *v, const char *what, const char *was,
    const char *is)
{
	char *line;

	if (!was || !is || strcmp(was, is) == 0)
		return;
	line = xasprintf(_("  %s: %s then, %s now\n"), what, was, is);
	if (!v->changes.data || !strstr(v->changes.data, line))
		buf_puts(&v->changes, line);
	free(line);
}

static void
note_changes(struct verify *v, const struct turn *t,
    const struct rerun_told *told)
{
	note_change(v, _("the model's file"), t->digest, told->digest);
	note_change(v, _("the engine"), t->run.engine, told->engine);
	note_change(v, _("the kernels"), t->run.cpu, told->cpu);
}

/* ---- a turn ----------------------------------------------------------- */

static void
add_json(struct verify *v, const struct turn *t, const char *result,
    const char *why, const struct rerun_told *told)
{
	json_t *o;

	if (!v->turns)
		return;
	o = json_pack("{s:i, s:s, s:I}", "turn", t->id, "result", result,
	    "tokens", (json_int_t)t->n_tok);
	if (why)
		json_object_set_new(o, "why", json_string(why));
	if (told) {
		json_object_set_new(o, "same", json_integer(
		    (json_int_t)told->at));
		json_object_set_new(o, "cached", json_integer(told->cached));
	}
	if (told && told->result == RERUN_DIFFERS) {
		json_object_set_new(o, "was", json_stringn(told->was.data ?
		    told->was.data : "", told->was.len));
		json_object_set_new(o, "is", json_stringn(told->is.data ?
		    told->is.data : "", told->is.len));
	}
	json_array_append_new(v->turns, o);
}

static void
tell_difference(struct verify *v, const struct turn *t,
    const struct rerun_told *told)
{
	struct buf b = { 0 }, was = { 0 }, is = { 0 };

	quote(&was, &told->was);
	quote(&is, &told->is);
	buf_printf(&b, _("turn %d: differs from token %zu of %zu on: %s then, "
	    "%s now\n"), t->id, told->at + 1, t->n_tok, was.data, is.data);
	if (told->cached != t->cached_tokens)
		buf_printf(&b, _("  then %d tokens of the prompt were in the "
		    "cache, now %d: that changes the last bits\n"),
		    t->cached_tokens, told->cached);
	say(v, b.data);
	buf_free(&b);
	buf_free(&was);
	buf_free(&is);
}

static void
tell_left(struct verify *v, const struct turn *t, const char *why)
{
	char *line = xasprintf(_("turn %d: cannot be written again: %s\n"),
	    t->id, why);

	v->left++;
	say(v, line);
	add_json(v, t, "left", why, NULL);
	free(line);
}

static int
verify_turn(struct verify *v, const struct turn *t, struct err *err)
{
	const char *why = rerun_cannot(t);
	struct rerun_told told;
	char *line;

	if (why) {
		tell_left(v, t, why);
		return 0;
	}
	v->t = t;
	if (rerun_turn(v->r, v->c, t, &told, err) < 0)
		return -1;
	note_changes(v, t, &told);
	if (told.result == RERUN_DIFFERS) {
		v->differ++;
		tell_difference(v, t, &told);
		add_json(v, t, "differs", NULL, &told);
	} else if (told.result == RERUN_SAME) {
		v->same++;
		line = xasprintf(ngettext("turn %d: identical, %zu token\n",
		    "turn %d: identical, %zu tokens\n",
		    (unsigned long)t->n_tok), t->id, t->n_tok);
		say(v, line);
		free(line);
		add_json(v, t, "identical", NULL, &told);
	}
	rerun_told_done(&told);
	return 0;
}

/* ---- all of it -------------------------------------------------------- */

static const char *
verdict(const struct verify *v)
{
	if (v->differ)
		return N_("not identical");
	if (v->same == 0)
		return N_("nothing could be compared");
	return v->left ? N_("identical, as far as it could be compared") :
	    N_("identical");
}

static void
tell_verdict(struct verify *v)
{
	char *text = NULL;
	json_t *o;

	if (v->turns) {
		o = json_pack("{s:s, s:s, s:O, s:s}", "id", v->c->id,
		    "verdict", verdict(v), "turns", v->turns, "changed",
		    v->changes.data ? v->changes.data : "");
		text = json_dumps(o, JSON_INDENT(2));
		out_text(&v->out, text, strlen(text), NULL);
		json_decref(o);
	} else {
		if (v->changes.len)
			text = xasprintf(_("Changed since then:\n%s"),
			    v->changes.data);
		if (text)
			say(v, text);
		say(v, _(verdict(v)));
	}
	free(text);
}

static int
verify_turns(struct verify *v, struct err *err)
{
	for (size_t i = 0; i < v->c->n && !caught; i++) {
		const struct turn *t = v->c->turns[i];

		if (t->role == ROLE_ASSISTANT && !t->removed &&
		    verify_turn(v, t, err) < 0)
			return caught ? 0 : -1;
	}
	return 0;
}

static int
verify_convo(struct verify *v, const struct conf *c, struct err *err)
{
	char *log = path_state("worker.log");
	struct rerun_opts ro = { .load = &c->load, .log = log,
		.keep_model = v->o->model_given, .stop = progress, .ud = v };
	int ret;

	bar_begin(&v->bar);
	v->r = rerun_new(&ro);
	ret = verify_turns(v, err);
	bar_clear(&v->bar);
	rerun_free(v->r);
	free(log);
	return ret;
}

int
verify_main(const struct options *o, const struct conf *c,
    const struct store *store)
{
	struct verify v = { .o = o, .out.fd = STDOUT_FILENO };
	struct err err = { "" };
	int ret = 1;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	v.c = cmd_read(store, o->text, &err);
	v.turns = o->json ? json_array() : NULL;
	if (!v.c || verify_convo(&v, c, &err) < 0)
		ret = cmd_failed(&err);
	else if (caught)
		ret = 128 + caught;
	else
		tell_verdict(&v);
	if (v.c && !err.text[0] && !caught && v.same && !v.differ && !v.left)
		ret = 0;
	out_end(&v.out, NULL);
	json_decref(v.turns);
	buf_free(&v.changes);
	convo_free(v.c);
	return ret;
}
