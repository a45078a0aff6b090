/* t_vault.c -- encrypted conversations: what is kept can be read with the
 * passphrase and not without, and whatever happens on the way to that and back
 * loses nothing. */
#include "saved.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "event.h"
#include "alloc.h"
#include "vault.h"
#include "vault_file.h"
#include "vault_store.h"

/* These stand before the C library's: the program dies at the one that brings
 * steps down to nothing. */
static int steps = -1;

static void
step(void)
{
	if (steps >= 0 && steps-- == 0)
		_exit(9);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	if (steps == 0)
		syscall(SYS_write, fd, p, n / 2);
	step();
	return syscall(SYS_write, fd, p, n);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	if (steps == 0)
		syscall(SYS_pwrite64, fd, p, n / 2, at);
	step();
	return syscall(SYS_pwrite64, fd, p, n, at);
}

int
fsync(int fd)
{
	step();
	return (int)syscall(SYS_fsync, fd);
}

int
rename(const char *from, const char *to)
{
	step();
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
unlink(const char *name)
{
	step();
	return (int)syscall(SYS_unlinkat, AT_FDCWD, name, 0);
}

static const struct vault_cost cheap = { 1, 8192 };
static const char words[] = "correct horse";

static struct vault *
make(void)
{
	struct err err = { "" };
	struct vault *v;

	mkdir(dir, 0700);
	v = vault_create(dir, words, strlen(words), &cheap, &err);
	if (!v)
		fail_msg("%s", err.text);
	return v;
}

static struct vault *
try(const char *passphrase, bool *wrong, struct err *err)
{
	return vault_open(dir, passphrase, strlen(passphrase), wrong, err);
}

/* The store of saved.h, with a key. */
static struct store
with_key(struct vault *v)
{
	return (struct store){ .dir = dir, .vault = v };
}

static bool
holds(const char *name, const char *word)
{
	struct buf b = { 0 };
	bool there;

	read_path(name, &b);
	there = memmem(b.data, b.len, word, strlen(word)) != NULL;
	buf_free(&b);
	return there;
}

/* record() in the clear, and the same told into an encrypted store. */
static const char *const said[] = { "First question", "Let me", "think",
	"It is", "Second", "Done", "tiny", "sha256" };
#define N_SAID (sizeof(said) / sizeof(said[0]))

static void
assert_hidden(const char *name)
{
	for (size_t i = 0; i < N_SAID; i++)
		if (holds(name, said[i]))
			fail_msg("%s says \"%s\"", name, said[i]);
}

static void
assert_recorded(const struct store *s)
{
	struct err err = { "" }, notice = { "" };
	struct convo *c = journal_read(s, ID, &notice, &err);

	if (!c)
		fail_msg("%s", err.text);
	assert_string_equal(notice.text, "");
	assert_int_equal(c->n, 4);
	assert_string_equal(c->title, "First question?");
	assert_string_equal(c->turns[0]->text.data,
	    "First question?\n\n  indented\n");
	assert_string_equal(c->turns[1]->thinking.data,
	    "Let me think.\n---\n...\n");
	assert_string_equal(c->turns[1]->text.data,
	    "It is so \xF0\x9F\x98\x80.");
	assert_int_equal(c->turns[1]->fold, 1);
	assert_string_equal(c->turns[3]->text.data, "Done");
	assert_int_equal(c->turns[3]->end, DONE_LENGTH);
	assert_true(c->created == INT64_C(1763962282123));
	convo_free(c);
}

/* ---- the key ---------------------------------------------------------- */

/* Catches a key that another passphrase opens, one that is not the same again,
 * and files that others may read. */
static void
test_passphrase(void **state)
{
	struct vault *v = make(), *again;
	struct buf box = { 0 }, text = { 0 };
	struct stat st;
	struct err err;
	char *key;
	bool wrong;

	(void)state;
	assert_true(vault_exists(dir));
	assert_null(try("correct horsf", &wrong, &err));
	assert_true(wrong);
	assert_null(try("correct hors", &wrong, &err));
	assert_true(wrong);
	again = try(words, &wrong, &err);
	assert_non_null(again);
	assert_false(wrong);
	vault_seal(v, ID, "a text", 6, &box);
	assert_int_equal(vault_unseal(again, ID, box.data, box.len, &text), 0);
	assert_string_equal(text.data, "a text");
	key = xasprintf("%s/%s", dir, VAULT_FILE);
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	free(key);
	/* nor is one made over another */
	assert_null(vault_create(dir, words, 4, &cheap, &err));
	vault_free(again);
	vault_free(v);
	buf_free(&box);
	buf_free(&text);
}

/* Catches a change of the passphrase after which the old one still opens, or
 * nothing does. */
static void
test_change(void **state)
{
	struct vault *v = make(), *again;
	struct buf box = { 0 }, text = { 0 };
	struct err err;
	bool wrong;

	(void)state;
	vault_seal(v, ID, "a text", 6, &box);
	assert_int_equal(vault_change(v, dir, "other", 5, &cheap, &err), 0);
	vault_free(v);
	assert_null(try(words, &wrong, &err));
	assert_true(wrong);
	again = try("other", &wrong, &err);
	assert_non_null(again);
	assert_int_equal(vault_unseal(again, ID, box.data, box.len, &text), 0);
	vault_free(again);
	assert_int_equal(vault_remove(dir, &err), 0);
	assert_false(vault_exists(dir));
	buf_free(&box);
	buf_free(&text);
}

/* Catches damage to the key's file that passes for a wrong passphrase: somebody
 * would go on trying passphrases for ever. */
static void
test_damaged_key(void **state)
{
	struct buf b = { 0 };
	char name[128];
	struct err err;
	bool wrong;

	(void)state;
	vault_free(make());
	snprintf(name, sizeof(name), "%s/%s", dir, VAULT_FILE);
	read_path(name, &b);
	for (size_t i = 0; i < 2 * b.len; i++) {
		char was = b.data[i / 2];
		struct vault *v;

		b.data[i / 2] = (char)(was ^ (i % 2 ? 0x01 : 0x10));
		write_path(name, b.data, b.len);
		v = try(words, &wrong, &err);
		assert_false(wrong);
		vault_free(v);		/* a comment is no harm */
		b.data[i / 2] = was;
	}
	for (size_t n = 0; n + 4 < b.len; n++) {
		write_path(name, b.data, n);
		vault_free(try(words, &wrong, &err));
		assert_false(wrong);
	}
	buf_free(&b);
}

/* Catches a key's file that has the program take all memory, or years. */
static void
test_greedy_key(void **state)
{
	struct buf b = { 0 }, greedy = { 0 };
	char name[128], *at;
	struct err err;
	bool wrong;

	(void)state;
	vault_free(make());
	snprintf(name, sizeof(name), "%s/%s", dir, VAULT_FILE);
	read_path(name, &b);
	at = strstr(b.data, "memory: 8192");
	buf_add(&greedy, b.data, (size_t)(at - b.data));
	buf_puts(&greedy, "memory: 1099511627776");
	buf_puts(&greedy, at + strlen("memory: 8192"));
	write_path(name, greedy.data, greedy.len);
	assert_null(try(words, &wrong, &err));
	assert_false(wrong);
	buf_free(&b);
	buf_free(&greedy);
}

/* ---- boxes ------------------------------------------------------------ */

/* Catches a box that opens though it was tampered with, cut, or is another
 * conversation's, and a nonce that is used twice. */
static void
test_boxes(void **state)
{
	struct vault *v = make();
	struct buf box = { 0 }, text = { 0 }, other = { 0 };

	(void)state;
	vault_seal(v, ID, "a text", 6, &box);
	assert_int_equal(vault_unseal(v, "other", box.data, box.len, &text),
	    -1);
	for (size_t i = 0; i < box.len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			box.data[i] = (char)(box.data[i] ^ (1 << bit));
			assert_int_equal(vault_unseal(v, ID, box.data,
			    box.len, &text), -1);
			box.data[i] = (char)(box.data[i] ^ (1 << bit));
		}
		assert_int_equal(vault_unseal(v, ID, box.data, i, &text), -1);
	}
	assert_int_equal(text.len, 0);
	for (int i = 0; i < 1000; i++) {
		buf_clear(&other);
		vault_seal(v, ID, "a text", 6, &other);
		assert_int_equal(other.len, box.len);
		/* the first 32 characters are the nonce */
		assert_memory_not_equal(other.data, box.data, 32);
	}
	vault_seal(v, ID, "", 0, &text);
	buf_clear(&other);
	assert_int_equal(vault_unseal(v, ID, text.data, text.len, &other), 0);
	assert_int_equal(other.len, 0);
	vault_free(v);
	buf_free(&box);
	buf_free(&text);
	buf_free(&other);
}

