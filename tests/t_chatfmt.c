/* t_chatfmt.c -- chat formats: recognised, rendered, encoded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chatfmt.h"
#include "tiny_vocab.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define MESSAGES 6

#define S(text) { ROLE_SYSTEM, (char *)(text) }
#define U(text) { ROLE_USER, (char *)(text) }
#define A(text) { ROLE_ASSISTANT, (char *)(text) }

#define USER "<｜User｜>"
#define BOT "<｜Assistant｜>"
#define BOS "<｜begin▁of▁sentence｜>"
#define EOS "<｜end▁of▁sentence｜>"
#define IM(role, text) "<|im_start|>" role "\n" text "<|im_end|>\n"
#define IM_GO "<|im_start|>assistant\n"
#define HEAD(role) "<|start_header_id|>" role "<|end_header_id|>\n\n"
#define EOT "<|eot_id|>"
#define NONE "<think>\n\n</think>\n\n"

/* Short templates with the markers that the models' own have. */
static const char chatml[] = "{% for m in messages %}{{'<|im_start|>' + "
    "m['role'] + '\n' + m['content'] + '<|im_end|>'}}{% endfor %}";
static const char smol[] = "{% if x %}{{ '<|im_start|>system\nYou are "
    "Smol<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + role}}";
static const char qwen25[] = "{{- '<|im_start|>system\\n' }}{{- 'not this' }}"
    "{{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}"
    "{{- '<|im_start|>system\\nYou\\'re Qwen.\\nUse {}.<|im_end|>\\n' }}";
static const char qwen25_own[] = "{{- '<|im_start|>system\\nYou are Qwen, "
    "created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\\n' }}";
static const char qwen3[] = "{{- '<|im_start|>' + message.role + "
    "'\\n<think>\\n' + reasoning_content + '\\n</think>\\n\\n' + content + "
    "'<|im_end|>' }}{{- '<|im_start|>assistant\\n' }}{%- if enable_thinking is "
    "false %}{{- '<think>\\n\\n</think>\\n\\n' }}{% endif %}";
static const char qwen3_open[] = "{% set content = reasoning_content %}"
    "<|im_end|>{{- '<|im_start|>assistant\\n<think>\\n' }}";
static const char qwen3_later[] = "{% set content = reasoning_content %}"
    "<|im_end|>{{- '<|im_start|>assistant\\n' }}{%- if enable_thinking is "
    "false %}{{- '<think>\\n\\n</think>\\n\\n' }}{% else %}{{- '<think>\\n' }}";
static const char qwq[] = "{% set content = message.content.split('</think>')"
    "[-1].lstrip('\\n') %}<|im_end|>{{- '<|im_start|>assistant\\n<think>\\n' }}";
static const char r1[] = "{{bos_token}}{{'" USER "' + c}}{% set content = "
    "content.split('</think>')[-1] %}{{'" BOT "<think>\\n'}}";
static const char r1_bare[] = "{{bos_token}}{{'" USER "' + c}}{% set content = "
    "content.split('</think>')[-1] %}{{'" BOT "'}}";
static const char r1_0528[] = "{% set ns = namespace(is_first_sp=true) %}"
    "{{bos_token}}{{'" USER "' + content + '" BOT "'}}{% set content = "
    "content.split('</think>')[-1] %}";
static const char v31[] = "is_first_sp{{bos_token}}{{'" USER "' + c}}{%- if "
    "ns.is_last_user -%}{{'" BOT "'}}{%- if not thinking is defined -%}"
    "{{'</think>'}}{{'<think>'}}";
static const char v31_pair[] = "is_first_sp{{bos_token}}{{'" USER "' + c}}{{'"
    BOT "'}}{%- if not thinking is defined -%}{{- '<think></think>' }}";
static const char v3[] = "is_first_sp{{bos_token}}{{'" USER "' + c}}{{'" BOT
    "'}}";
