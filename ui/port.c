/* port.c -- struct app_port over struct link. */
#include "port.h"

static bool
port_alive(void *ud)
{
	return link_alive(ud);
}

static int
port_start(void *ud, struct err *err)
{
	return link_start(ud, err);
}

static int
port_load(void *ud, struct err *err)
{
	return link_load(ud, err);
}

static int
port_send(void *ud, const struct msg *m, struct err *err)
{
	return link_send(ud, m, err);
}

static void
port_choose(void *ud, const char *model)
{
	link_choose(ud, model);
}

struct app_port
port_link(struct link *l)
{
	return (struct app_port){ l, port_alive, port_start, port_load,
		port_send, port_choose };
}

struct reading {
	struct app *app;
	int64_t now;
	unsigned react;
};

static void
on_msg(const struct msg *m, void *ud)
{
	struct reading *r = ud;
	struct ui_event ev = { .type = UI_MSG, .now = r->now, .msg = m };

	r->react |= app_event(r->app, &ev);
}

unsigned
port_read(struct link *l, struct app *a, int64_t now)
{
	struct reading r = { a, now, 0 };
	struct ui_event ev = { .type = UI_LOST, .now = now };
	struct err err = { .text = "" };

	if (link_read(l, on_msg, &r, &err) < 0) {
		ev.why = err.text;
		r.react |= app_event(a, &ev);
	}
	return r.react;
}

void
port_write(struct link *l)
{
	struct err err;

	link_flush(l, &err);
}
