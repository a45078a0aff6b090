/* replay_main.c -- `fikr replay`: on the screen, as text, or into a file. */
#include "ui.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cast.h"
#include "plain.h"
#include "replay.h"
#include "replay_how.h"
#include "replay_print.h"
#include "script.h"

static int
failed(const struct err *err)
{
	if (err->text[0] == '\0')
		return 128 + SIGPIPE;
	fprintf(stderr, "fikr: %s\n", err->text);
	return 1;
}

static int
print(const struct ui_opts *o, const struct replay *r, int64_t from)
{
	enum replay_thoughts thoughts = o->thinking_stderr ? THOUGHTS_STDERR :
	    isatty(STDOUT_FILENO) ? THOUGHTS_HERE : THOUGHTS_NONE;
	struct err err;

	signal(SIGPIPE, SIG_IGN);
	if (replay_print(r, from, o->how->speed, thoughts, &err) < 0)
		return failed(&err);
	return 0;
}

static bool
has_screen(const struct ui_opts *o)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
	    o->how->speed > 0 && !plain_wanted(o->conf, getenv);
}

int
ui_replay_main(const struct ui_opts *o)
{
	struct replay r;
	struct err err = { .text = "" };
	int64_t from;
	int ret;

	/* Whatever is wrong shows before there is a screen. */
	replay_init(&r, o->replay, o->how->gaps);
	from = replay_from(&r, o->how->message, o->how->from, &err);
	if (from < 0)
		ret = failed(&err);
	else if (o->how->cast)
		ret = cast_main(o);
	else if (o->script || has_screen(o))
		ret = ui_main(o);
	else
		ret = print(o, &r, from);
	replay_done(&r);
	return ret;
}