static const char v2[] = "{{ bos_token }}{{ 'User: ' + message['content'] + "
    "'\n\n' }}{{ 'Assistant: ' + message['content'] + eos_token }}";
static const char coder[] = "{{bos_token}}{{'### Instruction:\\n' + c + "
    "'\\n'}}{{'### Response:\\n' + c + '\\n<|EOT|>\\n'}}";
static const char llama3[] = "{{ bos_token }}{{ '<|start_header_id|>' + role + "
    "'<|end_header_id|>\n\n' + content | trim + '<|eot_id|>' }}";
static const char llama31[] = "{{ bos_token }}{%- set date_string = \"1 May "
    "2024\" %}{{- \"<|start_header_id|>system\" }}{{- \"Cutting Knowledge "
    "Date: December 2023\\n\" }}{{ content|trim + '<|eot_id|>' }}";
static const char llama32[] = "{{ bos_token }}{%- set date_string = "
    "strftime_now(\"%d %b %Y\") %}{{- \"<|start_header_id|>system\" }}{{- "
    "\"Cutting Knowledge Date: December 2023\\n\" }}{{ content|trim + "
    "'<|eot_id|>' }}";
static const char llama2[] = "{{ bos_token + '[INST] ' + content.strip() + "
    "' [/INST]' }}<<SYS>>{{ eos_token }}";
static const char mistral[] = "{{ bos_token }}{{ '[INST] ' + m['content'] + "
    "' [/INST]' }}{{ m['content'] + eos_token }}";
static const char nemo[] = "{{- bos_token }}{{- \"[INST]\" + system_message + "
    "\"\\n\\n\" + m + \"[/INST]\" }}{{- m + eos_token }}";
static const char gemma[] = "{{ bos_token }}{{ '<start_of_turn>' + role }}"
    "{{ message['content'] | trim }}";
static const char gemma_old[] = "{{ '<start_of_turn>' + role }}{{ m | trim }}";
static const char phi4[] = "{{'<|im_start|>user<|im_sep|>' + m + '<|im_end|>'}}";

static struct chatfmt
detect(const char *tmpl)
{
	struct chatfmt f;

	assert_int_equal(chatfmt_detect(&f, tmpl, strlen(tmpl), NULL, NULL),
	    0);
	return f;
}

/* Catches a family or its way of thinking taken for another, and names that
 * --chat-format does not know. */
static void
test_detect(void **state)
{
	static const struct { const char *tmpl, *name; bool thinks; } t[] = {
		{ chatml, "chatml", false }, { smol, "chatml", false },
		{ qwen25, "chatml", false }, { qwen25_own, "qwen2.5", false },
		{ qwen3, "qwen3", true },
		{ qwen3_open, "qwen3-thinking", true },
		{ qwen3_later, "qwen3-thinking", true },
		{ qwq, "qwq", true }, { r1, "deepseek-r1", true },
		{ r1_bare, "deepseek-r1-bare", true },
		{ r1_0528, "deepseek-r1-bare", true },
		{ v31, "deepseek-v3.1", true },
		{ v31_pair, "deepseek-v3.1-pair", true },
		{ v3, "deepseek-v3", false }, { v2, "deepseek-v2", false },
		{ coder, "deepseek-coder", false },
		{ llama3, "llama3", false }, { llama31, "llama3.1", false },
		{ llama32, "llama3.2", false }, { llama2, "llama2", false },
		{ mistral, "mistral-v1", false },
		{ nemo, "mistral-tekken", false }, { gemma, "gemma", false },
	};
	struct chatfmt f;

	(void)state;
	for (size_t i = 0; i < N(t); i++) {
		f = detect(t[i].tmpl);
		assert_string_equal(f.name, t[i].name);
		assert_int_equal(f.thinker, t[i].thinks ? THINKER_NATIVE :
		    THINKER_GUIDED);
		assert_int_equal(f.think_open != NULL, t[i].thinks);
		assert_null(f.note);
		chatfmt_done(&f);
		assert_int_equal(chatfmt_choose(&f, t[i].name, NULL, 0, NULL,
		    NULL), 0);
		assert_string_equal(f.name, t[i].name);
		chatfmt_done(&f);
	}
}

