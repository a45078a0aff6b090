/* store.c -- the person's conversations, opened. */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "i18n.h"
#include "passphrase.h"
#include "paths.h"
#include "vault.h"

#define TRIES 3

void
store_no_dumps(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

/* Take the folder's lock, how: LOCK_SH or LOCK_EX.  One that is not there yet,
 * and one on a file system without locks, needs none. */
static int
take_lock(struct store *s, int how, struct err *err)
{
	struct stat st;

	if (!s->lock) {
		int fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			return 0;
		s->lock = fd;
		if (fstat(fd, &st) == 0 && (st.st_mode & 077))
			(void)fchmod(fd, 0700);
	}
	if (flock(s->lock, how | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0;
	return err_set(err, how == LOCK_SH ? N_("another fikr is encrypting or "
	    "decrypting the conversations; wait until it has ended") :
	    N_("another fikr is running; end it first"));
}

int
store_lock(struct store *s, struct err *err)
{
	return path_make_dir(s->dir, err) < 0 ? -1 :
	    take_lock(s, LOCK_EX, err);
}

/* A passphrase from a file has one try. */
static enum store_state
open_given(struct store *s, struct err *err)
{
	struct passphrase p;
	bool wrong;

	if (passphrase_read(&p, err) < 0)
		return STORE_FAILED;
	s->vault = vault_open(s->dir, p.text, p.n, &wrong, err);
	passphrase_done(&p);
	return s->vault ? STORE_OPEN : STORE_FAILED;
}

static enum store_state
try_once(struct store *s, bool optional, bool *wrong, struct err *err)
{
	struct passphrase p;

	*wrong = false;
	if (passphrase_ask(&p, optional ? _("Passphrase of the conversations "
	    "(none: chat without them, saving nothing): ") :
	    _("Passphrase of the conversations: "), err) < 0)
		return STORE_FAILED;
	if (p.n == 0) {
		passphrase_done(&p);
		err_set(err, "the conversations are encrypted, and no "
		    "passphrase was given");
		return STORE_SHUT;
	}
	s->vault = vault_open(s->dir, p.text, p.n, wrong, err);
	passphrase_done(&p);
	return s->vault ? STORE_OPEN : STORE_FAILED;
}

static enum store_state
open_asking(struct store *s, bool optional, struct err *err)
{
	enum store_state r;
	bool wrong;

	for (int i = 0; i < TRIES; i++) {
		r = try_once(s, optional, &wrong, err);
		if (r != STORE_FAILED || !wrong)
			return r;
		if (i + 1 < TRIES)
			fprintf(stderr, "fikr: %s\n", err->text);
	}
	return STORE_FAILED;
}

int
store_open_shut(struct store *s, struct err *err)
{
	*s = (struct store){ .dir = path_data("conversations") };
	return take_lock(s, LOCK_SH, err);
}

enum store_state
store_open(struct store *s, bool optional, struct err *err)
{
	enum store_state r;

	if (store_open_shut(s, err) < 0)
		return STORE_FAILED;
	if (!vault_exists(s->dir))
		return STORE_OPEN;
	r = passphrase_given() ? open_given(s, err) :
	    open_asking(s, optional, err);
	if (r == STORE_OPEN)
		store_no_dumps();
	return r;
}

void
store_close(struct store *s)
{
	if (s->lock > 0)
		close(s->lock);
	vault_free(s->vault);
	free(s->dir);
	*s = (struct store){ 0 };
}

struct store
store_trash(const struct store *s)
{
	struct store t = *s;

	t.dir = xasprintf("%s/trash", s->dir);
	return t;
}
