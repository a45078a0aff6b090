/* options.c -- fikr's command line.  One table of options serves parsing,
 * checking, putting them over the configuration, and the help. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "i18n.h"
#include "lang.h"

enum kind {
	/* of struct conf */
	O_STR, O_INT, O_TEMPERATURE, O_FLOAT, O_SEED, O_THINK, O_KV, O_LORA,
	O_FLAG, O_LANGUAGE,
	/* of struct options: of some commands */
	O_CMD_FLAG, O_CMD_STR, O_CMD_INT,
	O_CONTINUE, O_THINKING, O_CONFIG, O_SCRIPT, O_HELP, O_VERSION
};

struct opt_spec {
	const char *name;
	char letter;		/* or 0 */
	enum kind kind;
	const char *arg;	/* how the help calls its value; NULL: none */
	size_t off;		/* in struct conf, or struct options */
	int min, max;		/* O_INT, O_CMD_INT */
	const char *help;	/* NULL: not shown */
	unsigned commands;	/* that have it, as OF() says; 0: all */
};

#define C(member) offsetof(struct conf, member)
#define O(member) offsetof(struct options, member)
#define OF(command) (1u << (command))
_Static_assert(CMD_VERSION < 32, "a command is a bit of opt_spec.commands");

static const struct opt_spec specs[] = {
	{ "model", 'm', O_STR, "FILE", C(load.model), 0, 0,
	    N_("GGUF file, or a name in the models folder"), 0 },
	{ "continue", 'c', O_CONTINUE, "ID", 0, 0, 0,
	    N_("go on with the last conversation, or with ID"), 0 },
	{ "threads", 't', O_INT, "N", C(load.threads), 0, 1024,
	    N_("threads to compute with (0, and at most: one a core)"), 0 },
	{ "context", 0, O_INT, "N", C(load.context), 0, 1 << 20,
	    N_("tokens of context (0: the model's, at most 8192)"), 0 },
	{ "kv", 0, O_KV, "TYPE", C(load.kv), 0, 0,
	    N_("keep the context as f16, f32 or q8_0 (f16)"), 0 },
	{ "lora", 0, O_LORA, "FILE[=SCALE]", C(load), 0, 0,
	    N_("apply a LoRA adapter; may be given again"), 0 },
	{ "chat-format", 0, O_STR, "NAME", C(load.chat_format), 0, 0,
	    N_("how prompts are written: a name, or a YAML file"), 0 },
	{ "system", 0, O_STR, "TEXT", C(system), 0, 0,
	    N_("system prompt"), 0 },
	{ "think", 0, O_THINK, "WHEN", C(thinking), 0, 0,
	    N_("auto: if trained to; on: guide others too; off"), 0 },
	{ "budget", 0, O_INT, "N", C(budget), 0, 1 << 20,
	    N_("thinking tokens at most (0: the default)"), 0 },
	{ "budget-time", 0, O_INT, "SECONDS", C(budget_time), 0, 86400,
	    N_("think no longer than this (0: no limit)"), 0 },
	{ "thinking", 0, O_THINKING, "WHERE", 0, 0, 0,
	    N_("ask, show: print the thinking to stderr, or none"), 0 },
	{ "temp", 0, O_TEMPERATURE, "X", C(sampling.temperature), 0, 0,
	    N_("temperature (0: the likeliest; auto: by the model)"), 0 },
	{ "top-k", 0, O_INT, "N", C(sampling.top_k), 0, 1000000,
	    N_("sample from the N likeliest tokens (0: off)"), 0 },
	{ "top-p", 0, O_FLOAT, "X", C(sampling.top_p), 0, 0,
	    N_("... from the likeliest that sum to X (1: off)"), 0 },
	{ "min-p", 0, O_FLOAT, "X", C(sampling.min_p), 0, 0,
	    N_("... at least X times as likely as the best"), 0 },
	{ "repeat-penalty", 0, O_FLOAT, "X", C(sampling.repeat_penalty), 0, 0,
	    N_("against repetition (1: off)"), 0 },
	{ "seed", 0, O_SEED, "N", C(sampling.seed), 0, 0,
	    N_("the same seed gives the same text (0: by the clock)"), 0 },
	{ "max-tokens", 'n', O_INT, "N", C(sampling.max_tokens), 0, 10000000,
	    N_("thinking and answer at most (0: no limit)"), 0 },
	{ "theme", 0, O_STR, "NAME", C(theme), 0, 0,
	    N_("colours: dark, light, mono, or a file"), 0 },
	{ "plain", 0, O_FLAG, NULL, C(plain), 0, 0,
	    N_("chat line by line, as for screen readers"), 0 },
	{ "language", 0, O_LANGUAGE, "CODE", C(language), 0, 0,
	    N_("of what is shown: en, ar; auto: by the locale"), 0 },
	{ "config", 0, O_CONFIG, "FILE", 0, 0, 0,
	    N_("read this instead of the usual config.yaml"), 0 },
	{ "script", 0, O_SCRIPT, "FILE", 0, 0, 0, NULL, 0 },
	/* of some commands */
	{ "json", 0, O_CMD_FLAG, NULL, O(json), 0, 0, N_("print JSON"),
	    OF(CMD_DOCTOR) | OF(CMD_LIST) | OF(CMD_SEARCH) |
	    OF(CMD_VERIFY) },
	{ "all", 0, O_CMD_FLAG, NULL, O(all), 0, 0,
	    N_("all there are, archived or in the trash too"),
	    OF(CMD_LIST) | OF(CMD_EXPORT) },
	{ "tag", 0, O_CMD_STR, "TAG", O(tag), 0, 0,
	    N_("only what has this tag"), OF(CMD_LIST) },
	{ "count", 'n', O_CMD_INT, "N", O(count), 1, 1000,
	    N_("print the best N (20)"), OF(CMD_SEARCH) },
	{ "save", 0, O_CMD_FLAG, NULL, O(save), 0, 0,
	    N_("keep question and answer as a conversation"), OF(CMD_ASK) },
	{ "speed", 0, O_CMD_STR, "X", O(speed), 0, 0,
	    N_("play X times as fast (0: print at once)"), OF(CMD_REPLAY) },
	{ "from", 0, O_CMD_STR, "WHERE", O(from), 0, 0,
	    N_("begin at thinking, answer or a time such as 1:30"),
	    OF(CMD_REPLAY) },
	{ "turn", 0, O_CMD_INT, "N", O(message), 1, 1000000,
	    N_("begin at the Nth message"), OF(CMD_REPLAY) },
	{ "gaps", 0, O_CMD_FLAG, NULL, O(gaps), 0, 0,
	    N_("do not shorten long pauses"), OF(CMD_REPLAY) },
	{ "cast", 0, O_CMD_STR, "FILE", O(cast), 0, 0,
	    N_("write an asciicast instead, for web players"),
	    OF(CMD_REPLAY) },
	{ "size", 0, O_CMD_STR, "WxH", O(size), 0, 0,
	    N_("of the asciicast's screen (80x24)"), OF(CMD_REPLAY) },
	{ "temporary", 0, O_CMD_FLAG, NULL, O(temporary), 0, 0,
	    N_("leave no trace of what is said"), OF(CMD_CHAT) },
	{ "yes", 0, O_CMD_FLAG, NULL, O(yes), 0, 0, N_("do not ask first"),
	    OF(CMD_FORGET) | OF(CMD_TRASH) },
	{ "change", 0, O_CMD_FLAG, NULL, O(change), 0, 0,
	    N_("the passphrase, instead of encrypting"), OF(CMD_LOCK) },
	{ "format", 0, O_CMD_STR, "NAME", O(format), 0, 0,
	    N_("md, json, html, text, chatgpt, deepseek or openwebui"),
	    OF(CMD_EXPORT) },
	{ "output", 'o', O_CMD_STR, "FILE", O(output), 0, 0,
	    N_("write there; a folder takes a file a conversation"),
	    OF(CMD_EXPORT) },
	{ "no-thinking", 0, O_CMD_FLAG, NULL, O(no_thinking), 0, 0,
	    N_("leave out what the model thought"), OF(CMD_EXPORT) },
	{ "force", 0, O_CMD_FLAG, NULL, O(force), 0, 0,
	    N_("write over files that are there"), OF(CMD_EXPORT) },
	{ "again", 0, O_CMD_FLAG, NULL, O(again), 0, 0,
	    N_("import what was imported before, too"), OF(CMD_IMPORT) },
	{ "help", 'h', O_HELP, NULL, 0, 0, 0, N_("print this"), 0 },
	{ "version", 'V', O_VERSION, NULL, 0, 0, 0, N_("print the version"), 0 },
};
#define N_SPECS ((int)(sizeof specs / sizeof specs[0]))

