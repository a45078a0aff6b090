/* tok_split.c -- the splitting rules of byte-level BPE tokenizers.
 *
 * A rule is a list of stages, each cutting the spans that the one before
 * left.  A stage is a function that says how far a match from character i
 * reaches (never past the span's end, which look-aheads take for the end of
 * the text); i itself means no match here.  Unmatched characters between two
 * matches are a word of their own.  Above each stage stands its expression. */
#include "tok_split.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "tok_class.h"
#include "utf8.h"

typedef size_t stage_fn(const struct split *t, size_t i, size_t end);

struct split_rule {
	const char *pre;
	bool ignores_merges, adds_bos;
	stage_fn *stages[6];
};

static bool
is(const struct split *t, size_t i, size_t end, int mask)
{
	return i < end && (t->cls[i] & mask) != 0;
}

/* Past the run of characters of the mask from i on. */
static size_t
run(const struct split *t, size_t i, size_t end, int mask)
{
	while (i < end && (t->cls[i] & mask) != 0)
		i++;
	return i;
}

/* Past the run of characters that are none of the mask. */
static size_t
run_not(const struct split *t, size_t i, size_t end, int mask)
{
	while (i < end && (t->cls[i] & mask) == 0)
		i++;
	return i;
}

static bool
in(uint32_t c, uint32_t first, uint32_t last)
{
	return c >= first && c <= last;
}

/* 's|'t|'re|'ve|'m|'ll|'d, with fold in either case */
static size_t
contraction(const struct split *t, size_t i, size_t end, bool fold)
{
	uint32_t a, b, bit = fold ? 0x20 : 0;

	if (t->cp[i] != '\'' || i + 1 >= end)
		return i;
	a = t->cp[i + 1] < 128 ? t->cp[i + 1] | bit : 0;
	if (a == 's' || a == 't' || a == 'm' || a == 'd')
		return i + 2;
	b = i + 2 < end && t->cp[i + 2] < 128 ? t->cp[i + 2] | bit : 0;
	if ((a == 'r' && b == 'e') || (a == 'v' && b == 'e') ||
	    (a == 'l' && b == 'l'))
		return i + 3;
	return i;
}

/* \s+(?!\S)|\s+ : white space, but its last character is left to what
 * follows, unless it is the only one. */
static size_t
spaces(const struct split *t, size_t i, size_t end)
{
	size_t e = run(t, i, end, C_WS);

	return e < end && e > i + 1 ? e - 1 : e;
}

/* \s*[\r\n]+|\s+(?!\S)|\s+ : white space up to its last line end first. */
static size_t
lines_then_spaces(const struct split *t, size_t i, size_t end)
{
	size_t e = run(t, i, end, C_WS);

	for (; e > i; e--)
		if (t->cls[e - 1] & C_NL)
			return e;
	return spaces(t, i, end);
}

/* 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S) */
static size_t
stage_gpt2(const struct split *t, size_t i, size_t end)
{
	size_t e = contraction(t, i, end, false);
	size_t j = t->cp[i] == ' ' ? i + 1 : i;

	if (e > i)
		return e;
	if (is(t, j, end, C_L))
		return run(t, j, end, C_L);
	if (is(t, j, end, C_N))
		return run(t, j, end, C_N);
	if (j < end && !is(t, j, end, C_WS))
		return run_not(t, j, end, C_WS | C_L | C_N);
	return spaces(t, i, end);
}

/* \p{N} */
static size_t
stage_digit(const struct split *t, size_t i, size_t end)
{
	return is(t, i, end, C_N) ? i + 1 : i;
}

/* \p{N}{1,3} */
static size_t
stage_digits3(const struct split *t, size_t i, size_t end)
{
	return run(t, i, end - i > 3 ? i + 3 : end, C_N);
}

/* \p{N}+ */
static size_t
stage_digits(const struct split *t, size_t i, size_t end)
{
	return run(t, i, end, C_N);
}

/* (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|NUMBER|
 *  ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+ */
static size_t
words(const struct split *t, size_t i, size_t end, stage_fn *number)
{
	size_t e = contraction(t, i, end, true);
	size_t j = t->cp[i] == ' ' ? i + 1 : i;

	if (e > i)
		return e;
	if (is(t, i, end, C_L))
		return run(t, i, end, C_L);
	if (!is(t, i, end, C_NL | C_N) && is(t, i + 1, end, C_L))
		return run(t, i + 1, end, C_L);
	if (is(t, i, end, C_N))
		return number(t, i, end);
	if (j < end && !is(t, j, end, C_WS | C_L | C_N))
		return run(t, run_not(t, j, end, C_WS | C_L | C_N), end,
		    C_NL);
	return lines_then_spaces(t, i, end);
}

static size_t
stage_llama3(const struct split *t, size_t i, size_t end)
{
	return words(t, i, end, stage_digits3);
}

static size_t
stage_qwen2(const struct split *t, size_t i, size_t end)
{
	return words(t, i, end, stage_digit);
}

