/* t_export.c -- what becomes of texts in the formats for reading, and of the
 * branches that are copied or compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "branch_diff.h"
#include "export.h"
#include "fork.h"
#include "html_body.h"

static void
assert_html(const char *md, const char *html)
{
	struct buf b = { 0 };

	html_body(&b, md, strlen(md));
	assert_string_equal(b.len ? b.data : "", html);
	buf_free(&b);
}

/* Would catch HTML of an answer that becomes HTML of the page. */
static void
test_html_is_text(void **state)
{
	(void)state;
	assert_html("a <b>", "<p dir=\"auto\">a &lt;b&gt;</p>\n");
	assert_html("<script>\nx\n</script>",
	    "<p dir=\"auto\">&lt;script&gt;\nx\n&lt;/script&gt;</p>\n");
	assert_html("&lt;i&gt; &#60;i>",
	    "<p dir=\"auto\">&lt;i&gt; &lt;i&gt;</p>\n");
	assert_html("", "");
}

/* Would catch addresses that run something, or that are fetched. */
static void
test_links_and_images(void **state)
{
	(void)state;
	assert_html("[x](http://a.b/?c&d \"t\")",
	    "<p dir=\"auto\"><a rel=\"noopener noreferrer\" "
	    "href=\"http://a.b/?c&amp;d\">x</a></p>\n");
	assert_html("[x](javascript:1)", "<p dir=\"auto\"><a>x</a></p>\n");
	assert_html("[x](&#74;avascript&colon;1)",
	    "<p dir=\"auto\"><a>x</a></p>\n");
	assert_html("[x](/etc/passwd) <ftp://a>",
	    "<p dir=\"auto\"><a>x</a> <a>ftp://a</a></p>\n");
	assert_html("![a\"b](http://x/y.png)",
	    "<p dir=\"auto\"><span class=\"image\">[Image: a&quot;b] "
	    "http://x/y.png</span></p>\n");
}

/* Would catch code without its language, and code that is mirrored. */
static void
test_code(void **state)
{
	(void)state;
	assert_html("```c\na<b\n```",
	    "<div class=\"code\"><div class=\"lang\">c</div>"
	    "<pre dir=\"ltr\"><code class=\"language-c\">a&lt;b\n"
	    "</code></pre></div>\n");
	assert_html("    x", "<div class=\"code\"><pre dir=\"ltr\"><code>x\n"
	    "</code></pre></div>\n");
}

/* Would catch a name that an ending does not stand for. */
static void
test_names_of_formats(void **state)
{
	enum export_format f = EXPORT_MD;

	(void)state;
	assert_int_equal(export_format_of("a/b.HTML", &f), 0);
	assert_int_equal(f, EXPORT_HTML);
	assert_int_equal(export_format_of("a.b/c", &f), -1);
	assert_int_equal(export_format_of("c.doc", &f), -1);
	assert_int_equal(export_format_parse("txt", &f), 0);
	assert_int_equal(f, EXPORT_TEXT);
	assert_int_equal(export_format_parse("chatgpt", &f), 0);
	assert_int_equal(f, EXPORT_CHATGPT);
	assert_int_equal(export_format_parse("json", &f), 0);
	assert_int_equal(f, EXPORT_JSON);
}

/* Would catch a name of a file that leaves its folder or steers a terminal. */
static void
test_names_of_files(void **state)
{
	struct convo *c = convo_new_as("id", 0);
	char *name;

	(void)state;
	convo_set_title(c, "../a:\"b\" \xE2\x80\xAE" "c مرحبا . ");
	name = export_file_name(c, EXPORT_HTML);
	assert_string_equal(name, "id ..-a--b- -c مرحبا.html");
	free(name);
	convo_set_title(c, "");
	name = export_file_name(c, EXPORT_TEXT);
	assert_string_equal(name, "id.txt");
	free(name);
	convo_free(c);
}

static struct turn *
say(struct convo *c, int parent, enum role role, const char *text)
{
	struct turn *t;

	c->head = parent;
	t = convo_add(c, role, 1000);
	buf_puts(&t->text, text);
	t->end = DONE_STOP;
	return t;
}

