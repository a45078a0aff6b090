/* digest.c -- see digest.h. */
#include "digest.h"

#include <stddef.h>
#include <stdio.h>

#include <nettle/sha2.h>

#define STEP ((int64_t)4 << 20)		/* bytes between reports of progress */
#define PIECES 64
#define PIECE ((int64_t)64 << 10)

static void
finish(struct sha256_ctx *c, const char *name, char out[DIGEST_MAX])
{
	uint8_t sum[SHA256_DIGEST_SIZE];
	int n = snprintf(out, DIGEST_MAX, "%s:", name);

	sha256_digest(c, sizeof sum, sum);
	for (size_t i = 0; i < sizeof sum; i++)
		n += snprintf(out + n, (size_t)(DIGEST_MAX - n), "%02x",
		    sum[i]);
}

static void
add_sampled(struct sha256_ctx *c, const uint8_t *p, int64_t n, int64_t head)
{
	uint8_t size[8];

	for (int i = 0; i < 8; i++)
		size[i] = (uint8_t)(n >> (8 * i));
	sha256_update(c, (size_t)head, p);
	sha256_update(c, sizeof size, size);
	for (int64_t i = 0; i < PIECES; i++)
		sha256_update(c, (size_t)PIECE,
		    p + (n - PIECE) * i / (PIECES - 1));
}

int
digest_file(const uint8_t *p, int64_t n, int64_t head, char out[DIGEST_MAX],
    bool (*progress)(int64_t done, int64_t total, void *ud), void *ud)
{
	struct sha256_ctx c;

	sha256_init(&c);
	if (n > DIGEST_WHOLE) {
		add_sampled(&c, p, n, head < n ? head : n);
		finish(&c, "sha256-sampled", out);
		return 0;
	}
	for (int64_t at = 0; at < n; at += STEP) {
		int64_t len = n - at < STEP ? n - at : STEP;

		sha256_update(&c, (size_t)len, p + at);
		if (progress && progress(at + len, n, ud))
			return -1;
	}
	finish(&c, "sha256", out);
	return 0;
}
