/* vault.h -- the key of a store that is encrypted, and boxes made with it.
 * A random key encrypts everything (XChaCha20-Poly1305); it lies in the
 * store's folder, itself encrypted by a key that Argon2id makes of the
 * passphrase.  What that is good for, and what not, is in docs/privacy.md. */
#ifndef FIKR_VAULT_H
#define FIKR_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

#define VAULT_FILE "store.key"

struct vault;

/* What it costs to try a passphrase: Argon2id's passes and bytes.  They are
 * kept with the key. */
struct vault_cost {
	uint64_t passes, memory;
};

/* Whether the store in dir has a key: what is in it is encrypted, or is on the
 * way to that or back. */
bool vault_exists(const char *dir);
/* Make a key for the store, whose folder is there, and keep it there.  cost:
 * NULL for the usual one.  Fails where there is one already. */
struct vault *vault_create(const char *dir, const char *passphrase, size_t n,
    const struct vault_cost *cost, struct err *err);
/* The key of the store.  NULL with *wrong set when it is not this passphrase,
 * and without when the key's file cannot be read or is damaged. */
struct vault *vault_open(const char *dir, const char *passphrase, size_t n,
    bool *wrong, struct err *err);
/* Keep the key under another passphrase from now on; what was encrypted
 * stays as it is. */
int vault_change(const struct vault *v, const char *dir,
    const char *passphrase, size_t n, const struct vault_cost *cost,
    struct err *err);
/* The store is no longer encrypted: its key goes. */
int vault_remove(const char *dir, struct err *err);
void vault_free(struct vault *v);	/* NULL is fine */

/* Append text[n] of the conversation id, encrypted, in base64. */
void vault_seal(const struct vault *v, const char *id, const char *text,
    size_t n, struct buf *box);
/* Append what such a box holds.  -1, and nothing appended, unless it was made
 * with this key for this conversation and not a bit of it has changed. */
int vault_unseal(const struct vault *v, const char *id, const char *box,
    size_t n, struct buf *text);

#endif