static const struct {
	const char *name;
	enum command command;
	const char *arg, *help;
	int min, max;		/* words behind it; max -1: any number */
} commands[] = {
	{ "ask", CMD_ASK, "QUESTION",
	    N_("print the answer; standard input goes before it"), 0, -1 },
	{ "list", CMD_LIST, NULL, N_("list the conversations, newest first"), 0, 0 },
	{ "search", CMD_SEARCH, "WORDS",
	    N_("look for words in all conversations"), 1, -1 },
	{ "show", CMD_SHOW, "ID", N_("print a conversation"), 1, 1 },
	{ "theme", CMD_THEME, "list|show|check",
	    N_("themes, and what is wrong"), 0, -1 },
	{ "doctor", CMD_DOCTOR, NULL,
	    N_("what was found: terminal, files, ..."), 0, -1 },
	{ "keys", CMD_KEYS, "yaml|man", N_("keys and commands of the screen"), 0, -1 },
	{ "verify", CMD_VERIFY, "ID",
	    N_("write its answers again and compare them"), 1, 1 },
	{ "replay", CMD_REPLAY, "ID",
	    N_("play a conversation as it happened"), 1, 1 },
	{ "forget", CMD_FORGET, "ID...",
	    N_("remove every trace of conversations"), 1, -1 },
	{ "lock", CMD_LOCK, NULL,
	    N_("encrypt all conversations by a passphrase"), 0, 0 },
	{ "unlock", CMD_UNLOCK, NULL, N_("decrypt all conversations again"),
	    0, 0 },
	{ "pin", CMD_PIN, "ID...",
	    N_("keep conversations on top of the list"), 1, -1 },
	{ "unpin", CMD_UNPIN, "ID...", N_("undo that"), 1, -1 },
	{ "archive", CMD_ARCHIVE, "ID...",
	    N_("take conversations out of the list"), 1, -1 },
	{ "unarchive", CMD_UNARCHIVE, "ID...", N_("undo that"), 1, -1 },
	{ "tag", CMD_TAG, "ID [+TAG|-TAG]...",
	    N_("add and take away tags, or print them"), 1, -1 },
	{ "rename", CMD_RENAME, "ID TITLE", N_("give another title"), 2, -1 },
	{ "rm", CMD_RM, "ID...", N_("put conversations into the trash"), 1, -1 },
	{ "trash", CMD_TRASH, "[restore|empty]",
	    N_("print the trash, bring back from it, empty it"), 0, -1 },
	{ "export", CMD_EXPORT, "ID|--all",
	    N_("write conversations in another format"), 0, -1 },
	{ "import", CMD_IMPORT, "FILE",
	    N_("take conversations from fikr, ChatGPT, ..."), 1, -1 },
	{ "fork", CMD_FORK, "ID [TURN]",
	    N_("a new conversation that goes on from a turn"), 1, 2 },
	{ "diff", CMD_DIFF, "ID [TURN TURN]",
	    N_("compare two branches of a conversation"), 1, 3 },
	{ "help", CMD_HELP, NULL, N_("print this"), 0, -1 },
};
#define N_COMMANDS (sizeof commands / sizeof commands[0])