/* ---- conversations ---------------------------------------------------- */

/* Tell what record() does, into s. */
static void
record_in(const struct store *s)
{
	struct convo *c = convo_new_as(ID, INT64_C(1763962282123));
	struct journal *j = journal_create(s, c, NULL);

	assert_non_null(j);
	user(j, c, "First question?\n\n  indented\n");
	convo_auto_title(c);
	assert_int_equal(journal_labels(j, c, NULL), 0);
	record_rest(j, c);
	journal_close(j);
	convo_free(c);
}

/* Catches a document that goes to the disk in the clear, or does not come back;
 * and a list that cannot see through boxes. */
static void
test_sealed(void **state)
{
	struct vault *v = make();
	struct store s = with_key(v);
	struct convo_info *list;
	struct convo *c;
	struct journal *j;

	(void)state;
	record_in(&s);
	assert_hidden(path);
	assert_recorded(&s);
	assert_int_equal(journal_list(&s, &list, NULL), 1);
	assert_string_equal(list[0].title, "First question?");
	assert_int_equal(list[0].turns, 4);
	convo_infos_free(list, 1);
	/* and appending goes on the same way */
	j = journal_open(&s, ID, &c, NULL, NULL);
	assert_non_null(j);
	user(j, c, "Third secret");
	journal_close(j);
	convo_free(c);
	assert_false(holds(path, "secret"));
	c = journal_read(&s, ID, NULL, NULL);
	assert_string_equal(c->turns[4]->text.data, "Third secret");
	convo_free(c);
	vault_free(v);
}

