/* kern_scalar.c -- the kernels in plain C: what runs where nothing better is
 * known, and what the fast families are tested against. */
#include "kern.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* Below this a group counts as zero: its reciprocal would overflow. */
#define TINY 1e-30f

static void
quantize(struct act *x)
{
	int64_t g;
	int j, s[2];

	for (g = 0; g < x->n / ACT_GROUP; g++) {
		const float *f = x->f + g * ACT_GROUP;
		int8_t *q = x->q + g * ACT_GROUP;
		float top = 0, inv;

		for (j = 0; j < ACT_GROUP; j++)
			top = fmaxf(top, fabsf(f[j]));
		inv = top > TINY ? 127 / top : 0;
		x->d[g] = top > TINY ? top / 127 : 0;
		s[0] = s[1] = 0;
		for (j = 0; j < ACT_GROUP; j++) {
			float v = f[j] * inv;

			/* not finite: any value, and a scale that tells */
			if (!isfinite(f[j]))
				x->d[g] = NAN;
			q[j] = (int8_t)(v >= -127 && v <= 127.5f ?
			    lrintf(v) : -127);
			s[j / 16] += q[j];
		}
		x->sum[g * 2] = (int16_t)s[0];
		x->sum[g * 2 + 1] = (int16_t)s[1];
	}
}

/* One row of a quantised type: exact sums of 16 products, scaled. */
static float
dot_quant(enum ttype t, const void *row, const struct act *x)
{
	struct qgroup o;
	float acc = 0;
	int64_t g;
	int h, j, s;

	for (g = 0; g < x->n / ACT_GROUP; g++) {
		const int8_t *q = x->q + g * ACT_GROUP;
		float part = 0;

		quant_group(t, row, g, &o);
		for (h = 0; h < 2; h++) {
			for (s = 0, j = h * 16; j < h * 16 + 16; j++)
				s += o.q[j] * q[j];
			part += o.scale[h] * (float)s +
			    o.base[h] * (float)x->sum[g * 2 + h];
		}
		acc += x->d[g] * part;
	}
	return acc;
}

static float
float_at(enum ttype t, const uint8_t *row, int64_t i)
{
	uint16_t h;
	float f;

	if (t == TT_F32) {
		memcpy(&f, row + i * 4, 4);
		return f;
	}
	memcpy(&h, row + i * 2, 2);
	return t == TT_F16 ? f16_to_f32(h) : bf16_to_f32(h);
}

static float
dot_plain(enum ttype t, const uint8_t *row, const float *f, int64_t n)
{
	float acc[4] = { 0 };
	int64_t i;

	for (i = 0; i < n; i++)
		acc[i & 3] += float_at(t, row, i) * f[i];
	return (acc[0] + acc[1]) + (acc[2] + acc[3]);
}

static void
gemv(enum ttype t, const void *w, int64_t row_bytes, const struct act *x,
    float *out, int rows)
{
	const struct ttype_info *info = ttype_info(t);
	const uint8_t *row = w;
	int64_t n;
	int r;

	if (info->block > 1) {
		for (r = 0; r < rows; r++, row += row_bytes)
			out[r] = dot_quant(t, row, x);
		return;
	}
	/* a row of floats may be shorter than the padded vector */
	n = row_bytes / info->bytes < x->n ? row_bytes / info->bytes : x->n;
	for (r = 0; r < rows; r++, row += row_bytes)
		out[r] = dot_plain(t, row, x->f, n);
}

static void
axpy(float *y, float a, const float *x, int n)
{
	int i;

	for (i = 0; i < n; i++)
		y[i] += a * x[i];
}

static void
to_f16(uint16_t *dst, const float *src, int n)
{
	int i;

	for (i = 0; i < n; i++)
		dst[i] = f32_to_f16(src[i]);
}

