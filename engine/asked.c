/* asked.c -- what a model reads when it is asked for a reply. */
#include "asked.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

/* Of several ways tried on small models these words made most wrong answers
 * right. */
#define GUIDE_ASK "Think step by step: "
#define GUIDE_BUDGET 120
#define THOUGHT_ROOM 16		/* tokens that a thought must have at least */

/* Messages as they are rendered: those of g, more where it is guided; behind
 * them a native thinker's thought and answer. */
struct script {
	struct chat_msg *m;	/* [n] */
	size_t n;
	size_t *from;		/* [n] which message of g each stands for */
	enum thinking thinking;
	struct buf ask;
	const char *thought;	/* NULL: none */
	const char *answer;	/* NULL: the thought is open */
};

bool
asked_goes_on(const struct msg_generate *g)
{
	return g->n_messages > 0 &&
	    g->messages[g->n_messages - 1].role == ROLE_ASSISTANT;
}

static const char *
reply_text(const struct msg_generate *g)
{
	return asked_goes_on(g) ? g->messages[g->n_messages - 1].text : "";
}

bool
asked_thought_open(const struct msg_generate *g)
{
	return asked_goes_on(g) && g->thought && g->thought_open &&
	    !*reply_text(g);
}

bool
asked_has_thought(const struct msg_generate *g)
{
	return asked_goes_on(g) && g->thought &&
	    (*g->thought || asked_thought_open(g));
}

/* ---- the messages ----------------------------------------------------- */

static void
script_add(struct script *s, enum role role, const char *text, size_t from)
{
	s->m[s->n] = (struct chat_msg){ role, (char *)(uintptr_t)text };
	s->from[s->n++] = from;
}

static void
script_start(struct script *s, const struct msg_generate *g, size_t n)
{
	s->m = xcalloc(g->n_messages + 3, sizeof *s->m);
	s->from = xcalloc(g->n_messages + 3, sizeof *s->from);
	for (size_t i = 0; i < n; i++)
		script_add(s, g->messages[i].role, g->messages[i].text, i);
}

static void
script_done(struct script *s)
{
	free(s->m);
	free(s->from);
	buf_free(&s->ask);
}

static void
plain_script(struct script *s, const struct chatfmt *f,
    const struct msg_generate *g)
{
	bool thought = asked_has_thought(g) && f->think_open && f->think_close;
	bool goes_on = asked_goes_on(g);
	bool text = goes_on && !thought && *reply_text(g);

	script_start(s, g, g->n_messages - (goes_on && !text));
	s->thinking = thought ? THINKING_ON : goes_on ? THINKING_OFF :
	    g->thinking;
	if (!thought)
		return;
	s->thought = g->thought;
	s->answer = asked_thought_open(g) ? NULL : reply_text(g);
}

static void
guided_script(struct script *s, const struct msg_generate *g,
    enum asked_for what, const char *thought)
{
	size_t last = g->n_messages - 1 - asked_goes_on(g);
	const char *question = g->messages[last].text;

	script_start(s, g, last);
	s->thinking = THINKING_OFF;
	buf_printf(&s->ask, "%s%s", GUIDE_ASK, question);
	script_add(s, g->messages[last].role, s->ask.data, last);
	if (what == ASKED_THOUGHT && asked_has_thought(g) && *g->thought)
		script_add(s, ROLE_ASSISTANT, g->thought, last + 1);
	if (what == ASKED_THOUGHT)
		return;
	script_add(s, ROLE_ASSISTANT, thought, last);
	script_add(s, g->messages[last].role, question, last);
	if (*reply_text(g))
		script_add(s, ROLE_ASSISTANT, reply_text(g), last + 1);
}

/* ---- tokens ----------------------------------------------------------- */

static void
add_text(struct prompt *p, const char *text, bool special)
{
	prompt_add(p, text, strlen(text), special);
}

/* A thought, in the model's own tags; reply: with all that is known of it. */
static void
add_thought(struct prompt *p, const struct chatfmt *f, const struct script *s,
    bool reply)
{
	if (!p->thinking_open) {
		add_text(p, f->think_open, true);
		add_text(p, "\n", true);
	}
	p->thinking_open = true;
	if (reply)
		add_text(p, s->thought, false);
	if (!reply || !s->answer)
		return;
	p->thinking_open = false;
	add_text(p, "\n", true);
	add_text(p, f->think_close, true);
	add_text(p, "\n\n", true);
	add_text(p, s->answer, false);
}

