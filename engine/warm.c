/* warm.c -- see warm.h.  The weights are cut into steps, which the thread and,
 * in the end, its caller take one after the other: with the page cache warm it
 * is the system's work of mapping the pages that takes the time. */
#include "warm.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "alloc.h"
#include "clock.h"
#include "gguf.h"
#include "model.h"
#include "paging.h"

#define STEP ((int64_t)4 << 20)		/* bytes */
#define AHEAD 8				/* steps that the disk is ahead */
#define SLOW_MS 8.0			/* a step that waited for the disk */

struct stretch { const uint8_t *p; int64_t n; };

struct warm {
	struct stretch *steps;		/* [n] */
	int n;
	int64_t total;			/* bytes of all */
	int64_t page;
	atomic_int next;		/* the step to be taken next */
	_Atomic int64_t done;		/* bytes */
	atomic_bool slow;		/* some have to come from the disk */
	pthread_t thread;
	bool threaded;
};

static void
add_steps(struct warm *w, const uint8_t *p, int64_t n)
{
	for (int64_t at = 0; at < n; at += STEP) {
		int64_t len = n - at < STEP ? n - at : STEP;

		if ((w->n & (w->n - 1)) == 0)
			w->steps = xreallocarray(w->steps, w->n ?
			    (size_t)w->n * 2 : 1, sizeof *w->steps);
		w->steps[w->n++] = (struct stretch){ p + at, len };
		w->total += len;
	}
}

static void
fetch(const struct warm *w, int i)
{
	if (i < w->n)
		paging_fetch(w->steps[i].p, w->steps[i].n);
}

/* Take the next step; false: there is none. */
static bool
take(struct warm *w)
{
	int i = atomic_fetch_add(&w->next, 1);
	const volatile uint8_t *p;
	double began;

	if (i >= w->n)
		return false;
	/* looking for pages to fetch takes time where there are none */
	if (atomic_load(&w->slow))
		fetch(w, i + AHEAD);
	began = clock_now_ms();
	p = w->steps[i].p;
	for (int64_t at = 0; at < w->steps[i].n; at += w->page)
		(void)p[at];
	if (clock_now_ms() - began > SLOW_MS)
		atomic_store(&w->slow, true);
	atomic_fetch_add(&w->done, w->steps[i].n);
	return true;
}

static void *
run(void *ud)
{
	while (take(ud))
		;
	return NULL;
}

struct warm *
warm_begin(const struct model *m, bool all)
{
	struct warm *w = xcalloc(1, sizeof *w);

	w->page = sysconf(_SC_PAGESIZE);
	for (size_t i = 0; i < m->g->n_tensors; i++) {
		const struct tensor *t = &m->g->tensors[i];
		enum tensor_use use = model_use(m, t);

		if (use == USE_ALWAYS || (use == USE_CHOSEN && all))
			add_steps(w, t->data, t->bytes);
	}
	w->threaded = pthread_create(&w->thread, NULL, run, w) == 0;
	return w;
}

int
warm_end(struct warm *w, bool (*tell)(int64_t done, int64_t total, void *ud),
    void *ud)
{
	bool stop = false;

	if (!w)
		return 0;
	while (!stop && take(w))
		stop = tell(atomic_load(&w->done), w->total, ud);
	if (stop)
		atomic_store(&w->next, w->n);
	if (w->threaded)
		pthread_join(w->thread, NULL);
	stop = stop || tell(w->total, w->total, ud);
	free(w->steps);
	free(w);
	return stop ? -1 : 0;
}
