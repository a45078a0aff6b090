/* t_paging.c -- what is said about models larger than memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "paging.h"

#define GB INT64_C(1000000000)

/* Would catch a model said to fit that does not, for its cache or its working
 * memory, and figures that are not those of the plan. */
static void
plans(void **state)
{
	struct model_needs n = { .dense = 10 * GB, .experts = 90 * GB,
		.kv = GB, .work = GB };
	struct paging p;

	(void)state;
	paging_plan(&n, 103 * GB, &p);
	assert_true(p.fits);
	assert_string_equal(p.note, "");
	assert_int_equal(p.stays, 100 * GB);
	paging_plan(&n, 101 * GB, &p);
	assert_false(p.fits);
	paging_plan(&n, 22 * GB, &p);
	assert_non_null(strstr(p.note, "100.0 GB"));
	assert_non_null(strstr(p.note, "19.7 GB"));
	assert_non_null(strstr(p.note, "9.7 of 90.0 GB of experts"));
	paging_plan(&n, 8 * GB, &p);
	assert_non_null(strstr(p.note, "very slow"));
	paging_plan(&n, GB, &p);
	assert_int_equal(p.stays, 0);
	assert_null(strstr(p.note, " 0.0 GB"));
	n.dense = 100 * GB;
	n.experts = 0;
	paging_plan(&n, 22 * GB, &p);
	assert_non_null(strstr(p.note, "every token"));
	assert_null(strstr(p.note, "experts"));
}

/* Would catch memory that is read as nothing, or a setting that is not
 * heard. */
static void
available(void **state)
{
	(void)state;
	unsetenv("FIKR_MEMORY");
	assert_true(memory_available() > (int64_t)64 << 20);
	setenv("FIKR_MEMORY", "100", 1);
	assert_int_equal(memory_available(), (int64_t)100 << 20);
	setenv("FIKR_MEMORY", "-4x", 1);
	assert_true(memory_available() > (int64_t)64 << 20);
	unsetenv("FIKR_MEMORY");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans),
		cmocka_unit_test(available),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
