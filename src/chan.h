/* chan.h -- lines over two file descriptors: a bounded reader and a queueing
 * writer.  Works with blocking and non-blocking descriptors; EINTR, EAGAIN,
 * short reads and short writes are handled here and nowhere else. */
#ifndef FIKR_CHAN_H
#define FIKR_CHAN_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"

struct chan {
	int in, out;		/* owned by the caller; -1: none */
	size_t line_max;
	struct buf inbuf, outbuf;
	size_t scanned;		/* bytes of inbuf known to hold no newline */
	size_t line;		/* length of the line handed out, plus 1 */
	size_t sent;		/* bytes of outbuf already written */
	bool skipping;		/* inside a line that was too long */
	bool eof;
};

void chan_init(struct chan *c, int in, int out, size_t line_max);
void chan_done(struct chan *c);
/* Read what is there, once.  1: something came, 0: nothing now, -1: end or
 * error (c->eof is set; lines already read can still be taken). */
int chan_fill(struct chan *c, struct err *err);
/* The next whole line without its newline, NUL-terminated, borrowed until the
 * next call on c: 1 yes, 0 none yet, -1 longer than line_max (said once; the
 * rest of that line is skipped and the next one can be read).  A last line
 * that the end cut short is not handed out. */
int chan_line(struct chan *c, char **line, size_t *n, struct err *err);
void chan_put(struct chan *c, const void *p, size_t n);	/* queue */
/* Write what the descriptor takes: 1 all out, 0 some left, -1 broken. */
int chan_flush(struct chan *c, struct err *err);

#endif
