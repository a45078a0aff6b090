/* action_find.c -- actions by their keys, and by their names: running,
 * completing and explaining what begins with a slash. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "alloc.h"
#include "app.h"
#include "i18n.h"

/* ---- by key ---- */

/* The next name of a list like "alt+enter ctrl+j"; NULL at its end. */
static const char *
next_name(const char *s, char *out, size_t size)
{
	size_t n;

	s += strspn(s, " ");
	n = strcspn(s, " ");
	if (n == 0 || n >= size)
		return NULL;
	memcpy(out, s, n);
	out[n] = '\0';
	return s + n;
}

const struct action *
action_for_key(const struct key *k, unsigned where)
{
	char name[32];
	struct key want;
	const char *s;

	for (size_t i = 0; i < n_actions; i++) {
		if (!(actions[i].where & where))
			continue;
		s = actions[i].keys;
		while ((s = next_name(s, name, sizeof(name))) != NULL)
			if (key_parse(name, &want) == 0 &&
			    want.code == k->code && want.mod == k->mod &&
			    (want.ch == k->ch || (k->code != KEY_CHAR &&
			    k->code != KEY_F_)))
				return &actions[i];
	}
	return NULL;
}

/* "pgup" is written PgUp, "ctrl" Ctrl, "g" g. */
static void
put_key_name(struct buf *out, const char *s, size_t n)
{
	if (n == 4 && memcmp(s, "pgup", n) == 0)
		buf_puts(out, "PgUp");
	else if (n == 4 && memcmp(s, "pgdn", n) == 0)
		buf_puts(out, "PgDn");
	else if (n > 0) {
		buf_addc(out, (char)toupper((unsigned char)s[0]));
		buf_add(out, s + 1, n - 1);
	}
}

void
action_keys_text(const struct action *act, struct buf *out)
{
	char name[32];
	const char *s = act->keys, *part;
	size_t n;

	while ((s = next_name(s, name, sizeof(name))) != NULL) {
		if (out->len > 0)
			buf_puts(out, ", ");
		if (!name[1]) {
			buf_puts(out, name);	/* g is not G */
			continue;
		}
		for (part = name; *part; part += n + (part[n] == '+')) {
			n = strcspn(part, "+");
			put_key_name(out, part, n);
			if (part[n] == '+')
				buf_addc(out, '-');
		}
	}
}

/* ---- by name ---- */

bool
action_is_slash(const char *text)
{
	size_t n;

	if (text[0] != '/' || !isalpha((unsigned char)text[1]) ||
	    strchr(text, '\n'))
		return false;
	n = strcspn(text, " ");
	return memchr(text + 1, '/', n - 1) == NULL;
}

#define NAME_MAX_ 32

static size_t
min3(size_t a, size_t b, size_t c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/* Levenshtein's distance, by rows. */
static size_t
distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t row[NAME_MAX_ + 1], diag, next;

	if (na > NAME_MAX_ || nb > NAME_MAX_)
		return NAME_MAX_;
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		diag = row[0];
		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			next = min3(row[j] + 1, row[j - 1] + 1,
			    diag + (a[i - 1] != b[j - 1]));
			diag = row[j];
			row[j] = next;
		}
	}
	return row[nb];
}

static const struct action *
slash_find(const char *text, size_t n)
{
	for (size_t i = 0; i < n_actions; i++)
		if (actions[i].slash && strlen(actions[i].slash) == n &&
		    memcmp(actions[i].slash, text, n) == 0)
			return &actions[i];
	return NULL;
}

static const char *
slash_nearest(const char *text, size_t n)
{
	const char *best = "/help";
	size_t d, least = n;

	for (size_t i = 0; i < n_actions; i++) {
		if (!actions[i].slash)
			continue;
		d = distance(text, n, actions[i].slash,
		    strlen(actions[i].slash));
		if (d < least) {
			least = d;
			best = actions[i].slash;
		}
	}
	return best;
}

unsigned
action_slash(struct app *a, const char *text, bool *ok)
{
	size_t n = strcspn(text, " ");
	const struct action *act = slash_find(text, n);
	char *arg;
	unsigned r;
	size_t len;

	*ok = act != NULL;
	if (!act) {
		app_notice(a, STYLE_ERROR, "There is no %.*s; did you mean "
		    "%s?", n > 40 ? 40 : (int)n, text,
		    slash_nearest(text, n));
		return 0;
	}
	text += n + strspn(text + n, " ");
	len = strlen(text);
	while (len > 0 && text[len - 1] == ' ')
		len--;
	arg = xstrndup(text, len);
	r = act->fn(a, arg);
	free(arg);
	return r;
}

/* The next command after act (NULL: the first) that begins with text. */
static const struct action *
slash_next(const struct action *act, const char *text, size_t n)
{
	for (act = act ? act + 1 : actions; act < actions + n_actions; act++)
		if (act->slash && strncmp(act->slash, text, n) == 0)
			return act;
	return NULL;
}

char *
action_complete(const char *text)
{
	size_t n = strlen(text), same = 0;
	const struct action *act = NULL, *found = NULL;
	int hits = 0;

	if (text[0] != '/' || strpbrk(text, " \n"))
		return NULL;
	while ((act = slash_next(act, text, n)) != NULL) {
		if (hits++ == 0) {
			found = act;
			same = strlen(act->slash);
		}
		while (strncmp(found->slash, act->slash, same) != 0)
			same--;
	}
	if (hits == 1)
		return xasprintf("%s ", found->slash);
	return hits > 1 && same > n ? xstrndup(found->slash, same) : NULL;
}

void
action_hint(const char *text, struct buf *out)
{
	size_t n = strcspn(text, " ");
	const struct action *act = NULL, *one = NULL;
	int hits = 0;

	if (text[0] != '/' || strchr(text, '\n'))
		return;
	while ((act = slash_next(act, text, n)) != NULL) {
		/* Behind a blank the name is whole. */
		if (text[n] == ' ' && act->slash[n] != '\0')
			continue;
		buf_printf(out, "%s%s", hits++ ? " " : "", act->slash);
		one = act;
	}
	if (hits != 1)
		return;
	if (*one->args)
		buf_printf(out, " %s", one->args);
	buf_printf(out, ": %s", _(one->help));
}