/* Catches a list without titles in long conversations, whose documents take
 * more room when they are sealed. */
static void
test_list_long(void **state)
{
	struct vault *v = make();
	struct store s = with_key(v), open = { .dir = dir };
	struct convo_info *list;
	struct turned t;
	struct convo *c;
	struct journal *j;
	struct err err;

	(void)state;
	for (int sealed = 0; sealed < 2; sealed++) {
		if (!sealed)
			vault_remove(dir, NULL);
		c = convo_new_as(sealed ? ID : "other", 1000);
		j = journal_create(sealed ? &s : &open, c, NULL);
		assert_non_null(j);
		convo_set_title(c, "The title");
		assert_int_equal(journal_labels(j, c, NULL), 0);
		for (int i = 0; i < 300; i++) {
			struct turn *f;

			user(j, c, "short");
			f = c->turns[c->n - 1];
			f->fold = 1;
			assert_int_equal(journal_fold(j, f, NULL), 0);
		}
		journal_close(j);
		convo_free(c);
		if (!sealed) {
			vault_free(v);
			s.vault = v = make();
			assert_int_equal(vault_seal_store(&s, &t, NULL,
			    NULL, &err),
			    0);
		}
	}
	assert_int_equal(journal_list(&s, &list, NULL), 2);
	assert_string_equal(list[0].title, "The title");
	assert_string_equal(list[1].title, "The title");
	assert_int_equal(list[0].turns, 300);
	convo_infos_free(list, 2);
	vault_free(v);
}

