/* t_chat.c -- names of the domain's words, and bounds of sampling. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alloc.h"
#include "chat.h"

/* Catches a name missing from a table, or two words with one name. */
static void
names_round_trip(void **state)
{
	(void)state;
	for (int i = ROLE_SYSTEM; i <= ROLE_ASSISTANT; i++) {
		enum role r;

		assert_int_equal(role_parse(role_name(i), &r), 0);
		assert_int_equal((int)r, i);
	}
	for (int i = CHANNEL_THINKING; i <= CHANNEL_ANSWER; i++) {
		enum channel c;

		assert_int_equal(channel_parse(channel_name(i), &c), 0);
		assert_int_equal((int)c, i);
	}
	for (int i = THINKING_AUTO; i <= THINKING_OFF; i++) {
		enum thinking t;

		assert_int_equal(thinking_parse(thinking_name(i), &t), 0);
		assert_int_equal((int)t, i);
	}
	for (int i = THINKER_NONE; i <= THINKER_NATIVE; i++) {
		enum thinker t;

		assert_int_equal(thinker_parse(thinker_name(i), &t), 0);
		assert_int_equal((int)t, i);
	}
	for (int i = DONE_STOP; i <= DONE_OPEN; i++) {
		enum done_reason d;

		assert_int_equal(done_parse(done_name(i), &d), 0);
		assert_int_equal((int)d, i);
	}
	for (int i = KV_F16; i <= KV_Q8_0; i++) {
		enum kv_type t;

		assert_int_equal(kv_type_parse(kv_type_name(i), &t), 0);
		assert_int_equal((int)t, i);
	}
}

/* Catches a word from outside that crashes or is guessed at. */
static void
unknown_words_are_refused(void **state)
{
	enum role r = ROLE_USER;

	(void)state;
	assert_int_equal(role_parse(NULL, &r), -1);
	assert_int_equal(role_parse("", &r), -1);
	assert_int_equal(role_parse("User", &r), -1);
	assert_int_equal(role_parse("users", &r), -1);
	assert_int_equal(r, ROLE_USER);
	assert_string_equal(role_name((enum role)99), "?");
}

/* Catches defaults that the program's own check would refuse. */
static void
defaults_are_good(void **state)
{
	struct sampling s = sampling_default();

	(void)state;
	assert_null(sampling_check(&s));
	assert_int_equal(s.seed, 0);
	assert_int_equal(s.max_tokens, 0);
}

/* Catches a bound that is missing, and NaN slipping past one. */
static void
bounds_are_checked(void **state)
{
	const struct sampling good = sampling_default();
	struct sampling s;

	(void)state;
#define BAD(field, value) do { \
	s = good; \
	s.field = (value); \
	assert_non_null(sampling_check(&s)); \
} while (0)
	BAD(temperature, -0.1f);
	BAD(temperature, NAN);
	BAD(temperature, INFINITY);
	BAD(top_k, -1);
	BAD(top_p, 0);
	BAD(top_p, 1.5f);
	BAD(top_p, NAN);
	BAD(min_p, -1);
	BAD(min_p, NAN);
	BAD(repeat_penalty, 0);
	BAD(repeat_penalty, NAN);
	BAD(repeat_last, -1);
	BAD(max_tokens, -1);
#undef BAD
	s = good;
	s.temperature = 0;
	s.top_k = 0;
	s.top_p = 1;
	s.min_p = 0;
	s.repeat_penalty = 1;
	assert_null(sampling_check(&s));
}

/* Catches a temperature that a person set being replaced, and the automatic
 * one reaching the sampler. */
static void
temperature_settles(void **state)
{
	struct sampling s = sampling_default();

	(void)state;
	assert_null(sampling_check(&s));
	sampling_settle(&s, THINKER_NATIVE);
	assert_true(s.temperature == 0.6f);
	s = sampling_default();
	sampling_settle(&s, THINKER_GUIDED);
	assert_true(s.temperature == 0.2f);
	s.temperature = 0;
	sampling_settle(&s, THINKER_NATIVE);
	assert_true(s.temperature == 0);
}

/* Catches a leak or a crash on an empty list. */
static void
messages_are_freed(void **state)
{
	struct chat_msg *m = xcalloc(2, sizeof *m);

	(void)state;
	m[0].text = xstrdup("a");
	chat_msgs_free(m, 2);
	chat_msgs_free(NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_round_trip),
		cmocka_unit_test(unknown_words_are_refused),
		cmocka_unit_test(defaults_are_good),
		cmocka_unit_test(bounds_are_checked),
		cmocka_unit_test(temperature_settles),
		cmocka_unit_test(messages_are_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
