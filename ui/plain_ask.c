/* plain_ask.c -- what lies over the screen elsewhere: lists to choose from
 * become numbered lines and a question, pages become text; and the commands
 * that only make sense here. */
#include "plain_priv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "alloc.h"
#include "find.h"
#include "i18n.h"
#include "page.h"
#include "pick.h"
#include "utf8.h"

#define WIDTH_MAX 72		/* tables are lists there */

/* ---- pages ---- */

/* Bars and lines say nothing that the words beside them do not. */
static bool
is_picture(uint32_t cp)
{
	return (cp >= 0x2500 && cp <= 0x259F) ||
	    (cp >= 0x2800 && cp <= 0x28FF);
}

static void
put_words(struct buf *out, const char *s, size_t n)
{
	bool after = false;	/* a picture: a blank parts it from nothing */
	uint32_t cp;

	while (n > 0) {
		size_t used = (size_t)utf8_decode(s, n, &cp, NULL);

		if (!is_picture(cp) && !(after && cp == ' '))
			buf_add(out, s, used);
		after = is_picture(cp);
		s += used;
		n -= used;
	}
}

/* Columns, which are known by where they stand, become parts of a sentence. */
static void
put_parts(struct buf *out, const char *s)
{
	for (size_t n; *s; s += n) {
		n = strspn(s, " ");
		if (n > 1 && out->len > 0 && s[n] != '\0')
			buf_puts(out, ", ");
		else if (n == 1 && out->len > 0)
			buf_addc(out, ' ');
		s += n;
		n = strcspn(s, " ");
		buf_add(out, s, n);
	}
}

static void
say_row(struct plain *p, const struct row *row, bool columns, bool *gap)
{
	struct buf b = { 0 }, parts = { 0 };
	const char *s;

	for (int i = 0; i < row->n; i++)
		put_words(&b, row->spans[i].text, row->spans[i].n);
	s = b.data ? b.data : "";
	if (columns) {
		put_parts(&parts, s);
		s = parts.data ? parts.data : "";
	}
	/* One blank line between parts, none at the beginning. */
	if (s[strspn(s, " ")] == '\0') {
		*gap = true;
	} else {
		plain_say(p, "%s%s", *gap ? "\n" : "", s);
		*gap = false;
	}
	buf_free(&parts);
	buf_free(&b);
}

static void
say_page(struct plain *p)
{
	struct app *a = &p->app;
	struct rows rows = { 0 };
	int w = plain_width() - 1;
	bool gap = false;

	plain_say(p, "%s:", a->page.title);
	a->page.fill(a, &rows, w < WIDTH_MAX ? w : WIDTH_MAX, "");
	for (size_t i = 0; i < rows.n; i++)
		say_row(p, &rows.v[i], !a->page.prose, &gap);
	rows_free(&rows);
	page_close(a);
}

static void
say_help(struct plain *p, const char *words)
{
	struct needle nd;
	bool all = !needle_init(&nd, words);
	struct buf b = { 0 };
	int n = 0;

	if (all)
		plain_say(p, _("What you write is sent to the model. A line "
		    "that ends in \\ goes on in the next one. These commands "
		    "begin with a slash:"));
	for (size_t i = 0; i < n_actions; i++) {
		const struct action *act = &actions[i];

		buf_clear(&b);
		if (act->slash)
			buf_printf(&b, "%s%s%s: %s", act->slash,
			    *act->args ? " " : "", act->args, _(act->help));
		else
			buf_printf(&b, "/do %s: %s", act->name, _(act->help));
		if (!all && find_count(&nd, b.data, b.len) == 0)
			continue;
		plain_say(p, "%s", b.data);
		n++;
	}
	if (n == 0)
		plain_say(p, _("Note: No command is like that."));
	if (all) {
		plain_say(p, _("/show [NUMBER]: Print the conversation, or its "
		    "last messages"));
		plain_say(p, _("/queue: List the messages that wait"));
	}
	buf_free(&b);
}

/* ---- lists ---- */

static void
say_list(struct plain *p)
{
	const struct pick *k = p->app.pick;

	plain_say(p, "%s:", k->title);
	for (size_t i = 0; i < k->n_shown; i++) {
		const struct pick_item *it = &k->v[k->shown[i]];
		const char *d = it->detail ? it->detail : "";

		plain_say(p, "%zu. %.*s%s%.*s%s%s", i + 1,
		    (int)strcspn(it->label, "\n"), it->label, *d ? ", " : "",
		    (int)strcspn(d, "\n"), d, it->below ? ": " : "",
		    it->below ? it->below : "");
	}
	if (k->n_shown == 0)
		plain_say(p, _("nothing like that"));
	if (k->note)
		plain_say(p, _("Note: %s"), k->note);
	p->pick = k;
	p->picked = k->n_shown;
}

