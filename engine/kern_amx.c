/* kern_amx.c -- the kernels for processors with AMX: those of AVX-512 but for
 * products with many vectors, which are done on tiles (kern_tiles.h). */
#include "kern.h"
#include "kern_amx.h"

#include <stddef.h>

#ifdef HAVE_AMX_KERNELS

#include <cpuid.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REQUEST_PERMISSION 0x1023	/* of arch_prctl(2): for TILE_DATA */
#define TILE_CONFIG 17			/* state components: bits of XCR0 */
#define TILE_DATA 18

static struct kern amx;
static bool ready;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Intel's manual, volume 2, CPUID leaf 7: EDX of subleaf 0 has AMX-BF16 in bit
 * 22 and AMX-TILE in 24, EAX of subleaf 1 AVX512_BF16 in 5. */
static bool
processor_has_it(void)
{
	unsigned int a, b, c, d;

	if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d >> 22 & 1) ||
	    !(d >> 24 & 1) || !__get_cpuid_count(7, 1, &a, &b, &c, &d))
		return false;
	return a >> 5 & 1;
}

/* The kernel keeps tiles apart for each thread, and lets this process use
 * them; it has to be asked once for all threads.  A sandbox may refuse. */
static bool
kernel_lets_us(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	if (!(low >> TILE_CONFIG & 1) || !(low >> TILE_DATA & 1))
		return false;
	return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

#define KNOWN_GROUPS 2
#define KNOWN_ROWS 19

static float
known_weight(int row, int k)
{
	return (float)((row * 3 + k * 7) % 11 - 5);
}

static float
known_value(int vector, int k)
{
	return (float)((vector + k * 5) % 9 - 4);
}

static bool
is_known_product(const float *out)
{
	for (int v = 0; v < KNOWN_ROWS; v++)
		for (int r = 0; r < TILE_ROWS; r++) {
			float sum = 0.0f;

			for (int k = 0; k < KNOWN_GROUPS * 32; k++)
				sum += known_weight(r, k) * known_value(v, k);
			if (out[v * TILE_ROWS + r] != sum)
				return false;
		}
	return true;
}

/* Small whole numbers, whose products and sums are exact in any order. */
static bool
multiplies_well(void)
{
	static uint8_t panel[TILE_PANEL_BYTES(KNOWN_GROUPS)]
	    __attribute__((aligned(64)));
	static uint16_t v[KNOWN_GROUPS][2 * TILE_ROWS][32]
	    __attribute__((aligned(64)));
	static float out[KNOWN_ROWS * TILE_ROWS];
	const struct bf16_rows x = { 2 * TILE_ROWS, v[0][0] };
	float x32[KNOWN_GROUPS * 32], pairs[32];

	for (int i = 0; i < KNOWN_ROWS; i++) {
		for (int k = 0; k < KNOWN_GROUPS * 32; k++)
			x32[k] = known_value(i, k);
		amx_tiles.to_bf16(v[0][i], x.ld * 32, x32, KNOWN_GROUPS);
	}
	/* a line of a tile: a pair of values of 16 rows */
	for (int line = 0; line < KNOWN_GROUPS * 32; line++) {
		int k = line / 32 * 32 + line % 16 * 2;
		int row = line / 16 % 2 * 16;

		for (int i = 0; i < 32; i++)
			pairs[i] = known_weight(row + i / 2, k + i % 2);
		amx_tiles.to_bf16((uint16_t *)(void *)(panel + line * 64), 0,
		    pairs, 1);
	}
	amx_tiles.multiply(panel, KNOWN_GROUPS, &x, 0, KNOWN_ROWS, TILE_ROWS,
	    out, TILE_ROWS, false);
	return is_known_product(out);
}

static void
prepare(void)
{
	if (!processor_has_it() || !kernel_lets_us() || !multiplies_well())
		return;
	amx = *kern_avx512();
	amx.name = "amx";
	amx.tiles = &amx_tiles;
	ready = true;
}

const struct kern *
kern_amx(void)
{
	if (!kern_avx512())
		return NULL;
	pthread_once(&once, prepare);
	return ready ? &amx : NULL;
}

#else

const struct kern *
kern_amx(void)
{
	return NULL;
}

#endif
