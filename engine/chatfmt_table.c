/* chatfmt_table.c -- the known chat formats: what their templates put around
 * the texts, and the ways their models think. */
#include "chatfmt_priv.h"

#define THINK "<think>"
#define END_THINK "</think>"
#define NO_THOUGHT "<think>\n\n</think>\n\n"

#define DEEPSEEK_BOS "<｜begin▁of▁sentence｜>"
#define DEEPSEEK_EOS "<｜end▁of▁sentence｜>"

/* Nothing ends a turn in the plain format but its words, so these do. */
static const char *const plain_stop[] = { "\n\nUser:", "\nUser:", NULL };

const struct chat_family chat_families[] = {
	[F_DEEPSEEK] = {
		.name = "deepseek",
		.bos = DEEPSEEK_BOS,
		.open = { "", "<｜User｜>", "<｜Assistant｜>" },
		.close = { "", "", DEEPSEEK_EOS },
		.system = SYSTEM_START_LAST,
	},
	/* ... of V3 and later, which take several system texts */
	[F_DEEPSEEK_START] = {
		.name = "deepseek",
		.bos = DEEPSEEK_BOS,
		.open = { "", "<｜User｜>", "<｜Assistant｜>" },
		.close = { "", "", DEEPSEEK_EOS },
		.system = SYSTEM_START,
	},
	/* DeepSeek LLM, V2, V2-Lite and Coder-V2 */
	[F_DEEPSEEK_V2] = {
		.name = "deepseek-v2",
		.bos = DEEPSEEK_BOS,
		.open = { "", "User: ", "Assistant: " },
		.close = { "\n\n", "\n\n", "" },
		.eos = DEEPSEEK_EOS,
		.go_on = "Assistant:",
		.lead_space = true,
	},
	[F_DEEPSEEK_CODER] = {
		.name = "deepseek-coder",
		.bos = DEEPSEEK_BOS,
		.open = { "", "### Instruction:\n", "### Response:\n" },
		.close = { "", "\n", "\n<|EOT|>\n" },
		.go_on = "### Response:\n",
	},
	[F_CHATML] = {
		.name = "chatml",
		.open = { "<|im_start|>system\n", "<|im_start|>user\n",
			"<|im_start|>assistant\n" },
		.close = { "<|im_end|>\n", "<|im_end|>\n", "<|im_end|>\n" },
	},
	[F_LLAMA3] = {
		.name = "llama3",
		.bos = "<|begin_of_text|>",
		.open = {
			"<|start_header_id|>system<|end_header_id|>\n\n",
			"<|start_header_id|>user<|end_header_id|>\n\n",
			"<|start_header_id|>assistant<|end_header_id|>\n\n",
		},
		.close = { "<|eot_id|>", "<|eot_id|>", "<|eot_id|>" },
		.trim = TRIM_ALL,
	},
	[F_LLAMA2] = {
		.name = "llama2",
		.bos = "<s>",
		.bos_by_user = true,
		.open = { "<<SYS>>\n", "[INST] ", " " },
		.close = { "\n<</SYS>>\n\n", " [/INST]", " " },
		.eos = "</s>",
		.go_on = "",
		.system = SYSTEM_IN_USER,
		.trim = TRIM(USER) | TRIM(ASSISTANT),
		.trim_joint = true,
		.lead_space = true,
	},
	/* Mistral's, by the version of its tokenizer; the first two are of
	 * Instruct v0.1 and v0.2 */
	[F_MISTRAL_V0] = {
		.name = "mistral-v0",
		.bos = "<s>",
		.open = { "", "[INST] ", "" },
		.close = { "\n\n", " [/INST]", "" },
		.eos = "</s>", .after_eos = " ",
		.system = SYSTEM_IN_USER,
		.lead_space = true,
	},
	[F_MISTRAL_V1] = {
		.name = "mistral-v1",
		.bos = "<s>",
		.open = { "", "[INST] ", "" },
		.close = { "\n\n", " [/INST]", "" },
		.eos = "</s>",
		.system = SYSTEM_IN_USER,
		.lead_space = true,
	},
	[F_MISTRAL_V2] = {
		.name = "mistral-v2",
		.bos = "<s>",
		.open = { "", " [INST] ", " " },
		.close = { "\n\n", " [/INST]", "" },
		.eos = "</s>",
		.go_on = "",
		.system = SYSTEM_IN_USER,
		.lead_space = true,
	},
	[F_MISTRAL_V3] = {
		.name = "mistral-v3",
		.bos = "<s>",
		.open = { "", "[INST] ", " " },
		.close = { "\n\n", "[/INST]", "" },
		.eos = "</s>",
		.go_on = "",
		.system = SYSTEM_IN_LAST_USER,
		.trim = TRIM(ASSISTANT),
		.lead_space = true,
	},
	[F_MISTRAL_TEKKEN] = {
		.name = "mistral-tekken",
		.bos = "<s>",
		.open = { "", "[INST]", "" },
		.close = { "\n\n", "[/INST]", "" },
		.eos = "</s>",
		.system = SYSTEM_IN_LAST_USER,
	},
	[F_MISTRAL_V7] = {
		.name = "mistral-v7",
		.bos = "<s>",
		.open = { "[SYSTEM_PROMPT] ", "[INST] ", " " },
		.close = { "[/SYSTEM_PROMPT]", "[/INST]", "" },
		.eos = "</s>",
		.go_on = "",
		.lead_space = true,
	},
	[F_MISTRAL_V7_TEKKEN] = {
		.name = "mistral-v7-tekken",
		.bos = "<s>",
		.open = { "[SYSTEM_PROMPT]", "[INST]", "" },
		.close = { "[/SYSTEM_PROMPT]", "[/INST]", "" },
		.eos = "</s>",
	},
	[F_GEMMA] = {
		.name = "gemma",
		.bos = "<bos>",
		.open = { "", "<start_of_turn>user\n",
			"<start_of_turn>model\n" },
		.close = { "\n\n", "<end_of_turn>\n", "<end_of_turn>\n" },
		.system = SYSTEM_IN_USER,
		.trim = TRIM(USER) | TRIM(ASSISTANT),
	},
	[F_PLAIN] = {
		.name = "plain",
		.open = { "", "User: ", "Assistant: " },
		.close = { "\n\n", "\n\n", "\n\n" },
		.go_on = "Assistant:",
		.trim = TRIM_ALL,
		.lead_space = true,
		.stop = plain_stop,
	},
};

