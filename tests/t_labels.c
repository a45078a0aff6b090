/* t_labels.c -- how conversations are arranged, and the trash. */
#include "saved.h"

#include <utime.h>

#include "labels.h"
#include "trash.h"

#define DAY ((int64_t)24 * 3600 * 1000)
#define NOW (INT64_C(1763962282123) + 10 * DAY)

static struct convo *
look(const struct store *s)
{
	struct err notice, err = { .text = "" };
	struct convo *c = journal_read(s, ID, &notice, &err);

	if (!c)
		fail_msg("%s", err.text);
	return c;
}

static bool
has_tag(const struct convo *c, const char *tag)
{
	for (size_t i = 0; i < c->n_tags; i++)
		if (strcmp(c->tags[i], tag) == 0)
			return true;
	return false;
}

/* One that is not pinned. */
static struct convo *
record_plain(void)
{
	struct label_change l = LABELS_AS_THEY_ARE;

	convo_free(record());
	l.pinned = l.archived = 0;
	l.trashed = 0;
	assert_int_equal(labels_change(&store, ID, &l, NULL), 0);
	return look(&store);
}

static bool
there(const char *name)
{
	char p[256];

	snprintf(p, sizeof(p), "%s/%s", dir, name);
	return access(p, F_OK) == 0;
}

static int
in_trash(struct convo_info **v)
{
	struct err err = { .text = "" };
	int n = trash_list(&store, v, &err);

	if (n < 0)
		fail_msg("%s", err.text);
	return n;
}

/* Would catch a label that is not saved, one that takes others along, and a
 * conversation that moves up in the list because it was only arranged. */
static void
labels_last(void **state)
{
	char *add[] = { (char *)"+work", (char *)"+später mal" };
	char *drop[] = { (char *)"-work", (char *)"-none" };
	struct label_change l = LABELS_AS_THEY_ARE;
	struct utimbuf old = { 1000000, 1000000 };
	struct stat st;
	struct convo *c;

	(void)state;
	convo_free(record_plain());
	assert_int_equal(utime(path, &old), 0);
	l.pinned = 1;
	l.tags = add;
	l.n_tags = 2;
	assert_int_equal(labels_change(&store, ID, &l, NULL), 0);
	l = LABELS_AS_THEY_ARE;
	l.archived = 1;
	l.tags = drop;
	l.n_tags = 2;
	l.title = " A new\ntitle ";
	assert_int_equal(labels_change(&store, ID, &l, NULL), 0);
	c = look(&store);
	assert_true(c->pinned && c->archived);
	assert_true(has_tag(c, "später mal"));
	assert_false(has_tag(c, "work"));
	assert_string_equal(c->title, "A new title");
	assert_int_equal(c->title_by, TITLE_PERSON);
	convo_free(c);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mtime, 1000000);
}

/* Would catch half of a change that is refused. */
static void
bad_ones(void **state)
{
	char *tags[] = { (char *)"+good", (char *)"+a,b" };
	char *bare[] = { (char *)"good" };
	struct label_change l = LABELS_AS_THEY_ARE;
	struct err err;
	struct convo *c;

	(void)state;
	convo_free(record_plain());
	l.pinned = 1;
	l.tags = tags;
	l.n_tags = 2;
	assert_int_equal(labels_change(&store, ID, &l, &err), -1);
	assert_non_null(strstr(err.text, "a,b"));
	l.tags = bare;
	l.n_tags = 1;
	assert_int_equal(labels_change(&store, ID, &l, &err), -1);
	assert_non_null(strstr(err.text, "+TAG"));
	l = LABELS_AS_THEY_ARE;
	l.title = " \n";
	assert_int_equal(labels_change(&store, ID, &l, &err), -1);
	c = look(&store);
	assert_false(c->pinned);
	assert_false(has_tag(c, "good"));
	convo_free(c);
}

/* Would catch two programs that write into one file. */
static void
open_elsewhere(void **state)
{
	struct label_change l = LABELS_AS_THEY_ARE;
	struct convo *c, *held;
	struct journal *j;
	struct err notice, err;

	(void)state;
	convo_free(record_plain());
	j = reopen(&held, &notice);
	l.pinned = 1;
	assert_int_equal(labels_change(&store, ID, &l, &err), -1);
	assert_non_null(strstr(err.text, "another fikr"));
	assert_int_equal(trash_put(&store, ID, NOW, &err), -1);
	assert_true(there(ID ".yaml"));
	journal_close(j);
	convo_free(held);
	c = look(&store);
	assert_false(c->pinned);
	assert_true(c->trashed == 0);
	convo_free(c);
}

/* Would catch a conversation that is lost on its way there or back, or does not
 * come back as it was. */
