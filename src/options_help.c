/* options_help.c -- `fikr --help`. */
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "i18n.h"
#include "options_priv.h"

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

	for (int i = 0; i < option_n_specs; i++) {
		if (!(option_specs[i].commands & OF(option_commands[command].command)))
			continue;
		if (!any)
			printf("\n");
		if (!any)
			printf(_("Options of %s:"), option_commands[command].name);
		if (!any)
			printf("\n");
		any = true;
		help_option(&option_specs[i]);
	}
}

static void
help_line(size_t command)
{
	const char *arg = option_commands[command].arg;
	char *name = xasprintf("%s%s%s", option_commands[command].name,
	    arg ? " " : "", arg ? arg : "");

	printf("  %-23s %s\n", name, _(option_commands[command].help));
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
	for (size_t i = 0; i < option_n_commands; i++)
		help_line(i);
	printf("\n%s\n", _("Options:"));
	for (int i = 0; i < option_n_specs; i++)
		if (!option_specs[i].commands || option_specs[i].commands & OF(CMD_CHAT))
			help_option(&option_specs[i]);
	for (size_t i = 0; i < option_n_commands; i++)
		help_command(i);
	putchar('\n');
	puts(_("Exit status: 0 done, 1 failed, 2 wrong usage, 130 "
	    "interrupted.\n"
	    "Files: config.yaml under ~/.config/fikr; models and "
	    "conversations under\n"
	    "~/.local/share/fikr; worker.log under ~/.local/state/fikr."));
}