/* Catches a template that is not known taken for one that is, or the plain
 * format used without a word. */
static void
test_unknown(void **state)
{
	static const char *const t[] = { phi4, "<|im_start|>", "[INST]", "x",
		"<|user|>\n<|end|>" };
	struct chatfmt f;

	(void)state;
	for (size_t i = 0; i < N(t); i++) {
		f = detect(t[i]);
		assert_string_equal(f.name, "plain");
		assert_true(f.unknown);
		assert_non_null(strstr(f.note, "--chat-format"));
		assert_non_null(f.stop);
		chatfmt_done(&f);
	}
	assert_int_equal(chatfmt_detect(&f, NULL, 0, NULL, NULL), 0);
	assert_string_equal(f.name, "plain");
	assert_non_null(strstr(f.note, "base model"));
	chatfmt_done(&f);
	assert_int_equal(chatfmt_detect(&f, "", 0, NULL, NULL), 0);
	assert_true(f.unknown);
	chatfmt_done(&f);
}

/* Catches the default system text missed, cut, or taken from an expression
 * that puts in something else. */
static void
test_default_system(void **state)
{
	struct chatfmt f = detect(smol);

	(void)state;
	assert_string_equal(f.default_system, "You are Smol");
	chatfmt_done(&f);
	f = detect(qwen25);
	assert_string_equal(f.default_system, "You're Qwen.\nUse {}.");
	chatfmt_done(&f);
	f = detect(chatml);
	assert_null(f.default_system);
	chatfmt_done(&f);
	f = detect("'<|im_end|><|im_start|>system\\n");
	assert_null(f.default_system);
	chatfmt_done(&f);
	f = detect("<|im_end|>{% if s %}<|im_start|>system\n{{ s }}<|im_end|>");
	assert_null(f.default_system);
	chatfmt_done(&f);
}

/* ---- the table -------------------------------------------------------- */

struct sample {
	const char *tmpl;
	enum thinking thinking;
	struct chat_msg m[MESSAGES];	/* ends where text is NULL */
	const char *want;
	bool open;			/* the prompt ends in a thought */
};

static void
check(const struct sample *c, const struct render_opts *o)
{
	struct chatfmt f = detect(c->tmpl);
	struct buf b = { 0 };
	struct prompt p;
	size_t n = 0;

	while (n < MESSAGES && c->m[n].text)
		n++;
	if (o != NULL)
		chatfmt_render_as(&f, c->m, n, o, &p);
	else
		chatfmt_render(&f, c->m, n, c->thinking, &p);
	prompt_text(&p, &b);
	assert_string_equal(b.data ? b.data : "", c->want);
	assert_int_equal(p.thinking_open, c->open);
	buf_free(&b);
	prompt_free(&p);
	chatfmt_done(&f);
}

static void
check_all(const struct sample *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(&c[i], NULL);
}

#define AUTO THINKING_AUTO
#define ON THINKING_ON
#define OFF THINKING_OFF

/* Catches wrong scaffolds, and the system text at the wrong place, trimmed
 * where it should not be, or replaced by the file's own. */