void
plain_pages(struct plain *p)
{
	struct app *a = &p->app;

	if (a->page.fill == help_fill) {
		say_help(p, "");
		page_close(a);
	} else if (a->page.fill && !(a->page.fill == context_fill &&
	    a->map.id != 0)) {
		say_page(p);
	}
	if (a->pick && (p->pick != a->pick || p->picked != a->pick->n_shown))
		say_list(p);
	if (!a->pick)
		p->pick = NULL;
}

/* The words that were typed take the place of those before. */
static void
look_for(struct plain *p, const char *words)
{
	struct key k = { .code = KEY_PASTE_, .text = words,
		.n = strlen(words) };

	plain_key(p, "ctrl+u");
	plain_event(p, (struct ui_event){ .type = UI_KEY, .key = &k });
	p->pick = NULL;
}

bool
plain_reply(struct plain *p, const char *line)
{
	struct app *a = &p->app;
	char *end;
	unsigned long n;

	if (a->mode == MODE_DELETE) {
		plain_key(p, *line == 'y' || *line == 'Y' ? "y" : "n");
		return true;
	}
	if (!a->pick)
		return false;
	n = strtoul(line, &end, 10);
	if (!line[strspn(line, " ")]) {
		plain_key(p, "esc");
	} else if (!isdigit((unsigned char)*line) || *end) {
		look_for(p, line);
	} else if (n < 1 || n > a->pick->n_shown) {
		plain_say(p, _("Note: The list goes from 1 to %zu."),
		    a->pick->n_shown);
	} else {
		a->pick->at = n - 1;
		plain_key(p, "enter");
	}
	return true;
}

/* ---- commands ---- */

static void
do_action(struct plain *p, const char *name, unsigned *react)
{
	for (size_t i = 0; i < n_actions; i++)
		if (strcmp(actions[i].name, name) == 0) {
			*react = actions[i].fn(&p->app, "");
			return;
		}
	plain_say(p, _("Error: Nothing is called \"%s\"; /help lists what "
	    "there is"), name);
}

static void
say_queue(struct plain *p)
{
	const struct session *s = p->app.cur;

	for (size_t i = 0; i < s->n_queue; i++)
		plain_say(p, "%zu. %s", i + 1, s->queue[i]);
	if (s->n_queue == 0)
		plain_say(p, _("Note: No message waits."));
	else
		plain_say(p, _("Note: /do queue-edit takes the last one "
		    "back."));
}

/* Lines of a text with what is looked for; how many. */
static int
say_hits(struct plain *p, const struct needle *nd, const char *who,
    const struct buf *text)
{
	const char *s = text->data, *end = s + text->len;
	int hits = 0;

	for (size_t n; s && s < end; s += n + 1) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));

		n = (size_t)((nl ? nl : end) - s);
		if (find_count(nd, s, n) == 0)
			continue;
		plain_say(p, "%s: %.*s", who, (int)n, s);
		hits++;
	}
	return hits;
}

static void
search(struct plain *p, const char *words)
{
	struct needle nd;
	struct turn **v;
	size_t n;
	int hits = 0;

	if (!needle_init(&nd, words)) {
		plain_say(p, _("Note: /find WORDS looks for them here, in "
		    "thoughts too"));
		return;
	}
	n = convo_branch(p->app.cur->convo, &v);
	for (size_t i = 0; i < n; i++) {
		hits += say_hits(p, &nd, _("Thinking"), &v[i]->thinking);
		hits += say_hits(p, &nd, v[i]->role == ROLE_USER ? _("You") :
		    _("Answer"), &v[i]->text);
	}
	free(v);
	if (hits == 0)
		plain_say(p, _("Note: Not found"));
	else
		plain_say(p, ngettext("Note: %d line.", "Note: %d lines.",
		    (unsigned long)hits), hits);
}

/* What only arranges panes has no meaning here. */
static bool
of_panes(const char *name, size_t n)
{
	static const char *const v[] = { "/trace", "/zoom", "/mouse" };

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		if (strlen(v[i]) == n && memcmp(v[i], name, n) == 0)
			return true;
	return false;
}

bool
plain_command(struct plain *p, const char *line, unsigned *react)
{
	size_t n = strcspn(line, " ");
	const char *arg = line + n + strspn(line + n, " ");

	*react = 0;
	if (strncmp(line, "/do", n) == 0 && n == 3)
		do_action(p, arg, react);
	else if (strncmp(line, "/show", n) == 0 && n == 5)
		plain_history(p, (size_t)strtoul(arg, NULL, 10));
	else if (strncmp(line, "/queue", n) == 0 && n == 6)
		say_queue(p);
	else if (strncmp(line, "/find", n) == 0 && n == 5)
		search(p, arg);
	else if (strncmp(line, "/list", n) == 0 && n == 5)
		do_action(p, "find-conversation", react);
	else if (strncmp(line, "/help", n) == 0 && n == 5)
		say_help(p, arg);
	else if (of_panes(line, n))
		plain_say(p, _("Note: There are no panes in the linear "
		    "mode."));
	else
		return false;
	return true;
}
