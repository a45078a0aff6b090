/* cmd_replay.c -- see cmd_replay.h. */
#include "cmd_replay.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "replay.h"

#define SPEED_MOST 1000
#define COLS_LEAST 10
#define COLS_MOST 1000

static int
parse_speed(const char *s, double *to, struct err *err)
{
	char *end;
	double x = strtod(s, &end);

	if (end == s || *end || !(x == 0 || (x >= 0.01 && x <= SPEED_MOST)))
		return err_set(err, "--speed takes a number from 0.01 to %d, "
		    "or 0 for at once, not \"%.40s\"", SPEED_MOST, s);
	*to = x;
	return 0;
}

static int
parse_size(const char *s, struct replay_how *how, struct err *err)
{
	int n = 0;

	if (sscanf(s, "%4dx%4d%n", &how->w, &how->h, &n) == 2 &&
	    s[n] == '\0' && how->w >= COLS_LEAST && how->w <= COLS_MOST &&
	    how->h >= 4 && how->h <= COLS_MOST)
		return 0;
	return err_set(err, "--size takes columns and rows such as 100x30, "
	    "not \"%.40s\"", s);
}

int
replay_how_parse(const struct options *o, struct replay_how *how,
    struct err *err)
{
	*how = (struct replay_how){ .speed = 1, .from = o->from,
		.message = o->message, .gaps = o->gaps, .cast = o->cast };
	if (o->speed && parse_speed(o->speed, &how->speed, err) < 0)
		return -1;
	return o->size ? parse_size(o->size, how, err) : 0;
}

struct convo *
replay_read(const struct options *o, const struct store *store,
    struct err *err)
{
	return cmd_read(store, o->text, err);
}