/* ---- values ----------------------------------------------------------- */

static int
set_int(const struct opt_spec *s, int *to, const char *v, struct err *err)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(v, &end, 10);
	if (errno || end == v || *end || n < s->min || n > s->max)
		return err_set(err, "--%s takes a whole number from %d to %d, "
		    "not \"%.40s\"", s->name, s->min, s->max, v);
	*to = (int)n;
	return 0;
}

static int
set_float(const struct opt_spec *s, float *to, const char *v, struct err *err)
{
	char *end;
	double x;

	errno = 0;
	x = strtod(v, &end);
	if (errno || end == v || *end || !isfinite(x))
		return err_set(err, "--%s takes a number, not \"%.40s\"",
		    s->name, v);
	*to = (float)x;
	return 0;
}

static int
set_temperature(float *to, const char *v, struct err *err)
{
	char *end;
	double x;

	if (!strcmp(v, "auto")) {
		*to = TEMPERATURE_AUTO;
		return 0;
	}
	errno = 0;
	x = strtod(v, &end);
	if (errno || end == v || *end || !(x >= 0 && x <= 10))
		return err_set(err, "--temp takes a number from 0 to 10, or "
		    "auto, not \"%.40s\"", v);
	*to = (float)x;
	return 0;
}

static int
set_seed(uint64_t *to, const char *v, struct err *err)
{
	char *end;

	errno = 0;
	*to = strtoull(v, &end, 10);
	if (errno || *v < '0' || *v > '9' || *end)
		return err_set(err, "--seed takes a whole number from 0, not "
		    "\"%.40s\"", v);
	return 0;
}

