/* kern.c -- the choice of a kernel family, made once a process. */
#include "kern.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const struct kern *chosen;

/* The best family that is here, or the one that FIKR_CPU names. */
static void
choose(void)
{
	const struct kern *here[] = { kern_amx(), kern_avx512(), kern_avx2(),
		kern_scalar() };
	const char *want = getenv("FIKR_CPU");

	for (size_t i = 0; i < sizeof here / sizeof *here && !chosen; i++)
		if (here[i] && (!want || !*want ||
		    strcmp(want, here[i]->name) == 0))
			chosen = here[i];
}

const struct kern *
kern_get(struct err *err)
{
	pthread_once(&once, choose);
	if (!chosen)
		err_set(err, "FIKR_CPU asks for kernels of the kind \"%.32s\", "
		    "which are not to be had here; take scalar%s, or leave it "
		    "unset", getenv("FIKR_CPU"), kern_amx() ?
		    ", avx2, avx512 or amx" : kern_avx512() ?
		    ", avx2 or avx512" : kern_avx2() ? " or avx2" : "");
	return chosen;
}