/* [\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+ */
static size_t
stage_cjk_v3(const struct split *t, size_t i, size_t end)
{
	while (i < end && (in(t->cp[i], 0x4E00, 0x9FA5) ||
	    in(t->cp[i], 0x3040, 0x30FF)))
		i++;
	return i;
}

static bool
ascii_letter(const struct split *t, size_t i, size_t end)
{
	return i < end && in(t->cp[i] | 0x20, 'a', 'z');
}

/* [!-\/:-@\[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|
 *  ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+ */
static size_t
stage_words_v3(const struct split *t, size_t i, size_t end)
{
	size_t j = t->cp[i] == ' ' ? i + 1 : i;

	if (t->cp[i] < 128 && is(t, i, end, C_P | C_S) &&
	    ascii_letter(t, i + 1, end)) {
		for (i++; ascii_letter(t, i, end);)
			i++;
		return i;
	}
	if (!is(t, i, end, C_NL | C_L | C_P | C_S) &&
	    is(t, i + 1, end, C_L | C_M))
		return run(t, i + 1, end, C_L | C_M);
	if (is(t, i, end, C_L | C_M))
		return run(t, i, end, C_L | C_M);
	if (is(t, j, end, C_P | C_S))
		return run(t, run(t, j, end, C_P | C_S), end, C_NL);
	return lines_then_spaces(t, i, end);
}

/* [\r\n] */
static size_t
stage_line_end(const struct split *t, size_t i, size_t end)
{
	return is(t, i, end, C_NL) ? i + 1 : i;
}

/* \s?X+ */
static size_t
spaced(const struct split *t, size_t i, size_t end, int mask)
{
	size_t j = is(t, i, end, C_WS) ? i + 1 : i;
	size_t e = run(t, j, end, mask);

	return e > j ? e : i;
}

/* \s?\p{L}+ */
static size_t
stage_letters(const struct split *t, size_t i, size_t end)
{
	return spaced(t, i, end, C_L);
}

/* \s?\p{P}+ */
static size_t
stage_punct(const struct split *t, size_t i, size_t end)
{
	return spaced(t, i, end, C_P);
}

/* \s?[A-Za-z...]+ , where tok_cased() has the list */
static size_t
stage_cased(const struct split *t, size_t i, size_t end)
{
	size_t j = is(t, i, end, C_WS) ? i + 1 : i;
	size_t e = j;

	while (e < end && tok_cased(t->cp[e]))
		e++;
	return e > j ? e : i;
}

/* \s?[!-\/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}
 *     \x{3000}-\x{3002}]+ */
static size_t
stage_punct_llm(const struct split *t, size_t i, size_t end)
{
	size_t j = is(t, i, end, C_WS) && t->cp[i] != 0x3000 ? i + 1 : i;
	size_t e = j;

	while (e < end && (in(t->cp[e], '!', '/') || in(t->cp[e], ':', '~') ||
	    in(t->cp[e], 0xFF01, 0xFF0F) || in(t->cp[e], 0xFF1A, 0xFF5E) ||
	    in(t->cp[e], 0x2018, 0x201F) || in(t->cp[e], 0x3000, 0x3002)))
		e++;
	return e > j ? e : i;
}

/* \s+$ : looked for only where white space starts, to stay linear */
static size_t
stage_end_space(const struct split *t, size_t i, size_t end)
{
	bool first = i == 0 || (t->cls[i] & C_CUT) ||
	    !is(t, i - 1, end, C_WS);

	return first && run(t, i, end, C_WS) == end ? end : i;
}

/* [\x{4E00}-\x{9FA5}\x{0800}-\x{4E00}\x{AC00}-\x{D7FF}]+ */
static size_t
stage_cjk_llm(const struct split *t, size_t i, size_t end)
{
	while (i < end && (in(t->cp[i], 0x0800, 0x9FA5) ||
	    in(t->cp[i], 0xAC00, 0xD7FF)))
		i++;
	return i;
}

#define LLAMA3 true, true, { stage_llama3 }
#define QWEN2 false, false, { stage_qwen2 }
#define GPT2 false, false, { stage_gpt2 }
#define DIGIT_GPT2 false, false, { stage_digit, stage_gpt2 }
#define DEEPSEEK_V3 false, false, \
	{ stage_digits3, stage_cjk_v3, stage_words_v3 }

