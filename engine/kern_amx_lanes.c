/* kern_amx_lanes.c -- rows in lanes as tiles in BF16, for AMX. */
#include "kern_amx.h"
#include "kern_lanes_unpack.h"

#if defined(HAVE_AMX_KERNELS) || defined(LANES_PLAIN)

/* Group g of the block at b as a tile. */
LANE_FN void
tile_of_group(enum ttype t, const uint8_t *b, const struct lane_block *o, int g,
    uint8_t *out)
{
	struct lane_scales s;

	lane_scales_of(t, b, o, g, &s);
	LANE_UNROLL
	for (int k = 0; k < 8; k++) {
		lane_words line = lane_line(t, b, g, k), p;
		int h = lane_halves(t) == 1 ? 0 : k / 4;
		lane_floats v[4];

		LANE_UNROLL
		for (int i = 0; i < 4; i++)
			v[i] = lane_fma(lane_to_float(lane_byte(line, i)),
			    s.scale[h], s.base[h]);
		p = lane_pairs(v[0], v[1]);
		memcpy(out + k * 128, &p, sizeof p);
		p = lane_pairs(v[2], v[3]);
		memcpy(out + k * 128 + 64, &p, sizeof p);
	}
}

LANE_FN void
tiles_of_groups(enum ttype t, const uint8_t *b, int64_t first, int groups,
    uint8_t *out)
{
	int per = lane_groups(t);

	b += first / per * lane_bytes(t);
	for (; groups > 0; groups -= per, b += lane_bytes(t),
	    out += per * 2 * TILE_BYTES) {
		struct lane_block o;

		lane_open(t, b, &o);
#define GROUP(G) if (G < per) \
			tile_of_group(t, b, &o, G, out + G * 2 * TILE_BYTES);
		EACH_LANE_GROUP(GROUP)
#undef GROUP
	}
}

void
amx_from_lanes(enum ttype t, const void *w, int64_t first, int groups,
    int half, uint8_t *panel)
{
	panel += half * TILE_BYTES;
	switch (t) {
#define CASE(T) \
	case T: \
		tiles_of_groups(T, w, first, groups, panel); \
		break;
	EACH_LANE_TYPE(CASE)
#undef CASE
	default:
		break;		/* lanes_form() knows no more */
	}
}

#endif
