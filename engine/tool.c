/* tool.c -- fikr-engine's main, and what its commands share. */
#include "tool.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

static const struct tool *const tools[] = { &tool_inspect, &tool_tokenize,
	&tool_logits, &tool_perplexity, &tool_generate, &tool_bench,
	&tool_render, NULL };

/* ---- help and complaints ---- */

static void
print_help(void)
{
	printf("Usage: fikr-engine COMMAND [OPTION]... [ARGUMENT]...\n"
	    "Run fikr's inference engine without the chat around it.\n\n");
	for (int i = 0; tools[i]; i++)
		printf("  %-12s %s\n", tools[i]->name, tools[i]->summary);
	printf("\n`fikr-engine COMMAND --help' tells a command's options.\n"
	    "FIKR_CPU=scalar, avx2, avx512 or amx in the environment forces "
	    "the kernels,\nFIKR_MEMORY=N pretends that N MiB of memory are "
	    "there.\nExit status: 0 done, 1 failed, 2 wrong usage.\n");
}

static void
print_tool_help(const struct tool *t)
{
	printf("Usage: fikr-engine %s %s\n%s.\n\n%s"
	    "  -h, --help            show this\n", t->name, t->args,
	    t->summary, t->help);
}

int
tool_fail(const struct tool *t, const struct err *err)
{
	fflush(stdout);
	fprintf(stderr, "fikr-engine %s: %s\n", t->name, err->text);
	return 1;
}

int
tool_usage(const struct tool *t, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "fikr-engine %s: ", t->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nUsage: fikr-engine %s %s (--help tells more)\n",
	    t->name, t->args);
	return TOOL_USAGE;
}

int
tool_finish(const struct tool *t)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	fprintf(stderr, "fikr-engine %s: cannot write the output: %s\n",
	    t->name, strerror(errno));
	return 1;
}

/* ---- arguments ---- */

int
tool_int(const char *s, int lo, int hi, int *v)
{
	char *end;
	long x;

	errno = 0;
	x = strtol(s, &end, 10);
	if (errno || end == s || *end || x < lo || x > hi)
		return -1;
	*v = (int)x;
	return 0;
}

static int
tool_seed(const char *s, uint64_t *v)
{
	char *end;

	errno = 0;
	*v = strtoull(s, &end, 10);
	return errno || end == s || *end || *s == '-' ? -1 : 0;
}

static int
tool_temp(const char *s, float *v)
{
	char *end;

	*v = strtof(s, &end);
	return end == s || *end || !(*v >= 0.0f && *v <= 100.0f) ? -1 : 0;
}

int
tool_ids(const char *s, struct ids *out)
{
	while (*s) {
		char *end;
		long x;

		errno = 0;
		x = strtol(s, &end, 10);
		if (errno || end == s || x < 0 || x > INT32_MAX ||
		    (*end && *end != ','))
			return -1;
		ids_add(out, (int32_t)x);
		s = *end ? end + 1 : end;
	}
	return out->n ? 0 : -1;
}

/* The letter is what `takes` names the option by, and its short form where
 * the help shows one. */
static const struct option long_opts[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "threads", required_argument, NULL, 't' },
	{ "context", required_argument, NULL, 'c' },
	{ "prompt", required_argument, NULL, 'p' },
	{ "predict", required_argument, NULL, 'n' },
	{ "depth", required_argument, NULL, 'd' },
	{ "repeat", required_argument, NULL, 'r' },
	{ "model", required_argument, NULL, 'm' },
	{ "peer", required_argument, NULL, 'P' },
	{ "kv", required_argument, NULL, 'k' },
	{ "lora", required_argument, NULL, 'l' },
	{ "temp", required_argument, NULL, 'T' },
	{ "seed", required_argument, NULL, 's' },
	{ "tensors", no_argument, NULL, 'a' },
	{ "metadata", no_argument, NULL, 'M' },
	{ "json", no_argument, NULL, 'j' },
	{ "special", no_argument, NULL, 'S' },
	{ "tokens", required_argument, NULL, 'i' },
	{ "decode", no_argument, NULL, 'D' },
	{ "chat-format", required_argument, NULL, 'F' },
	{ NULL, 0, NULL, 0 }
};

/* FILE or FILE=SCALE; arg is cut where the file's name ends. */
static int
lora_parse(char *arg, struct tool_opts *o)
{
	double scale;
	size_t n = load_split_adapter(arg, &scale);

	if (n == 0 || !isfinite((float)scale) || o->n_lora == LORA_MAX_FILES)
		return -1;
	arg[n] = '\0';
	o->lora[o->n_lora++] = (struct engine_lora){ arg, (float)scale };
	return 0;
}

