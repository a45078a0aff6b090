/* mapguard.c -- see mapguard.h.
 *
 * The handler may interrupt anything, so it takes no lock: the mappings stand
 * in a table of fixed size, each place of which is taken, filled and given
 * back by single atomic stores.  It calls mmap, which is a plain system call,
 * and nothing else. */
#include "mapguard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARDS 4096

/* A place is free when end is 0, being filled when it is 1. */
struct guard {
	atomic_uintptr_t begin, end;	/* whole pages */
	atomic_bool hit;
};

/* A signal handler can be handed nothing, so what it needs is here. */
static struct guard guards[GUARDS];
static atomic_int n_guards;		/* places ever used */
static uintptr_t page_size;
static struct sigaction before;
static pthread_mutex_t installing = PTHREAD_MUTEX_INITIALIZER;

static struct guard *
find(uintptr_t at)
{
	int n = atomic_load(&n_guards);

	for (int i = 0; i < n; i++)
		if (at >= atomic_load(&guards[i].begin) &&
		    at < atomic_load(&guards[i].end))
			return &guards[i];
	return NULL;
}

/* The file ends before the page at fault, so all after it is lost as well. */
static bool
mend(uintptr_t at)
{
	struct guard *g = find(at);
	uintptr_t from = at & ~(page_size - 1);

	if (!g)
		return false;
	atomic_store(&g->hit, true);
	return mmap((void *)from, atomic_load(&g->end) - from, PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) !=
	    MAP_FAILED;
}

static void
on_sigbus(int sig, siginfo_t *info, void *context)
{
	int saved = errno;
	bool fault = info->si_code > 0;		/* not sent by a process */

	(void)context;
	if (!fault || !mend((uintptr_t)info->si_addr)) {
		/* the same fault comes again at once, to who was here before;
		 * a signal that was sent does not, unless it is raised */
		sigaction(sig, &before, NULL);
		if (!fault)
			raise(sig);
	}
	errno = saved;
}

/* Again when another library, or a test's harness, has put its own handler
 * there meanwhile. */
static void
install(void)
{
	struct sigaction now, sa = { .sa_sigaction = on_sigbus,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART };

	pthread_mutex_lock(&installing);
	page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGBUS, NULL, &now) == 0 &&
	    (!(now.sa_flags & SA_SIGINFO) ||
	    now.sa_sigaction != on_sigbus)) {
		before = now;
		sigaction(SIGBUS, &sa, NULL);
	}
	pthread_mutex_unlock(&installing);
}

static void
count_up(int n)
{
	int have = atomic_load(&n_guards);

	while (have < n && !atomic_compare_exchange_weak(&n_guards, &have, n))
		;
}

int
mapguard_add(const void *p, size_t n)
{
	install();
	for (int i = 0; i < GUARDS; i++) {
		uintptr_t none = 0;

		if (!atomic_compare_exchange_strong(&guards[i].end, &none, 1))
			continue;
		atomic_store(&guards[i].hit, false);
		atomic_store(&guards[i].begin, (uintptr_t)p);
		atomic_store(&guards[i].end, ((uintptr_t)p + n + page_size - 1)
		    & ~(page_size - 1));
		count_up(i + 1);
		return i;
	}
	return -1;
}

void
mapguard_remove(int guard)
{
	if (guard < 0)
		return;
	atomic_store(&guards[guard].begin, UINTPTR_MAX);
	atomic_store(&guards[guard].end, 0);
}

bool
mapguard_hit(int guard)
{
	return guard >= 0 && atomic_load(&guards[guard].hit);
}