static void
test_system(void **state)
{
	static const struct sample t[] = {
		{ smol, AUTO, { U("Hi") }, IM("system", "You are Smol")
		    IM("user", "Hi") IM_GO, false },
		{ smol, OFF, { S("Be brief."), U(" Hi\n") },
		    IM("system", "Be brief.") IM("user", " Hi\n") IM_GO,
		    false },
		{ chatml, AUTO, { U("a"), S("b"), U("c") }, IM("user", "a")
		    IM("system", "b") IM("user", "c") IM_GO, false },
		{ r1, AUTO, { S("Be brief."), U(" Hi\n") }, BOS "Be brief."
		    USER " Hi\n" BOT "<think>\n", true },
		/* the distilled models' takes the last one, V3's all */
		{ r1, AUTO, { S("a"), U("b"), S("c") }, BOS "c" USER "b" BOT
		    "<think>\n", true },
		{ v3, ON, { S("a"), U("b"), S("c") }, BOS "a\n\nc" USER "b"
		    BOT, false },
		{ v3, AUTO, { { ROLE_USER, NULL } }, BOS BOT, false },
		{ v2, AUTO, { S("Be brief."), U("Hi"), A("Yo"), U("x") },
		    BOS "Be brief.\n\nUser: Hi\n\nAssistant: Yo" EOS
		    "User: x\n\nAssistant:", false },
		{ coder, AUTO, { S("s"), U("Hi"), A("Yo"), U("x") }, BOS "s"
		    "### Instruction:\nHi\n### Response:\nYo\n<|EOT|>\n"
		    "### Instruction:\nx\n### Response:\n", false },
		{ llama3, AUTO, { S("Be brief. "), U("\nHi") },
		    "<|begin_of_text|>" HEAD("system") "Be brief." EOT
		    HEAD("user") "Hi" EOT HEAD("assistant"), false },
		/* U+00A0 and U+3000 are trimmed, too, as str.strip() does */
		{ llama3, AUTO, { U("\xc2\xa0 Hi \xe3\x80\x80\n") },
		    "<|begin_of_text|>" HEAD("user") "Hi" EOT
		    HEAD("assistant"), false },
		{ llama2, AUTO, { S("s"), U(" Hi "), A(" Yo "), U("x") },
		    "<s>[INST] <<SYS>>\ns\n<</SYS>>\n\n Hi [/INST] Yo </s>"
		    "<s>[INST] x [/INST]", false },
		{ mistral, AUTO, { S("s"), U("Hi"), A("Yo"), U("x") },
		    "<s>[INST] s\n\nHi [/INST]Yo</s>[INST] x [/INST]", false },
		{ nemo, AUTO, { S("s"), U("Hi"), A("Yo"), U("x") },
		    "<s>[INST]Hi[/INST]Yo</s>[INST]s\n\nx[/INST]", false },
		{ gemma, AUTO, { S(" Be brief."), U(" Hi") }, "<bos>"
		    "<start_of_turn>user\n Be brief.\n\nHi<end_of_turn>\n"
		    "<start_of_turn>model\n", false },
		{ gemma_old, AUTO, { U("Hi") }, "<start_of_turn>user\nHi"
		    "<end_of_turn>\n<start_of_turn>model\n", false },
		{ "?", AUTO, { S("Be brief."), U("Hi"), A("Yo"), U("x\n") },
		    "Be brief.\n\nUser: Hi\n\nAssistant: Yo\n\nUser: x\n\n"
		    "Assistant:", false },
	};

	(void)state;
	check_all(t, N(t));
}

/* Catches a wrong opening or starting state for each way of thinking. */
static void
test_thinking(void **state)
{
	static const struct sample t[] = {
		{ r1, AUTO, { U("Hi") }, BOS USER "Hi" BOT "<think>\n", true },
		{ r1, ON, { U("Hi") }, BOS USER "Hi" BOT "<think>\n", true },
		{ r1, OFF, { U("Hi") }, BOS USER "Hi" BOT NONE, false },
		{ r1_bare, AUTO, { U("Hi") }, BOS USER "Hi" BOT, false },
		{ r1_bare, ON, { U("Hi") }, BOS USER "Hi" BOT "<think>\n",
		    true },
		{ r1_bare, OFF, { U("Hi") }, BOS USER "Hi" BOT NONE, false },
		{ v31, AUTO, { U("Hi") }, BOS USER "Hi" BOT "</think>",
		    false },
		{ v31, ON, { U("Hi"), A("a"), U("b") }, BOS USER "Hi" BOT
		    "</think>a" EOS USER "b" BOT "<think>", true },
		{ v31_pair, OFF, { U("Hi"), A("a"), U("b") }, BOS USER "Hi" BOT
		    "<think></think>a" EOS USER "b" BOT "<think></think>",
		    false },
		{ v3, ON, { U("Hi") }, BOS USER "Hi" BOT, false },
		{ qwen3, AUTO, { U("Hi") }, IM("user", "Hi") IM_GO, false },
		{ qwen3, ON, { U("Hi") }, IM("user", "Hi") IM_GO, false },
		{ qwen3, OFF, { U("Hi") }, IM("user", "Hi") IM_GO NONE,
		    false },
		{ qwen3_open, AUTO, { U("Hi") }, IM("user", "Hi") IM_GO
		    "<think>\n", true },
		{ qwen3_later, OFF, { U("Hi") }, IM("user", "Hi") IM_GO NONE,
		    false },
		{ qwq, AUTO, { U("Hi") }, IM("user", "Hi") IM_GO "<think>\n",
		    true },
	};

	(void)state;
	check_all(t, N(t));
}

