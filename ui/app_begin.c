/* app_begin.c -- what every way of running the app has to tell at its start. */
#include <stdlib.h>

#include "app.h"
#include "i18n.h"
#include "lang.h"
#include "paths.h"
#include "trash.h"

static void
tell(struct app *a, const struct err *err)
{
	if (err && err->text[0])
		app_note(a, a->cur, STYLE_NOTICE, "%s", err->text);
}

void
app_load_keys(struct app *a)
{
	char *path = path_config("keys.yaml");
	struct err err = { .text = "" };

	keymap_load(&a->keys, path, &err);
	tell(a, &err);
	free(path);
}

void
app_begin(struct app *a, const struct err *theme, const struct err *history)
{
	const char *locale = lang_missing();

	tell(a, theme);
	tell(a, history);
	if (a->store->temporary)
		app_note(a, a->cur, STYLE_NOTICE, "%s", _("Nothing of what is "
		    "said here is saved"));
	else
		trash_tidy(a->store, a->now);
	app_load_keys(a);
	if (locale)
		app_note(a, a->cur, STYLE_NOTICE, _("The locale \"%s\" is not "
		    "installed here, so C.UTF-8 is used; locale -a lists those "
		    "that are."), locale);
}
