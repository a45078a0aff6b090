/* chan.c -- lines over two file descriptors. */
#include "chan.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (64u << 10)

void
chan_init(struct chan *c, int in, int out, size_t line_max)
{
	memset(c, 0, sizeof *c);
	c->in = in;
	c->out = out;
	c->line_max = line_max;
}

void
chan_done(struct chan *c)
{
	buf_free(&c->inbuf);
	buf_free(&c->outbuf);
	chan_init(c, -1, -1, c->line_max);
}

/* Forget the line that was handed out last. */
static void
retire(struct chan *c)
{
	buf_drop(&c->inbuf, c->line);
	c->line = 0;
}

int
chan_fill(struct chan *c, struct err *err)
{
	char chunk[CHUNK];
	ssize_t n;

	retire(c);
	if (c->in < 0 || c->eof) {
		c->eof = true;
		return err_set(err, "the input has ended");
	}
	do
		n = read(c->in, chunk, sizeof chunk);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		buf_add(&c->inbuf, chunk, (size_t)n);
		return 1;
	}
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	c->eof = true;
	if (n == 0)
		return err_set(err, "the input has ended");
	return err_set(err, "cannot read from the pipe: %s", strerror(errno));
}

/* Where the first newline is, or NULL; looks at each byte once. */
static char *
newline(struct chan *c)
{
	char *nl;

	if (c->scanned >= c->inbuf.len)
		return NULL;
	nl = memchr(c->inbuf.data + c->scanned, '\n',
	    c->inbuf.len - c->scanned);
	c->scanned = nl ? 0 : c->inbuf.len;
	return nl;
}

static int
too_long(struct chan *c, struct err *err)
{
	return err_set(err, "a line is longer than %zu bytes; it was skipped",
	    c->line_max);
}

int
chan_line(struct chan *c, char **line, size_t *n, struct err *err)
{
	char *nl;
	bool skipped;
	size_t len;

	retire(c);
	while ((nl = newline(c))) {
		len = (size_t)(nl - c->inbuf.data);
		skipped = c->skipping;
		c->skipping = false;
		if (!skipped && len <= c->line_max) {
			*nl = '\0';
			c->line = len + 1;
			*line = c->inbuf.data;
			*n = len;
			return 1;
		}
		buf_drop(&c->inbuf, len + 1);
		if (!skipped)
			return too_long(c, err);
	}
	if (!c->skipping && c->inbuf.len <= c->line_max)
		return 0;
	skipped = c->skipping;
	c->skipping = true;
	buf_free(&c->inbuf);
	c->scanned = 0;
	return skipped ? 0 : too_long(c, err);
}

void
chan_put(struct chan *c, const void *p, size_t n)
{
	buf_add(&c->outbuf, p, n);
}

static void
forget_output(struct chan *c)
{
	c->sent = 0;
	buf_clear(&c->outbuf);
}

int
chan_flush(struct chan *c, struct err *err)
{
	while (c->sent < c->outbuf.len) {
		ssize_t n = write(c->out, c->outbuf.data + c->sent,
		    c->outbuf.len - c->sent);

		if (n > 0)
			c->sent += (size_t)n;
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		else if (n < 0 && errno != EINTR) {
			err_set(err, "cannot write to the pipe: %s",
			    strerror(errno));
			forget_output(c);
			return -1;
		}
	}
	forget_output(c);
	return 1;
}
