/* port.h -- the app's way to the worker, over a link. */
#ifndef FIKR_PORT_H
#define FIKR_PORT_H

#include "app.h"
#include "link.h"

struct app_port port_link(struct link *l);
/* Read what the worker said and give it to the app; its death too.  REACT_*. */
unsigned port_read(struct link *l, struct app *a, int64_t now);
/* Write what is queued; a broken pipe shows up in port_read. */
void port_write(struct link *l);

#endif
