/* theme_file.h -- a theme's file: read, and everything said that is wrong with
 * it. */
#ifndef FIKR_THEME_FILE_H
#define FIKR_THEME_FILE_H

#include <stdbool.h>

#include "theme.h"

struct theme_problem {
	const char *file;
	int line;		/* 0: of no line in particular */
	const char *role;	/* that it is about, or NULL */
	const char *text;	/* a sentence */
	bool warning;		/* the theme works, and is hard to read */
};

typedef void theme_problem_fn(const struct theme_problem *p, void *ud);

/* Fill t, whose name is kept unless the file has one; fn hears of every
 * problem in the file.  -1 when one of them was no warning: t is of no use
 * then. */
int theme_read(struct theme *t, const char *path, theme_problem_fn *fn,
    void *ud);
/* A theme_problem_fn: the first error becomes the sentence of a struct err. */
void theme_first_problem(const struct theme_problem *p, void *ud);

#endif
