/* main.c -- fikr, the command: reads the command line and the configuration
 * and hands over to the screen or to a command without one. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "ask.h"
#include "cmd_export.h"
#include "cmd_forget.h"
#include "cmd_fork.h"
#include "cmd_import.h"
#include "cmd_label.h"
#include "cmd_lock.h"
#include "cmd_replay.h"
#include "conf.h"
#include "i18n.h"
#include "index.h"
#include "journal.h"
#include "lang.h"
#include "list.h"
#include "options.h"
#include "paths.h"
#include "store.h"
#include "ui.h"
#include "vault.h"
#include "verify.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static int
complain(int status, const struct err *err)
{
	fprintf(stderr, "fikr: ");
	fprintf(stderr, status == EXIT_USAGE ? _("%s; try fikr --help\n") :
	    "%s\n", err->text);
	return status;
}

/* A descriptor below 3 that somebody closed would be taken by the next file
 * opened, and output would end up in it. */
static void
guard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd < 3);
	if (fd >= 3)
		close(fd);
}

static int
load_conf(const struct options *o, struct conf *c, struct err *err)
{
	char *path;
	int ret;

	if (o->config && access(o->config, R_OK) < 0)
		return err_set(err, "cannot read the configuration %s: %s",
		    o->config, strerror(errno));
	path = o->config ? xstrdup(o->config) : path_config("config.yaml");
	ret = conf_load(c, path, err);
	free(path);
	return ret < 0 ? -1 : options_apply(o, c, err);
}

/* ---- the screen ------------------------------------------------------- */

static int
check_terminal(struct err *err)
{
	if (!isatty(STDIN_FILENO))
		return err_set(err, "the chat needs a terminal, but standard "
		    "input is none; fikr ask takes a question from a pipe");
	if (!isatty(STDOUT_FILENO))
		return err_set(err, "the chat needs a terminal, but standard "
		    "output is none; fikr ask prints an answer into a pipe");
	return 0;
}

/* The id of the conversation to open, or NULL for a new one; caller frees. */
static int
which_convo(const struct options *o, const struct store *store, char **id,
    struct err *err)
{
	struct convo_info *v = NULL;
	int n;

	*id = xstrdup(o->resume_id);
	if (!o->resume || *id)
		return 0;
	n = index_list(store, &v, err);
	if (n < 0)
		return -1;
	for (int i = 0; i < n && !*id; i++)
		if (!v[i].trashed)
			*id = xstrdup(v[i].id);
	convo_infos_free(v, n);
	return 0;
}

/* Scripted screens run against a stand-in for the worker, which needs no
 * files. */
static int
what_to_load(const struct options *o, const struct conf *c, struct load *l,
    struct err *err)
{
	int ret = load_resolve(l, &c->load, err);

	if (ret == 0 || !o->script)
		return ret;
	load_copy(l, &c->load);
	if (!l->model)
		l->model = xstrdup(DEFAULT_MODEL_FILE);
	return 0;
}

/* What is temporary needs no passphrase, and who gives none chats so. */
static int
open_for_chat(const struct options *o, struct store *s, struct err *err)
{
	if (o->temporary ? store_open_shut(s, err) < 0 :
	    store_open(s, true, err) == STORE_FAILED)
		return -1;
	if (!o->temporary && (s->vault || !vault_exists(s->dir)))
		return 0;
	s->temporary = true;
	store_no_dumps();
	return 0;
}

static int
chat_main(const struct options *o, const struct conf *c,
    struct store *store)
{
	struct ui_opts u = { .conf = c, .script = o->script };
	struct load load = { 0 };
	char *id = NULL;
	struct err err;
	int ret;

	if (!o->script && check_terminal(&err) < 0)
		return complain(EXIT_USAGE, &err);
	if (what_to_load(o, c, &load, &err) < 0 ||
	    open_for_chat(o, store, &err) < 0 ||
	    which_convo(o, store, &id, &err) < 0) {
		ret = complain(EXIT_FAILED, &err);
	} else {
		u.load = &load;
		u.open = id;
		u.store = store;
		ret = ui_main(&u);
	}
	load_done(&load);
	free(id);
	return ret;
}

/* ---- commands --------------------------------------------------------- */

static int
of_store(const struct options *o, const struct store *store)
{
	switch (o->command) {
	case CMD_LIST:
		return list_main(store, o);
	case CMD_SEARCH:
		return search_main(store, o);
	case CMD_SHOW:
		return show_main(store, o);
	case CMD_EXPORT:
		return export_main(store, o);
	case CMD_IMPORT:
		return import_main(store, o);
	case CMD_FORK:
		return fork_main(store, o);
	case CMD_DIFF:
		return diff_main(store, o);
	case CMD_FORGET:
		return forget_main(store, o);
	case CMD_TRASH:
		return trash_main(store, o);
	default:
		return label_main(store, o);
	}
}