/* reply: with the part of it that is there.  ends: [s->n], or NULL. */
static void
render(const struct chatfmt *f, const struct script *s, bool reply,
    size_t *ends, struct prompt *p)
{
	const struct render_opts o = { .thinking = s->thinking, .ends = ends };
	struct chat_msg *last = s->n ? &s->m[s->n - 1] : NULL;
	char *text = last ? last->text : NULL;

	if (!reply && last && last->role == ROLE_ASSISTANT)
		last->text = (char *)(uintptr_t)"";
	chatfmt_render_as(f, s->m, s->n, &o, p);
	if (last)
		last->text = text;
	if (s->thought)
		add_thought(p, f, s, reply);
}

static bool
has_reply(const struct script *s)
{
	return s->thought || (s->n && s->m[s->n - 1].role == ROLE_ASSISTANT);
}

static size_t
common(const int32_t *a, size_t na, const int32_t *b, size_t nb)
{
	size_t n = 0;

	while (n < na && n < nb && a[n] == b[n])
		n++;
	return n;
}

/* Where in a->line the reply begins. */
static int
find_reply(struct asked *a, const struct chatfmt *f, const struct vocab *v,
    const struct script *s, struct err *err)
{
	struct ids l = { 0 };
	struct prompt p;
	int ret;

	a->reply = a->line.n;
	if (!has_reply(s))
		return 0;
	render(f, s, false, NULL, &p);
	ret = prompt_encode(&p, v, &l, err);
	prompt_free(&p);
	a->reply = common(a->line.v, a->line.n, l.v, l.n);
	ids_free(&l);
	return ret;
}

/* ---- a reply that was written here ------------------------------------ */

static void
add_bytes(const struct vocab *v, const int32_t *tok, size_t n, struct buf *b)
{
	for (size_t i = 0; i < n; i++) {
		size_t len;
		const char *s = vocab_piece(v, tok[i], true, &len);

		if (len > 0)
			buf_add(b, s, len);
	}
}

static bool
is_blank(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr(" \t\r\n", s[i]) || !s[i])
			return false;
	return true;
}

/* How many of tok[0..n) spell the beginning of text; *used gets how much.
 * Blank lines before it are not shown (think.h), so that text lacks them. */
static size_t
spelled(const struct vocab *v, const int32_t *tok, size_t n,
    const struct buf *text, size_t *used)
{
	size_t i;

	*used = 0;
	for (i = 0; i < n; i++) {
		size_t len;
		const char *s = vocab_piece(v, tok[i], true, &len);

		if (len <= text->len - *used &&
		    (len == 0 || memcmp(text->data + *used, s, len) == 0))
			*used += len;
		else if (*used > 0 || !is_blank(s, len))
			break;
	}
	return i;
}

/* A text that was cut short can be spelled in other tokens than the model
 * wrote it in.  Those that it wrote are in the cache: take them, and encode
 * only what is behind them, as long as that is text. */
static int
take_written(struct asked *a, const struct vocab *v, const struct session *s,
    const char *last, struct err *err)
{
	const int32_t *tok = session_tokens(s);
	size_t n = (size_t)session_used(s), used, more;
	size_t same = common(a->line.v, a->line.n, tok, n);
	struct buf text = { 0 };
	int ret = 0;

	if (same < a->reply || same == a->line.n)
		return 0;
	add_bytes(v, a->line.v + same, a->line.n - same, &text);
	more = spelled(v, tok + same, n - same, &text, &used);
	if (used > 0 && text.len - used <= strlen(last)) {
		a->line.n = same;
		for (size_t i = 0; i < more; i++)
			ids_add(&a->line, tok[same + i]);
		ret = vocab_encode_body(v, text.data + used, text.len - used,
		    &a->line, err);
	}
	buf_free(&text);
	return ret;
}

/* ---- where messages end ----------------------------------------------- */

/* Tokens of some pieces by themselves: at most one off where tokens cross from
 * message to message. */
