/* paging.c -- see paging.h. */
#include "paging.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RESERVE ((int64_t)256 << 20)	/* left to the rest of the program */
#define CGROUPS "/sys/fs/cgroup"

/* ---- what there is ---- */

/* The number behind `key` at the beginning of a line of the file; key "": of
 * the first line.  -1 if there is none ("max", say). */
static int64_t
number_in(const char *path, const char *key)
{
	FILE *f = fopen(path, "re");
	char line[256];
	size_t n = strlen(key);
	int64_t v = -1;

	if (!f)
		return -1;
	while (v < 0 && fgets(line, sizeof line, f)) {
		char *end;
		long long x;

		if (strncmp(line, key, n) != 0)
			continue;
		x = strtoll(line + n, &end, 10);
		if (end != line + n && x >= 0)
			v = x;
	}
	fclose(f);
	return v;
}

/* What a control group leaves: its limit less what is used, where the cache
 * of files does not count as it makes room. */
static int64_t
group_leaves(const char *dir)
{
	char path[1100];
	int64_t limit, used, files;

	snprintf(path, sizeof path, "%.1024s/memory.max", dir);
	limit = number_in(path, "");
	if (limit < 0)
		return INT64_MAX;
	snprintf(path, sizeof path, "%.1024s/memory.current", dir);
	used = number_in(path, "");
	snprintf(path, sizeof path, "%.1024s/memory.stat", dir);
	files = number_in(path, "file ");
	used = (used < 0 ? 0 : used) - (files < 0 ? 0 : files);
	return used > 0 ? (limit > used ? limit - used : 0) : limit;
}

/* The least of what the control groups above this process leave (version 2
 * alone; the first version's limits are not read). */
static int64_t
groups_leave(void)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[1024], dir[1100] = "", *slash;
	int64_t least = INT64_MAX, x;

	if (!f)
		return least;
	while (fgets(line, sizeof line, f))
		if (strncmp(line, "0::/", 4) == 0) {
			line[strcspn(line, "\n")] = '\0';
			snprintf(dir, sizeof dir, CGROUPS "%.1000s", line + 3);
		}
	fclose(f);
	while (strlen(dir) >= strlen(CGROUPS) &&
	    (slash = strrchr(dir, '/')) != NULL) {
		x = group_leaves(dir);
		least = x < least ? x : least;
		*slash = '\0';
	}
	return least;
}

int64_t
memory_available(void)
{
	const char *told = getenv("FIKR_MEMORY");
	int64_t kib = number_in("/proc/meminfo", "MemAvailable:"), groups, all;
	char *end;
	long long mib;

	if (told && *told) {
		mib = strtoll(told, &end, 10);
		if (*end == '\0' && mib > 0 && mib < (1LL << 40))
			return (int64_t)mib << 20;
	}
	all = kib >= 0 ? kib * 1024 : (int64_t)sysconf(_SC_PHYS_PAGES) *
	    sysconf(_SC_PAGESIZE);
	groups = groups_leave();
	return groups < all ? groups : all;
}

void
paging_fetch(const void *p, int64_t n)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t at = (uintptr_t)p, from = at & ~(page - 1);

	madvise((void *)from, at - from + (uintptr_t)n, MADV_WILLNEED);
}

/* ---- what that means ---- */

static double
gb(int64_t n)
{
	return (double)n / 1e9;
}

static void
explain(const struct model_needs *n, struct paging *p)
{
	int64_t all = n->dense + n->experts;
	int64_t experts = p->stays - n->dense;

	if (gb(p->stays) < 0.05)
		snprintf(p->note, sizeof p->note, "almost nothing of this "
		    "model's %.1f GB will stay in memory; it is read from the "
		    "disk again for every token, which is very slow: a "
		    "smaller model or quantisation would serve you better", gb(all));
	else if (n->experts == 0)
		snprintf(p->note, sizeof p->note, "of this model's %.1f GB "
		    "only about %.1f GB will stay in memory; the rest is read "
		    "from the disk again for every token, which is slow: a "
		    "smaller model or quantisation would serve you better",
		    gb(all), gb(p->stays));
	else if (experts < 0)
		snprintf(p->note, sizeof p->note, "of this model's %.1f GB "
		    "only about %.1f GB will stay in memory, less than the "
		    "%.1f GB that every token reads; the rest comes from the "
		    "disk each time, which is very slow", gb(all),
		    gb(p->stays), gb(n->dense));
	else
		snprintf(p->note, sizeof p->note, "of this model's %.1f GB "
		    "about %.1f GB will stay in memory: the %.1f GB that "
		    "every token reads and %.1f of %.1f GB of experts; the "
		    "others are read from the disk as they are chosen, which "
		    "is slow", gb(all), gb(p->stays), gb(n->dense),
		    gb(experts), gb(n->experts));
}

void
paging_plan(const struct model_needs *n, int64_t available, struct paging *p)
{
	int64_t left = available - n->kv - n->work - RESERVE;

	*p = (struct paging){ .available = available };
	p->stays = n->dense + n->experts;
	p->fits = p->stays <= left;
	if (p->fits)
		return;
	p->stays = left > 0 ? left : 0;
	explain(n, p);
}