static int
saved_main(const struct options *o)
{
	struct store store;
	struct err err;
	int ret;

	if (store_open(&store, false, &err) != STORE_OPEN)
		ret = complain(EXIT_FAILED, &err);
	else
		ret = of_store(o, &store);
	store_close(&store);
	return ret;
}

/* What is wrong with the configuration is among what it tells. */
static int
doctor_main(const struct options *o)
{
	char *path = o->config ? xstrdup(o->config) :
	    path_config("config.yaml");
	struct err err = { "" };
	struct conf c;
	int ret;

	conf_init(&c);
	load_conf(o, &c, &err);
	ret = ui_doctor_main(&c, path, err.text, o->json);
	conf_done(&c);
	free(path);
	return ret;
}

static int
replay_main(const struct options *o, const struct conf *c,
    const struct store *store)
{
	struct load none = { .model = NULL };
	struct replay_how how;
	struct ui_opts u = { .conf = c, .script = o->script, .store = store,
		.load = &none, .how = &how,
		.thinking_stderr = o->thinking_stderr };
	struct convo *convo = NULL;
	struct err err;
	int ret;

	if (replay_how_parse(o, &how, &err) < 0) {
		ret = complain(EXIT_USAGE, &err);
	} else if (!(convo = replay_read(o, store, &err))) {
		ret = complain(EXIT_FAILED, &err);
	} else {
		u.replay = convo;
		ret = ui_replay_main(&u);
	}
	convo_free(convo);
	return ret;
}

/* The chat asks for the terminal first, and opens it then. */
static int
open_store(const struct options *o, struct store *s, struct err *err)
{
	if (o->command == CMD_CHAT || (o->command == CMD_ASK && !o->save))
		return 0;
	return store_open(s, false, err) == STORE_OPEN ? 0 : -1;
}

static int
with_conf(const struct options *o)
{
	struct store store = { .dir = NULL };
	struct conf c;
	struct err err;
	int ret;

	conf_init(&c);
	if (load_conf(o, &c, &err) < 0 || open_store(o, &store, &err) < 0)
		ret = complain(EXIT_FAILED, &err);
	else if (o->command == CMD_ASK)
		ret = ask_main(o, &c, &store);
	else if (o->command == CMD_REPLAY)
		ret = replay_main(o, &c, &store);
	else if (o->command == CMD_VERIFY)
		ret = verify_main(o, &c, &store);
	else
		ret = chat_main(o, &c, &store);
	conf_done(&c);
	store_close(&store);
	return ret;
}

/* What was printed through stdio has to have arrived. */
static int
flushed(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	fprintf(stderr, "fikr: cannot write the output: %s\n",
	    strerror(errno));
	return EXIT_FAILED;
}

static int
dispatch(const struct options *o)
{
	int ret;

	switch (o->command) {
	case CMD_HELP:
		options_help();
		return flushed();
	case CMD_VERSION:
		puts("fikr " PACKAGE_VERSION);
		return flushed();
	case CMD_THEME:
		ret = ui_theme_main(o->n_words, o->words);
		return flushed() ? EXIT_FAILED : ret;
	case CMD_DOCTOR:
		ret = doctor_main(o);
		return flushed() ? EXIT_FAILED : ret;
	case CMD_KEYS:
		ret = ui_keys_main(o->n_words, o->words);
		return flushed() ? EXIT_FAILED : ret;
	case CMD_LOCK:
		ret = lock_main(o);
		return flushed() ? EXIT_FAILED : ret;
	case CMD_UNLOCK:
		ret = unlock_main(o);
		return flushed() ? EXIT_FAILED : ret;
	case CMD_CHAT:
	case CMD_ASK:
	case CMD_REPLAY:
	case CMD_VERIFY:
		return with_conf(o);
	default:
		ret = saved_main(o);
		return flushed() ? EXIT_FAILED : ret;
	}
}

/* Of every command, and before what may be wrong with the configuration is
 * told. */
static void
choose_language(const struct options *o)
{
	struct conf c;
	struct err err;

	conf_init(&c);
	if (load_conf(o, &c, &err) < 0)
		options_apply(o, &c, &err);
	lang_choose(c.language);
	conf_done(&c);
}

int
main(int argc, char **argv)
{
	struct options o;
	struct err err;
	int ret;

	guard_descriptors();
	/* a file at its limit is then a failed write, which can be told */
	signal(SIGXFSZ, SIG_IGN);
	lang_init();
	if (options_parse(&o, argc, argv, &err) < 0) {
		/* once more, for the words */
		choose_language(&(struct options){ 0 });
		options_parse(&o, argc, argv, &err);
		return complain(EXIT_USAGE, &err);
	}
	choose_language(&o);
	ret = dispatch(&o);
	options_done(&o);
	return ret;
}
