/* lang.c -- sets the locale, and the language of messages.
 *
 * GNU gettext asks LANGUAGE before the name of the locale, but not at all in
 * the C locale.  C.UTF-8, which every Debian has, is another one to it: so a
 * language whose locale nobody installed is C.UTF-8 with LANGUAGE set. */
#include "lang.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "paths.h"

#ifndef LOCALEDIR
#define LOCALEDIR "/usr/local/share/locale"
#endif

static const char *
first_of(const char *const *names)
{
	const char *s;

	for (int i = 0; i < 3; i++)
		if ((s = getenv(names[i])) != NULL && *s != '\0')
			return s;
	return "C";
}

const char *
lang_wanted(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	return first_of(names);
}

const char *
lang_missing(void)
{
	locale_t l = newlocale(LC_CTYPE_MASK, "", (locale_t)0);

	if (l == (locale_t)0)
		return lang_wanted();
	freelocale(l);
	return NULL;
}

/* Where the catalogues are: beside the program as it was built, or where it
 * was installed. */
static void
find_catalogues(void)
{
	char *dir = path_share("locale");

	bindtextdomain("fikr", dir ? dir : LOCALEDIR);
	bind_textdomain_codeset("fikr", "UTF-8");
	textdomain("fikr");
	free(dir);
}

void
lang_init(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	const char *wanted = first_of(names);

	if (setlocale(LC_CTYPE, "") == NULL)
		setlocale(LC_CTYPE, "C.UTF-8");
	if (setlocale(LC_MESSAGES, "") == NULL &&
	    setlocale(LC_MESSAGES, "C.UTF-8") != NULL)
		setenv("LANGUAGE", wanted, 0);
	find_catalogues();
}

void
lang_choose(const char *language)
{
	const char *now = setlocale(LC_MESSAGES, NULL);

	if (strcmp(language, "auto") == 0 || !lang_valid(language))
		return;
	if (now == NULL || strcmp(now, "C") == 0 || strcmp(now, "POSIX") == 0)
		setlocale(LC_MESSAGES, "C.UTF-8");
	setenv("LANGUAGE", language, 1);
	/* It looks again only when something of it was set. */
	find_catalogues();
}

bool
lang_valid(const char *language)
{
	size_t n = strspn(language, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz_@");

	return n >= 2 && n < 32 && language[n] == '\0';
}

bool
lang_is_rtl(void)
{
	/* TRANSLATORS: not shown.  Where your language is written from right to
	 * left, translate it as right-to-left, else as left-to-right. */
	return strcmp(_("left-to-right"), "right-to-left") == 0;
}
