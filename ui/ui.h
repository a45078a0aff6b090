/* ui.h -- the full-screen chat, all that src/main.c knows of ui/. */
#ifndef FIKR_UI_H
#define FIKR_UI_H

#include <stdbool.h>

#include "conf.h"

struct convo;
struct replay_how;

struct ui_opts {
	const struct conf *conf;
	const struct load *load;	/* what the worker opens */
	const char *open;	/* conversation id to open, or NULL: a new one */
	const struct store *store;	/* of the conversations */
	const char *script;	/* run this script headless instead (tests) */
	const struct convo *replay;	/* play this and quit; NULL: chat */
	const struct replay_how *how;
	bool thinking_stderr;	/* where it is printed */
};

/* `fikr keys WORDS...`; an exit status. */
int ui_keys_main(int n, char **words);
/* `fikr theme WORDS...`; an exit status. */
int ui_theme_main(int n, char **words);
/* `fikr doctor`; config is the path of config.yaml, why what is wrong with it
 * or "".  An exit status: 1 when something needed is missing. */
int ui_doctor_main(const struct conf *c, const char *config, const char *why,
    bool json);
int ui_main(const struct ui_opts *o);	/* an exit status */
/* o->replay on the screen, as text where there is none, or into a file. */
int ui_replay_main(const struct ui_opts *o);

#endif
