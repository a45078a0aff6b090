/* near.h -- how far vectors of floats are from what they should be; included
 * after <cmocka.h>. */
#ifndef FIKR_NEAR_H
#define FIKR_NEAR_H

/* The square of |got - want| / |want|; want is not all zeros. */
static inline double
relative_error(const float *got, const float *want, int n)
{
	double diff = 0.0, all = 0.0;

	for (int i = 0; i < n; i++) {
		diff += (got[i] - want[i]) * (got[i] - want[i]);
		all += want[i] * want[i];
	}
	assert_true(all > 0.0);
	return diff / all;
}

/* Not a number is not near. */
static inline void
assert_near(const float *got, const float *want, int n, double limit)
{
	double d = relative_error(got, want, n);

	if (!(d < limit))
		fail_msg("relative square error %g", d);
}

#endif
