/* readrate.c -- how fast this machine reads memory. */
#include "readrate.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "clock.h"

struct job {
	const uint64_t *data;
	uint64_t *sums;		/* a worker's own: so that nothing is left out */
	int threads;
};

static void
read_share(void *ud, int worker)
{
	struct job *j = ud;
	size_t each = READRATE_BYTES / sizeof(uint64_t) / (size_t)j->threads &
	    ~(size_t)7;
	const uint64_t *p = j->data + each * (size_t)worker;
	uint64_t s[8] = { 0 };

	for (size_t i = 0; i < each; i += 8)
		for (int k = 0; k < 8; k++)
			s[k] += p[i + (size_t)k];
	for (int k = 1; k < 8; k++)
		s[0] += s[k];
	j->sums[worker] = s[0];
}

uint64_t *
readrate_data(void)
{
	uint64_t *data = malloc(READRATE_BYTES);

	if (data)
		memset(data, 1, READRATE_BYTES);
	return data;
}

double
readrate_run(struct pool *p, const uint64_t *data)
{
	int threads = pool_threads(p);
	struct job j = { data, xcalloc((size_t)threads, sizeof *j.sums),
		threads };
	double ms = clock_now_ms();

	pool_run(p, read_share, &j);
	ms = clock_now_ms() - ms;
	free(j.sums);
	return ms > 0 ? (double)READRATE_BYTES * 1e3 / ms : 0;
}
