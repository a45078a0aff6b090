/* lang.c -- sets the locale. */
#include "lang.h"

#include <locale.h>
#include <stdlib.h>

const char *
lang_wanted(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *s;

	for (int i = 0; i < 3; i++)
		if ((s = getenv(names[i])) != NULL && *s != '\0')
			return s;
	return "C";
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

void
lang_init(void)
{
	if (setlocale(LC_CTYPE, "") == NULL)
		setlocale(LC_CTYPE, "C.UTF-8");
}
