/* vault_key.c -- the file that keeps the store's key: a YAML map with a
 * checksum, so that damage is not taken for a wrong passphrase. */
#include "vault_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "files.h"
#include "journal_path.h"
#include "wipe.h"
#include "ytree.h"
#include "ywrite.h"

#define KEY_VERSION 1
#define FILE_MAX 4096
#define MEMORY_MAX (UINT64_C(4) << 30)	/* no file may ask for more, */
#define PASSES_MAX 64			/* nor for longer */
#define CHECK_BYTES crypto_generichash_BYTES_MIN
#define BASE64_MAX 128			/* of the longest of the values */

static const char head[] =
	"# This is the key of fikr's conversations, itself encrypted by the\n"
	"# passphrase.  Without this file they cannot be read any more: keep\n"
	"# a copy.\n";

static void
check_of(const struct vault_key *k, unsigned char check[CHECK_BYTES])
{
	char cost[64];
	crypto_generichash_state s;

	snprintf(cost, sizeof(cost), "%d %llu %llu", KEY_VERSION,
	    (unsigned long long)k->cost.passes,
	    (unsigned long long)k->cost.memory);
	crypto_generichash_init(&s, NULL, 0, CHECK_BYTES);
	crypto_generichash_update(&s, (unsigned char *)cost, strlen(cost));
	crypto_generichash_update(&s, k->salt, sizeof(k->salt));
	crypto_generichash_update(&s, k->wrapped, sizeof(k->wrapped));
	crypto_generichash_final(&s, check, CHECK_BYTES);
}

static void
put_bytes(struct ywriter *w, const char *key, const unsigned char *p, size_t n)
{
	char text[BASE64_MAX];

	sodium_bin2base64(text, sizeof(text), p, n,
	    sodium_base64_VARIANT_ORIGINAL);
	ywrite_str(w, key, text);
}

static int
put_key(struct buf *out, const struct vault_key *k, struct err *err)
{
	unsigned char check[CHECK_BYTES];
	struct ywriter *w;

	buf_puts(out, head);
	w = ywrite_new(out);
	check_of(k, check);
	ywrite_int(w, "version", KEY_VERSION);
	ywrite_word(w, "passphrase", "argon2id");
	ywrite_uint(w, "passes", k->cost.passes);
	ywrite_uint(w, "memory", k->cost.memory);
	put_bytes(w, "salt", k->salt, sizeof(k->salt));
	ywrite_word(w, "cipher", "xchacha20-poly1305");
	put_bytes(w, "key", k->wrapped, sizeof(k->wrapped));
	put_bytes(w, "check", check, sizeof(check));
	return ywrite_end(w, err);
}

static int
write_new(const char *path, const struct buf *b)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	bool ok;

	if (fd < 0)
		return -1;
	ok = files_write(fd, b->data, b->len) == 0 && fsync(fd) == 0;
	return close(fd) == 0 && ok ? 0 : -1;
}

static int
put_in_place(const char *from, const char *to, bool fresh)
{
	if (fresh && access(to, F_OK) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

int
vault_key_write(const char *dir, const struct vault_key *k, bool fresh,
    struct err *err)
{
	char *path = journal_path(dir, VAULT_FILE, "");
	char *temp = journal_path(dir, VAULT_FILE, ".new");
	int old = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	struct buf b = { 0 };
	int r = put_key(&b, k, err);

	if (r == 0 && (write_new(temp, &b) < 0 ||
	    put_in_place(temp, path, fresh) < 0)) {
		r = err_set(err, "cannot write %s: %s", path,
		    strerror(errno));
		unlink(temp);
	}
	if (r == 0)
		r = journal_sync_dir(dir, err);
	if (r == 0 && old >= 0)
		wipe_fd(old);
	if (old >= 0)
		close(old);
	buf_free(&b);
	free(temp);
	free(path);
	return r;
}

static bool
get_bytes(const struct ynode *doc, const char *key, unsigned char *p, size_t n)
{
	const struct ynode *y = ynode_get(doc, key);
	size_t got = 0;

	return y && y->type == YNODE_SCALAR &&
	    sodium_base642bin(p, n, y->text, y->len, NULL, &got, NULL,
	    sodium_base64_VARIANT_ORIGINAL) == 0 && got == n;
}

static bool
get_cost(const struct ynode *doc, const char *key, uint64_t min, uint64_t max,
    uint64_t *v)
{
	return ynode_uint(ynode_get(doc, key), v) == 0 && *v >= min &&
	    *v <= max;
}

static bool
get_key(const struct ynode *doc, struct vault_key *k)
{
	unsigned char check[CHECK_BYTES], said[CHECK_BYTES];

	if (!get_cost(doc, "passes", crypto_pwhash_OPSLIMIT_MIN, PASSES_MAX,
	    &k->cost.passes) || !get_cost(doc, "memory",
	    crypto_pwhash_MEMLIMIT_MIN, MEMORY_MAX, &k->cost.memory) ||
	    !get_bytes(doc, "salt", k->salt, sizeof(k->salt)) ||
	    !get_bytes(doc, "key", k->wrapped, sizeof(k->wrapped)) ||
	    !get_bytes(doc, "check", said, sizeof(said)))
		return false;
	check_of(k, check);
	return memcmp(check, said, sizeof(check)) == 0;
}

int
vault_key_read(const char *dir, struct vault_key *k, struct err *err)
{
	char *path = journal_path(dir, VAULT_FILE, "");
	struct ynode *doc = ytree_load_file(path, FILE_MAX, err);
	int64_t version = 0;
	int r = -1;

	if (!doc)
		;
	else if (ynode_int(ynode_get(doc, "version"), &version) == 0 &&
	    version > KEY_VERSION)
		err_set(err, "%s was written by a newer fikr; update this one "
		    "to open it", path);
	else if (version != KEY_VERSION || !get_key(doc, k))
		err_set(err, "%s is damaged: the conversations cannot be read "
		    "without it; put a copy of it back", path);
	else
		r = 0;
	ynode_free(doc);
	free(path);
	return r;
}
