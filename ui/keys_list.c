/* keys_list.c -- `fikr keys`: the table of actions as text, as the start of a
 * keys.yaml, and as the manual page that is built from it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "alloc.h"
#include "i18n.h"
#include "keymap.h"
#include "paths.h"
#include "ui.h"
#include "width.h"

#define KEYS_COLS 24

/* Which section an action belongs to: the last one, commands, without keys. */
static size_t
section_of(const struct action *act)
{
	size_t i = 0;
	unsigned where;

	for (; i + 1 < n_action_sections; i++) {
		where = action_sections[i].where;
		if (action_in(act, where))
			break;
	}
	return i;
}

/* "Ctrl-T, F1 /help" */
static void
put_ways(const struct keymap *m, const struct action *act, struct buf *out)
{
	keymap_text(m, act, out);
	if (act->slash)
		buf_printf(out, "%s%s%s%s", out->len ? ", " : "", act->slash,
		    *act->args ? " " : "", act->args);
}

static void
pad(const char *s, int cols)
{
	int n = cols - text_cols(s, strlen(s));

	printf("  %s%*s", s, n > 0 ? n : 0, "");
}

static void
print_text(const struct keymap *m)
{
	struct buf b = { 0 };

	for (size_t s = 0; s < n_action_sections; s++) {
		printf("%s%s\n", s ? "\n" : "",
		    _(action_sections[s].title));
		for (size_t i = 0; i < n_actions; i++) {
			if (section_of(&actions[i]) != s)
				continue;
			buf_clear(&b);
			put_ways(m, &actions[i], &b);
			pad(actions[i].name, KEYS_COLS);
			printf(" %s\n  %*s %s\n", b.len ? b.data : "-",
			    KEYS_COLS, "", _(actions[i].help));
		}
	}
	buf_free(&b);
}

/* Text in a manual page: a hyphen is a minus, nothing is a request. */
static void
put_roff(const char *s)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", stdout);
	for (; *s; s++) {
		if (*s == '-')
			fputs("\\-", stdout);
		else if (*s == '\\')
			fputs("\\e", stdout);
		else
			putchar(*s);
	}
}

static void
print_man(const struct keymap *m)
{
	struct buf b = { 0 };

	printf(".TH FIKR\\-KEYS 7 2026\\-11\\-24 \"fikr " PACKAGE_VERSION
	    "\"\n.SH NAME\nfikr\\-keys \\- keys and commands of fikr's "
	    "screen\n.SH DESCRIPTION\nEvery key can be changed in\n"
	    ".IR $XDG_CONFIG_HOME/fikr/keys.yaml :\na line\n"
	    ".I action: key\nfor each action by its name below.\n"
	    "The command\n.B fikr keys yaml\nprints such a file.\n");
	for (size_t s = 0; s < n_action_sections; s++) {
		printf(".SH %s\n", action_sections[s].title);
		for (size_t i = 0; i < n_actions; i++) {
			if (section_of(&actions[i]) != s)
				continue;
			buf_clear(&b);
			put_ways(m, &actions[i], &b);
			printf(".TP\n.B ");
			put_roff(b.len ? b.data : "no key");
			printf("\n");
			put_roff(actions[i].help);
			printf(".\nAction\n.IR ");
			put_roff(actions[i].name);
			printf(" .\n");
		}
	}
	printf(".SH SEE ALSO\n.BR fikr (1)\n");
	buf_free(&b);
}

static void
put_yaml_keys(const char *keys)
{
	bool several = strchr(keys, ' ') != NULL;

	printf("%s", several ? "[" : "");
	for (size_t n; *keys; keys += n + strspn(keys + n, " ")) {
		n = strcspn(keys, " ");
		printf("\"%.*s\"%s", (int)n, keys, keys[n] ? ", " : "");
	}
	printf("%s\n", several ? "]" : "");
}

static void
print_yaml(void)
{
	puts("# Keys of fikr: take the # away and change what you want.");
	for (size_t i = 0; i < n_actions; i++) {
		if (!actions[i].where)
			continue;
		printf("# %s: ", actions[i].name);
		put_yaml_keys(*actions[i].keys ? actions[i].keys : "none");
	}
}

int
ui_keys_main(int n, char **words)
{
	struct keymap m;
	struct err err;
	char *path;
	int rc = 0;

	keymap_init(&m);
	if (n == 1 && strcmp(words[0], "man") == 0) {
		print_man(&m);
	} else if (n == 1 && strcmp(words[0], "yaml") == 0) {
		print_yaml();
	} else if (n > 0) {
		fprintf(stderr, _("fikr: keys takes nothing, yaml or man, not "
		    "\"%s\"; try fikr --help\n"), words[0]);
		rc = 2;
	} else {
		path = path_config("keys.yaml");
		rc = keymap_load(&m, path, &err) < 0;
		if (rc)
			fprintf(stderr, "fikr: %s\n", err.text);
		else
			print_text(&m);
		free(path);
	}
	keymap_done(&m);
	return rc;
}