static void
rms_norm(float *y, const float *x, const float *w, int n, float eps)
{
	double sum = 0;
	float scale;
	int i;

	for (i = 0; i < n; i++)
		sum += (double)x[i] * x[i];
	scale = (float)(1 / sqrt(sum / n + eps));
	for (i = 0; i < n; i++)
		y[i] = x[i] * scale * w[i];
}

static float
exp_sum(const float *x, int n, float max, float scale, float bar)
{
	double sum = 0;

	for (int i = 0; i < n; i++)
		if (x[i] >= bar)
			sum += expf((x[i] - max) * scale);
	return (float)sum;
}

static float
exps(float *x, int n, float *max)
{
	double sum = 0;
	int i;

	for (i = 0; i < n; i++)
		*max = fmaxf(*max, x[i]);
	for (i = 0; i < n; i++) {
		x[i] = expf(x[i] - *max);
		sum += x[i];
	}
	return (float)sum;
}

static void
swiglu(float *y, const float *u, int n)
{
	int i;

	for (i = 0; i < n; i++)
		y[i] = y[i] / (1 + expf(-y[i])) * u[i];
}

static void
geglu(float *y, const float *u, int n)
{
	int i;

	/* (1 + tanh z) / 2 = 1 / (1 + exp(-2 z)), which loses nothing where
	 * tanh is near -1 */
	for (i = 0; i < n; i++) {
		float z = 0.7978845608f * (y[i] + 0.044715f * y[i] * y[i] *
		    y[i]);

		y[i] = y[i] / (1 + expf(-2 * z)) * u[i];
	}
}

/* The block of Q8_0: an f16 scale and 32 bytes. */
#define Q8_0_BYTES 34

static void
to_q8_0(void *dst, const float *src, int n)
{
	uint8_t *b = dst;
	int i, j;

	for (i = 0; i < n; i += 32, b += Q8_0_BYTES) {
		float top = 0, inv, bad = 0;
		uint16_t d;

		for (j = 0; j < 32; j++) {
			top = fmaxf(top, fabsf(src[i + j]));
			bad += src[i + j] - src[i + j];
		}
		inv = top > TINY ? 127 / top : 0;
		/* the largest finite scale rather than infinity, which times
		 * zero is NaN; NaN alone for what is not finite */
		d = f32_to_f16(fminf(top / 127, 65504));
		if (isnan(bad))
			d = 0x7e00;
		memcpy(b, &d, 2);
		for (j = 0; j < 32; j++) {
			float v = src[i + j] * inv;

			b[2 + j] = (uint8_t)(int8_t)(v >= -127 && v <= 127.5f ?
			    lrintf(v) : -127);
		}
	}
}

/* ---- queries against rows of the cache ---- */

static void
scores(enum ttype t, const float *q, int ldq, int heads, const void *rows,
    size_t stride, int d, int n, float *score, int lds)
{
	const uint8_t *row = rows;
	int h, i;

	for (i = 0; i < n; i++, row += stride)
		for (h = 0; h < heads; h++)
			score[h * lds + i] = dot_plain(t, row, q + h * ldq, d);
}

static void
mix(enum ttype t, const float *weight, int ldw, int heads, const void *rows,
    size_t stride, int d, int n, float *out, int ldo)
{
	const uint8_t *row = rows;
	int h, i, j;

	for (i = 0; i < n; i++, row += stride)
		for (h = 0; h < heads; h++)
			for (j = 0; j < d; j++)
				out[h * ldo + j] += weight[h * ldw + i] *
				    float_at(t, row, j);
}

static const struct kern scalar = {
	.name = "scalar", .quantize = quantize, .gemv = gemv,
	.dequant = dequant_row,
	.axpy = axpy, .to_f16 = to_f16,
	.rms_norm = rms_norm, .exps = exps, .exp_sum = exp_sum,
	.swiglu = swiglu, .geglu = geglu, .to_q8_0 = to_q8_0,
	.scores = scores, .mix = mix, .gemm = kern_gemm_nn,
};

const struct kern *
kern_scalar(void)
{
	return &scalar;
}
