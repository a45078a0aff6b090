/* prices.h -- what hosted models cost: a dated table, prices.yaml, that comes
 * with fikr, and the person's own in $XDG_CONFIG_HOME/fikr/prices.yaml, whose
 * entries stand before those of the same name and provider. */
#ifndef FIKR_PRICES_H
#define FIKR_PRICES_H

#include <stddef.h>

#include "buf.h"
#include "err.h"

struct price {
	char *name, *provider;
	double input, output;	/* for a million tokens */
	char *currency;		/* "USD", "EUR", ... */
	char *as_of;		/* "2026-09-30": the day it was read, */
	char *source;		/* and where */
};

struct prices {
	struct price *v;	/* [n] */
	size_t n;
};

/* -1 when a file is missing or wrong, with its name and line in *err; what the
 * other one says is there all the same. */
int prices_load(struct prices *p, struct err *err);
/* Add the entries of one file behind those that are there; -1 as above, and
 * nothing is added. */
int prices_read(struct prices *p, const char *path, struct err *err);
void prices_done(struct prices *p);
/* In the price's currency; thinking counts as output. */
double price_of(const struct price *p, double input, double output);
/* "$0.0123", "4.20 CHF": of small sums as many digits as say something. */
void price_put(const struct price *p, double sum, struct buf *out);

#endif
