/* act_replay.c -- a conversation is replayed, and what keys do meanwhile. */
#include "act.h"

#include <stdlib.h>

#include "action.h"
#include "app.h"
#include "editor.h"
#include "i18n.h"
#include "player.h"

#define SEEK_MS 5000

/* arg: where to begin. */
unsigned
act_replay(struct app *a, const char *arg)
{
	struct replay_how how = { .from = *arg ? arg : NULL };
	struct err err;

	if (a->lines) {
		app_notice(a, STYLE_NOTICE, _("Line by line, fikr replay %s "
		    "--plain plays this conversation"), a->cur->convo->id);
		return 0;
	}
	/* The command itself is no draft to come back to. */
	if (action_is_slash(editor_text()))
		free(editor_take());
	if (player_open(a, a->cur->convo, &how, &err) < 0)
		app_notice(a, STYLE_ERROR, "%s", err.text);
	return 0;
}

unsigned
act_replay_pause(struct app *a, const char *arg)
{
	(void)arg;
	player_pause(a);
	return 0;
}

unsigned
act_replay_back(struct app *a, const char *arg)
{
	(void)arg;
	player_seek(a, a->player->at - SEEK_MS);
	return 0;
}

unsigned
act_replay_on(struct app *a, const char *arg)
{
	(void)arg;
	player_seek(a, a->player->at + SEEK_MS);
	return 0;
}

unsigned
act_replay_slower(struct app *a, const char *arg)
{
	(void)arg;
	player_speed(a, -1);
	return 0;
}

unsigned
act_replay_faster(struct app *a, const char *arg)
{
	(void)arg;
	player_speed(a, 1);
	return 0;
}

static unsigned
go(struct app *a, enum replay_mark what, int dir, const char *none)
{
	struct player *p = a->player;
	int64_t at = replay_mark(&p->line, (int64_t)p->at, what, dir);

	if (at >= 0)
		player_seek(a, (double)at);
	else if (dir < 0)
		player_seek(a, 0);
	else
		app_notice(a, STYLE_DIM, "%s", none);
	return 0;
}

unsigned
act_replay_thought(struct app *a, const char *arg)
{
	(void)arg;
	return go(a, REPLAY_THOUGHT, 1, _("Nothing more was thought"));
}

unsigned
act_replay_answer(struct app *a, const char *arg)
{
	(void)arg;
	return go(a, REPLAY_ANSWER, 1, _("Nothing more was answered"));
}

unsigned
act_replay_part(struct app *a, const char *arg)
{
	(void)arg;
	return go(a, REPLAY_EITHER, 1, _("Nothing more was thought or "
	    "answered"));
}

unsigned
act_replay_next(struct app *a, const char *arg)
{
	(void)arg;
	return go(a, REPLAY_TURN, 1, _("This is the last message"));
}

unsigned
act_replay_previous(struct app *a, const char *arg)
{
	(void)arg;
	return go(a, REPLAY_TURN, -1, "");
}

unsigned
act_replay_start(struct app *a, const char *arg)
{
	(void)arg;
	player_seek(a, 0);
	return 0;
}

unsigned
act_replay_end(struct app *a, const char *arg)
{
	(void)arg;
	player_seek(a, (double)a->player->line.length);
	return 0;
}

unsigned
act_replay_leave(struct app *a, const char *arg)
{
	bool alone = a->player->alone;

	(void)arg;
	player_close(a);
	return alone ? REACT_QUIT : 0;
}
