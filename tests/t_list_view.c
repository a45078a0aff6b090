/* t_list_view.c -- what the list of conversations shows, in which order and
 * groups. */
#include "desk.h"

#include "app_priv.h"

#define DAY ((int64_t)24 * 3600 * 1000)
#define NOON (INT64_C(1795608000000))	/* 2026-11-25 12:00 UTC */

static char *
copy(const char *s)
{
	char *p = strdup(s);

	assert_non_null(p);
	return p;
}

/* n conversations, 0 the newest, each `step` older than the one before. */
static struct convo_info *
made(int n, int64_t step)
{
	struct convo_info *v = calloc((size_t)n, sizeof(*v));

	for (int i = 0; i < n; i++) {
		char title[32];

		snprintf(v[i].id, sizeof(v[i].id), "2026-%04d", i);
		snprintf(title, sizeof(title), "Title %d", i);
		v[i].title = copy(title);
		v[i].changed = NOON - i * step;
		v[i].turns = 2;
	}
	return v;
}

static int
begin(void **state)
{
	struct desk *d;

	setenv("TZ", "UTC", 1);
	if (set_up(state) < 0)
		return -1;
	d = *state;
	d->now = d->app.now = NOON;
	return 0;
}

static const char *
group(struct desk *d, int i)
{
	const struct list_group *g = list_view_group(&d->app, i);

	return g ? g->name : "(none)";
}

/* Would catch a conversation under the wrong day, a group for each of many, and
 * one whose time is still to come that is lost. */
static void
days(void **state)
{
	struct desk *d = *state;
	struct convo_info *v = made(100, DAY / 2);

	v[0].changed = NOON + 5 * DAY;
	list_view_set(&d->app, v, 100);
	assert_int_equal(d->app.n_list, 100);
	assert_string_equal(group(d, 0), "Today");
	assert_string_equal(group(d, 1), "Today");
	assert_string_equal(group(d, 2), "Yesterday");
	assert_string_equal(group(d, 3), "Yesterday");
	assert_string_equal(group(d, 4), "The last 7 days");
	assert_string_equal(group(d, 15), "The last 7 days");
	assert_string_equal(group(d, 16), "The last 30 days");
	assert_string_equal(group(d, 61), "The last 30 days");
	assert_string_equal(group(d, 62), "October 2026");
	assert_string_equal(group(d, 99), "October 2026");
	assert_int_equal(d->app.lists.n_groups, 5);
}

/* Would catch a pinned one that is not on top, or twice there, and others that
 * lose their order. */
static void
pinned_first(void **state)
{
	struct desk *d = *state;
	struct convo_info *v = made(5, DAY);

	v[3].pinned = true;
	v[4].pinned = true;
	list_view_set(&d->app, v, 5);
	assert_string_equal(d->app.list[0].id, "2026-0003");
	assert_string_equal(d->app.list[1].id, "2026-0004");
	assert_string_equal(d->app.list[2].id, "2026-0000");
	assert_int_equal(d->app.n_list, 5);
	assert_string_equal(group(d, 1), "Pinned");
	assert_string_equal(group(d, 2), "Today");
}

/* Would catch a sieve that lets through or keeps back too much, and a cursor
 * that jumps when something else is shown. */
static void
sifting(void **state)
{
	struct desk *d = *state;
	struct convo_info *v = made(6, DAY);

	v[1].archived = true;
	v[2].trashed = NOON;
	v[3].tags = calloc(1, sizeof(*v[3].tags));
	v[3].tags[v[3].n_tags++] = copy("work");
	list_view_set(&d->app, v, 6);
	assert_int_equal(d->app.n_list, 4);
	assert_false(list_view_sifted(&d->app));
	app_list_point(&d->app, "2026-0003");
	list_view_tag(&d->app, "work");
	assert_int_equal(d->app.n_list, 1);
	assert_string_equal(d->app.list[d->app.list_at].id, "2026-0003");
	list_view_tag(&d->app, NULL);
	assert_string_equal(d->app.list[d->app.list_at].id, "2026-0003");
	list_view_type(&d->app, "tItle 4", 7);
	assert_int_equal(d->app.n_list, 1);
	assert_string_equal(d->app.list[0].title, "Title 4");
	assert_true(list_view_sifted(&d->app));
	list_view_found(&d->app);
	assert_int_equal(d->app.n_list, 4);
	d->app.lists.what = LIST_ARCHIVE;
	list_view_make(&d->app);
	assert_int_equal(d->app.n_list, 1);
	assert_string_equal(d->app.list[0].id, "2026-0001");
}

/* Would catch a cursor that is not in sight because groups take rows, too, at
 * any height. */
static void
in_sight(void **state)
{
	struct desk *d = *state;

	list_view_set(&d->app, made(70, DAY), 70);
	d->app.focus = FOCUS_LIST;
	for (int h = 6; h < 30; h++) {
		grid_resize(&d->grid, 80, h);
		event(d, (struct ui_event){ .type = UI_RESIZE, .w = 80,
		    .h = h });
		press(d, "g");
		for (int i = 0; i < 70; i++) {
			int rows = d->app.lay.list.h - 2;
			int row = d->app.list_at - d->app.list_top +
			    list_view_heads(&d->app, d->app.list_top,
			    d->app.list_at);

			assert_int_equal(d->app.list_at, i);
			if (rows > 1)
				assert_in_range(row, 0, rows - 1);
			press(d, "j");
		}
	}
}

/* Would catch groups of yesterday in a chat that is left open over night. */
static void
midnight(void **state)
{
	struct desk *d = *state;

	list_view_set(&d->app, made(1, DAY), 1);
	assert_string_equal(group(d, 0), "Today");
	d->now = NOON + DAY / 2 + 1000;
	event(d, (struct ui_event){ .type = UI_TICK });
	assert_string_equal(group(d, 0), "Yesterday");
}

/* Would catch an answer after which its conversation stays where it was. */
static void
answered(void **state)
{
	struct desk *d = *state;
	struct convo *c = convo_new_as("2026-0003", 1);

	list_view_set(&d->app, made(5, DAY), 5);
	convo_set_title(c, "Another title");
	app_list_update(&d->app, c, false);
	assert_string_equal(d->app.list[3].title, "Another title");
	app_list_update(&d->app, c, true);
	assert_string_equal(d->app.list[0].title, "Another title");
	assert_string_equal(d->app.list[1].id, "2026-0000");
	assert_string_equal(d->app.list[4].id, "2026-0004");
	app_list_drop(&d->app, "2026-0003");
	assert_int_equal(d->app.n_list, 4);
	assert_string_equal(d->app.list[0].id, "2026-0000");
	convo_free(c);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(days), CASE(pinned_first), CASE(sifting), CASE(in_sight),
		CASE(midnight), CASE(answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