static int
set_value(const struct opt_spec *s, struct conf *c, const char *v,
    struct err *err)
{
	void *to = (char *)c + s->off;

	switch (s->kind) {
	case O_STR:
		free(*(char **)to);
		*(char **)to = xstrdup(v);
		return 0;
	case O_INT:
		return set_int(s, to, v, err);
	case O_TEMPERATURE:
		return set_temperature(to, v, err);
	case O_FLOAT:
		return set_float(s, to, v, err);
	case O_SEED:
		return set_seed(to, v, err);
	case O_THINK:
		if (thinking_parse(v, to) == 0)
			return 0;
		return err_set(err, "--think takes auto, on or off, not "
		    "\"%.40s\"", v);
	case O_KV:
		if (kv_type_parse(v, to) == 0)
			return 0;
		return err_set(err, "--kv takes f16, f32 or q8_0, not "
		    "\"%.40s\"", v);
	case O_FLAG:
		*(bool *)to = true;
		return 0;
	case O_LANGUAGE:
		if (!lang_valid(v))
			return err_set(err, "--language takes auto, or a "
			    "language's code such as ar, not \"%.40s\"", v);
		free(*(char **)to);
		*(char **)to = xstrdup(v);
		return 0;
	case O_LORA:
		return load_add_adapter_text(to, v, "--lora", err);
	default:
		return 0;
	}
}

/* Adapters on the command line stand instead of the configuration's. */
static void
forget_adapters(const struct options *o, struct conf *c)
{
	for (size_t i = 0; i < o->n_set; i++)
		if (o->set[i].spec->kind == O_LORA)
			load_clear_adapters(&c->load);
}

int
options_apply(const struct options *o, struct conf *c, struct err *err)
{
	const char *bad;

	forget_adapters(o, c);
	for (size_t i = 0; i < o->n_set; i++)
		if (set_value(o->set[i].spec, c, o->set[i].value, err) < 0)
			return -1;
	bad = sampling_check(&c->sampling);
	return bad ? err_set(err, "%s", _(bad)) : 0;
}

/* Whatever is wrong with the settings shows before any file is read. */
static int
check_settings(const struct options *o, struct err *err)
{
	struct conf scratch = { .sampling = sampling_default() };
	int ret = options_apply(o, &scratch, err);

	conf_done(&scratch);
	return ret;
}

/* ---- parsing ---------------------------------------------------------- */

static void
keep(struct options *o, const struct opt_spec *s, const char *value)
{
	o->set = xreallocarray(o->set, o->n_set + 1, sizeof *o->set);
	o->set[o->n_set].spec = s;
	o->set[o->n_set++].value = value;
}

static int
take_option(struct options *o, const struct opt_spec *s, const char *v,
    struct err *err)
{
	if (s->commands)
		o->special = s;
	switch (s->kind) {
	case O_CONTINUE:
		o->resume = true;
		o->resume_id = v;
		return 0;
	case O_THINKING:
		o->thinking_stderr = !strcmp(v, "stderr");
		if (o->thinking_stderr || !strcmp(v, "none"))
			return 0;
		return err_set(err, "--thinking takes stderr or none, not "
		    "\"%.40s\"", v);
	case O_CONFIG:
		o->config = v;
		return 0;
	case O_SCRIPT:
		o->script = v;
		return 0;
	case O_CMD_FLAG:
		*(bool *)((char *)o + s->off) = true;
		return 0;
	case O_CMD_STR:
		*(const char **)((char *)o + s->off) = v;
		return 0;
	case O_CMD_INT:
		return set_int(s, (int *)((char *)o + s->off), v, err);
	case O_HELP:
		o->command = CMD_HELP;
		return 0;
	case O_VERSION:
		o->command = CMD_VERSION;
		return 0;
	case O_THINK:
		o->think_given = true;
		break;
	case O_STR:
		o->model_given |= s->off == C(load.model);
		break;
	default:
		break;
	}
	keep(o, s, v);
	return 0;
}

