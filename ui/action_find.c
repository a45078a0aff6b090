/* action_find.c -- actions by their names: running, completing and explaining
 * what begins with a slash. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "alloc.h"
#include "app.h"
#include "i18n.h"
#include "words.h"

bool
action_in(const struct action *act, unsigned where)
{
	bool all = (act->where & IN_ALL) == IN_ALL;

	if (where == IN_ALL || where == 0)
		return where != 0 && all;
	if (where == IN_REPLAY)
		return act->where == IN_REPLAY;
	return !all && (act->where & where) != 0;
}

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
	char *word = xstrndup(text, n);
	const char *best = words_nearest(word, &actions[0].slash, n_actions,
	    sizeof(actions[0]));

	free(word);
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
		app_notice(a, STYLE_ERROR, _("There is no %.*s; did you mean "
		    "%s?"), n > 40 ? 40 : (int)n, text,
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
