/* ui.h -- the full-screen chat, all that src/main.c knows of ui/. */
#ifndef FIKR_UI_H
#define FIKR_UI_H

#include "conf.h"

struct ui_opts {
	const struct conf *conf;
	const struct load *load;	/* what the worker opens */
	const char *open;	/* conversation id to open, or NULL: a new one */
	const char *dir;	/* conversations folder */
	const char *script;	/* run this script headless instead (tests) */
};

/* `fikr theme WORDS...`; an exit status. */
int ui_theme_main(int n, char **words);
int ui_main(const struct ui_opts *o);	/* an exit status */

#endif
