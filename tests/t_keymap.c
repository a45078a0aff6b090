/* t_keymap.c -- which keys do what, by default and as a person wants it. */
#include "desk.h"

#include "keymap.h"

static enum keymap_found
look(struct keymap *m, const char *name, unsigned where,
    const struct action **act)
{
	struct key k;

	assert_int_equal(key_parse(name, &k), 0);
	return keymap_key(m, &k, where, act);
}

static const char *
does(struct keymap *m, const char *name, unsigned where)
{
	const struct action *act = NULL;

	return look(m, name, where, &act) == KEYMAP_ACTION ? act->name : "";
}

/* Would catch two actions on one key, a key that nobody can press, and a
 * default that is mistyped. */
static void
defaults(void **state)
{
	struct keymap m;
	size_t names = 0;

	(void)state;
	keymap_init(&m);
	for (size_t i = 0; i < n_actions; i++)
		for (const char *s = actions[i].keys; *s; names++) {
			s += strcspn(s, " ");
			s += strspn(s, " ");
		}
	assert_int_equal(m.n, names);
	for (size_t i = 0; i < m.n; i++)
		for (unsigned where = 1; where & (IN_ALL | IN_REPLAY); where *= 2) {
			const struct action *act = NULL;

			if (!(m.v[i].act->where & where))
				continue;
			if (m.v[i].two) {
				assert_int_equal(keymap_key(&m, &m.v[i].first,
				    where, &act), KEYMAP_MORE);
				assert_int_equal(keymap_key(&m,
				    &m.v[i].second, where, &act),
				    KEYMAP_ACTION);
			} else {
				assert_int_equal(keymap_key(&m, &m.v[i].first,
				    where, &act), KEYMAP_ACTION);
			}
			assert_string_equal(act->name, m.v[i].act->name);
		}
	keymap_done(&m);
}

static int
load(struct desk *d, struct keymap *m, const char *yaml, struct err *err)
{
	char path[300];
	FILE *f;
	int rc;

	snprintf(path, sizeof(path), "%s/keys.yaml", d->dir);
	f = fopen(path, "w");
	fputs(yaml, f);
	fclose(f);
	rc = keymap_load(m, path, err);
	unlink(path);
	return rc;
}

/* Would catch a key that still does what it did before, or a sequence of two
 * that swallows others. */
static void
own_keys(void **state)
{
	struct desk *d = *state;
	struct err err = { .text = "" };
	struct buf b = { 0 };
	const struct action *act;
	struct keymap m;

	keymap_init(&m);
	assert_int_equal(load(d, &m, "help: [f9, ctrl+x>h]\n"
	    "list: f1\nmouse: none\n", &err), 0);
	assert_string_equal(does(&m, "f9", IN_VIEW), "help");
	assert_string_equal(does(&m, "f1", IN_VIEW), "list");
	assert_string_equal(does(&m, "f2", IN_VIEW), "");
	assert_string_equal(does(&m, "alt+m", IN_VIEW), "");
	assert_int_equal(look(&m, "ctrl+x", IN_VIEW, &act), KEYMAP_MORE);
	assert_string_equal(does(&m, "h", IN_VIEW), "help");
	assert_int_equal(look(&m, "ctrl+x", IN_VIEW, &act), KEYMAP_MORE);
	assert_string_equal(does(&m, "q", IN_VIEW), "");
	assert_string_equal(does(&m, "f9", IN_VIEW), "help");
	for (size_t i = 0; i < n_actions; i++)
		if (strcmp(actions[i].name, "help") == 0)
			keymap_text(&m, &actions[i], &b);
	assert_string_equal(b.data, "F9, Ctrl-X h");
	buf_free(&b);
	keymap_done(&m);
}

/* Would catch half a file that counts, and errors that do not say where. */
static void
wrong_files(void **state)
{
	struct desk *d = *state;
	static const struct { const char *yaml, *says; } bad[] = {
		{ "help: f9\nhlep: f8\n", "keys.yaml:2: there is no action "
		    "\"hlep\"; did you mean \"help\"?" },
		{ "help: hyper+q\n", ":1: \"hyper+q\" is no key" },
		{ "help: {a: b}\n", ":1: \"this\" is no key" },
		{ "- help\n", "expected lines of the form" },
		{ "quit: f8\n", "is a command only" },
		{ "help: ctrl+x>\n", "is no key" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = { .text = "" };
		struct keymap m;

		keymap_init(&m);
		assert_int_equal(load(d, &m, bad[i].yaml, &err), -1);
		if (!strstr(err.text, bad[i].says))
			fail_msg("%s", err.text);
		assert_string_equal(does(&m, "f1", IN_VIEW), "help");
		keymap_done(&m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(defaults, set_up, tear_down),
		cmocka_unit_test_setup_teardown(own_keys, set_up, tear_down),
		cmocka_unit_test_setup_teardown(wrong_files, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
