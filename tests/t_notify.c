/* t_notify.c -- when a bell is rung. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "notify.h"

/* Catches a bell for somebody who is looking, for a short answer, in the
 * middle of one, or twice. */
static void
test_watch(void **state)
{
	struct notify n = { 0 };

	(void)state;
	assert_false(notify_watch(&n, true, 0, 20000));
	assert_false(notify_watch(&n, false, 30000, 20000));	/* looking */
	notify_focus(&n, false);
	assert_false(notify_watch(&n, false, 31000, 20000));
	assert_false(notify_watch(&n, true, 40000, 20000));
	assert_false(notify_watch(&n, true, 70000, 20000));
	assert_true(notify_watch(&n, false, 71000, 20000));
	assert_false(notify_watch(&n, false, 72000, 20000));
	assert_false(notify_watch(&n, true, 80000, 20000));
	assert_false(notify_watch(&n, false, 99000, 20000));	/* short */
	assert_false(notify_watch(&n, true, 100000, 20000));
	notify_focus(&n, true);
	assert_false(notify_watch(&n, false, 150000, 20000));	/* is back */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
