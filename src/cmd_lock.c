/* cmd_lock.c -- `fikr lock`, `fikr lock --change`, `fikr unlock`. */
#include "cmd_lock.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "cmd.h"
#include "forget.h"
#include "i18n.h"
#include "journal.h"
#include "journal_path.h"
#include "passphrase.h"
#include "store.h"
#include "vault.h"
#include "vault_store.h"

#define MANY 1000

static void
why(const struct err *err)
{
	cmd_failed(err);
}

/* ---- a new passphrase ------------------------------------------------- */

static bool
same(const struct passphrase *a, const struct passphrase *b)
{
	return a->n == b->n && sodium_memcmp(a->text, b->text, a->n) == 0;
}

static int
ask_twice(struct passphrase *p, struct err *err)
{
	struct passphrase again;
	int r;

	if (passphrase_ask(p, _("New passphrase: "), err) < 0)
		return -1;
	if (p->n == 0) {
		passphrase_done(p);
		return err_set(err, "without a passphrase nothing changes");
	}
	r = passphrase_ask(&again, _("The same once more: "), err);
	if (r == 0 && !same(p, &again))
		r = err_set(err, "these were two different passphrases; "
		    "nothing has changed");
	if (r == 0)
		passphrase_done(&again);
	else
		passphrase_done(p);
	return r;
}

static int
make_vault(struct store *s, struct err *err)
{
	struct passphrase p;
	int r = passphrase_given() ? passphrase_read(&p, err) :
	    ask_twice(&p, err);

	if (r < 0)
		return -1;
	s->vault = vault_create(s->dir, p.text, p.n, NULL, err);
	passphrase_done(&p);
	return s->vault ? 0 : -1;
}

static int
change(struct store *s)
{
	struct passphrase p;
	struct err err;
	int r;

	if (!s->vault) {
		err_set(&err, "the conversations are not encrypted; `fikr "
		    "lock` does that");
		return cmd_failed(&err);
	}
	if (ask_twice(&p, &err) < 0)
		return cmd_failed(&err);
	r = vault_change(s->vault, s->dir, p.text, p.n, NULL, &err);
	passphrase_done(&p);
	if (r < 0)
		return cmd_failed(&err);
	puts(_("The passphrase is changed. Whoever has an old copy of "
	    "store.key and the old passphrase can still read the "
	    "conversations."));
	return 0;
}

/* ---- locking ---------------------------------------------------------- */

static void
say_count(const char *text, int n)
{
	if (n > 0)
		printf(text, n);
}

static int
left(const struct turned *t, const char *again)
{
	if (t->failed == 0)
		return 0;
	fprintf(stderr, ngettext("fikr: %d file stayed as it was; `fikr %s` "
	    "tries again\n", "fikr: %d files stayed as they were; `fikr %s` "
	    "tries again\n", (unsigned long)t->failed), t->failed, again);
	return 1;
}

/* Of thousands, each synced, somebody might think that it hangs. */
static void
may_take_time(const struct store *s)
{
	struct journal_file *v;
	int n = journal_files(s->dir, &v, NULL);

	if (n >= MANY)
		fprintf(stderr, ngettext("%d conversation; this may be "
		    "interrupted, and done again later\n",
		    "%d conversations; this may be interrupted, and done "
		    "again later\n", (unsigned long)n), n);
	free(v);
}

static int
lock(struct store *s)
{
	struct turned t;
	struct bar bar;
	struct err err;
	int n;

	if (!s->vault && make_vault(s, &err) < 0)
		return cmd_failed(&err);
	may_take_time(s);
	bar_begin(&bar);
	if (vault_seal_store(s, &t, why, &bar, &err) < 0)
		return cmd_failed(&err);
	n = forget_caches(&err);
	if (n < 0)
		cmd_failed(&err);
	say_count(ngettext("%d conversation is encrypted now.\n",
	    "%d conversations are encrypted now.\n",
	    (unsigned long)t.done), t.done);
	say_count(ngettext("%d was already.\n", "%d were already.\n",
	    (unsigned long)t.before), t.before);
	printf(_("They can only be read with the passphrase and with the file\n"
	    "  %s/%s\n"
	    "Keep a copy of both: nobody can help when one of them is "
	    "lost.\n"), s->dir, VAULT_FILE);
	return left(&t, "lock") || n < 0 ? 1 : 0;
}

static int
unlock(struct store *s)
{
	struct turned t;
	struct bar bar;
	struct err err;

	if (!s->vault) {
		err_set(&err, "the conversations are not encrypted");
		return cmd_failed(&err);
	}
	may_take_time(s);
	bar_begin(&bar);
	if (vault_unseal_store(s, &t, why, &bar, &err) < 0)
		return cmd_failed(&err);
	say_count(ngettext("%d conversation can be read by anyone who can "
	    "read its file now.\n", "%d conversations can be read by anyone "
	    "who can read their files now.\n", (unsigned long)t.done),
	    t.done);
	say_count(ngettext("%d damaged document could not be decrypted; it is "
	    "in the .torn file beside its conversation.\n", "%d damaged "
	    "documents could not be decrypted; they are in the .torn files "
	    "beside their conversations.\n", (unsigned long)t.bad), t.bad);
	if (left(&t, "unlock"))
		return 1;
	return vault_remove(s->dir, &err) < 0 ? cmd_failed(&err) : 0;
}

/* The store with its key, if it has one, for this program alone. */
static int
with_store(int (*run)(struct store *))
{
	struct store s;
	struct err err;
	int r;

	if (store_open(&s, false, &err) == STORE_OPEN &&
	    store_lock(&s, &err) == 0)
		r = run(&s);
	else
		r = cmd_failed(&err);
	store_close(&s);
	return r;
}

int
lock_main(const struct options *o)
{
	return with_store(o->change ? change : lock);
}

int
unlock_main(const struct options *o)
{
	(void)o;
	return with_store(unlock);
}