/* The tables of getopt_long(3), made from ours; a long option's value is its
 * row, counted from above the letters. */
static void
make_getopt(struct option *longs, char *letters)
{
	*letters++ = '-';	/* words where they stand: parse_flags */
	*letters++ = ':';
	for (int i = 0; i < N_SPECS; i++) {
		const struct opt_spec *s = &specs[i];
		int has = !s->arg ? no_argument : s->kind == O_CONTINUE ?
		    optional_argument : required_argument;

		longs[i] = (struct option){ s->name, has, NULL, 256 + i };
		if (!s->letter)
			continue;
		*letters++ = s->letter;
		for (int k = 0; k < has; k++)
			*letters++ = ':';
	}
	longs[N_SPECS] = (struct option){ 0 };
	*letters = '\0';
}

static const struct opt_spec *
spec_of(int code)
{
	if (code >= 256)
		return &specs[code - 256];
	for (int i = 0; i < N_SPECS; i++)
		if (code && specs[i].letter == code)
			return &specs[i];
	return NULL;
}

/* Behind the id in `fikr tag ID -work`, that takes a tag away. */
static bool
is_tag(const struct options *o, const char *word)
{
	return o->n_words >= 2 && !strcmp(o->words[0], "tag") && word &&
	    word[0] == '-' && word[1] && word[1] != '-';
}

static int
parse_flags(struct options *o, int argc, char **argv, struct err *err)
{
	struct option longs[sizeof specs / sizeof specs[0] + 1];
	char letters[3 * sizeof specs / sizeof specs[0] + 3];
	int code;

	make_getopt(longs, letters);
	opterr = 0;
	optind = 0;		/* glibc: start over */
	o->words = o->line = xcalloc((size_t)argc + 1, sizeof *o->line);
	for (;;) {
		if (is_tag(o, argv[optind])) {
			o->words[o->n_words++] = argv[optind++];
			continue;
		}
		code = getopt_long(argc, argv, letters, longs, NULL);
		if (code == -1)
			break;
		if (code == 1) {
			o->words[o->n_words++] = optarg;
			continue;
		}
		if (code == ':')
			return err_set(err, "the option %s needs a value",
			    argv[optind - 1]);
		if (code == '?' && optopt && optopt < 256)
			return err_set(err, "there is no option -%c", optopt);
		if (code == '?')
			return err_set(err, "the option %.60s is not known, "
			    "or takes no value, or is short for several",
			    argv[optind - 1]);
		if (take_option(o, spec_of(code), optarg, err) < 0)
			return -1;
	}
	while (optind < argc)
		o->words[o->n_words++] = argv[optind++];
	return 0;
}

/* `fikr ask what is this` works without quotes too. */
static char *
join_words(int n, char **words)
{
	struct buf b = { 0 };

	for (int i = 0; i < n; i++) {
		if (i)
			buf_addc(&b, ' ');
		buf_puts(&b, words[i]);
	}
	return n ? buf_take(&b) : NULL;
}

static int
check_words(size_t command, int n, struct err *err)
{
	const char *name = commands[command].name;
	const char *arg = commands[command].arg;

	if (commands[command].max == 0 && n > 0)
		return err_set(err, "%s takes no arguments", name);
	if (n < commands[command].min ||
	    (commands[command].max >= 0 && n > commands[command].max))
		return err_set(err, "the command is fikr %s %s", name, arg);
	return 0;
}

/* An option that the command does not have would do nothing. */
static int
check_special(const struct options *o, struct err *err)
{
	const char *of = "?";

	if (!o->special || o->command == CMD_HELP ||
	    o->command == CMD_VERSION ||
	    (o->special->commands & OF(o->command)))
		return 0;
	for (size_t i = N_COMMANDS; i-- > 0; )
		if (o->special->commands & OF(commands[i].command))
			of = commands[i].name;
	return err_set(err, "--%s is an option of fikr %s", o->special->name,
	    of);
}