/* Catches anything that is given out, or written, without the passphrase. */
static void
test_without_key(void **state)
{
	struct vault *v = make();
	struct store s = with_key(v), shut = { .dir = dir };
	struct convo_info *list;
	struct convo *c;
	struct err err, notice;

	(void)state;
	record_in(&s);
	assert_null(journal_read(&shut, ID, &notice, &err));
	assert_non_null(strstr(err.text, "encrypted"));
	assert_null(journal_open(&shut, ID, &c, &notice, &err));
	assert_int_equal(journal_list(&shut, &list, NULL), 1);
	assert_non_null(strstr(list[0].title, "encrypted"));
	convo_infos_free(list, 1);
	/* a new one would be in the clear, among those that are not */
	c = convo_new_as("other", 1000);
	assert_null(journal_create(&shut, c, &err));
	assert_non_null(strstr(err.text, "encrypted"));
	assert_int_equal(vault_remove(dir, NULL), 0);
	assert_null(journal_create(&s, c, &err));
	convo_free(c);
	vault_free(v);
}

/* Catches more than the document that was cut or damaged being lost, and text
 * that nobody wrote. */
static void
test_damage(void **state)
{
	struct vault *v = make();
	struct store s = with_key(v);
	struct buf b = { 0 };
	struct convo *whole;
	struct err notice;

	(void)state;
	record_in(&s);
	whole = journal_read(&s, ID, NULL, NULL);
	read_path(path, &b);
	for (size_t i = 60; i < b.len; i += 7) {
		struct convo *c;
		char was = b.data[i];

		b.data[i] ^= 0x04;
		write_path(path, b.data, b.len);
		c = journal_read(&s, ID, &notice, NULL);
		assert_non_null(c);
		assert_true(c->n + 1 >= whole->n);
		for (size_t k = 0; k < c->n; k++) {
			const struct turn *t = convo_turn(whole,
			    c->turns[k]->id);

			assert_non_null(t);
			assert_true(c->turns[k]->text.len <= t->text.len);
		}
		convo_free(c);
		b.data[i] = was;
	}
	for (size_t n = b.len; n > 0; n -= n > 13 ? 13 : n) {
		struct convo *c;

		write_path(path, b.data, n);
		c = journal_read(&s, ID, &notice, NULL);
		assert_non_null(c);
		convo_free(c);
	}
	convo_free(whole);
	vault_free(v);
	buf_free(&b);
}

/* ---- converting ------------------------------------------------------- */

static void
assert_bytes(const char *name, const struct buf *want)
{
	struct buf b = { 0 };

	read_path(name, &b);
	assert_int_equal(b.len, want->len);
	assert_memory_equal(b.data, want->data, want->len);
	buf_free(&b);
}

/* Catches a conversion that loses or changes a byte, leaves one to be read, or
 * makes an old conversation look new. */
static void
test_there_and_back(void **state)
{
	struct convo *c = record();
	struct vault *v = make();
	struct store s = with_key(v);
	struct buf b = { 0 };
	struct stat before, after;
	int bad = 0;

	(void)state;
	read_path(path, &b);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(vault_file_seal(v, path, ID, NULL), 1);
	assert_hidden(path);
	assert_recorded(&s);
	assert_int_equal(vault_file_seal(v, path, ID, NULL), 0);
	assert_int_equal(vault_file_unseal(v, path, ID, torn, &bad, NULL), 1);
	assert_bytes(path, &b);
	assert_int_equal(bad, 0);
	assert_int_equal(stat(path, &after), 0);
	assert_memory_equal(&before.st_mtim, &after.st_mtim,
	    sizeof(before.st_mtim));
	assert_int_equal(after.st_mode & 0777, 0600);
	convo_free(c);
	vault_free(v);
	buf_free(&b);
}

/* Catches comments, damaged documents and half-written tails that are left in
 * the clear, or are not the same afterwards. */
