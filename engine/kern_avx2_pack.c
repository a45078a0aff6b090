/* kern_avx2_pack.c -- rows of every quantised type as panels, for AVX2.  All
 * but the types with 8 bits become unsigned bytes, or those, too; what that
 * takes away is in base.
 *
 * Eight rows are unpacked, up to eight groups of each, and then turned in
 * registers, so that panels are written 32 bytes at a time. */
#include "kern_avx2_iq.h"

#ifdef HAVE_AVX2_KERNELS

#include "kern_panel.h"

#define ROWS 8
#define STEP 8			/* groups */

/* Some rows before they are turned. */
struct stage {
	__m256i v[STEP][ROWS];
	float scale[ROWS][STEP * 2], base[ROWS][STEP * 2];
};

/* Added to the signed values of a type, which then are at most twice that.
 * high: bytes may go up to 255. */
INLINE int
lift(enum ttype t, bool high)
{
	switch (t) {
	case TT_MXFP4:
	case TT_NVFP4:
		return 12;
	case TT_IQ1_S:
	case TT_IQ1_M:
		return 9;
	case TT_TQ1_0:
	case TT_TQ2_0:
		return 1;
	case TT_Q8_0:
	case TT_Q8_1:
	case TT_Q8_K:
	case TT_IQ4_NL:
	case TT_IQ4_XS:
		return high ? 128 : 0;	/* 0: stays signed */
	default:
		return 64;	/* IQ2, IQ3 */
	}
}

/* ---- one row: `groups` groups of it, whole blocks, as row i ---- */

INLINE __m256i
lifted(enum ttype t, bool high, __m256i v)
{
	return _mm256_add_epi8(v, _mm256_set1_epi8((char)lift(t, high)));
}

INLINE void
stage32(enum ttype t, int bytes, bool high, const uint8_t *b, int groups,
    struct stage *s, int i)
{
	for (int g = 0; g < groups; g++, b += bytes) {
		float scale = scale32(t, b);
		__m256i v = unpack(t, b, 0);

		s->v[g][i] = is_signed(t) ? lifted(t, high, v) : v;
		s->scale[i][g * 2] = scale;
		s->base[i][g * 2] = is_signed(t) ? scale *
		    (float)-lift(t, high) : base32(t, b, scale);
	}
}

INLINE void
stage256(enum ttype t, int bytes, bool high, const uint8_t *b, int groups,
    struct stage *s, int i)
{
	(void)bytes;
	(void)high;
	(void)groups;
	scales256(t, b, s->scale[i], s->base[i]);
#define GROUP(G) s->v[G][i] = unpack(t, b, G);
	EACH_GROUP(GROUP)
#undef GROUP
}

/* What was lifted goes to the bases. */
INLINE void
lower(enum ttype t, bool high, int scales, struct stage *s, int i)
{
	for (int k = 0; k < scales; k++)
		s->base[i][k] = s->scale[i][k] * (float)-lift(t, high);
}

INLINE void
stage_iq(enum ttype t, int bytes, bool high, const uint8_t *b, int groups,
    struct stage *s, int i)
{
	uint32_t signs[8];

	(void)bytes;
	(void)groups;
	load_signs(t, b, signs);
	scales_of_iq(t, b, s->scale[i]);
	lower(t, high, STEP * 2, s, i);
#define GROUP(G) s->v[G][i] = lifted(t, high, signed_iq(t, b, G, signs));
	EACH_GROUP(GROUP)
#undef GROUP
}

static void
stage_nvfp4(const uint8_t *b, int groups, struct stage *s, int i)
{
	for (int g = 0; g < groups; g += 2, b += 36) {
		_mm_storeu_ps(s->scale[i] + g * 2, scales_nvfp4(b));
		for (int k = 0; k < 2; k++)
			s->v[g + k][i] = lifted(TT_NVFP4, false,
			    unpack_nvfp4(b, k));
	}
	lower(TT_NVFP4, false, groups * 2, s, i);
}

INLINE void
stage_row(enum ttype t, bool high, const uint8_t *b, int groups,
    struct stage *s, int i)
{
	switch (t) {
#define CASE(T, LOOP, BYTES) case T: \
		LOOP(T, BYTES, high, b, groups, s, i); \
		break;
	EACH_BLOCK(CASE, stage32, stage256, stage_iq)
#undef CASE
	default:	/* TT_NVFP4 */
		stage_nvfp4(b, groups, s, i);
	}
}

/* ---- eight rows ---- */

/* Scales of eight rows from column `at` on to those of four groups. */
INLINE void
turn_scales(const float from[ROWS][STEP * 2], int at, __m256i v[8])
{
	for (int i = 0; i < ROWS; i++)
		v[i] = load32(from[i] + at);
	turn(v);
}

/* Groups g to g + 3, or fewer, of rows r0 .. r0 + 7. */
static void
put_scales(const struct stage *s, int g, int groups, struct panel_group *p,
    int r0)
{
	__m256i scale[8], base[8];

	turn_scales(s->scale, g * 2, scale);
	turn_scales(s->base, g * 2, base);
	for (int i = 0; i < 8 && g + i / 2 < groups; i++) {
		struct panel_group *to = &p[g + i / 2];

		_mm256_storeu_si256((void *)&to->scale[i % 2][r0], scale[i]);
		_mm256_storeu_si256((void *)&to->base[i % 2][r0], base[i]);
	}
}

static void
put(struct stage *s, int groups, struct panel_group *p, int r0)
{
	for (int g = 0; g < groups; g++) {
		turn(s->v[g]);
		for (int k = 0; k < 8; k++)
			_mm256_storeu_si256((void *)p[g].q[k][r0],
			    s->v[g][k]);
	}
	put_scales(s, 0, groups, p, r0);
	put_scales(s, 4, groups, p, r0);
}

/* ---- panels ---- */

/* Rows r0 .. r0 + 7 of a panel that has `rows`; the others count as zeros. */
static void
pack_rows(enum ttype t, bool high, const uint8_t *b, int64_t row_bytes,
    int r0, int rows, int groups, struct panel_group *p)
{
	struct stage s;

	memset(&s, 0, sizeof(s));
	for (int g = 0; g < groups; g += STEP, p += STEP) {
		int n = groups - g < STEP ? groups - g : STEP;
		const uint8_t *from = b + ttype_row_bytes(t, (int64_t)g * 32);

		for (int i = 0; i < ROWS && r0 + i < rows; i++)
			stage_row(t, high, from + (r0 + i) * row_bytes, n, &s,
			    i);
		put(&s, n, p, r0);
		/* turned ones are in the place of those that are not there */
		for (int i = rows - r0; i < ROWS; i++)
			for (int k = 0; i >= 0 && k < STEP; k++)
				s.v[k][i] = _mm256_setzero_si256();
	}
}

void
avx2_pack(enum ttype t, const void *w, int64_t row_bytes, int rows,
    int groups, struct panel_group *p)
{
	for (int r = 0; r < PANEL_ROWS; r += ROWS)
		pack_rows(t, false, w, row_bytes, r, rows, groups, p);
}

void
avx2_pack_high(enum ttype t, const void *w, int64_t row_bytes, int rows,
    int groups, struct panel_group *p)
{
	for (int r = 0; r < PANEL_ROWS; r += ROWS)
		pack_rows(t, true, w, row_bytes, r, rows, groups, p);
}

#endif
