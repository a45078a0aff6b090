/* cmd.c -- see cmd.h. */
#include "cmd.h"

#include <signal.h>
#include <stdio.h>

#include "journal.h"

int
cmd_failed(const struct err *err)
{
	fprintf(stderr, "fikr: %s\n", err->text);
	return 1;
}

int
cmd_out_failed(const struct out *out, const struct err *err)
{
	return out->broken ? 128 + SIGPIPE : cmd_failed(err);
}

struct convo *
cmd_read(const struct store *store, const char *id, struct err *err)
{
	struct err notice;
	struct convo *c = journal_read(store, id, &notice, err);

	if (c && notice.text[0])
		fprintf(stderr, "fikr: %s\n", notice.text);
	return c;
}
