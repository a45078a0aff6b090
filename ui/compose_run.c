/* compose_run.c -- while the editor has the terminal: the worker's words are
 * taken in, so that it never waits for somebody to read them. */
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "clock.h"
#include "compose.h"
#include "editor.h"
#include "port.h"

#define EDITOR_MS 50	/* how soon the end of the editor is seen */

static int
meanwhile(const struct compose_host *h, struct compose *c)
{
	struct pollfd p[] = {
		{ h->signals->fd, POLLIN, 0 },
		{ link_fd(h->link), POLLIN, 0 },
		{ link_wants_write(h->link) ? link_out_fd(h->link) : -1,
		    POLLOUT, 0 },
	};
	int64_t now;
	int over = 0;
	char sig;

	if (poll(p, 3, EDITOR_MS) > 0 && p[0].revents)
		while (read(h->signals->fd, &sig, 1) == 1)
			if (sig == SIGTERM || sig == SIGHUP) {
				over = sig;
				compose_kill(c, sig);
			}
	now = clock_wall_ms();
	if (p[2].revents)
		port_write(h->link);
	if (p[1].revents)
		h->react(h->ud, port_read(h->link, h->app, now));
	if (app_deadline(h->app) >= 0 && app_deadline(h->app) <= now)
		h->react(h->ud, app_event(h->app, &(struct ui_event){
		    .type = UI_TICK, .now = now }));
	return over;
}

/* Until the editor is over; stopping it stops the whole chat. */
static int
wait_for(const struct compose_host *h, struct compose *c)
{
	int over = 0, sig;

	for (;;) {
		switch (compose_check(c)) {
		case COMPOSE_OVER:
			return over;
		case COMPOSE_STOPPED:
			signals_stop(h->signals);
			compose_continue(c);
			break;
		case COMPOSE_RUNS:
			sig = meanwhile(h, c);
			over = sig ? sig : over;
		}
	}
}

int
compose_prompt(const struct compose_host *h, int *over, struct err *err)
{
	struct buf text = { 0 };
	struct compose c;
	int rc;

	*over = 0;
	if (compose_start(&c, editor_text(), err) < 0)
		return -1;
	*over = wait_for(h, &c);
	rc = compose_end(&c, &text, err);
	if (rc == 0)
		editor_set(text.data ? text.data : "");
	buf_free(&text);
	return rc;
}
