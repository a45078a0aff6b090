/* options_priv.h -- the tables of fikr's command line, for options*.c alone. */
#ifndef FIKR_OPTIONS_PRIV_H
#define FIKR_OPTIONS_PRIV_H

#include <stddef.h>

#include "options.h"

#define SPECS_MAX 96

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

#define OF(command) (1u << (command))
_Static_assert(CMD_VERSION < 32, "a command is a bit of opt_spec.commands");

struct option_command {
	const char *name;
	enum command command;
	const char *arg, *help;
	int min, max;		/* words behind it; max -1: any number */
};

extern const struct opt_spec option_specs[];	/* [option_n_specs] */
extern const int option_n_specs;
extern const struct option_command option_commands[];
extern const size_t option_n_commands;

#endif
