/* proto_priv.h -- the tables that say what is in each message, for proto*.c
 * alone. */
#ifndef FIKR_PROTO_PRIV_H
#define FIKR_PROTO_PRIV_H

#include "proto.h"

enum kind {
	K_BOOL, K_INT, K_I64, K_U64, K_FLOAT, K_DOUBLE, K_STR,
	K_WHAT, K_THINKER, K_CHANNEL, K_THINKING, K_REASON, K_KV,
	K_TEMPERATURE, K_SAMPLING, K_MESSAGES, K_ADAPTERS, K_NOTES, K_INTS
};

struct field {
	const char *name;	/* NULL: the table's end */
	enum kind kind;
	bool optional;		/* keeps its default when absent */
	size_t off;		/* in the message's struct */
	size_t count;		/* K_INTS: where the number of them is */
};

struct proto_type {
	const char *name;
	const struct field *fields;
};

#define PROTO_WHATS 2

/* [proto_n_types], by enum msg_type */
extern const struct proto_type proto_types[];
extern const size_t proto_n_types;
extern const struct field proto_sampling[];
extern const char *const proto_whats[PROTO_WHATS];

#endif