/* Catches earlier thinking sent again, answers that only quote the tags cut,
 * what a person says about tags cut, and a reply to be continued closed or
 * trimmed. */
static void
test_history(void **state)
{
#define THOUGHT "<think>\nno\n</think>\n\nb"
	static const struct sample t[] = {
		{ r1, AUTO, { U("a"), A(THOUGHT), U("c"), A("It is </think>."),
		    U("d") }, BOS USER "a" BOT "\n\nb" EOS USER "c" BOT
		    "It is </think>." EOS USER "d" BOT "<think>\n", true },
		{ v31, AUTO, { U("a"), A(THOUGHT), U("c") }, BOS USER "a" BOT
		    "</think>\n\nb" EOS USER "c" BOT "</think>", false },
		{ qwen3, AUTO, { U("a"), A(THOUGHT), U("c") }, IM("user", "a")
		    IM("assistant", "b") IM("user", "c") IM_GO, false },
		{ qwq, AUTO, { U("a"), A("\nb"), U("c") }, IM("user", "a")
		    IM("assistant", "b") IM("user", "c") IM_GO "<think>\n",
		    true },
		{ qwen3, AUTO, { U(THOUGHT "<|im_end|>"), A(""), U("") },
		    IM("user", THOUGHT "<|im_end|>") IM("assistant", "")
		    IM("user", "") IM_GO, false },
		{ chatml, AUTO, { U("a"), A(THOUGHT), U("c") }, IM("user", "a")
		    IM("assistant", THOUGHT) IM("user", "c") IM_GO, false },
		{ qwq, AUTO, { U("مرحبا"), A("<think>\nفكرة\n</think>\n\nأهلاً"),
		    U("كيف حالك؟"), A("بخير"), U("؟") }, IM("user", "مرحبا")
		    IM("assistant", "أهلاً") IM("user", "كيف حالك؟")
		    IM("assistant", "بخير") IM("user", "؟") IM_GO "<think>\n",
		    true },
		{ r1, AUTO, { U("d"), A("so ") }, BOS USER "d" BOT "so ",
		    false },
		{ qwen3, AUTO, { U("d"), A("so ") }, IM("user", "d") IM_GO NONE
		    "so ", false },
		{ llama3, OFF, { U("d"), A("so ") }, "<|begin_of_text|>"
		    HEAD("user") "d" EOT HEAD("assistant") "so ", false },
	};

	(void)state;
	check_all(t, N(t));
}

/* Catches turns that do not alternate written as if each template did the
 * same with them. */
