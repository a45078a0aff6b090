/* energy.c -- see energy.h. */
#include "energy.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "i18n.h"

#define ZONES_MAX 64

/* "intel-rapl:0" is a package; "intel-rapl:0:1" is a part of one, and
 * "intel-rapl-mmio:0" the same package by another way. */
static bool
is_package(const char *name)
{
	const char *colon = strchr(name, ':');
	size_t n = colon ? (size_t)(colon - name) : 0;

	if (n < 5 || memcmp(colon - 5, "-rapl", 5) != 0)
		return false;
	for (colon++; isdigit((unsigned char)*colon); colon++)
		;
	return colon[-1] != ':' && *colon == '\0';
}

static int
read_number(const char *path, uint64_t *v, struct err *err)
{
	FILE *f = fopen(path, "re");
	int rc = 0;

	if (!f && (errno == EACCES || errno == EPERM))
		return err_set(err, _("Only root may read %s, so the energy "
		    "is not known; chmod a+r on it, as root, changes that "
		    "until the next start"), path);
	if (!f)
		return err_set(err, _("cannot read %s: %s"), path,
		    strerror(errno));
	if (fscanf(f, "%" SCNu64, v) != 1)
		rc = err_set(err, _("%s holds no number"), path);
	fclose(f);
	return rc;
}

/* psys is the whole machine, with the packages in it, which would count twice.
 */
static bool
is_whole_machine(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s/name", dir, name), word[8] = "";
	FILE *f = fopen(path, "re");

	if (f && fscanf(f, "%7s", word) != 1)
		word[0] = '\0';
	if (f)
		fclose(f);
	free(path);
	return strcmp(word, "psys") == 0;
}

static int
add_zone(struct energy *e, const char *dir, const char *name, struct err *err)
{
	struct energy_zone z = { 0 };
	char *max = xasprintf("%s/%s/max_energy_range_uj", dir, name);
	struct err ignored;
	int rc;

	z.path = xasprintf("%s/%s/energy_uj", dir, name);
	rc = read_number(z.path, &z.last, err);
	if (rc == 0 && read_number(max, &z.max, &ignored) < 0)
		z.max = UINT32_MAX;
	free(max);
	if (rc < 0) {
		free(z.path);
		return rc;
	}
	e->v = xreallocarray(e->v, e->n + 1, sizeof(*e->v));
	e->v[e->n++] = z;
	return 0;
}

int
energy_open(struct energy *e, const char *dir, struct err *err)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int rc = 0;

	*e = (struct energy){ 0 };
	while (d && rc == 0 && e->n < ZONES_MAX && (entry = readdir(d)))
		if (is_package(entry->d_name) &&
		    !is_whole_machine(dir, entry->d_name))
			rc = add_zone(e, dir, entry->d_name, err);
	if (d)
		closedir(d);
	if (rc == 0 && e->n == 0)
		rc = err_set(err, _("This machine shows no energy counters: "
		    "there is no package in %s"), dir);
	if (rc < 0)
		energy_done(e);
	return rc;
}

void
energy_done(struct energy *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->v[i].path);
	free(e->v);
	*e = (struct energy){ 0 };
}

int
energy_read(struct energy *e, double *joules, struct err *err)
{
	uint64_t now, sum = 0;

	for (size_t i = 0; i < e->n; i++) {
		struct energy_zone *z = &e->v[i];

		if (read_number(z->path, &now, err) < 0)
			return -1;
		sum += now >= z->last ? now - z->last :
		    z->max >= z->last ? z->max - z->last + now : now;
		z->last = now;
	}
	*joules = (double)sum / 1e6;
	return 0;
}
