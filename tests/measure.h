/* measure.h -- what the programs that measure share. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static inline void
show(const char *name, double value, const char *unit)
{
	printf("%-34s %10.3f %s\n", name, value, unit);
}

static inline double
cpu_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_utime.tv_sec * 1e3 + u.ru_utime.tv_usec / 1e3 +
	    u.ru_stime.tv_sec * 1e3 + u.ru_stime.tv_usec / 1e3;
}

static inline int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline double
percentile(double *v, size_t n, int p)
{
	qsort(v, n, sizeof(*v), by_size);
	return v[(n - 1) * (size_t)p / 100];
}
