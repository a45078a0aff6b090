/* t_proto.c -- messages to lines and back. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc.h"
#include "proto.h"

static int
parse(struct msg *m, const char *line, struct err *err)
{
	return msg_parse(m, line, strlen(line), err);
}

/* Format, parse, format again: both lines must be the same, and one line. */
static void
round_trip(const struct msg *m, struct msg *back)
{
	struct buf a = { 0 }, b = { 0 };
	struct err err;

	msg_format(m, &a);
	assert_true(a.len > 0 && a.data[a.len - 1] == '\n');
	assert_ptr_equal(memchr(a.data, '\n', a.len), a.data + a.len - 1);
	if (msg_parse(back, a.data, a.len - 1, &err) < 0)
		fail_msg("%s: %s", a.data, err.text);
	assert_int_equal(back->type, m->type);
	msg_format(back, &b);
	assert_string_equal(a.data, b.data);
	buf_free(&a);
	buf_free(&b);
}

/* Catches a field left out on either way, of any message. */
static void
each_message_round_trips(void **state)
{
	struct adapter lora[] = { { (char *)"/a.gguf", 0.5f },
		{ (char *)"/b.gguf", -1 } };
	char *notes[] = { (char *)"First.", (char *)"Second." };
	int ends[] = { 0, 7, INT_MAX }, ids[] = { 0, 49151, 7 };
	const struct msg all[] = {
		{ .type = MSG_HELLO, .u.hello = { 1, (char *)"x" } },
		{ .type = MSG_LOAD, .u.load = { (char *)"/m.gguf", 512, 2,
			KV_Q8_0, lora, 2, (char *)"chatml",
			(char *)"/kv", 300 } },
		{ .type = MSG_FORGET, .u.forget = { (char *)"20261124-1" } },
		{ .type = MSG_CANCEL, .u.cancel = { 7 } },
		{ .type = MSG_ANSWER_NOW, .u.answer_now = { 7 } },
		{ .type = MSG_STEER, .u.steer = { 7, (char *)" No. " } },
		{ .type = MSG_LIMITS, .u.limits = { 12.5e9, 6000000000, 4096,
			2 } },
		{ .type = MSG_MEASURED, .u.measured = { 7, 30, 20, ends, 3,
			2048 } },
		{ .type = MSG_LOOPING, .u.looping = { 7, 4 } },
		{ .type = MSG_QUIT },
		{ .type = MSG_PROGRESS, .u.progress = { PROGRESS_READ, 3, 5,
			9000000000 } },
		{ .type = MSG_LOADED, .u.loaded = { (char *)"n", (char *)"a",
			(char *)"f", 2048, 98000000,
			THINKER_GUIDED, (char *)"avx2", (char *)"w 1", notes, 2 } },
		{ .type = MSG_DELTA, .u.delta = { 1, CHANNEL_ANSWER,
			(char *)"\"\\\n\t\001\x7f\xe2\x82\xac", ids, 3 } },
		{ .type = MSG_DONE, .u.done = { 1, DONE_CONTEXT, 1, 2, 3, 4,
			5, 0.5, 1.25, 1e3, UINT64_MAX,
			(char *)"sha256:0", ids, 2 } },
		{ .type = MSG_ERROR, .u.error = { 0, (char *)"why" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct msg back;

		round_trip(&all[i], &back);
		if (back.type == MSG_DONE)
			assert_true(back.u.done.seed == UINT64_MAX);
		if (back.type == MSG_DONE)
			assert_string_equal(back.u.done.digest, "sha256:0");
		if (back.type == MSG_DELTA)
			assert_string_equal(back.u.delta.text,
			    all[i].u.delta.text);
		if (back.type == MSG_LOAD) {
			assert_int_equal(back.u.load.n_lora, 2);
			assert_true(back.u.load.lora[1].scale == -1);
			assert_string_equal(back.u.load.snapshots, "/kv");
			assert_int_equal(back.u.load.snapshot_mib, 300);
		}
		if (back.type == MSG_FORGET)
			assert_string_equal(back.u.forget.keep, "20261124-1");
		if (back.type == MSG_MEASURED)
			assert_memory_equal(back.u.measured.ends, ends,
			    sizeof ends);
		if (back.type == MSG_LIMITS)
			assert_true(back.u.limits.decode_bytes == 6000000000);
		if (back.type == MSG_LOADED)
			assert_string_equal(back.u.loaded.notes[1], notes[1]);
		msg_free(&back);
	}
}

/* Catches sampling, roles or texts that change on their way. */
static void
generate_round_trips(void **state)
{
	struct chat_msg texts[] = {
		{ ROLE_SYSTEM, (char *)"be kind" },
		{ ROLE_USER, (char *)"<|im_end|> \xf0\x9f\x98\x80" },
		{ ROLE_ASSISTANT, (char *)"" },
	};
	struct msg m = { .type = MSG_GENERATE, .u.generate = {
		.id = INT64_MAX, .messages = texts, .n_messages = 3,
		.sampling = { 0.7f, 40, 0.95f, 0.05f, 1.1f, 64, 123, 9 },
		.thinking = THINKING_ON, .budget = 50, .budget_ms = 900,
		.slot = PROTO_SLOTS - 1, .thought = (char *)"Hm.",
		.thought_open = true, .keep = (char *)"a_B-9" } };
	struct msg back;
	struct msg_generate *g = &back.u.generate;

	(void)state;
	round_trip(&m, &back);
	assert_true(g->id == INT64_MAX);
	assert_int_equal(g->n_messages, 3);
	assert_int_equal(g->messages[2].role, ROLE_ASSISTANT);
	assert_string_equal(g->messages[1].text, texts[1].text);
	/* all but the padding behind the last member */
	assert_memory_equal(&g->sampling, &m.u.generate.sampling,
	    offsetof(struct sampling, max_tokens) + sizeof(int));
	assert_int_equal(g->thinking, THINKING_ON);
	assert_int_equal(g->budget, 50);
	assert_int_equal(g->budget_ms, 900);
	assert_int_equal(g->slot, PROTO_SLOTS - 1);
	assert_string_equal(g->thought, "Hm.");
	assert_true(g->thought_open);
	assert_string_equal(g->keep, "a_B-9");
	msg_free(&back);
}

/* Catches a measure of something else than the generate it asks about, and
 * one that carries what it does not depend on. */
static void
measure_round_trips(void **state)
{
	struct chat_msg text = { ROLE_ASSISTANT, (char *)"" };
	struct msg m = { .type = MSG_MEASURE, .u.measure = { .id = 3,
		.slot = 1, .messages = &text, .n_messages = 1,
		.sampling = sampling_default(), .thinking = THINKING_OFF,
		.thought = (char *)"a", .budget = 9 } };
	struct msg back;

	(void)state;
	round_trip(&m, &back);
	assert_int_equal(back.u.measure.slot, 1);
	assert_int_equal(back.u.measure.n_messages, 1);
	assert_int_equal(back.u.measure.thinking, THINKING_OFF);
	assert_string_equal(back.u.measure.thought, "a");
	assert_false(back.u.measure.thought_open);
	assert_int_equal(back.u.measure.budget, 0);
	msg_free(&back);
}

/* Catches defaults that are not given to what was left out, and unknown keys
 * (of a later version) being refused. */
static void
optional_fields(void **state)
{
	struct sampling d = sampling_default();
	struct msg m;
	struct err err;

	(void)state;
	assert_int_equal(parse(&m, "{\"type\":\"generate\",\"id\":1,\"new\":{},"
	    "\"messages\":[{\"role\":\"user\",\"text\":\"hi\"}],"
	    "\"sampling\":{\"temperature\":0}}", &err), 0);
	assert_true(m.u.generate.sampling.temperature == 0);
	assert_int_equal(m.u.generate.sampling.top_k, d.top_k);
	assert_int_equal(m.u.generate.thinking, THINKING_AUTO);
	assert_int_equal(m.u.generate.slot, 0);
	assert_null(m.u.generate.thought);
	msg_free(&m);
	assert_int_equal(parse(&m, "{\"type\":\"limits\"}", &err), 0);
	assert_true(m.u.limits.read_bytes_s == 0);
	msg_free(&m);
	assert_int_equal(parse(&m, "{\"type\":\"load\",\"model\":\"m\"}",
	    &err), 0);
	assert_int_equal(m.u.load.context, 0);
	assert_int_equal(m.u.load.kv, KV_F16);
	assert_int_equal(m.u.load.n_lora, 0);
	assert_null(m.u.load.chat_format);
	msg_free(&m);
	assert_int_equal(parse(&m, "{\"type\":\"load\",\"model\":\"m\","
	    "\"lora\":[{\"path\":\"a\"}]}", &err), 0);
	assert_true(m.u.load.lora[0].scale == 1);
	msg_free(&m);
}

/* Catches the automatic temperature travelling as a number that means
 * something else to another program. */
static void
automatic_temperature_is_left_out(void **state)
{
	struct chat_msg text = { ROLE_USER, (char *)"hi" };
	struct msg m = { .type = MSG_GENERATE, .u.generate = { .id = 1,
		.messages = &text, .n_messages = 1,
		.sampling = sampling_default() } };
	struct msg back;
	struct buf line = { 0 };

	(void)state;
	msg_format(&m, &line);
	assert_null(strstr(line.data, "temperature"));
	buf_free(&line);
	round_trip(&m, &back);
	assert_true(back.u.generate.sampling.temperature == TEMPERATURE_AUTO);
	msg_free(&back);
}

/* Catches lists from outside that are taken at any length. */
static void
long_lists_are_refused(void **state)
{
	struct buf line = { 0 };
	struct err err = { "" };
	struct msg m;

	(void)state;
	buf_puts(&line, "{\"type\":\"load\",\"model\":\"m\",\"lora\":[");
	for (int i = 0; i <= ADAPTERS_MAX; i++)
		buf_printf(&line, "%s{\"path\":\"a\"}", i ? "," : "");
	buf_puts(&line, "]}");
	assert_int_equal(parse(&m, line.data, &err), -1);
	assert_non_null(strstr(err.text, "16"));
	buf_clear(&line);
	buf_puts(&line, "{\"type\":\"loaded\",\"name\":\"\",\"arch\":\"\","
	    "\"format\":\"\",\"context\":1,\"bytes\":1,"
	    "\"thinker\":\"native\",\"cpu\":\"\",\"notes\":[");
	for (int i = 0; i <= NOTES_MAX; i++)
		buf_printf(&line, "%s\"a\"", i ? "," : "");
	buf_puts(&line, "]}");
	assert_int_equal(parse(&m, line.data, &err), -1);
	assert_non_null(strstr(err.text, "notes"));
	buf_free(&line);
}

/* Catches input from outside that is let in, crashes, or leaks (with ASan). */
static void
bad_lines_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "x", "[]", "3", "null", "{", "{}", "{\"type\":3}",
		"{\"type\":\"\"}", "{\"type\":\"nonsense\"}",
		"{\"type\":\"hello\"}",
		"{\"type\":\"hello\",\"version\":\"1\"}",
		"{\"type\":\"hello\",\"version\":99999999999}",
		"{\"type\":\"hello\",\"version\":1,\"program\":3}",
		"{\"type\":\"hello\",\"version\":1,\"version\":2}",
		"{\"type\":\"load\"}",
		"{\"type\":\"load\",\"model\":null}",
		"{\"type\":\"load\",\"model\":\"a\\u0000b\"}",
		"{\"type\":\"load\",\"model\":\"m\",\"threads\":-1}",
		"{\"type\":\"load\",\"model\":\"m\",\"context\":1.5}",
		"{\"type\":\"load\",\"model\":\"\xff\"}",
		"{\"type\":\"load\",\"model\":\"m\",\"kv\":\"q4_0\"}",
		"{\"type\":\"load\",\"model\":\"m\",\"kv\":2}",
		"{\"type\":\"load\",\"model\":\"m\",\"lora\":\"a\"}",
		"{\"type\":\"load\",\"model\":\"m\",\"lora\":[\"a\"]}",
		"{\"type\":\"load\",\"model\":\"m\",\"lora\":[{}]}",
		"{\"type\":\"load\",\"model\":\"m\","
		    "\"lora\":[{\"path\":\"\"}]}",
		"{\"type\":\"load\",\"model\":\"m\","
		    "\"lora\":[{\"path\":\"a\"},{\"path\":3}]}",
		"{\"type\":\"load\",\"model\":\"m\","
		    "\"lora\":[{\"path\":\"a\",\"scale\":\"1\"}]}",
		"{\"type\":\"load\",\"model\":\"m\","
		    "\"lora\":[{\"path\":\"a\",\"scale\":1e9}]}",
		"{\"type\":\"load\",\"model\":\"m\",\"chat_format\":1}",
		"{\"type\":\"loaded\",\"name\":\"\",\"arch\":\"\","
		    "\"format\":\"\",\"context\":1,\"bytes\":1,"
		    "\"thinker\":\"native\",\"cpu\":\"\","
		    "\"notes\":[\"a\",1]}",
		"{\"type\":\"cancel\",\"id\":-1}",
		"{\"type\":\"generate\",\"id\":1}",
		"{\"type\":\"generate\",\"id\":1,\"messages\":[]}",
		"{\"type\":\"generate\",\"id\":1,\"messages\":{}}",
		"{\"type\":\"generate\",\"id\":1,\"messages\":[1]}",
		"{\"type\":\"generate\",\"id\":1,\"messages\":"
		    "[{\"role\":\"user\"}]}",
		"{\"type\":\"generate\",\"id\":1,\"messages\":"
		    "[{\"role\":\"user\",\"text\":\"a\"},"
		    "{\"role\":\"god\",\"text\":\"a\"}]}",
		"{\"type\":\"generate\",\"id\":0,\"messages\":"
		    "[{\"role\":\"user\",\"text\":\"a\"}]}",
		"{\"type\":\"generate\",\"id\":1,\"messages\":"
		    "[{\"role\":\"user\",\"text\":\"a\"}],\"sampling\":3}",
		"{\"type\":\"generate\",\"id\":1,\"messages\":"
		    "[{\"role\":\"user\",\"text\":\"a\"}],"
		    "\"sampling\":{\"top_p\":7}}",
		"{\"type\":\"generate\",\"id\":1,\"messages\":"
		    "[{\"role\":\"user\",\"text\":\"a\"}],"
		    "\"sampling\":{\"temperature\":-1}}",
		"{\"type\":\"generate\",\"id\":1,\"messages\":"
		    "[{\"role\":\"user\",\"text\":\"a\"}],"
		    "\"sampling\":{\"seed\":\"-1\"}}",
		"{\"type\":\"generate\",\"id\":1,\"slot\":4,\"messages\":"
		    "[{\"role\":\"user\",\"text\":\"a\"}]}",
		"{\"type\":\"generate\",\"id\":1,\"thought_open\":1,"
		    "\"messages\":[{\"role\":\"user\",\"text\":\"a\"}]}",
		"{\"type\":\"generate\",\"id\":1,\"thought\":[],"
		    "\"messages\":[{\"role\":\"user\",\"text\":\"a\"}]}",
		"{\"type\":\"generate\",\"id\":1,\"keep\":\"../x\","
		    "\"messages\":[{\"role\":\"user\",\"text\":\"a\"}]}",
		"{\"type\":\"forget\",\"keep\":\"a/b\"}",
		"{\"type\":\"forget\"}",
		"{\"type\":\"load\",\"model\":\"m\",\"snapshot_mib\":-1}",
		"{\"type\":\"measure\",\"id\":0,\"messages\":"
		    "[{\"role\":\"user\",\"text\":\"a\"}]}",
		"{\"type\":\"measure\",\"id\":1,\"slot\":9,\"messages\":"
		    "[{\"role\":\"user\",\"text\":\"a\"}]}",
		"{\"type\":\"steer\",\"id\":1}",
		"{\"type\":\"answer_now\"}",
		"{\"type\":\"looping\",\"id\":1,\"period\":-4}",
		"{\"type\":\"limits\",\"threads\":\"all\"}",
		"{\"type\":\"measured\",\"id\":1,\"tokens\":1,\"cached\":0,"
		    "\"ends\":[1,-1],\"context\":9}",
		"{\"type\":\"measured\",\"id\":1,\"tokens\":1,\"cached\":0,"
		    "\"ends\":1,\"context\":9}",
		"{\"type\":\"delta\",\"id\":1,\"channel\":\"both\","
		    "\"text\":\"\"}",
		"{\"type\":\"quit\"} {\"type\":\"quit\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct err err = { "" };
		struct msg m;

		if (parse(&m, bad[i], &err) == 0)
			fail_msg("accepted: %s", bad[i]);
		assert_true(strlen(err.text) > 0);
	}
}