static void
test_odd_parts(void **state)
{
	static const char odd[] = "# a secret comment\n\n---\nevent: damaged "
	    "secret\n---\nevent: title\nturns: 4\ntitle: 'First question?'\n"
	    "...\n# the last secret\n";
	static const char tail[] = "---\nevent: begin\ntext: half a secret";
	struct convo *c = record();
	struct vault *v = make();
	struct buf b = { 0 }, tails = { 0 };
	int bad = 0;

	(void)state;
	read_path(path, &b);
	buf_puts(&b, odd);
	write_path(path, b.data, b.len);
	buf_puts(&tails, tail);
	write_path(torn, tails.data, tails.len);
	assert_int_equal(vault_file_seal(v, path, ID, NULL), 1);
	assert_int_equal(vault_file_seal(v, torn, ID, NULL), 1);
	assert_false(holds(path, "secret"));
	assert_false(holds(torn, "secret"));
	assert_int_equal(vault_file_seal(v, path, ID, NULL), 0);
	assert_int_equal(vault_file_seal(v, torn, ID, NULL), 0);
	assert_int_equal(vault_file_unseal(v, path, ID, torn, &bad, NULL), 1);
	assert_int_equal(vault_file_unseal(v, torn, ID, torn, &bad, NULL), 1);
	assert_bytes(path, &b);
	assert_bytes(torn, &tails);
	assert_int_equal(bad, 0);
	convo_free(c);
	vault_free(v);
	buf_free(&b);
	buf_free(&tails);
}

/* Catches a box that does not open being thrown away when all is decrypted. */
static void
test_bad_box(void **state)
{
	struct vault *v = make();
	struct store s = with_key(v), open = { .dir = dir };
	struct buf b = { 0 };
	struct convo *c;
	char *at;
	int bad = 0;

	(void)state;
	record_in(&s);
	read_path(path, &b);
	at = b.data + b.len - 40;
	*at = *at == 'A' ? 'B' : 'A';
	write_path(path, b.data, b.len);
	assert_int_equal(vault_file_unseal(v, path, ID, torn, &bad, NULL), 1);
	assert_int_equal(bad, 1);
	assert_true(holds(torn, "event: sealed"));
	c = journal_read(&open, ID, NULL, NULL);
	assert_non_null(c);
	assert_int_equal(c->n, 4);
	convo_free(c);
	vault_free(v);
	buf_free(&b);
}

/* Catches stretches of a file, of whatever kind, that are not the same after
 * they were sealed: files that were damaged in any way, and any order of
 * markers, comments and texts. */
static void
test_any_bytes(void **state)
{
	static const char *const parts[] = { "---\n", "...\n", "...", "\n",
		"# x\n", "--- a\n", "event: title\n", "event: sealed\n",
		"box: 'AAAA'\n", " text\n", "...x---\n", "\0", "a: 'b'\n",
		"event: conversation\n", "version: 1\n" };
	struct vault *v = make();
	struct buf b = { 0 };
	unsigned r = 1;
	int bad = 0;

	(void)state;
	for (int i = 0; i < 400; i++) {
		int n, sealed;

		buf_clear(&b);
		for (int k = 0; k < 12; k++) {
			const char *part;

			r = r * 1103515245u + 12345u;
			part = parts[(r >> 16) % (sizeof(parts) /
			    sizeof(parts[0]))];
			buf_add(&b, part, *part ? strlen(part) : 1);
		}
		write_path(path, b.data, b.len);
		sealed = vault_file_seal(v, path, ID, NULL);
		/* a file of a newer program is left alone */
		if (sealed > 0) {
			bad = 0;
			n = vault_file_unseal(v, path, ID, torn, &bad, NULL);
			assert_int_equal(n, 1);
		}
		if (bad == 0)
			assert_bytes(path, &b);
		unlink(torn);
	}
	vault_free(v);
	buf_free(&b);
}

static void
no_failure(const struct err *err)
{
	fail_msg("%s", err->text);
}

static void
convert(const struct store *s, bool seal)
{
	struct turned t;
	struct err err;

	assert_int_equal((seal ? vault_seal_store : vault_unseal_store)(s, &t,
	    no_failure, NULL, &err), 0);
	assert_int_equal(t.failed, 0);
	assert_int_equal(t.done + t.before, 2);
}

/* Convert in a process that dies at its n-th write, sync, rename or deletion:
 * whether it did. */
