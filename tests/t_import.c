/* t_import.c -- trees of messages made into turns, files of any kind of bytes,
 * and the file that a conversation is written into. */
#include "saved.h"

#include "copy.h"
#include "export.h"
#include "import.h"
#include "stamp.h"
#include "vault.h"

static char said[65536];	/* "+ID TITLE" and "-WHY", line by line */

static void
told(const struct import_item *item, void *ud)
{
	size_t n = strlen(said);

	(void)ud;
	snprintf(said + n, sizeof(said) - n, "%c%s\n",
	    item->state == IMPORT_DONE ? '+' :
	    item->state == IMPORT_KNOWN ? '=' : '-',
	    item->c ? item->c->title : item->why);
}

static int
import_into(const struct store *s, const char *json, size_t n, char *first)
{
	struct import_opts o = { .store = s, .told = told };
	struct import_total total = { 0 };
	struct convo_info *v;
	struct err err = { "" };
	FILE *f = fmemopen((void *)(uintptr_t)json, n, "r");
	int r, list;

	said[0] = '\0';
	assert_non_null(f);
	r = import_file(f, "x.json", &o, &total, &err);
	fclose(f);
	if (r < 0)
		snprintf(said, sizeof(said), "!%s", err.text);
	if (!first)
		return r;
	list = journal_list(s, &v, &err);
	assert_int_equal(list, 1);
	memcpy(first, v[0].id, sizeof(v[0].id));
	convo_infos_free(v, list);
	return r;
}

static struct convo *
import_one(const char *json)
{
	struct err notice, err;
	char id[32];
	struct convo *c;

	if (import_into(&store, json, strlen(json), id) < 0)
		fail_msg("%s", said);
	c = journal_read(&store, id, &notice, &err);
	assert_non_null(c);
	assert_string_equal(notice.text, "");
	return c;
}

static void
assert_turn(const struct convo *c, int id, int parent, enum role role,
    const char *text, const char *thinking)
{
	const struct turn *t = convo_turn(c, id);

	assert_non_null(t);
	assert_int_equal(t->parent, parent);
	assert_int_equal(t->role, role);
	assert_string_equal(t->text.len ? t->text.data : "", text);
	assert_string_equal(t->thinking.len ? t->thinking.data : "",
	    thinking);
}

#define NODE(id, up, role, type, rest) "\"" id "\":{\"parent\":" up \
	",\"message\":{\"author\":{\"role\":\"" role "\"},\"content\":" \
	"{\"content_type\":\"" type "\"," rest "}}}"
#define SAYS(id, up, role, text) \
	NODE(id, up, role, "text", "\"parts\":[\"" text "\"]")
#define THINKS(id, up, text) NODE(id, up, "assistant", "thoughts", \
	"\"thoughts\":[{\"summary\":\"\",\"content\":\"" text "\"}]")
#define GPT(head, nodes) "[{\"id\":\"x\",\"title\":\"t\",\"current_node\":\"" \
	head "\",\"mapping\":{" nodes "}}]"

/* Would catch a thought that goes to one of two answers alone, a thought of
 * two parts that loses one, and one without an answer that vanishes. */
static void
test_thoughts_go_to_their_answers(void **state)
{
	struct convo *c = import_one(GPT("b",
	    SAYS("q", "null", "user", "Q") ","
	    THINKS("t", "\"q\"", "hm") "," THINKS("u", "\"t\"", "so") ","
	    SAYS("a", "\"u\"", "assistant", "A") ","
	    SAYS("b", "\"u\"", "assistant", "B") ","
	    THINKS("w", "\"a\"", "lost") ","
	    THINKS("y", "\"b\"", "cut") ","
	    SAYS("z", "\"y\"", "user", "stop")));

	(void)state;
	assert_turn(c, 1, 0, ROLE_USER, "Q", "");
	assert_turn(c, 2, 1, ROLE_ASSISTANT, "A", "hm\n\nso");
	assert_turn(c, 3, 2, ROLE_ASSISTANT, "", "lost");
	assert_turn(c, 4, 1, ROLE_ASSISTANT, "B", "hm\n\nso");
	assert_turn(c, 5, 4, ROLE_ASSISTANT, "", "cut");
	assert_turn(c, 6, 5, ROLE_USER, "stop", "");
	assert_int_equal(c->head, 4);	/* what was shown, not what is new */
	assert_int_equal(convo_turn(c, 3)->end, DONE_CANCEL);
	convo_free(c);
}

/* Would catch a tree of which only parents or only children are known. */
static void
test_either_direction_is_enough(void **state)
{
	struct convo *c = import_one("[{\"id\":\"x\",\"mapping\":{"
	    "\"r\":{\"children\":[\"b\",\"a\"]},"
	    "\"a\":{\"message\":{\"author\":{\"role\":\"user\"},"
	    "\"content\":{\"content_type\":\"text\",\"parts\":[\"A\"]}}},"
	    "\"b\":{\"message\":{\"author\":{\"role\":\"user\"},"
	    "\"content\":{\"content_type\":\"text\",\"parts\":[\"B\"]}}}}}]");

	(void)state;
	assert_turn(c, 1, 0, ROLE_USER, "B", "");
	assert_turn(c, 2, 0, ROLE_USER, "A", "");
	assert_string_equal(c->title, "B");	/* there was none */
	convo_free(c);
}

