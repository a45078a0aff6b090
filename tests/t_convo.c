/* t_convo.c -- the tree of turns, what goes to the model, titles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "convo.h"
#include "utf8.h"

static struct turn *
say(struct convo *c, enum role role, const char *text)
{
	struct turn *t = convo_add(c, role, 1000);

	buf_puts(&t->text, text);
	return t;
}

/* Catches ids that do not sort by time or could not be a file's name. */
static void
test_new(void **state)
{
	struct convo *a = convo_new(INT64_C(1763962282123));
	struct convo *b = convo_new(INT64_C(1763962283000));

	(void)state;
	assert_memory_equal(a->id, "20251124-053122-", 16);
	assert_int_equal(strlen(a->id), 20);
	assert_true(strcmp(a->id, b->id) < 0);
	assert_true(a->created == INT64_C(1763962282123));
	assert_string_equal(a->title, "");
	convo_free(a);
	convo_free(b);
	a = convo_new(INT64_MAX);	/* a clock gone mad */
	assert_true(strlen(a->id) > 0);
	convo_free(a);
	convo_free(NULL);
}

/* Catches wrong parents, a lost head, and turns that move in memory. */
static void
test_tree(void **state)
{
	struct convo *c = convo_new(1);
	struct turn *u = say(c, ROLE_USER, "q");
	struct turn *a = say(c, ROLE_ASSISTANT, "one");
	struct turn *again, **branch;

	(void)state;
	assert_int_equal(u->id, 1);
	assert_int_equal(u->parent, 0);
	assert_int_equal(a->parent, 1);
	assert_int_equal(a->end, DONE_OPEN);
	assert_int_equal(a->fold, -1);
	c->head = u->id;	/* regenerate */
	again = say(c, ROLE_ASSISTANT, "two");
	assert_int_equal(again->id, 3);
	assert_int_equal(again->parent, 1);
	for (int i = 0; i < 100; i++)
		say(c, ROLE_USER, "more");
	assert_ptr_equal(convo_turn(c, 1), u);
	assert_ptr_equal(convo_turn(c, 2), a);
	assert_ptr_equal(convo_turn(c, 3), again);
	assert_null(convo_turn(c, 0));
	assert_null(convo_turn(c, 104));
	c->head = again->id;
	assert_int_equal(convo_branch(c, &branch), 2);
	assert_ptr_equal(branch[0], u);
	assert_ptr_equal(branch[1], again);
	free(branch);
	convo_free(c);
	c = convo_new(1);
	assert_int_equal(convo_branch(c, &branch), 0);
	free(branch);
	convo_free(c);
}

/* Catches thinking that pollutes the next prompt, empty answers sent to the
 * model, and a system prompt that is forgotten or sent empty. */
static void
test_messages(void **state)
{
	struct convo *c = convo_new(1);
	struct chat_msg *m;
	struct turn *a;

	(void)state;
	say(c, ROLE_USER, "q1");
	a = say(c, ROLE_ASSISTANT, "a1");
	buf_puts(&a->thinking, "hmm");
	say(c, ROLE_USER, "q2");
	a = say(c, ROLE_ASSISTANT, "");
	buf_puts(&a->thinking, "cut off while thinking");
	assert_int_equal(convo_messages(c, "be brief", &m), 4);
	assert_int_equal(m[0].role, ROLE_SYSTEM);
	assert_string_equal(m[0].text, "be brief");
	assert_string_equal(m[1].text, "q1");
	assert_int_equal(m[2].role, ROLE_ASSISTANT);
	assert_string_equal(m[2].text, "a1");
	assert_string_equal(m[3].text, "q2");
	chat_msgs_free(m, 4);
	assert_int_equal(convo_messages(c, "", &m), 3);
	chat_msgs_free(m, 3);
	assert_int_equal(convo_messages(c, NULL, &m), 3);
	chat_msgs_free(m, 3);
	convo_free(c);
}

static size_t
characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

