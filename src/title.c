/* title.c -- asking for a title, by examples: small models go by these much
 * better than by what they are told (see docs/labels.md). */
#include "title.h"

#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "utf8.h"

#define SEEN_BYTES 300		/* of the message that it is about */

static const char system_text[] = "You write short titles, of three to six "
    "words, in the language of the message.";
static const struct {
	const char *message, *title;
} examples[] = {
	{ "How long should I boil eggs so that they are soft?",
	    "Boiling Soft Eggs" },
	{ "my wifi drops every few minutes on ubuntu, what can I try",
	    "Fixing Dropped Wifi on Ubuntu" },
	{ "Write a birthday message for my grandmother who turns 80",
	    "Birthday Message for Grandmother" },
	{ "Explain how vaccines work", "How Vaccines Work" },
	{ "Comment faire une tarte aux pommes sans gluten ?",
	    "Tarte aux pommes sans gluten" },
	{ "كيف أتعلم السباحة بسرعة؟", "تعلم السباحة بسرعة" },
	{ "北京有什么好玩的地方？", "北京好玩的地方" },
};
#define N_EXAMPLES (sizeof(examples) / sizeof(examples[0]))

/* The beginning of it, in one line. */
static char *
question(const char *text, size_t n)
{
	struct buf b = { 0 };

	if (n > SEEN_BYTES) {
		n = SEEN_BYTES;
		n -= utf8_tail(text, n);
	}
	buf_puts(&b, "Message: ");
	for (size_t i = 0; i < n; i++) {
		bool blank = (unsigned char)text[i] <= ' ';

		if (!blank)
			buf_addc(&b, text[i]);
		else if (b.data[b.len - 1] != ' ')
			buf_addc(&b, ' ');
	}
	buf_puts(&b, "\n\nTitle?");
	return buf_take(&b);
}

static void
put(struct chat_msg *v, size_t *n, enum role role, char *text)
{
	v[(*n)++] = (struct chat_msg){ role, text };
}

size_t
title_messages(const struct convo *c, struct chat_msg **out)
{
	const struct turn *t = convo_first_user(c);
	struct chat_msg *v;
	size_t n = 0;

	*out = NULL;
	if (!t)
		return 0;
	v = xcalloc(2 * N_EXAMPLES + 2, sizeof(*v));
	put(v, &n, ROLE_SYSTEM, xstrdup(system_text));
	for (size_t i = 0; i < N_EXAMPLES; i++) {
		put(v, &n, ROLE_USER, question(examples[i].message,
		    strlen(examples[i].message)));
		put(v, &n, ROLE_ASSISTANT, xstrdup(examples[i].title));
	}
	put(v, &n, ROLE_USER, question(t->text.data, t->text.len));
	*out = v;
	return n;
}
