/* t_title.c -- what a model is asked for a title, and which of its answers
 * become one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "title.h"

static struct convo *
talk(const char *question, const char *answer)
{
	struct convo *c = convo_new_as("20261124-053122-7f3a", 1);
	struct turn *t = convo_add(c, ROLE_USER, 1);

	buf_puts(&t->text, question);
	convo_auto_title(c);
	t = convo_add(c, ROLE_ASSISTANT, 2);
	buf_puts(&t->text, answer);
	return c;
}

static const struct {
	const char *question, *answer, *reply;
	const char *title;	/* NULL: the first line stays */
	bool strict;
} cases[] = {
	/* as they come from models */
	{ "How do I reverse a linked list in C?", "Walk through it.",
	    "Reverse Linked List in C", "Reverse Linked List in C", false },
	{ "How do I reverse a linked list in C?", "Walk through it.",
	    "Title: **\"Reversing a Linked List\"**.\n",
	    "Reversing a Linked List", false },
	{ "why is my python script slow when i use pandas iterrows", "",
	    "Slow Pandas Script", "Slow Pandas Script", false },
	{ "What are the differences between TCP and UDP?", "",
	    "TCP vs UDP", "TCP vs UDP", false },
	{ "capital of mongolia and how many people live there",
	    "Ulaanbaatar; 1.6 million people.",
	    "Capital of Mongolia and Population",
	    "Capital of Mongolia and Population", false },
	{ "tell me about it", "The printing press changed Europe.",
	    "The Printing Press in Europe", "The Printing Press in Europe", false },
	{ "如何学习弹吉他？", "首先", "学习弹吉他", "学习弹吉他", false },
	{ "ما هي عاصمة مصر؟", "القاهرة", "عاصمة مصر", "عاصمة مصر", false },
	{ "Rédige un email pour annuler mon abonnement à la salle", "",
	    "Annuler Abonnement à la Salle", "Annuler Abonnement à la Salle", false },
	/* the same again */
	{ "Solve 3x + 7 = 22", "x = 5", "solve 3x + 7 = 22.", NULL, false },
	{ "hello", "Hello!", "Hello", NULL, false },
	/* an answer, an excuse, a word to the person */
	{ "Can you help me negotiate a higher salary?", "",
	    "I'm here to help you negotiate a higher salary", NULL, false },
	{ "Is ibuprofen safe?", "", "The answer is that ibuprofen is safe",
	    NULL, false },
	{ "Is ibuprofen safe?", "", "Sorry, ibuprofen is not safe", NULL, false },
	{ "Write a poem about the sea", "The sea is grey",
	    "The sea is grey\nand the poem is short", NULL, false },
	{ "Is ibuprofen safe?", "", "Message: Is ibuprofen safe?", NULL, false },
	/* one of the examples, something made up, another language */
	{ "ما هي عاصمة مصر؟", "القاهرة", "How Vaccines Work", NULL, false },
	{ "Message my team at work", "", "How Vaccines Work", NULL, false },
	{ "Give me five names", "Luna", "Golden Horn and Golden Mean", NULL, false },
	{ "Where is the train station in Japanese?", "駅はどこですか",
	    "日本での駅の位置", NULL, false },
	/* too much, too little, not text */
	{ "cats and dogs", "", "On", NULL, false },
	{ "cats and dogs", "", "", NULL, false },
	{ "cats and dogs", "", "\"\"", NULL, false },
	{ "cats and dogs", "", "Cats and dogs and cats and dogs and cats and "
	    "dogs and cats", NULL, false },
	{ "cats and dogs", "", "# Cats\n# Dogs", NULL, false },
	{ "cats and dogs", "", "Cats and \xef\xbf\xbd dogs", NULL, false },
	{ "cats and dogs", "", "Cats and dogs:", NULL, false },
	{ "cats and dogs", "", "`cats` and | dogs", NULL, false },
	/* of a small model */
	{ "Rédige un email pour annuler mon abonnement à la salle de sport",
	    "", "Un Email à l'Abliquement à la Salle de Sport", NULL, true },
	{ "Rédige un email pour annuler mon abonnement à la salle de sport",
	    "", "Email à la Salle de Sport", "Email à la Salle de Sport",
	    true },
};

/* Would catch a check that lets a small model's slips into the list, or that
 * throws good titles away. */
static void
replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct convo *c = talk(cases[i].question, cases[i].answer);
		char *title = title_from_reply(cases[i].reply, c,
		    cases[i].strict);

		if (!title != !cases[i].title ||
		    (title && strcmp(title, cases[i].title) != 0))
			fail_msg("\"%s\" became \"%s\", not \"%s\"",
			    cases[i].reply, title ? title : "(none)",
			    cases[i].title ? cases[i].title : "(none)");
		free(title);
		convo_free(c);
	}
}

/* Would catch a long message that is read whole, a character cut in two, and a
 * prompt whose beginning is not the same for all. */
static void
questions(void **state)
{
	struct buf b = { 0 };
	struct chat_msg *v, *w;
	struct convo *c, *d = talk("Short", "");
	size_t n, m;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_puts(&b, "é\n\n");
	c = talk(b.data, "");
	n = title_messages(c, &v);
	m = title_messages(d, &w);
	assert_true(n == m && n % 2 == 0 && n > 2);
	assert_true(strlen(v[n - 1].text) < 350);
	assert_null(strchr(strstr(v[n - 1].text, "Message"), '\t'));
	assert_non_null(strstr(v[n - 1].text, "é é"));
	assert_non_null(strstr(w[n - 1].text, "Message: Short\n"));
	for (size_t i = 0; i + 1 < n; i++)
		assert_string_equal(v[i].text, w[i].text);
	chat_msgs_free(v, n);
	chat_msgs_free(w, m);
	convo_free(c);
	convo_free(d);
	buf_free(&b);
	c = convo_new_as("20261124-053122-7f3a", 1);
	assert_int_equal(title_messages(c, &v), 0);
	assert_null(title_from_reply("Cats", c, false));
	convo_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies),
		cmocka_unit_test(questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