static char *
auto_title(const char *text)
{
	struct convo *c = convo_new(1);
	char *title;

	say(c, ROLE_USER, text);
	convo_auto_title(c);
	title = c->title;
	c->title = NULL;
	convo_free(c);
	return title;
}

static void
assert_title(const char *text, const char *expected)
{
	char *title = auto_title(text);

	assert_string_equal(title, expected);
	free(title);
}

/* Catches titles with control characters, cut words or cut characters. */
static void
test_auto_title(void **state)
{
	struct buf b = { 0 };
	char *title;

	(void)state;
	assert_title("Why is the sky blue?\nSecond line",
	    "Why is the sky blue?");
	assert_title("\n  \n\tindented  text \r\nmore", "indented text");
	assert_title("a\x1b[31mb\xC2\x9B" "c", "a [31mb c");
	assert_title(" \n \n", "");
	assert_title("The quick brown fox jumps over the lazy dog and then it "
	    "runs away", "The quick brown fox jumps over the lazy dog and "
	    "then it\xE2\x80\xA6");
	for (int i = 0; i < 100; i++)
		buf_puts(&b, "\xE4\xB8\xAD");
	title = auto_title(b.data);
	assert_int_equal(characters(title), 60);
	assert_true(utf8_valid(title, strlen(title)));
	free(title);
	buf_free(&b);
}

/* Catches an automatic title that overwrites the person's own, and a set
 * title that is longer than a file's end can hold. */
static void
test_set_title(void **state)
{
	struct convo *c = convo_new(1);
	char *longest = malloc(100001);

	(void)state;
	say(c, ROLE_USER, "question");
	convo_set_title(c, "  mine\n own ");
	assert_string_equal(c->title, "mine own");
	convo_auto_title(c);
	assert_string_equal(c->title, "mine own");
	memset(longest, 'x', 100000);
	longest[100000] = '\0';
	convo_set_title(c, longest);
	assert_int_equal(strlen(c->title), 200);
	free(longest);
	convo_free(c);
}

/* Catches versions that are not found, an old end shown for a branch, and
 * removed turns that come back. */
static void
test_versions(void **state)
{
	struct convo *c = convo_new(1);
	struct turn *q = say(c, ROLE_USER, "q");
	struct turn *a1 = say(c, ROLE_ASSISTANT, "one");
	struct turn *q2 = say(c, ROLE_USER, "more");
	struct turn *a2, *b2, **v;

	(void)state;
	c->head = q->id;
	a2 = say(c, ROLE_ASSISTANT, "two");
	b2 = say(c, ROLE_USER, "again");
	assert_int_equal(convo_siblings(c, a1, &v), 2);
	assert_ptr_equal(v[0], a1);
	assert_ptr_equal(v[1], a2);
	free(v);
	convo_select(c, a1);
	assert_int_equal(c->head, q2->id);
	convo_select(c, q);		/* the newest end */
	assert_int_equal(c->head, b2->id);
	convo_remove(c, a2);
	assert_true(b2->removed);
	assert_int_equal(c->head, q2->id);
	assert_int_equal(convo_siblings(c, a1, &v), 1);
	free(v);
	convo_remove(c, q2);
	assert_int_equal(c->head, a1->id);
	convo_remove(c, q);
	assert_int_equal(c->head, 0);
	assert_true(a1->removed);
	convo_free(c);
}

/* Catches a dropped turn that is sent all the same. */
static void
test_dropped(void **state)
{
	struct convo *c = convo_new(1);
	struct chat_msg *m;

	(void)state;
	say(c, ROLE_USER, "old")->dropped = true;
	say(c, ROLE_ASSISTANT, "older")->dropped = true;
	say(c, ROLE_USER, "new");
	assert_int_equal(convo_messages(c, NULL, &m), 1);
	assert_string_equal(m[0].text, "new");
	chat_msgs_free(m, 1);
	convo_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_auto_title),
		cmocka_unit_test(test_set_title),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
