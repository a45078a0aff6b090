/* out.c -- text to a plain descriptor. */
#include "out.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "utf8.h"

/* C0 and DEL have pictures of their own in the block U+2400. */
static void
put_char(struct buf *to, uint32_t cp)
{
	char enc[4];

	if (cp == 0x7f)
		cp = 0x2421;
	else if (cp < 0x20 && cp != '\n' && cp != '\t')
		cp += 0x2400;
	if ((cp >= 0x80 && cp < 0xa0) || utf8_steers(cp))
		buf_printf(to, "<U+%04X>", (unsigned)cp);
	else
		buf_add(to, enc, (size_t)utf8_encode(cp, enc));
}

void
out_visible(struct buf *to, const char *s, size_t n)
{
	while (n) {
		uint32_t cp;
		int k = utf8_decode(s, n, &cp, NULL);

		put_char(to, cp);
		s += k;
		n -= (size_t)k;
	}
}

static int
write_all(struct out *o, const char *s, size_t n, struct err *err)
{
	while (n) {
		ssize_t k = write(o->fd, s, n);

		if (k > 0) {
			s += k;
			n -= (size_t)k;
		} else if (k < 0 && errno == EAGAIN) {
			struct pollfd p = { o->fd, POLLOUT, 0 };

			poll(&p, 1, -1);
		} else if (k < 0 && errno != EINTR) {
			o->broken = errno == EPIPE;
			return err_set(err, "cannot write the output: %s",
			    strerror(errno));
		}
	}
	return 0;
}

int
out_text(struct out *o, const char *s, size_t n, struct err *err)
{
	struct buf text = { 0 };
	int ret;

	while (n && *s == '\n') {
		o->newlines++;
		s++;
		n--;
	}
	if (n == 0)
		return 0;
	for (; o->begun && o->newlines; o->newlines--)
		buf_addc(&text, '\n');
	o->begun = true;
	for (o->newlines = 0; s[n - 1] == '\n'; n--)
		o->newlines++;
	out_visible(&text, s, n);
	ret = write_all(o, text.data, text.len, err);
	buf_free(&text);
	return ret;
}

int
out_raw(struct out *o, const char *s, size_t n, struct err *err)
{
	return write_all(o, s, n, err);
}

int
out_end(struct out *o, struct err *err)
{
	bool any = o->begun;

	o->begun = false;
	o->newlines = 0;
	return any ? write_all(o, "\n", 1, err) : 0;
}
