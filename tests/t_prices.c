/* t_prices.c -- the table of prices: reading it, and sums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "prices.h"

static char home[200];

static int
set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char path[300];

	(void)state;
	snprintf(home, sizeof(home), "%s/fikr-prices-XXXXXX",
	    tmp ? tmp : "/tmp");
	if (!mkdtemp(home))
		return -1;
	snprintf(path, sizeof(path), "%s/fikr", home);
	mkdir(path, 0700);
	return setenv("XDG_CONFIG_HOME", home, 1);
}

static int
tear_down(void **state)
{
	char command[300];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", home);
	return system(command);
}

/* The person's own file. */
static void
own(const char *text)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/fikr/prices.yaml", home);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static const char entry[] =
    "- name: M\n  provider: P\n  input: 2\n  output: 10\n"
    "  currency: USD\n  as_of: 2026-01-31\n";

/* Would catch a shipped table that is wrong or does not say where a price is
 * from, and one that the person's own file replaces as a whole. */
static void
own_prices_stand_before_those_shipped(void **state)
{
	struct prices p;
	struct err err = { .text = "" };
	size_t shipped;
	char text[600];

	(void)state;
	assert_int_equal(prices_load(&p, &err), 0);
	assert_true(p.n >= 3);
	for (size_t i = 0; i < p.n; i++)
		assert_non_null(p.v[i].source);
	shipped = p.n;
	snprintf(text, sizeof(text), "%s- name: %s\n  provider: %s\n"
	    "  input: 7\n  output: 8\n  currency: EUR\n  as_of: 2026-02-01\n",
	    entry, p.v[0].name, p.v[0].provider);
	prices_done(&p);
	own(text);
	assert_int_equal(prices_load(&p, &err), 0);
	assert_int_equal(p.n, shipped + 1);
	assert_string_equal(p.v[0].name, "M");
	assert_true(p.v[1].input == 7);
	prices_done(&p);
}

static void
expect_wrong(const char *text, const char *where, const char *what)
{
	struct prices p;
	struct err err = { .text = "" };

	own(text);
	assert_int_equal(prices_load(&p, &err), -1);
	if (!strstr(err.text, where) || !strstr(err.text, what))
		fail_msg("%s: told as: %s", text, err.text);
	assert_true(p.n > 0);		/* those shipped */
	prices_done(&p);
}

/* Would catch a price that is no number, a typing error in a key, or a lacking
 * date being taken silently, and a sentence without the line. */
static void
wrong_files_are_told_with_their_line(void **state)
{
	(void)state;
	expect_wrong("- name: M\n  provider: P\n  input: cheap\n",
	    "prices.yaml:3:", "input");
	expect_wrong("- name: M\n  privider: P\n", "prices.yaml:2:",
	    "privider");
	expect_wrong("- name: M\n  provider: P\n  input: -1\n",
	    "prices.yaml:3:", "input");
	expect_wrong("- name: M\n  provider: P\n  input: 1\n  output: 1\n"
	    "  currency: USD\n", "prices.yaml:1:", "as_of");
	expect_wrong("- name: M\n  provider: P\n  input: 1\n  output: 1\n"
	    "  currency: USD\n  as_of: today\n", "prices.yaml:1:", "as_of");
	expect_wrong("M: 3\n", "prices.yaml:1:", "list");
	expect_wrong("- M\n", "prices.yaml:1:", "expected a price");
}

/* Would catch input and output swapped, a factor of a thousand, and small sums
 * that are shown as nothing. */
static void
sums_are_right(void **state)
{
	struct price p = { .input = 2, .output = 10,
		.currency = (char *)"USD" };
	static const struct { double sum; const char *text; } want[] = {
		{ 0, "$0.00" }, { 0.000001, "< $0.00001" },
		{ 0.00123, "$0.00123" }, { 0.0456, "$0.046" },
		{ 12.345, "$12.35" },
	};
	struct buf b = { 0 };

	(void)state;
	assert_true(price_of(&p, 1e6, 0) == 2);
	assert_true(price_of(&p, 0, 1e6) == 10);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		buf_clear(&b);
		price_put(&p, want[i].sum, &b);
		if (i < 4)
			assert_string_equal(b.data, want[i].text);
		else
			assert_int_equal(strncmp(b.data, "$12.3", 5), 0);
	}
	p.currency = (char *)"CHF";
	buf_clear(&b);
	price_put(&p, 3, &b);
	assert_string_equal(b.data, "3.00 CHF");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    own_prices_stand_before_those_shipped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    wrong_files_are_told_with_their_line, set_up, tear_down),
		cmocka_unit_test(sums_are_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