const struct chat_thought chat_thoughts[] = {
	/* the template opens the thought */
	[T_R1] = { THINK, END_THINK,
	    { THINK "\n", THINK "\n", NO_THOUGHT }, "", "",
	    CUT_LAST, LINES_KEEP, false },
	/* it stops before: the model opens it, or it is opened when asked */
	[T_R1_BARE] = { THINK, END_THINK,
	    { "", THINK "\n", NO_THOUGHT }, "", "",
	    CUT_LAST, LINES_KEEP, false },
	/* it thinks only when told to, and marks each turn that did not */
	[T_V3_1] = { THINK, END_THINK,
	    { END_THINK, THINK, END_THINK }, END_THINK, END_THINK,
	    CUT_FIRST, LINES_KEEP, false },
	/* ... with both tags, as some files have it */
	[T_V3_1_PAIR] = { THINK, END_THINK,
	    { THINK END_THINK, THINK, THINK END_THINK },
	    THINK END_THINK, THINK END_THINK,
	    CUT_FIRST, LINES_KEEP, false },
	/* ChatML whose models open the thought */
	[T_QWEN3] = { THINK, END_THINK,
	    { "", "", NO_THOUGHT }, "", NO_THOUGHT,
	    CUT_LAST, LINES_CUT, true },
	/* ... and whose template opens it (Qwen3 Thinking) */
	[T_QWEN3_OPEN] = { THINK, END_THINK,
	    { THINK "\n", THINK "\n", NO_THOUGHT }, "", NO_THOUGHT,
	    CUT_LAST, LINES_CUT, false },
	[T_QWQ] = { THINK, END_THINK,
	    { THINK "\n", THINK "\n", NO_THOUGHT }, "", NO_THOUGHT,
	    CUT_LAST, LINES_ALWAYS, false },
};

