/* t_energy.c -- joules from a folder laid out as the kernel does it. */
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

#include "energy.h"

static char dir[200];

static void
put(const char *zone, const char *file, const char *text)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, zone);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/%s", dir, zone, file);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int
set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof(dir), "%s/fikr-energy-XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(dir) ? 0 : -1;
}

static int
tear_down(void **state)
{
	char command[300];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

/* Would catch parts of a package, the package by its other way, or the whole
 * machine counted on top of the packages, and one of two packages forgotten. */
static void
packages_are_added_up(void **state)
{
	struct energy e;
	struct err err;
	double j;

	(void)state;
	put("intel-rapl:0", "name", "package-0\n");
	put("intel-rapl:0", "energy_uj", "1000000\n");
	put("intel-rapl:0", "max_energy_range_uj", "9000000\n");
	put("intel-rapl:1", "name", "package-1\n");
	put("intel-rapl:1", "energy_uj", "5000000\n");
	put("intel-rapl:1", "max_energy_range_uj", "9000000\n");
	put("intel-rapl:0:0", "energy_uj", "0\n");
	put("intel-rapl-mmio:0", "energy_uj", "0\n");
	put("intel-rapl:2", "name", "psys\n");
	put("intel-rapl:2", "energy_uj", "0\n");
	put("dtpm", "energy_uj", "0\n");
	assert_int_equal(energy_open(&e, dir, &err), 0);
	assert_int_equal(e.n, 2);
	put("intel-rapl:0", "energy_uj", "1500000\n");
	put("intel-rapl:1", "energy_uj", "5250000\n");
	put("intel-rapl:0:0", "energy_uj", "7000000\n");
	assert_int_equal(energy_read(&e, &j, &err), 0);
	assert_true(j > 0.749 && j < 0.751);
	assert_int_equal(energy_read(&e, &j, &err), 0);
	assert_true(j == 0);
	energy_done(&e);
}

/* Would catch a huge or negative amount when a counter begins again. */
static void
counters_begin_again(void **state)
{
	struct energy e;
	struct err err;
	double j;

	(void)state;
	put("intel-rapl:0", "energy_uj", "8000000\n");
	put("intel-rapl:0", "max_energy_range_uj", "9000000\n");
	assert_int_equal(energy_open(&e, dir, &err), 0);
	put("intel-rapl:0", "energy_uj", "500000\n");
	assert_int_equal(energy_read(&e, &j, &err), 0);
	assert_true(j > 1.499 && j < 1.501);
	energy_done(&e);
}

/* Would catch a machine without counters, an unreadable one and one that holds
 * no number being taken for one that uses nothing, or told without its name. */
static void
what_is_missing_is_told(void **state)
{
	struct energy e;
	struct err err;
	char path[300];

	(void)state;
	assert_int_equal(energy_open(&e, dir, &err), -1);
	assert_non_null(strstr(err.text, dir));
	assert_int_equal(energy_open(&e, "/nowhere/powercap", &err), -1);
	put("intel-rapl:0", "energy_uj", "none\n");
	assert_int_equal(energy_open(&e, dir, &err), -1);
	assert_non_null(strstr(err.text, "intel-rapl:0/energy_uj"));
	assert_int_equal(e.n, 0);
	if (getuid() == 0)
		return;			/* may read all */
	snprintf(path, sizeof(path), "%s/intel-rapl:0/energy_uj", dir);
	chmod(path, 0);
	assert_int_equal(energy_open(&e, dir, &err), -1);
	assert_non_null(strstr(err.text, "root"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(packages_are_added_up, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(counters_begin_again, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(what_is_missing_is_told, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