static bool
dies_at(const struct store *s, bool seal, int n)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct turned t;

		steps = n;
		_exit((seal ? vault_seal_store : vault_unseal_store)(s, &t,
		    no_failure, NULL, NULL) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 1);
	return WEXITSTATUS(status) == 9;
}

/* Two conversations, of which one is in the trash and one half written. */
static void
put_store(const struct buf *clear, char *bin, size_t size)
{
	char name[160];

	snprintf(bin, size, "%s/trash", dir);
	mkdir(bin, 0700);
	snprintf(name, sizeof(name), "%s/%s.yaml", bin, ID);
	write_path(path, clear->data, clear->len);
	write_path(name, clear->data, clear->len);
	unlink(torn);
}

/* Catches anything lost, or left in the clear, when encrypting and decrypting
 * are killed at any step and done again. */
static void
test_interrupted(void **state)
{
	struct convo *c = record();
	struct vault *v = make();
	char bin[128], name[160];
	struct store s = with_key(v), trash = { .dir = bin, .vault = v };
	struct buf clear = { 0 };
	int n, total = 0;

	(void)state;
	convo_free(c);
	read_path(path, &clear);
	for (int seal = 1; seal >= 0; seal--) {
		for (n = 0;; n++) {
			bool died;

			put_store(&clear, bin, sizeof(bin));
			if (!seal)
				convert(&s, true);
			died = dies_at(&s, seal, n);
			/* half way, all can be read */
			assert_recorded(&s);
			assert_recorded(&trash);
			convert(&s, seal);
			assert_recorded(&s);
			assert_recorded(&trash);
			snprintf(name, sizeof(name), "%s/%s.yaml", bin, ID);
			if (seal) {
				assert_hidden(path);
				assert_hidden(name);
			} else {
				assert_bytes(path, &clear);
				assert_bytes(name, &clear);
			}
			snprintf(name, sizeof(name), "%s.new", path);
			assert_int_equal(access(name, F_OK), -1);
			if (!died)
				break;
		}
		assert_true(n > 6);
		total += n;
	}
	print_message("# killed %d times\n", total);
	vault_free(v);
	buf_free(&clear);
}

/* Catches a conversation that somebody writes to while it is converted: what
 * is written then would be lost. */
static void
test_in_use(void **state)
{
	struct vault *v = make();
	struct store s = with_key(v);
	struct err err = { "" };
	struct journal *j;
	struct convo *c;
	int bad = 0;

	(void)state;
	record_in(&s);
	j = journal_open(&s, ID, &c, NULL, NULL);
	assert_non_null(j);
	assert_int_equal(vault_file_unseal(v, path, ID, torn, &bad, &err), -1);
	assert_non_null(strstr(err.text, "open"));
	journal_close(j);
	convo_free(c);
	assert_recorded(&s);
	vault_free(v);
}

/* Catches a full disk that costs a conversation: what was there stays. */
static void
test_no_room(void **state)
{
	struct convo *c = record();
	struct vault *v = make();
	struct buf clear = { 0 };
	struct err err = { "" };
	char name[160];

	(void)state;
	convo_free(c);
	read_path(path, &clear);
	/* a folder where the new file would be written */
	snprintf(name, sizeof(name), "%s.new", path);
	mkdir(name, 0700);
	assert_int_equal(vault_file_seal(v, path, ID, &err), -1);
	assert_true(err.text[0] != '\0');
	assert_bytes(path, &clear);
	vault_free(v);
	buf_free(&clear);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EMPTY(test_passphrase),
		IN_EMPTY(test_change),
		IN_EMPTY(test_damaged_key),
		IN_EMPTY(test_greedy_key),
		IN_EMPTY(test_boxes),
		IN_EMPTY(test_sealed),
		IN_EMPTY(test_list_long),
		IN_EMPTY(test_without_key),
		IN_EMPTY(test_damage),
		IN_EMPTY(test_there_and_back),
		IN_EMPTY(test_odd_parts),
		IN_EMPTY(test_bad_box),
		IN_EMPTY(test_any_bytes),
		IN_EMPTY(test_interrupted),
		IN_EMPTY(test_in_use),
		IN_EMPTY(test_no_room),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
