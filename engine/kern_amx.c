/* kern_amx.c -- the kernels for processors with AMX: those of AVX-512 but for
 * products with many vectors, which are done on tiles (kern_tiles.h). */
#include "kern.h"
#include "kern_tiles.h"

#include <stddef.h>

const struct kern *
kern_amx(void)
{
	return NULL;
}