/* Would catch moments that are an hour or a century away. */
static void
test_stamps(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(stamp_parse("1970-01-01T00:00:01Z"), 1000);
	assert_int_equal(stamp_parse("2025-03-30T04:49:36.505000+08:00"),
	    INT64_C(1743281376505));
	assert_int_equal(stamp_parse("2025-03-29 20:49:36,5"),
	    INT64_C(1743281376500));
	assert_int_equal(stamp_parse("2025-03-29T12:49:36-0800"),
	    INT64_C(1743281376000));
	assert_int_equal(stamp_parse(""), 0);
	assert_int_equal(stamp_parse("2025-03-29"), 0);
	assert_int_equal(stamp_parse("0000-00-00T00:00:00"), 0);
	stamp_put(&b, INT64_C(1743281376505));
	assert_string_equal(b.data, "2025-03-29T20:49:36.505Z");
	buf_clear(&b);
	stamp_put(&b, 0);
	stamp_put(&b, INT64_MAX);
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

/* Would catch a file that is written over, and one that is only half there. */
static void
test_a_copy_takes_a_free_name(void **state)
{
	struct convo *c = convo_new_as(ID, 1000), *back;
	struct err notice, err;
	char command[200];

	(void)state;
	buf_puts(&convo_add(c, ROLE_USER, 1000)->text, "one");
	assert_int_equal(copy_write(&store, c, &err), 0);
	assert_string_equal(c->id, ID);
	buf_puts(&convo_turn(c, 1)->text, " and more");
	assert_int_equal(copy_write(&store, c, &err), 0);
	assert_memory_equal(c->id, ID, strlen(ID) - 4);
	assert_string_not_equal(c->id, ID);
	back = journal_read(&store, ID, &notice, &err);
	assert_turn(back, 1, 0, ROLE_USER, "one", "");
	convo_free(back);
	back = journal_read(&store, c->id, &notice, &err);
	assert_turn(back, 1, 0, ROLE_USER, "one and more", "");
	convo_free(back);
	convo_free(c);
	snprintf(command, sizeof(command), "test $(ls %s | wc -l) = 2", dir);
	assert_int_equal(system(command), 0);
}

/* Would catch a copy that lies in the clear in an encrypted store, and one that
 * is not known there when it comes again. */
static void
test_an_encrypted_store(void **state)
{
	static const struct vault_cost cheap = { 1, 1 << 16 };
	static const char json[] = GPT("a",
	    SAYS("a", "null", "user", "Rosebud"));
	struct err notice, err;
	struct store s = { .dir = dir };
	struct convo *c;
	char id[32], command[200];

	(void)state;
	assert_int_equal(mkdir(dir, 0700), 0);
	s.vault = vault_create(dir, "words", 5, &cheap, &err);
	assert_non_null(s.vault);
	assert_int_equal(import_into(&s, json, strlen(json), id), 0);
	assert_string_equal(said, "+t\n");
	snprintf(command, sizeof(command), "! grep -rqa -e Rosebud -e gpt %s",
	    dir);
	assert_int_equal(system(command), 0);
	c = journal_read(&s, id, &notice, &err);
	assert_non_null(c);
	assert_turn(c, 1, 0, ROLE_USER, "Rosebud", "");
	assert_string_equal(c->origin, "chatgpt:x");
	convo_free(c);
	assert_int_equal(import_into(&s, json, strlen(json), id), 0);
	assert_string_equal(said, "=t\n");
	vault_free(s.vault);
}

static uint32_t
next_random(uint32_t *seed)
{
	return *seed = *seed * 1664525u + 1013904223u;
}

static struct buf
sample(const char *name)
{
	const char *src = getenv("srcdir");
	char file[512], block[4096];
	struct buf b = { 0 };
	size_t n;
	FILE *f;

	snprintf(file, sizeof(file), "%s/tests/exports/%s.json",
	    src ? src : "..", name);
	f = fopen(file, "r");
	if (!f)
		fail_msg("no %s", file);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(&b, block, n);
	fclose(f);
	return b;
}

/* Cut, or with a piece of it elsewhere, or with other bytes in it. */
static void
spoil(struct buf *b, uint32_t *seed)
{
	static const char bytes[] = "{}[]\",:\\u0dnull-9e\x80\xff\n";
	size_t at = next_random(seed) % b->len;
	size_t from = next_random(seed) % b->len;

	switch (next_random(seed) % 4) {
	case 0:
		b->data[at] = bytes[next_random(seed) % sizeof(bytes)];
		break;
	case 1:
		b->len = at + 1;
		break;
	default:	/* ids for others, mostly */
		if (from + 40 < b->len && at + 40 < b->len)
			memmove(b->data + at, b->data + from, 1 +
			    next_random(seed) % 39);
	}
}

/* Would catch a crash, a hang, or a store that cannot be read any more, from
 * any file.  Under sanitizers it says more. */
static void
test_spoiled_files(void **state)
{
	static const char *const names[] = { "chatgpt", "deepseek",
		"openwebui" };
	uint32_t seed = 7;

	(void)state;
	for (int i = 0; i < 600; i++) {
		struct buf b = sample(names[i % 3]);
		struct convo_info *v;
		struct err err;
		int n;

		for (uint32_t k = next_random(&seed) % 4 + 1; k > 0; k--)
			spoil(&b, &seed);
		import_into(&store, b.data, b.len, NULL);
		buf_free(&b);
		n = journal_list(&store, &v, &err);
		assert_true(n >= 0);
		for (int k = 0; k < n; k++) {
			struct err notice;
			struct convo *c = journal_read(&store, v[k].id,
			    &notice, &err);

			assert_non_null(c);
			assert_string_equal(notice.text, "");
			assert_true(c->n > 0);
			convo_free(c);
		}
		convo_infos_free(v, n);
		empty_root(NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EMPTY(test_thoughts_go_to_their_answers),
		IN_EMPTY(test_either_direction_is_enough),
		IN_EMPTY(test_stamps),
		IN_EMPTY(test_a_copy_takes_a_free_name),
		IN_EMPTY(test_an_encrypted_store),
		IN_EMPTY(test_spoiled_files),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
