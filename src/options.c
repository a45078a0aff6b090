/* options.c -- fikr's command line, parsed by the tables of options_table.c. */
#include "options_priv.h"

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
		o->model_given |= s->off ==
		    offsetof(struct conf, load.model);
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
	for (int i = 0; i < option_n_specs; i++) {
		const struct opt_spec *s = &option_specs[i];
		int has = !s->arg ? no_argument : s->kind == O_CONTINUE ?
		    optional_argument : required_argument;

		longs[i] = (struct option){ s->name, has, NULL, 256 + i };
		if (!s->letter)
			continue;
		*letters++ = s->letter;
		for (int k = 0; k < has; k++)
			*letters++ = ':';
	}
	longs[option_n_specs] = (struct option){ 0 };
	*letters = '\0';
}

static const struct opt_spec *
spec_of(int code)
{
	if (code >= 256)
		return &option_specs[code - 256];
	for (int i = 0; i < option_n_specs; i++)
		if (code && option_specs[i].letter == code)
			return &option_specs[i];
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
	struct option longs[SPECS_MAX + 1];
	char letters[3 * SPECS_MAX + 3];
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
	const char *name = option_commands[command].name;
	const char *arg = option_commands[command].arg;

	if (option_commands[command].max == 0 && n > 0)
		return err_set(err, "%s takes no arguments", name);
	if (n < option_commands[command].min ||
	    (option_commands[command].max >= 0 && n > option_commands[command].max))
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
	for (size_t i = option_n_commands; i-- > 0; )
		if (o->special->commands & OF(option_commands[i].command))
			of = option_commands[i].name;
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

		for (int k = 0; k < option_n_specs; k++)
			if ((option_specs[k].commands & OF(o->command)) &&
			    option_specs[k].letter && option_specs[k].letter ==
			    o->set[i].spec->letter)
				own = &option_specs[k];
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
	for (size_t i = 0; i < option_n_commands; i++) {
		if (strcmp(words[0], option_commands[i].name))
			continue;
		/* --help and --version win over any command */
		if (o->command == CMD_CHAT)
			o->command = option_commands[i].command;
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