/* 1 - 2 - 3 - 4, 1 - 5 - 6, and 7, which was removed. */
static struct convo *
tree(void)
{
	struct convo *c = convo_new_as("id", 0);

	say(c, 0, ROLE_USER, "q");
	say(c, 1, ROLE_ASSISTANT, "a red apple");
	say(c, 2, ROLE_USER, "more");
	say(c, 3, ROLE_ASSISTANT, "and a pear");
	say(c, 1, ROLE_ASSISTANT, "a green apple");
	say(c, 5, ROLE_USER, "why");
	say(c, 6, ROLE_ASSISTANT, "gone")->removed = true;
	c->head = 6;
	return c;
}

/* Would catch ids of the old conversation in the new one. */
static void
test_fork_counts_anew(void **state)
{
	struct convo *c = tree(), *f;
	struct turn *t = convo_turn(c, 6);

	(void)state;
	t->left_out = calloc(3, sizeof(int));
	t->left_out[0] = 1;
	t->left_out[1] = 4;
	t->left_out[2] = 5;
	t->n_left_out = 3;
	f = fork_at(c, NULL, 5000);
	assert_int_equal(f->n, 3);
	assert_int_equal(f->head, 3);
	assert_int_equal(f->turns[2]->parent, 2);
	assert_string_equal(f->turns[1]->text.data, "a green apple");
	assert_int_equal(f->turns[2]->n_left_out, 2);
	assert_int_equal(f->turns[2]->left_out[0], 1);
	assert_int_equal(f->turns[2]->left_out[1], 2);
	assert_string_equal(f->origin, "fork:id/6");
	assert_int_equal(f->turns[1]->t_start, 1000);
	convo_free(f);
	convo_free(c);
}

static void
note(enum diff_kind kind, const char *s, size_t n, void *ud)
{
	struct buf *b = ud;

	buf_addc(b, "=-+"[kind]);
	buf_add(b, s, n);
}

/* Would catch branches compared from the wrong turn on. */
static void
test_branches(void **state)
{
	struct convo *c = tree();
	struct turn **ends;
	struct branch_pair *v;
	struct buf b = { 0 };
	size_t shared;

	(void)state;
	assert_int_equal(branch_ends(c, &ends), 2);
	assert_int_equal(ends[0]->id, 4);
	assert_int_equal(ends[1]->id, 6);
	assert_int_equal(branch_pairs(c, ends[0], ends[1], &v, &shared), 3);
	assert_int_equal(shared, 1);
	assert_int_equal(v[0].a->id, 2);
	assert_int_equal(v[0].b->id, 5);
	assert_int_equal(v[2].a->id, 4);
	assert_null(v[2].b);
	branch_compare(&v[0], CHANNEL_ANSWER, note, &b);
	assert_string_equal(b.data, "=a -red+green= apple");
	buf_clear(&b);
	branch_compare(&v[2], CHANNEL_ANSWER, note, &b);
	assert_string_equal(b.data, "-and a pear");
	buf_clear(&b);
	branch_name(v[0].a, 6, &b);
	assert_string_equal(b.data, "a red …");
	buf_free(&b);
	free(v);
	free(ends);
	convo_free(c);
}

/* Would catch JSON whose strings steer a terminal, or say something else when
 * they are read. */
static void
test_json_escapes_what_steers(void **state)
{
	struct convo *c = convo_new_as("id", 0);
	struct buf b = { 0 };

	(void)state;
	say(c, 0, ROLE_USER, "a\x1b\x7f\xC2\x9B\xE2\x80\xAE\xF3\xA0\x80\x81"
	    "é");
	export_convo(&b, c, EXPORT_JSON, true);
	assert_non_null(strstr(b.data, "\"a\\u001B\\u007F\\u009B\\u202E"
	    "\\uDB40\\uDC01é\""));
	buf_free(&b);
	convo_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_html_is_text),
		cmocka_unit_test(test_links_and_images),
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_names_of_formats),
		cmocka_unit_test(test_names_of_files),
		cmocka_unit_test(test_fork_counts_anew),
		cmocka_unit_test(test_branches),
		cmocka_unit_test(test_json_escapes_what_steers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