static int
take_option(int c, char *arg, struct tool_opts *o)
{
	switch (c) {
	case 't':
		return tool_int(arg, 1, 1024, &o->threads);
	case 'c':
		return tool_int(arg, 1, INT_MAX, &o->context);
	case 'p':
		return tool_int(arg, 0, 1 << 20, &o->n_prompt);
	case 'n':
		return tool_int(arg, 0, 1 << 20, &o->n_predict);
	case 'd':
		return tool_int(arg, 0, 1 << 20, &o->depth);
	case 'r':
		return tool_int(arg, 1, 1000, &o->reps);
	case 'k':
		return kv_type_parse(arg, &o->kv);
	case 'l':
		return lora_parse(arg, o);
	case 'T':
		return tool_temp(arg, &o->temp);
	case 's':
		return tool_seed(arg, &o->seed);
	case 'a':
		o->tensors = true;
		return 0;
	case 'M':
		o->metadata = true;
		return 0;
	case 'j':
		o->json = true;
		return 0;
	case 'S':
		o->special = true;
		return 0;
	case 'D':
		o->decode = true;
		return 0;
	case 'm':
		o->model = arg;
		return 0;
	case 'P':
		o->peer = arg;
		return 0;
	case 'i':
		o->tokens = arg;
		return 0;
	case 'F':
		o->chat_format = arg;
		return 0;
	}
	return -1;
}

static const char *
option_name(int c)
{
	for (int i = 0; long_opts[i].name; i++)
		if (long_opts[i].val == c)
			return long_opts[i].name;
	return "?";
}

int
tool_args(const struct tool *t, const char *takes, int argc, char **argv,
    int n_args, struct tool_opts *o, int *status)
{
	/* -m is --metadata where there is that, else --model */
	bool metadata = strchr(takes, 'M');
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, metadata ? ":hc:amjk:" :
	    ":ht:c:p:n:d:r:m:P:k:l:T:s:jSi:F:", long_opts, NULL)) != -1) {
		if (c == 'm' && metadata && !optarg)
			c = 'M';
		if (c == 'h') {
			print_tool_help(t);
			*status = tool_finish(t);
			return -1;
		}
		if (c == ':')
			*status = tool_usage(t, "%s needs a value",
			    argv[optind - 1]);
		else if (c == '?')
			*status = tool_usage(t, "%s is no option",
			    argv[optind - 1]);
		else if (!strchr(takes, c))
			*status = tool_usage(t, "--%s is no option of this "
			    "command", option_name(c));
		else if (take_option(c, optarg, o))
			*status = tool_usage(t, "\"%s\" will not do for --%s",
			    optarg ? optarg : "", option_name(c));
		else
			continue;
		return -1;
	}
	if (n_args >= 0 && argc - optind != n_args) {
		*status = tool_usage(t, "%d argument%s expected, %d given",
		    n_args, n_args == 1 ? "" : "s", argc - optind);
		return -1;
	}
	return optind;
}

/* ---- files and models ---- */

int
tool_read_file(const char *path, struct buf *out, struct err *err)
{
	FILE *f = fopen(path, "rb");
	char tmp[65536];
	size_t n;
	bool bad;

	if (!f)
		return err_set(err, "cannot open %s: %s", path,
		    strerror(errno));
	while ((n = fread(tmp, 1, sizeof tmp, f)) > 0)
		buf_add(out, tmp, n);
	bad = ferror(f);
	fclose(f);
	return bad ? err_set(err, "cannot read %s", path) : 0;
}

static void
tell(const char *note)
{
	if (note)
		fprintf(stderr, "fikr-engine: %s\n", note);
}

struct engine *
tool_open(const char *path, const struct tool_opts *o, bool no_vocab,
    struct err *err)
{
	struct engine_opts e = { .threads = o->threads, .kv = o->kv,
		.lora = o->lora, .n_lora = o->n_lora,
		.chat_format = o->chat_format, .no_vocab = no_vocab };
	struct engine *engine = engine_open(path, &e, err);

	if (!engine)
		return NULL;
	tell(engine_memory_note(engine));
	tell(engine_threads_note(engine));
	return engine;
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "fikr-engine: a command is needed; "
		    "fikr-engine --help lists them\n");
		return TOOL_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help();
		return fflush(stdout) ? 1 : 0;
	}
	for (int i = 0; tools[i]; i++)
		if (strcmp(argv[1], tools[i]->name) == 0)
			return tools[i]->run(tools[i], argc - 1, argv + 1);
	fprintf(stderr, "fikr-engine: there is no command \"%s\"; "
	    "fikr-engine --help lists them\n", argv[1]);
	return TOOL_USAGE;
}