/* A letter that the command has for itself means that, whatever it is to the
 * chat. */
static int
own_letters(struct options *o, struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_set; i++) {
		const struct opt_spec *own = NULL;

		for (int k = 0; k < N_SPECS; k++)
			if ((specs[k].commands & OF(o->command)) &&
			    specs[k].letter && specs[k].letter ==
			    o->set[i].spec->letter)
				own = &specs[k];
		if (!own)
			o->set[n++] = o->set[i];
		else if (take_option(o, own, o->set[i].value, err) < 0)
			return -1;
	}
	o->n_set = n;
	return 0;
}

static int
parse_command(struct options *o, struct err *err)
{
	char **words = o->words;
	int n = o->n_words;

	if (n == 0)
		return 0;
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(words[0], commands[i].name))
			continue;
		/* --help and --version win over any command */
		if (o->command == CMD_CHAT)
			o->command = commands[i].command;
		if (check_words(i, n - 1, err) < 0)
			return -1;
		o->text = join_words(n - 1, words + 1);
		o->words = words + 1;
		o->n_words = n - 1;
		return own_letters(o, err);
	}
	return err_set(err, "\"%.60s\" is not a command of fikr", words[0]);
}

int
options_parse(struct options *o, int argc, char **argv, struct err *err)
{
	memset(o, 0, sizeof *o);
	if (parse_flags(o, argc, argv, err) < 0 ||
	    parse_command(o, err) < 0 ||
	    check_special(o, err) < 0 || check_settings(o, err) < 0) {
		options_done(o);
		return -1;
	}
	return 0;
}

void
options_done(struct options *o)
{
	free(o->text);
	free(o->set);
	free(o->line);
	memset(o, 0, sizeof *o);
}

/* ---- help ------------------------------------------------------------- */

static void
help_option(const struct opt_spec *s)
{
	char *name, *arg = NULL;

	if (!s->help)
		return;
	if (s->arg)
		arg = xasprintf(s->kind == O_CONTINUE ? "[=%s]" : " %s",
		    s->arg);
	name = xasprintf("--%s%s", s->name, arg ? arg : "");
	printf(s->letter ? "  -%c, " : "      ", s->letter);
	printf("%-19s %s\n", name, _(s->help));
	free(name);
	free(arg);
}

/* The options that a command shares with few others. */
static void
help_command(size_t command)
{
	bool any = false;

	for (int i = 0; i < N_SPECS; i++) {
		if (!(specs[i].commands & OF(commands[command].command)))
			continue;
		if (!any)
			printf("\n");
		if (!any)
			printf(_("Options of %s:"), commands[command].name);
		if (!any)
			printf("\n");
		any = true;
		help_option(&specs[i]);
	}
}

static void
help_line(size_t command)
{
	const char *arg = commands[command].arg;
	char *name = xasprintf("%s%s%s", commands[command].name,
	    arg ? " " : "", arg ? arg : "");

	printf("  %-23s %s\n", name, _(commands[command].help));
	free(name);
}

void
options_help(void)
{
	puts(_("Usage: fikr [OPTIONS]                 chat on the full screen\n"
	    "       fikr [OPTIONS] COMMAND [...]\n"
	    "\n"
	    "Chat with a reasoning model that runs on this computer's CPU."));
	printf("\n%s\n", _("Commands:"));
	for (size_t i = 0; i < N_COMMANDS; i++)
		help_line(i);
	printf("\n%s\n", _("Options:"));
	for (int i = 0; i < N_SPECS; i++)
		if (!specs[i].commands || specs[i].commands & OF(CMD_CHAT))
			help_option(&specs[i]);
	for (size_t i = 0; i < N_COMMANDS; i++)
		help_command(i);
	putchar('\n');
	puts(_("Exit status: 0 done, 1 failed, 2 wrong usage, 130 "
	    "interrupted.\n"
	    "Files: config.yaml under ~/.config/fikr; models and "
	    "conversations under\n"
	    "~/.local/share/fikr; worker.log under ~/.local/state/fikr."));
}
