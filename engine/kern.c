/* kern.c -- the choice of a kernel family, made once a process. */
#include "kern.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const struct kern *chosen;

/* FIKR_CPU forces a family; one that is not there, or an unknown name, falls
 * back to the choice that would have been made anyway. */
static void
choose(void)
{
	const char *want = getenv("FIKR_CPU");

	chosen = kern_avx2();
	if (chosen == NULL || (want != NULL && strcmp(want, "scalar") == 0))
		chosen = kern_scalar();
}

const struct kern *
kern_get(void)
{
	pthread_once(&once, choose);
	return chosen;
}
