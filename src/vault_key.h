/* vault_key.h -- between vault.c and the file that keeps its key. */
#ifndef FIKR_VAULT_KEY_H
#define FIKR_VAULT_KEY_H

#include <sodium.h>

#include "err.h"
#include "vault.h"

#define VAULT_KEY_BYTES crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define VAULT_NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define VAULT_TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define VAULT_WRAPPED_BYTES \
	(VAULT_NONCE_BYTES + VAULT_KEY_BYTES + VAULT_TAG_BYTES)

struct vault_key {
	struct vault_cost cost;
	unsigned char salt[crypto_pwhash_SALTBYTES];
	unsigned char wrapped[VAULT_WRAPPED_BYTES];	/* nonce, box */
};

/* Write it to the store's folder and see that it lasts.  fresh: where there is
 * one already, that stays and this fails. */
int vault_key_write(const char *dir, const struct vault_key *k, bool fresh,
    struct err *err);
int vault_key_read(const char *dir, struct vault_key *k, struct err *err);

#endif
