/* digest.c -- see digest.h. */
#include "digest.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <nettle/sha2.h>

#include "gguf.h"

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

/* Progress of one file among several. */
struct tell {
	bool (*progress)(int64_t done, int64_t total, void *ud);
	void *ud;
	int64_t before, total;
};

static int
add_whole(struct sha256_ctx *c, const uint8_t *p, int64_t n,
    const struct tell *t)
{
	for (int64_t at = 0; at < n; at += STEP) {
		int64_t len = n - at < STEP ? n - at : STEP;

		sha256_update(c, (size_t)len, p + at);
		if (t->progress &&
		    t->progress(t->before + at + len, t->total, t->ud))
			return -1;
	}
	return 0;
}

static int
digest_one(const uint8_t *p, int64_t n, int64_t head, int64_t whole,
    const struct tell *t, char out[DIGEST_MAX])
{
	struct sha256_ctx c;

	sha256_init(&c);
	if (n > whole) {
		add_sampled(&c, p, n, head < n ? head : n);
		finish(&c, "sha256-sampled", out);
		return 0;
	}
	if (add_whole(&c, p, n, t) < 0)
		return -1;
	finish(&c, "sha256", out);
	return 0;
}

int
digest_file(const uint8_t *p, int64_t n, int64_t head, char out[DIGEST_MAX],
    bool (*progress)(int64_t done, int64_t total, void *ud), void *ud)
{
	struct tell t = { progress, ud, 0, n };

	return digest_one(p, n, head, DIGEST_WHOLE, &t, out);
}

int
digest_parts(const struct gpart *parts, int n, char out[DIGEST_MAX],
    bool (*progress)(int64_t done, int64_t total, void *ud), void *ud)
{
	struct tell t = { progress, ud, 0, 0 };
	struct sha256_ctx c;
	int64_t whole = DIGEST_WHOLE;

	for (int i = 0; i < n; i++)
		t.total += parts[i].bytes;
	if (n > 1 && t.total > DIGEST_WHOLE)
		whole = PIECES * PIECE;
	sha256_init(&c);
	for (int i = 0; i < n; i++) {
		if (digest_one(parts[i].map, parts[i].bytes,
		    parts[i].data_offset, whole, &t, out) < 0)
			return -1;
		sha256_update(&c, strlen(out), (const uint8_t *)out);
		sha256_update(&c, 1, (const uint8_t *)"\n");
		t.before += parts[i].bytes;
	}
	if (n > 1)
		finish(&c, "sha256-parts", out);
	return 0;
}