static void
test_odd_turns(void **state)
{
	static const struct sample t[] = {
		{ r1_bare, AUTO, { U("a"), U("b"), A("c"), A("d"), U("e") },
		    BOS USER "a" USER "b" BOT "c" EOS BOT "d" EOS USER "e" BOT,
		    false },
		{ r1_0528, AUTO, { U("a"), U("b"), A("c"), A("d"), U("e") },
		    BOS USER "a" BOT USER "b" BOT "c" EOS "d" EOS USER "e" BOT,
		    false },
		{ r1_0528, AUTO, { U("a"), A("so ") }, BOS USER "a" BOT "so ",
		    false },
		{ v31, AUTO, { U("a"), U("b"), A("c"), A("d"), U("e") },
		    BOS USER "a" USER "b" BOT "</think>c" EOS "d" EOS USER "e"
		    BOT "</think>", false },
		{ gemma, AUTO, { A("a"), U("b") }, "<bos><start_of_turn>model\n"
		    "a<end_of_turn>\n<start_of_turn>user\nb<end_of_turn>\n"
		    "<start_of_turn>model\n", false },
	};

	(void)state;
	check_all(t, N(t));
}

/* Catches Qwen3's switches missed, taken from paths and words, taken from an
 * older text than the newest, or heeded against the option. */
static void
test_soft_switches(void **state)
{
	static const struct { const char *system, *first, *last;
	    enum thinking option; bool off; } t[] = {
		{ "", "a", "b /no_think", AUTO, true },
		{ "", "a", "b /think", AUTO, false },
		{ "", "a /no_think", "b", AUTO, true },
		{ "", "a /no_think", "b /think", AUTO, false },
		{ "/no_think", "a", "b", AUTO, true },
		{ "/no_think", "a", "/think b", AUTO, false },
		{ "", "a", "/think no, /no_think", AUTO, true },
		{ "", "a", "/no_think, or rather /think.", AUTO, false },
		{ "", "a", "b /no_thinking", AUTO, false },
		{ "", "a", "see doc/no_think", AUTO, false },
		{ "", "a", "see /no_think/x", AUTO, false },
		{ "", "a", "b /no_think", ON, false },
		{ "", "a", "b /think", OFF, true },
	};
	struct chatfmt f = detect(qwen3);

	(void)state;
	for (size_t i = 0; i < N(t); i++) {
		const struct chat_msg m[] = { S(t[i].system), U(t[i].first),
			A("x /think"), U(t[i].last) };
		struct buf b = { 0 };
		struct prompt p;

		chatfmt_render(&f, m, 4, t[i].option, &p);
		prompt_text(&p, &b);
		assert_int_equal(strstr(b.data, NONE) != NULL, t[i].off);
		buf_free(&b);
		prompt_free(&p);
	}
	chatfmt_done(&f);
}

/* Catches `render` adding to what the file's template gives: it cuts at any
 * closing tag, knows no switches, and thinks as it likes unless it asks. */
static void
test_literal(void **state)
{
	static const struct render_opts on = { ON, true, NULL, NULL },
	    off = { OFF, true, NULL, NULL }, say = { AUTO, true, NULL, NULL };
	static const struct sample cut = { r1, AUTO, { U("a"),
		A("It is </think>."), U("d") }, BOS USER "a" BOT "." EOS USER
		"d" BOT "<think>\n", true };
	static const struct sample last = { qwen3, AUTO, { U("a"),
		A("x</think>y</think>\nz"), U("d") }, IM("user", "a")
		IM("assistant", "z") IM("user", "d") IM_GO, false };
	static const struct sample first = { v31, AUTO, { U("a"),
		A("x</think>y</think>z"), U("d") }, BOS USER "a" BOT "</think>"
		"y</think>z" EOS USER "d" BOT "</think>", false };
	static const struct sample soft = { qwen3, AUTO, { U("/no_think") },
		IM("user", "/no_think") IM_GO, false };
	static const struct sample no = { qwen3, AUTO, { U("a") },
		IM("user", "a") IM_GO NONE, false };

	(void)state;
	check(&cut, &say);
	check(&cut, &on);
	check(&cut, &off);
	check(&last, &say);
	check(&first, &off);
	check(&soft, &say);
	check(&no, &off);
}

/* Catches the dates of Llama 3.1 and later missing, given twice, or today's
 * where the file says one; and a date that is not this machine's. */
