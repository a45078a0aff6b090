/* doctor.h -- `fikr doctor`: what was found of terminal, language, machine and
 * files, as facts that are printed one a line. */
#ifndef FIKR_DOCTOR_H
#define FIKR_DOCTOR_H

#include <stddef.h>

#include "conf.h"

enum verdict {
	FACT_FINE,
	FACT_ODD,		/* works, but not as well as it could */
	FACT_MISSING		/* something needed is not there */
};

struct fact {
	enum verdict verdict;
	const char *group, *name;	/* English, and the keys of the JSON */
	char *text;
};

struct facts {
	struct fact *v;
	size_t n;
};

/* group and name stay the caller's. */
void fact(struct facts *f, enum verdict v, const char *group,
    const char *name, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

void doctor_terminal(struct facts *f, const struct conf *c);
void doctor_language(struct facts *f);
void doctor_machine(struct facts *f);
/* config: the path of config.yaml; why: what is wrong with it, or "". */
void doctor_files(struct facts *f, const struct conf *c, const char *config,
    const char *why);

#endif
