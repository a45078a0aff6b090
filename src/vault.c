/* vault.c -- the store's key in memory, and boxes made with it.  The key lies
 * in memory that libsodium keeps out of swap and core dumps where it may. */
#include "vault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "alloc.h"
#include "journal_path.h"
#include "vault_key.h"
#include "wipe.h"

#define COST_PASSES crypto_pwhash_OPSLIMIT_MODERATE
#define COST_MEMORY crypto_pwhash_MEMLIMIT_MODERATE
#define WRAPPED_FOR "fikr store key 1"

struct vault {
	unsigned char *key;	/* [VAULT_KEY_BYTES] */
};

bool
vault_exists(const char *dir)
{
	char *path = xasprintf("%s/%s", dir, VAULT_FILE);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

int
vault_remove(const char *dir, struct err *err)
{
	char *path = xasprintf("%s/%s", dir, VAULT_FILE);
	int r = wipe_file(path);

	if (r < 0)
		err_set(err, "cannot delete %s: %s", path, strerror(errno));
	else
		r = journal_sync_dir(dir, err);
	free(path);
	return r;
}

static struct vault *
vault_new(struct err *err)
{
	struct vault *v;
	unsigned char *key;

	if (sodium_init() < 0) {
		err_set(err, "libsodium cannot start: the system gives it no "
		    "random numbers");
		return NULL;
	}
	key = sodium_malloc(VAULT_KEY_BYTES);
	if (!key) {
		err_set(err, "there is no memory for the key of the "
		    "conversations that is kept from swapping; raise the "
		    "limit (ulimit -l)");
		return NULL;
	}
	v = xcalloc(1, sizeof(*v));
	v->key = key;
	return v;
}

void
vault_free(struct vault *v)
{
	if (!v)
		return;
	sodium_free(v->key);
	free(v);
}

/* out[n + VAULT_NONCE_BYTES + VAULT_TAG_BYTES]: nonce, then the box. */
static void
box_make(const unsigned char *key, const char *for_whom, const void *text,
    size_t n, unsigned char *out)
{
	randombytes_buf(out, VAULT_NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + VAULT_NONCE_BYTES,
	    NULL, text, n, (const unsigned char *)for_whom, strlen(for_whom),
	    NULL, out, key);
}

static int
box_open(const unsigned char *key, const char *for_whom,
    const unsigned char *box, size_t n, void *text)
{
	return crypto_aead_xchacha20poly1305_ietf_decrypt(text, NULL, NULL,
	    box + VAULT_NONCE_BYTES, n - VAULT_NONCE_BYTES,
	    (const unsigned char *)for_whom, strlen(for_whom), box, key);
}

/* The key that a passphrase gives; caller: sodium_free. */
static unsigned char *
derive(const struct vault_key *k, const char *passphrase, size_t n,
    struct err *err)
{
	unsigned char *key = sodium_malloc(VAULT_KEY_BYTES);

	if (key && crypto_pwhash(key, VAULT_KEY_BYTES, passphrase, n, k->salt,
	    k->cost.passes, (size_t)k->cost.memory,
	    crypto_pwhash_ALG_ARGON2ID13) == 0)
		return key;
	sodium_free(key);
	err_set(err, "there is not enough memory to try the passphrase: that "
	    "takes %zu MiB", (size_t)(k->cost.memory >> 20));
	return NULL;
}

static int
wrap(const struct vault *v, const char *dir, const char *passphrase, size_t n,
    const struct vault_cost *cost, bool fresh, struct err *err)
{
	struct vault_key k = { .cost = { COST_PASSES, COST_MEMORY } };
	unsigned char *key;

	if (cost)
		k.cost = *cost;
	randombytes_buf(k.salt, sizeof(k.salt));
	key = derive(&k, passphrase, n, err);
	if (!key)
		return -1;
	box_make(key, WRAPPED_FOR, v->key, VAULT_KEY_BYTES, k.wrapped);
	sodium_free(key);
	return vault_key_write(dir, &k, fresh, err);
}

struct vault *
vault_create(const char *dir, const char *passphrase, size_t n,
    const struct vault_cost *cost, struct err *err)
{
	struct vault *v = vault_new(err);

	if (!v)
		return NULL;
	randombytes_buf(v->key, VAULT_KEY_BYTES);
	if (wrap(v, dir, passphrase, n, cost, true, err) == 0)
		return v;
	vault_free(v);
	return NULL;
}

int
vault_change(const struct vault *v, const char *dir, const char *passphrase,
    size_t n, const struct vault_cost *cost, struct err *err)
{
	return wrap(v, dir, passphrase, n, cost, false, err);
}

struct vault *
vault_open(const char *dir, const char *passphrase, size_t n, bool *wrong,
    struct err *err)
{
	struct vault *v = vault_new(err);
	unsigned char *key = NULL;
	struct vault_key k;

	*wrong = false;
	if (v && vault_key_read(dir, &k, err) == 0)
		key = derive(&k, passphrase, n, err);
	if (key && box_open(key, WRAPPED_FOR, k.wrapped, sizeof(k.wrapped),
	    v->key) == 0) {
		sodium_free(key);
		return v;
	}
	if (key) {
		*wrong = true;
		err_set(err, "that is not the passphrase of the conversations");
	}
	sodium_free(key);
	vault_free(v);
	return NULL;
}

void
vault_seal(const struct vault *v, const char *id, const char *text, size_t n,
    struct buf *box)
{
	size_t size = n + VAULT_NONCE_BYTES + VAULT_TAG_BYTES, chars;
	unsigned char *raw = xmalloc(size);
	char *base64;

	chars = sodium_base64_encoded_len(size,
	    sodium_base64_VARIANT_ORIGINAL);
	base64 = xmalloc(chars);
	box_make(v->key, id, text, n, raw);
	sodium_bin2base64(base64, chars, raw, size,
	    sodium_base64_VARIANT_ORIGINAL);
	buf_add(box, base64, chars - 1);	/* without the NUL */
	free(base64);
	free(raw);
}

/* libsodium takes some bytes beyond ASCII for a '/'. */
static bool
is_ascii(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] & 0x80)
			return false;
	return true;
}

int
vault_unseal(const struct vault *v, const char *id, const char *box, size_t n,
    struct buf *text)
{
	size_t max = n / 4 * 3 + 3, size = 0;
	unsigned char *raw = xmalloc(max), *plain = xmalloc(max);
	int r = -1;

	if (is_ascii(box, n) && sodium_base642bin(raw, max, box, n, NULL,
	    &size, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	    size >= VAULT_NONCE_BYTES + VAULT_TAG_BYTES &&
	    box_open(v->key, id, raw, size, plain) == 0) {
		buf_add(text, plain, size - VAULT_NONCE_BYTES -
		    VAULT_TAG_BYTES);
		r = 0;
	}
	sodium_memzero(plain, max);
	free(plain);
	free(raw);
	return r;
}