static void
there_and_back(void **state)
{
	struct convo *before = record_plain(), *c;
	struct convo_info *v;
	struct err err;

	(void)state;
	assert_int_equal(trash_put(&store, ID, NOW, NULL), 0);
	assert_false(there(ID ".yaml"));
	assert_true(there("trash/" ID ".yaml"));
	assert_int_equal(in_trash(&v), 1);
	assert_string_equal(v[0].id, ID);
	assert_true(v[0].trashed == NOW);
	assert_int_equal(trash_days_left(&v[0], NOW), 30);
	assert_int_equal(trash_days_left(&v[0], NOW + 1), 30);
	assert_int_equal(trash_days_left(&v[0], NOW + 29 * DAY), 1);
	assert_int_equal(trash_days_left(&v[0], NOW + 30 * DAY), 0);
	assert_int_equal(trash_days_left(&v[0], NOW - 5 * DAY), 30);
	convo_infos_free(v, 1);
	assert_int_equal(trash_restore(&store, ID, NULL), 0);
	c = look(&store);
	assert_true(c->trashed == 0);
	assert_string_equal(c->title, before->title);
	assert_int_equal(c->n, before->n);
	convo_free(c);
	convo_free(before);
	assert_int_equal(in_trash(&v), 0);
	assert_int_equal(trash_restore(&store, ID, &err), -1);
	assert_int_equal(trash_restore(&store, "../x", &err), -1);
}

/* Would catch an old conversation in the trash that takes the place of one of
 * the same id. */
static void
both_exist(void **state)
{
	struct err err;

	(void)state;
	convo_free(record_plain());
	assert_int_equal(trash_put(&store, ID, NOW, NULL), 0);
	convo_free(record_plain());
	assert_int_equal(trash_restore(&store, ID, &err), -1);
	assert_non_null(strstr(err.text, "exists"));
	assert_int_equal(trash_put(&store, ID, NOW, &err), -1);
	assert_true(there(ID ".yaml"));
	assert_true(there("trash/" ID ".yaml"));
	assert_int_equal(trash_empty(&store, NOW, true, NULL), 1);
	assert_true(there(ID ".yaml"));
	assert_false(there("trash/" ID ".yaml"));
}

/* Would catch what is deleted before its days are over, or never; and a clock
 * that is set back and then lets it be deleted at once. */
static void
days(void **state)
{
	struct convo_info *v;

	(void)state;
	convo_free(record_plain());
	assert_int_equal(trash_put(&store, ID, NOW, NULL), 0);
	assert_int_equal(trash_empty(&store, NOW + 30 * DAY - 1, false, NULL),
	    0);
	/* Set back: from then on it counts from now. */
	assert_int_equal(trash_empty(&store, NOW - 100 * DAY, false, NULL), 0);
	assert_int_equal(in_trash(&v), 1);
	assert_true(v[0].trashed == NOW - 100 * DAY);
	convo_infos_free(v, 1);
	assert_int_equal(trash_empty(&store, NOW - 71 * DAY, false, NULL), 0);
	assert_int_equal(trash_empty(&store, NOW - 70 * DAY, false, NULL), 1);
	assert_int_equal(in_trash(&v), 0);
	assert_false(there("trash/" ID ".yaml"));
}

/* Would catch a move that was cut short and leaves a conversation that is
 * neither here nor there. */
static void
cut_short(void **state)
{
	struct label_change l = LABELS_AS_THEY_ARE;
	struct convo_info *v;

	(void)state;
	convo_free(record_plain());
	l.trashed = NOW;
	assert_int_equal(labels_change(&store, ID, &l, NULL), 0);
	assert_int_equal(in_trash(&v), 1);
	convo_infos_free(v, 1);
	assert_int_equal(trash_empty(&store, NOW + DAY, false, NULL), 0);
	assert_true(there("trash/" ID ".yaml"));
	assert_int_equal(in_trash(&v), 1);
	assert_true(v[0].trashed == NOW);
	convo_infos_free(v, 1);
	assert_int_equal(trash_restore(&store, ID, NULL), 0);
	assert_true(there(ID ".yaml"));
}

/* Would catch a start that looks through the trash each time, and one that does
 * not for a year since the clock was wrong once. */
static void
once_a_day(void **state)
{
	struct convo_info *v;

	(void)state;
	trash_tidy(&store, NOW);
	assert_false(there("trash"));	/* nothing to do, nothing made */
	convo_free(record_plain());
	assert_int_equal(trash_put(&store, ID, NOW, NULL), 0);
	trash_tidy(&store, NOW + 30 * DAY - 1000);
	trash_tidy(&store, NOW + 30 * DAY + 1000);
	assert_int_equal(in_trash(&v), 1);
	convo_infos_free(v, 1);
	trash_tidy(&store, NOW + 31 * DAY);
	assert_int_equal(in_trash(&v), 0);
	convo_free(record_plain());
	assert_int_equal(trash_put(&store, ID, NOW - 400 * DAY, NULL), 0);
	trash_tidy(&store, NOW - 300 * DAY);	/* set back since */
	assert_int_equal(in_trash(&v), 0);
}

/* Traces are looked for there, not in the home of whoever tests. */
static int
set_up_home(void **state)
{
	if (set_up(state) < 0)
		return -1;
	setenv("XDG_STATE_HOME", root, 1);
	setenv("XDG_CACHE_HOME", root, 1);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EMPTY(labels_last),
		IN_EMPTY(bad_ones),
		IN_EMPTY(open_elsewhere),
		IN_EMPTY(there_and_back),
		IN_EMPTY(both_exist),
		IN_EMPTY(days),
		IN_EMPTY(cut_short),
		IN_EMPTY(once_a_day),
	};

	return cmocka_run_group_tests(tests, set_up_home, tear_down);
}
