/* labels.c -- see labels.h. */
#include "labels.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "i18n.h"

/* On a copy, so that a bad tag among good ones changes nothing. */
static int
change_tags(struct convo *c, const struct label_change *l, struct err *err)
{
	for (int i = 0; i < l->n_tags; i++) {
		const char *s = l->tags[i];

		if (*s != '+' && *s != '-')
			return err_set(err, "\"%.80s\" is neither +TAG, which "
			    "adds a tag, nor -TAG, which takes it away", s);
		if (*s == '-')
			convo_untag(c, s + 1);
		else if (!convo_tag(c, s + 1))
			return err_set(err, c->n_tags == TAGS_MAX ?
			    N_("\"%.80s\" cannot be added: there are %d tags "
			    "already") : N_("\"%.80s\" cannot be a tag: that "
			    "is a name without commas, of at most %d bytes"),
			    s + 1,
			    c->n_tags == TAGS_MAX ? TAGS_MAX : TAG_MAX);
	}
	return 0;
}

static int
change_title(struct convo *c, const char *title, struct err *err)
{
	char *clean = convo_clean_title(title);
	bool empty = !*clean;

	free(clean);
	if (empty)
		return err_set(err, "a title cannot be empty");
	convo_set_title(c, title);
	c->title_by = TITLE_PERSON;
	return 0;
}

int
labels_apply(struct convo *c, const struct label_change *l, struct err *err)
{
	struct convo *to = convo_new_as(c->id, 0);
	int r;

	convo_copy_labels(to, c);
	if (l->pinned != LABEL_KEEP)
		to->pinned = l->pinned;
	if (l->archived != LABEL_KEEP)
		to->archived = l->archived;
	if (l->trashed != LABEL_KEEP)
		to->trashed = l->trashed;
	r = l->title ? change_title(to, l->title, err) : 0;
	if (r == 0)
		r = change_tags(to, l, err);
	if (r == 0)
		convo_copy_labels(c, to);
	convo_free(to);
	return r;
}

struct journal *
labels_open(const struct store *store, const char *id, struct convo **c,
    struct err *err)
{
	struct err notice = { .text = "" };
	struct journal *j = journal_open(store, id, c, &notice, err);

	if (!j || !journal_readonly(j))
		return j;
	/* The notice says who has it, or why it cannot be written. */
	err_set(err, "%s, so it stays as it is", notice.text);
	journal_close(j);
	convo_free(*c);
	*c = NULL;
	return NULL;
}

int
labels_change(const struct store *store, const char *id,
    const struct label_change *l, struct err *err)
{
	struct convo *c;
	struct journal *j = labels_open(store, id, &c, err);
	int r;

	if (!j)
		return -1;
	r = labels_apply(c, l, err);
	if (r == 0)
		r = journal_labels(j, c, err);
	journal_close(j);
	convo_free(c);
	return r;
}
