/* bench_tiles.c -- how many multiply-adds of BF16 the tiles of AMX do at most:
 * TDPBF16PS multiplies 16 rows of 32 values with 16 columns of as many.  That
 * is all of a product but loading and storing. */
#include "bench.h"
#include "kern_amx.h"

#ifdef HAVE_AMX_KERNELS

#define CHAINS 4		/* independent, to hide the latency */

int64_t
bench_tiles(int rounds, int *sink)
{
	uint16_t in[16][32];
	int32_t out[16][16];

	for (int i = 0; i < 16 * 32; i++)	/* 1 to 2 */
		in[i / 32][i % 32] = (uint16_t)(0x3f80 + i % 128);
	amx_begin();
	/* the compiler does not see what the instructions read */
	__asm__ volatile("" : : "r"(in) : "memory");
	_tile_loadd(4, in, 64);
	_tile_loadd(5, in, 64);
	_tile_loadd(6, in, 64);
	_tile_loadd(7, in, 64);
	for (int r = 0; r < rounds; r++) {
		_tile_dpbf16ps(0, 4, 6);
		_tile_dpbf16ps(1, 4, 7);
		_tile_dpbf16ps(2, 5, 6);
		_tile_dpbf16ps(3, 5, 7);
	}
	_tile_stored(0, out, 64);
	_tile_release();
	*sink = out[0][0];
	return (int64_t)rounds * CHAINS * 16 * 16 * 32;
}

#else

int64_t
bench_tiles(int rounds, int *sink)
{
	(void)rounds;
	(void)sink;
	return 0;
}

#endif