/* Where several rows have the same parts the first one names them. */
const struct chat_format chat_formats[] = {
	{ "deepseek-r1", F_DEEPSEEK, T_R1, DATES_NONE, NULL },
	{ "deepseek-r1", F_DEEPSEEK_START, T_R1, DATES_NONE, NULL },
	{ "deepseek-r1-bare", F_DEEPSEEK, T_R1_BARE, DATES_NONE, NULL },
	{ "deepseek-r1-bare", F_DEEPSEEK_START, T_R1_BARE, DATES_NONE, NULL },
	{ "deepseek-v3.1", F_DEEPSEEK_START, T_V3_1, DATES_NONE, NULL },
	{ "deepseek-v3.1", F_DEEPSEEK, T_V3_1, DATES_NONE, NULL },
	{ "deepseek-v3.1-pair", F_DEEPSEEK_START, T_V3_1_PAIR, DATES_NONE,
	    NULL },
	{ "deepseek-v3.1-pair", F_DEEPSEEK, T_V3_1_PAIR, DATES_NONE, NULL },
	{ "deepseek-v3", F_DEEPSEEK_START, T_NONE, DATES_NONE, NULL },
	{ "deepseek-v3", F_DEEPSEEK, T_NONE, DATES_NONE, NULL },
	{ "deepseek-v2", F_DEEPSEEK_V2, T_NONE, DATES_NONE, NULL },
	{ "deepseek-coder", F_DEEPSEEK_CODER, T_NONE, DATES_NONE,
	    "You are an AI programming assistant, utilizing the Deepseek "
	    "Coder model, developed by Deepseek Company, and you only answer "
	    "questions related to computer science. For politically sensitive "
	    "questions, security and privacy issues, and other non-computer "
	    "science questions, you will refuse to answer\n" },
	{ "chatml", F_CHATML, T_NONE, DATES_NONE, NULL },
	{ "qwen2.5", F_CHATML, T_NONE, DATES_NONE,
	    "You are Qwen, created by Alibaba Cloud. You are a helpful "
	    "assistant." },
	{ "qwen3", F_CHATML, T_QWEN3, DATES_NONE, NULL },
	{ "qwen3-thinking", F_CHATML, T_QWEN3_OPEN, DATES_NONE, NULL },
	{ "qwq", F_CHATML, T_QWQ, DATES_NONE, NULL },
	{ "llama3", F_LLAMA3, T_NONE, DATES_NONE, NULL },
	{ "llama3.1", F_LLAMA3, T_NONE, DATES_FIXED, NULL },
	{ "llama3.2", F_LLAMA3, T_NONE, DATES_TODAY, NULL },
	{ "llama2", F_LLAMA2, T_NONE, DATES_NONE, NULL },
	{ "mistral-v0", F_MISTRAL_V0, T_NONE, DATES_NONE, NULL },
	{ "mistral-v1", F_MISTRAL_V1, T_NONE, DATES_NONE, NULL },
	{ "mistral-v2", F_MISTRAL_V2, T_NONE, DATES_NONE, NULL },
	{ "mistral-v3", F_MISTRAL_V3, T_NONE, DATES_NONE, NULL },
	{ "mistral-tekken", F_MISTRAL_TEKKEN, T_NONE, DATES_NONE, NULL },
	{ "mistral-v7", F_MISTRAL_V7, T_NONE, DATES_NONE, NULL },
	{ "mistral-v7-tekken", F_MISTRAL_V7_TEKKEN, T_NONE, DATES_NONE, NULL },
	{ "gemma", F_GEMMA, T_NONE, DATES_NONE, NULL },
	{ "plain", F_PLAIN, T_NONE, DATES_NONE, NULL },
	{ NULL, F_PLAIN, T_NONE, DATES_NONE, NULL }
};
