/* clip.c -- OSC 52, plain and wrapped. */
#include "clip.h"

#include <stdint.h>

#define SCREEN_CHUNK 250	/* bytes: GNU screen cuts longer strings */

/* RFC 4648, section 4. */
static void
base64(struct buf *out, const char *s, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)s;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16;

		if (i + 1 < n)
			v |= (uint32_t)p[i + 1] << 8;
		if (i + 2 < n)
			v |= p[i + 2];
		buf_addc(out, digits[v >> 18]);
		buf_addc(out, digits[v >> 12 & 63]);
		buf_addc(out, i + 1 < n ? digits[v >> 6 & 63] : '=');
		buf_addc(out, i + 2 < n ? digits[v & 63] : '=');
	}
}

static void
wrap_tmux(struct buf *out, const struct buf *seq)
{
	buf_puts(out, "\033Ptmux;");
	for (size_t i = 0; i < seq->len; i++) {
		if (seq->data[i] == '\033')
			buf_addc(out, '\033');
		buf_addc(out, seq->data[i]);
	}
	buf_puts(out, "\033\\");
}

static void
wrap_screen(struct buf *out, const struct buf *seq)
{
	for (size_t i = 0; i < seq->len; i += SCREEN_CHUNK) {
		size_t n = seq->len - i;

		buf_puts(out, "\033P");
		buf_add(out, seq->data + i,
		    n < SCREEN_CHUNK ? n : SCREEN_CHUNK);
		buf_puts(out, "\033\\");
	}
}

void
clip_sequence(struct buf *out, const char *s, size_t n,
    enum clip_through through)
{
	struct buf seq = { 0 };

	buf_puts(&seq, "\033]52;c;");
	base64(&seq, s, n);
	buf_puts(&seq, "\a");
	/* tmux takes it itself where set-clipboard says so, and hands on the
	 * other where allow-passthrough does. */
	if (through != CLIP_SCREEN)
		buf_add(out, seq.data, seq.len);
	if (through == CLIP_TMUX)
		wrap_tmux(out, &seq);
	if (through == CLIP_SCREEN)
		wrap_screen(out, &seq);
	buf_free(&seq);
}