static void
test_dates(void **state)
{
#define DATES(date) "Cutting Knowledge Date: December 2023\nToday Date: " \
	date "\n\n"
	static const struct render_opts o = { AUTO, false, "02 Mar 2031",
	    NULL };
	static const struct sample fixed = { llama31, AUTO, { U("Hi") },
		"<|begin_of_text|>" HEAD("system") DATES("1 May 2024") EOT
		HEAD("user") "Hi" EOT HEAD("assistant"), false };
	static const struct sample given = { llama31, AUTO, { S(" s "), U("a"),
		S("t") }, "<|begin_of_text|>" HEAD("system")
		DATES("1 May 2024") "s" EOT HEAD("user") "a" EOT HEAD("system")
		"t" EOT HEAD("assistant"), false };
	static const struct sample today = { llama32, AUTO, { S("s"), U("Hi") },
		"<|begin_of_text|>" HEAD("system") DATES("02 Mar 2031") "s" EOT
		HEAD("user") "Hi" EOT HEAD("assistant"), false };
	struct chatfmt f = detect(llama32);
	struct buf b = { 0 };
	struct prompt p;
	const char *d;

	(void)state;
	check(&fixed, &o);
	check(&given, &o);
	check(&today, &o);
	chatfmt_render(&f, NULL, 0, AUTO, &p);
	prompt_text(&p, &b);
	d = strstr(b.data, "Today Date: ");
	assert_non_null(d);
	assert_int_equal(strspn(d + 12, "0123456789"), 2);
	assert_memory_equal(d + 18, " 20", 3);
	buf_free(&b);
	prompt_free(&p);
	chatfmt_done(&f);
}

/* ---- vocabularies --------------------------------------------------- */

static const struct tiny_tok toks[] = { { BOS, T_CONTROL },
	{ EOS, T_CONTROL }, { USER, T_USER }, { BOT, T_USER },
	{ "<think>", T_USER }, { "</think>", T_USER }, { NULL, 0 } };

/* Catches a file without a template treated as if its vocabulary said nothing,
 * or as if that were certain. */
static void
test_by_vocab(void **state)
{
	const struct tiny t = { .tok = toks }, bare = { 0 };
	struct vocab *v = tiny_vocab(&t, NULL);
	struct chatfmt f;

	(void)state;
	assert_int_equal(chatfmt_detect(&f, NULL, 0, v, NULL), 0);
	assert_string_equal(f.name, "deepseek-r1-bare");
	assert_non_null(f.note);
	assert_false(f.unknown);
	chatfmt_done(&f);
	vocab_free(v);
	v = tiny_vocab(&bare, NULL);
	assert_int_equal(chatfmt_detect(&f, NULL, 0, v, NULL), 0);
	assert_true(f.unknown);
	chatfmt_done(&f);
	vocab_free(v);
}

/* Catches a BOS of the family's own where the file has another one. */
static void
test_other_bos(void **state)
{
	static const struct tiny_tok other[] = { { "<|start|>", T_CONTROL },
		{ NULL, 0 } };
	const struct tiny t = { .tok = other, .bos = 256 + 1 };
	struct vocab *v = tiny_vocab(&t, NULL);
	struct chatfmt f;
	struct buf b = { 0 };
	struct prompt p;

	(void)state;
	assert_int_equal(chatfmt_detect(&f, v3, strlen(v3), v, NULL), 0);
	chatfmt_render(&f, NULL, 0, AUTO, &p);
	prompt_text(&p, &b);
	assert_string_equal(b.data, "<|start|>" BOT);
	buf_free(&b);
	prompt_free(&p);
	chatfmt_done(&f);
	vocab_free(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_detect),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_default_system),
		cmocka_unit_test(test_system),
		cmocka_unit_test(test_thinking),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_odd_turns),
		cmocka_unit_test(test_soft_switches),
		cmocka_unit_test(test_literal),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_by_vocab),
		cmocka_unit_test(test_other_bos),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