static int
count_pieces(const struct prompt *p, size_t from, size_t to,
    const struct vocab *v)
{
	struct prompt part = { p->v + from, to - from, false };
	struct ids l = { 0 };
	int n = 0;

	if (to > from && prompt_encode(&part, v, &l, NULL) == 0)
		n = (int)l.n;
	if (from > 0 && n > 0 && vocab_add_bos(v))
		n--;			/* only text begins with it */
	ids_free(&l);
	return n;
}

static void
count_ends(struct asked *a, const struct vocab *v, const struct script *s,
    const struct prompt *p, const size_t *piece, size_t n_messages)
{
	int at = 0, all = (int)a->line.n;
	size_t from = 0;

	a->ends = xcalloc(n_messages + 1, sizeof *a->ends);
	for (size_t i = 0; i < n_messages; i++)
		a->ends[i] = all;
	for (size_t i = 0; i < s->n; i++) {
		at += count_pieces(p, from, piece[i], v);
		from = piece[i];
		a->ends[s->from[i]] = at < all ? at : all;
	}
}

/* ---- all of it -------------------------------------------------------- */

static int
encode(struct asked *a, struct engine *e, const struct session *s,
    const struct msg_generate *g, const struct script *sc, bool ends,
    struct err *err)
{
	const struct chatfmt *f = engine_chatfmt(e, err);
	const struct vocab *v = engine_vocab(e);
	size_t *piece = ends ? xcalloc(sc->n + 1, sizeof *piece) : NULL;
	const char *last = sc->thought && !sc->answer ? sc->thought :
	    sc->answer ? sc->answer : sc->n ? sc->m[sc->n - 1].text : "";
	struct prompt p;
	int ret;

	render(f, sc, true, piece, &p);
	a->open = p.thinking_open;
	ret = prompt_encode(&p, v, &a->line, err);
	if (ret == 0)
		ret = find_reply(a, f, v, sc, err);
	if (ret == 0 && s && a->reply < a->line.n)
		ret = take_written(a, v, s, last, err);
	if (ret == 0 && ends)
		count_ends(a, v, sc, &p, piece, g->n_messages);
	prompt_free(&p);
	free(piece);
	if (ret == 0 && a->line.n == 0)
		return err_set(err, "the conversation is empty");
	return ret;
}

int
asked_make(struct asked *a, struct engine *e, const struct session *s,
    const struct msg_generate *g, enum asked_for what, const char *thought,
    bool ends, struct err *err)
{
	const struct chatfmt *f = engine_chatfmt(e, err);
	struct script sc = { 0 };
	int ret;

	asked_done(a);
	if (!f)
		return -1;
	if (what == ASKED_PLAIN)
		plain_script(&sc, f, g);
	else
		guided_script(&sc, g, what, thought);
	ret = encode(a, e, s, g, &sc, ends, err);
	script_done(&sc);
	return ret;
}

void
asked_done(struct asked *a)
{
	ids_free(&a->line);
	free(a->ends);
	*a = (struct asked){ 0 };
}

/* Whether the model is to be guided, if there is room for it. */
static bool
guided(const struct chatfmt *f, const struct msg_generate *g)
{
	if (!f || f->thinker == THINKER_NATIVE || g->n_messages == 0)
		return false;
	if (asked_goes_on(g))	/* a thought stands behind a question */
		return asked_has_thought(g) && g->n_messages > 1;
	return g->thinking == THINKING_ON &&
	    g->messages[g->n_messages - 1].role == ROLE_USER;
}

enum asked_for
asked_first(struct engine *e, const struct msg_generate *g, int context,
    int *budget)
{
	const char *thought = asked_has_thought(g) ? g->thought : "";
	struct asked a = { 0 };
	int room = 0;

	*budget = 0;
	if (!guided(engine_chatfmt(e, NULL), g))
		return ASKED_PLAIN;
	if (asked_has_thought(g) && !asked_thought_open(g))
		return ASKED_ANSWER;
	if (asked_make(&a, e, NULL, g, ASKED_ANSWER, thought, false, NULL) ==
	    0)
		room = context - (int)a.line.n - ANSWER_ROOM;
	asked_done(&a);
	if (room < THOUGHT_ROOM)
		return asked_has_thought(g) ? ASKED_ANSWER : ASKED_PLAIN;
	*budget = g->budget ? g->budget : GUIDE_BUDGET;
	*budget = *budget < room ? *budget : room;
	return ASKED_THOUGHT;
}
