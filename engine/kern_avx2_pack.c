/* kern_avx2_pack.c -- rows of every quantised type as panels, for AVX2.  All
 * but the types with 8 bits become unsigned bytes, or those, too; what that
 * takes away is in base. */
#include "kern_avx2_iq.h"

#ifdef HAVE_AVX2_KERNELS

#include "kern_panel.h"

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

/* Put 32 values of row r in their places. */
INLINE void
place(struct panel_group *p, int r, __m256i v)
{
	uint32_t four[8];
	int i;

	_mm256_storeu_si256((__m256i *)four, v);
	for (i = 0; i < 8; i++)
		memcpy(p->q[i][r], &four[i], 4);
}

INLINE void
place_signed(enum ttype t, bool high, struct panel_group *p, int r, __m256i v,
    const float *scale, int halves)
{
	int h, up = lift(t, high);

	place(p, r, _mm256_add_epi8(v, _mm256_set1_epi8((char)up)));
	for (h = 0; h < halves; h++) {
		p->scale[h][r] = scale[h];
		p->base[h][r] = scale[h] * (float)-up;
	}
}

INLINE void
pack32(enum ttype t, int bytes, bool high, const uint8_t *b, int r,
    int groups, struct panel_group *p)
{
	float scale;

	for (; groups > 0; groups--, b += bytes, p++) {
		scale = scale32(t, b);
		if (is_signed(t)) {
			place_signed(t, high, p, r, unpack(t, b, 0), &scale,
			    1);
			continue;
		}
		place(p, r, unpack(t, b, 0));
		p->scale[0][r] = scale;
		p->base[0][r] = base32(t, b, scale);
	}
}

INLINE void
pack256(enum ttype t, int bytes, bool high, const uint8_t *b, int r,
    int groups, struct panel_group *p)
{
	int halves = t == TT_Q4_K || t == TT_Q5_K ? 1 : 2, g, h;
	float scale[16], base[16];

	(void)high;
	for (; groups > 0; groups -= 8, b += bytes, p += 8) {
		scales256(t, b, scale, base);
#define GROUP(G) place(p + G, r, unpack(t, b, G));
		EACH_GROUP(GROUP)
#undef GROUP
		for (g = 0; g < 8; g++)
			for (h = 0; h < halves; h++) {
				p[g].scale[h][r] = scale[g * 2 + h];
				p[g].base[h][r] = base[g * 2 + h];
			}
	}
}

INLINE void
pack_iq(enum ttype t, int bytes, bool high, const uint8_t *b, int r,
    int groups, struct panel_group *p)
{
	uint32_t signs[8];
	float scale[16];

	for (; groups > 0; groups -= 8, b += bytes, p += 8) {
		load_signs(t, b, signs);
		scales_of_iq(t, b, scale);
#define GROUP(G) place_signed(t, high, p + G, r, signed_iq(t, b, G, signs), \
		scale + G * 2, 2);
		EACH_GROUP(GROUP)
#undef GROUP
	}
}

static void
pack_nvfp4(const uint8_t *b, int r, int groups, struct panel_group *p)
{
	float scale[4];

	for (; groups > 0; groups -= 2, b += 36, p += 2) {
		_mm_storeu_ps(scale, scales_nvfp4(b));
		place_signed(TT_NVFP4, false, p, r, unpack_nvfp4(b, 0), scale,
		    2);
		place_signed(TT_NVFP4, false, p + 1, r, unpack_nvfp4(b, 1),
		    scale + 2, 2);
	}
}

/* One row; its place in the block is that of the first group. */
INLINE void
pack_row(enum ttype t, bool high, const uint8_t *b, int r, int groups,
    struct panel_group *p)
{
	switch (t) {
#define CASE(T, LOOP, BYTES) case T: \
		LOOP(T, BYTES, high, b, r, groups, p); \
		break;
	EACH_BLOCK(CASE, pack32, pack256, pack_iq)
#undef CASE
	default:	/* TT_NVFP4 */
		pack_nvfp4(b, r, groups, p);
	}
}

INLINE void
pack_rows(enum ttype t, bool high, const uint8_t *b, int64_t row_bytes,
    int rows, int groups, struct panel_group *p)
{
	if (rows < PANEL_ROWS)
		memset(p, 0, (size_t)groups * sizeof(*p));
	for (int r = 0; r < rows; r++, b += row_bytes)
		pack_row(t, high, b, r, groups, p);
}

void
avx2_pack(enum ttype t, const void *w, int64_t row_bytes, int rows,
    int groups, struct panel_group *p)
{
	pack_rows(t, false, w, row_bytes, rows, groups, p);
}

void
avx2_pack_high(enum ttype t, const void *w, int64_t row_bytes, int rows,
    int groups, struct panel_group *p)
{
	pack_rows(t, true, w, row_bytes, rows, groups, p);
}

#endif