/* Catches a parser that recurses on nesting from outside. */
static void
deep_nesting(void **state)
{
	size_t n = 1 << 20;
	char *s = xmalloc(n);
	struct msg m;
	struct err err;

	(void)state;
	memset(s, '[', n);
	assert_int_equal(msg_parse(&m, s, n, &err), -1);
	free(s);
}

/* Catches a line that the other side could not read because a text (say, the
 * name of a file) was not UTF-8. */
static void
bad_utf8_is_scrubbed_on_the_way_out(void **state)
{
	struct msg m = { .type = MSG_ERROR, .u.error = { 0,
		(char *)"a\xff" "b" } };
	struct msg back;

	(void)state;
	round_trip(&m, &back);
	assert_string_equal(back.u.error.text, "a\xef\xbf\xbd" "b");
	msg_free(&back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_round_trips),
		cmocka_unit_test(generate_round_trips),
		cmocka_unit_test(measure_round_trips),
		cmocka_unit_test(optional_fields),
		cmocka_unit_test(bad_lines_are_refused),
		cmocka_unit_test(automatic_temperature_is_left_out),
		cmocka_unit_test(long_lists_are_refused),
		cmocka_unit_test(deep_nesting),
		cmocka_unit_test(bad_utf8_is_scrubbed_on_the_way_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
