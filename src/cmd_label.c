/* cmd_label.c -- `fikr pin`, `archive`, `tag`, `rename` and `rm`: how saved
 * conversations are arranged. */
#include "cmd_label.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "cmd.h"
#include "i18n.h"
#include "labels.h"
#include "trash.h"

/* Of the commands that take nothing but ids. */
static struct label_change
change_of(enum command c)
{
	struct label_change l = LABELS_AS_THEY_ARE;

	if (c == CMD_PIN || c == CMD_UNPIN)
		l.pinned = c == CMD_PIN;
	else
		l.archived = c == CMD_ARCHIVE;
	return l;
}

/* What cannot be done to one is no reason to leave the others. */
static int
each(const struct store *store, const struct options *o)
{
	struct label_change l = change_of(o->command);
	struct err err;
	int ret = 0;

	for (int i = 0; i < o->n_words; i++)
		if (labels_change(store, o->words[i], &l, &err) < 0)
			ret = cmd_failed(&err);
	return ret;
}

static int
rename_main(const struct store *store, const struct options *o)
{
	struct label_change l = LABELS_AS_THEY_ARE;
	struct buf title = { 0 };
	struct err err;
	int ret;

	for (int i = 1; i < o->n_words; i++)
		buf_printf(&title, "%s%s", i > 1 ? " " : "", o->words[i]);
	l.title = title.data ? title.data : "";
	ret = labels_change(store, o->words[0], &l, &err);
	buf_free(&title);
	return ret < 0 ? cmd_failed(&err) : 0;
}

static int
print_tags(const struct store *store, const char *id)
{
	struct err notice, err;
	struct convo *c = journal_read(store, id, &notice, &err);

	if (!c)
		return cmd_failed(&err);
	for (size_t i = 0; i < c->n_tags; i++)
		puts(c->tags[i]);
	convo_free(c);
	return 0;
}

static int
tag_main(const struct store *store, const struct options *o)
{
	struct label_change l = LABELS_AS_THEY_ARE;
	struct err err;

	if (o->n_words == 1)
		return print_tags(store, o->words[0]);
	l.tags = o->words + 1;
	l.n_tags = o->n_words - 1;
	return labels_change(store, o->words[0], &l, &err) < 0 ?
	    cmd_failed(&err) : 0;
}

static int
rm_main(const struct store *store, const struct options *o)
{
	struct err err;
	int ret = 0, n = 0;

	for (int i = 0; i < o->n_words; i++) {
		if (trash_put(store, o->words[i], clock_wall_ms(), &err) < 0)
			ret = cmd_failed(&err);
		else
			n++;
	}
	if (n > 0)
		fprintf(stderr, ngettext("In the trash for %d day; fikr trash "
		    "restore brings it back\n", "In the trash for %d days; "
		    "fikr trash restore brings it back\n", TRASH_DAYS),
		    TRASH_DAYS);
	return ret;
}

int
label_main(const struct store *store, const struct options *o)
{
	switch (o->command) {
	case CMD_TAG:
		return tag_main(store, o);
	case CMD_RENAME:
		return rename_main(store, o);
	case CMD_RM:
		return rm_main(store, o);
	default:
		return each(store, o);
	}
}