/* The first of several names for one rule is the one shown. */
static const struct split_rule rules[] = {
	{ "gpt-2", GPT2 }, { "phi-2", GPT2 }, { "mpt", GPT2 },
	{ "olmo", GPT2 }, { "jais", GPT2 }, { "trillion", GPT2 },
	{ "gigachat", GPT2 }, { "a.x-4.0", GPT2 }, { "mellum", GPT2 },
	{ "jina-es", GPT2 }, { "jina-de", GPT2 }, { "jina-v2-es", GPT2 },
	{ "jina-v2-de", GPT2 }, { "granite-docling", GPT2 },
	{ "smollm", DIGIT_GPT2 }, { "starcoder", DIGIT_GPT2 },
	{ "refact", DIGIT_GPT2 }, { "command-r", DIGIT_GPT2 },
	{ "codeshell", DIGIT_GPT2 }, { "exaone", DIGIT_GPT2 },
	{ "minerva-7b", DIGIT_GPT2 },
	{ "qwen2", QWEN2 }, { "deepseek-r1-qwen", QWEN2 },
	{ "kormo", QWEN2 }, { "megrez", QWEN2 }, { "stablelm2", QWEN2 },
	{ "hunyuan", QWEN2 },
	{ "llama-bpe", LLAMA3 }, { "llama3", LLAMA3 },
	{ "llama-v3", LLAMA3 }, { "falcon3", LLAMA3 },
	{ "falcon-h1", LLAMA3 }, { "pixtral", LLAMA3 },
	{ "midm-2.0", LLAMA3 }, { "lfm2", LLAMA3 },
	{ "dbrx", false, false, { stage_llama3 } },
	{ "smaug-bpe", false, false, { stage_llama3 } },
	{ "glm4", false, false, { stage_llama3 } },
	{ "chatglm-bpe", false, false, { stage_llama3 } },
	{ "deepseek-v3", DEEPSEEK_V3 }, { "hunyuan-dense", DEEPSEEK_V3 },
	{ "deepseek-llm", false, false,
	    { stage_line_end, stage_cased, stage_punct_llm, stage_end_space,
	    stage_cjk_llm, stage_digits } },
	{ "deepseek-coder", false, false,
	    { stage_line_end, stage_letters, stage_punct, stage_cjk_llm,
	    stage_digit } },
};

#define N_RULES (sizeof(rules) / sizeof(rules[0]))
#define N_STAGES (sizeof(rules[0].stages) / sizeof(rules[0].stages[0]))

const struct split_rule *
split_find(const char *pre, size_t n)
{
	size_t i;

	for (i = 0; i < N_RULES; i++)
		if (strlen(rules[i].pre) == n &&
		    memcmp(rules[i].pre, pre, n) == 0)
			return &rules[i];
	return NULL;
}

const char *
split_names(void)
{
	return "gpt-2, smollm, qwen2, deepseek-r1-qwen, llama-bpe, "
	    "deepseek-v3, deepseek-llm, deepseek-coder";
}

bool
split_ignores_merges(const struct split_rule *r)
{
	return r->ignores_merges;
}

bool
split_adds_bos(const struct split_rule *r)
{
	return r->adds_bos;
}

static void
reserve(struct split *sp, size_t n)
{
	if (n <= sp->cap)
		return;
	sp->cap = n;
	sp->end = xreallocarray(sp->end, n, sizeof(*sp->end));
	sp->cp = xreallocarray(sp->cp, n, sizeof(*sp->cp));
	sp->off = xreallocarray(sp->off, n, sizeof(*sp->off));
	sp->cls = xreallocarray(sp->cls, n, sizeof(*sp->cls));
}

void
split_done(struct split *sp)
{
	free(sp->end);
	free(sp->cp);
	free(sp->off);
	free(sp->cls);
	*sp = (struct split){ 0 };
}

/* Decode s into code points, their offsets and classes; how many. */
static size_t
decode(struct split *sp, const char *s, size_t n)
{
	uint8_t ascii[128];
	uint32_t c;
	size_t i, k = 0;

	for (c = 0; c < 128; c++)
		ascii[c] = tok_class(c);
	for (i = 0; i < n; k++) {
		sp->off[k] = (uint32_t)i;
		c = (unsigned char)s[i];
		if (c < 128)
			i++;
		else
			i += (size_t)utf8_decode(s + i, n - i, &c, NULL);
		sp->cp[k] = c;
		sp->cls[k] = c < 128 ? ascii[c] : tok_class(c);
	}
	return k;
}

/* Cut the span [i, end) into matches and what lies between them. */
static void
cut_span(struct split *sp, stage_fn *stage, size_t i, size_t end)
{
	while (i < end) {
		size_t e = stage(sp, i, end);

		if (e == i) {
			i++;
			continue;
		}
		sp->cls[i] |= C_CUT;
		if (e < end)
			sp->cls[e] |= C_CUT;
		i = e;
	}
}

static size_t
span_end(const struct split *sp, size_t i, size_t n)
{
	for (i++; i < n && !(sp->cls[i] & C_CUT);)
		i++;
	return i;
}

void
split_run(struct split *sp, const struct split_rule *r, const char *s,
    size_t n)
{
	size_t chars, i, e, k;

	sp->n = 0;
	if (n == 0)
		return;
	reserve(sp, n);
	chars = decode(sp, s, n);
	for (k = 0; k < N_STAGES && r->stages[k] != NULL; k++)
		for (i = 0; i < chars; i = e) {
			e = span_end(sp, i, chars);
			cut_span(sp, r->stages[k], i, e);
		}
	for (i = 0; i < chars; i = e) {
		e = span_end(sp, i, chars);
		sp->end[sp->n++] = e < chars ? sp->off[e] : (uint32_t)n;
	}
}
