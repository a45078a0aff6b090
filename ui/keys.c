/* keys.c -- the decoder: a queue of bytes, and scanners that take one key off
 * its front.  A scanner decides by a prefix alone: with more bytes behind it
 * the answer is the same, so it does not matter how the bytes were cut. */
#include "keys.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "utf8.h"

#define ESC 0x1b
#define ESC_WAIT 40		/* ms until a lone ESC is the Esc key */
#define CUT_WAIT 500		/* ms until a sequence is known to be cut */
#define PASTE_WAIT 1000		/* ms of silence that end a paste */
#define CSI_MAX 64		/* bytes: the longest sequence believed in */
#define STRING_MAX 4096		/* bytes: likewise, OSC, DCS and APC */
#define PASTE_END "\033[201~"
#define PASTE_END_N (sizeof(PASTE_END) - 1)
#define PARAM_MAX 4

struct keys {
	struct buf in;		/* what was fed; [0, pos) is given out */
	size_t pos;
	bool timed_out;		/* give out what is cut short */
	bool replies;		/* are due */
	bool pasting;		/* in.data + pos is inside a paste ... */
	size_t seen;		/* ... with no end in this many bytes of it */
	struct timespec fed;
};

enum scan {
	SCAN_MORE,		/* cannot tell yet */
	SCAN_KEY,
	SCAN_SKIP,		/* nobody's key: a reply, a release */
	SCAN_PASTE		/* a paste begins */
};

struct csi {
	char prefix;		/* one of <=>? or 0 */
	char last;		/* the last intermediate byte, or 0 */
	char final;
	int param[PARAM_MAX];	/* -1: not given */
	int sub[PARAM_MAX];	/* first value behind a colon, -1: none */
	int base;		/* second one of the first parameter, or -1 */
	int n;
};

struct keys *
keys_new(void)
{
	return xcalloc(1, sizeof(struct keys));
}

void
keys_free(struct keys *k)
{
	if (k == NULL)
		return;
	buf_free(&k->in);
	free(k);
}

void
keys_feed(struct keys *k, const char *s, size_t n)
{
	if (k->pos > 0)
		buf_drop(&k->in, k->pos);
	k->pos = 0;
	k->timed_out = false;
	buf_add(&k->in, s, n);
	clock_gettime(CLOCK_MONOTONIC, &k->fed);
}

static enum scan
found(struct key *out, enum key_code code, int mod)
{
	out->code = code;
	out->mod = mod;
	return SCAN_KEY;
}

static enum scan
found_char(struct key *out, uint32_t ch, int mod)
{
	out->ch = ch;
	return found(out, KEY_CHAR, mod);
}

/* Modifiers as xterm and kitty number them: 1 + a sum of bits. */
static int
xterm_mod(int param)
{
	int bits = param > 0 ? param - 1 : 0, mod = 0;

	if (bits & 1)
		mod |= MOD_SHIFT;
	if (bits & (2 | 32))	/* alt, meta */
		mod |= MOD_ALT;
	if (bits & 4)
		mod |= MOD_CTRL;
	return mod;
}

static enum scan
scan_control(unsigned char c, int mod, struct key *out)
{
	switch (c) {
	case '\r':
		return found(out, KEY_ENTER_, mod);
	case '\t':
		return found(out, KEY_TAB_, mod);
	case 0x08:
	case 0x7f:
		return found(out, KEY_BACKSPACE_, mod);
	case ESC:
		return found(out, KEY_ESC_, mod);
	case 0:
		return found_char(out, ' ', mod | MOD_CTRL);
	}
	if (c <= 0x1a)
		return found_char(out, c + 0x60u, mod | MOD_CTRL);
	return found_char(out, c + 0x40u, mod | MOD_CTRL);
}

static enum scan
scan_text(const char *s, size_t n, bool last, int mod, struct key *out,
    size_t *used)
{
	size_t look = n < 4 ? n : 4;
	unsigned char c = (unsigned char)s[0];
	uint32_t ch;
	bool ok;

	*used = 1;
	if (c < 0x20 || c == 0x7f)
		return scan_control(c, mod, out);
	if (!last && look < 4 && utf8_tail(s, look) == look)
		return SCAN_MORE;
	*used = (size_t)utf8_decode(s, n, &ch, &ok);
	if (ok && ch >= 0x80 && ch < 0xa0)
		return found(out, KEY_BAD_, 0);
	return found_char(out, ch, mod);
}

/* Parameters of a control sequence: numbers with ';' between them, each with
 * parts of its own behind ':'. */
static void
csi_params(struct csi *c, const char *s, const char *end)
{
	int *slot = &c->param[0];
	int part = 0;

	for (int i = 0; i < PARAM_MAX; i++)
		c->param[i] = c->sub[i] = -1;
	c->base = -1;
	for (c->n = 1; s < end; s++) {
		if (*s == ';') {
			if (c->n == PARAM_MAX)
				return;
			slot = &c->param[c->n++];
			part = 0;
		} else if (*s == ':') {
			part++;
			slot = part == 1 ? &c->sub[c->n - 1] :
			    part == 2 && c->n == 1 ? &c->base : NULL;
		} else if (*s >= '0' && *s <= '9' && slot != NULL) {
			if (*slot < 0)
				*slot = 0;
			if (*slot < 10000000)
				*slot = *slot * 10 + (*s - '0');
		}
	}
}

/* A key named by its Unicode value: kitty's CSI u, xterm's modifyOtherKeys. */
static enum scan
csi_unicode(int ch, int mod, struct key *out)
{
	if (ch == 13 || ch == 57414)
		return found(out, KEY_ENTER_, mod);
	if (ch == 9 || ch == 127 || ch == 8 || ch == 27)
		return scan_control((unsigned char)ch, mod, out);
	if (ch >= 57399 && ch <= 57408)		/* the keypad's digits */
		return found_char(out, (uint32_t)(ch - 57399 + '0'), mod);
	if (ch < 32 || ch > 0x10ffff || (ch >= 0xd800 && ch <= 0xdfff) ||
	    (ch >= 0x80 && ch < 0xa0) || (ch >= 57344 && ch <= 63743))
		return found(out, KEY_BAD_, 0);
	/* What Ctrl makes of these is older than any protocol. */
	if (mod & MOD_CTRL && (ch == '/' || ch == '_' ||
	    (ch == '-' && mod & MOD_SHIFT)))
		return found_char(out, '_', mod & ~MOD_SHIFT);
	if (mod & MOD_CTRL && (ch == '@' || (ch == '2' && mod & MOD_SHIFT)))
		return found_char(out, ' ', mod & ~MOD_SHIFT);
	if (mod & MOD_CTRL && ch >= 'A' && ch <= 'Z') {
		ch += 'a' - 'A';
	} else if (mod & MOD_SHIFT && !(mod & MOD_CTRL)) {
		if (ch >= 'a' && ch <= 'z')
			ch -= 'a' - 'A';
		mod &= ~MOD_SHIFT;
	}
	if (mod & MOD_CTRL && ch == 'h' && !(mod & MOD_SHIFT))
		return found(out, KEY_BACKSPACE_, mod & ~MOD_CTRL);
	return found_char(out, (uint32_t)ch, mod);
}

/* Which character kitty means: with Shift what that makes of the key; shortcuts
 * go by its Latin letter where the keyboard writes another script. */
static int
text_key(const struct csi *c, int mod)
{
	if (mod & MOD_SHIFT && !(mod & MOD_CTRL) && c->sub[0] > ' ')
		return c->sub[0];
	if (mod & (MOD_CTRL | MOD_ALT) && c->base > 0 && c->param[0] >= 0x80)
		return c->base;
	return c->param[0];
}

static enum scan
csi_number(const struct csi *c, int mod, struct key *out)
{
	static const uint8_t codes[] = {
		[1] = KEY_HOME_, [2] = KEY_INS_, [3] = KEY_DEL_,
		[4] = KEY_END_, [5] = KEY_PGUP_, [6] = KEY_PGDN_,
		[7] = KEY_HOME_, [8] = KEY_END_
	};
	static const uint8_t fkeys[] = {
		[11] = 1, 2, 3, 4, 5, [17] = 6, 7, 8, 9, 10, [23] = 11, 12
	};
	int v = c->param[0];

	if (v == 200)
		return SCAN_PASTE;
	if (v == 201)
		return SCAN_SKIP;	/* of a paste that timed out */
	if (v == 27 && c->n >= 3)
		return csi_unicode(c->param[2], mod, out);
	if (v >= 1 && v <= 8)
		return found(out, codes[v], mod);
	if (v > 8 && v < (int)sizeof(fkeys) && fkeys[v] != 0) {
		out->ch = fkeys[v];
		return found(out, KEY_F_, mod);
	}
	return found(out, KEY_BAD_, 0);
}

/* A mouse report: b holds button, modifiers and motion as in X10; x, y are
 * 1-based. */
static enum scan
mouse(int b, int x, int y, bool release, struct key *out)
{
	int mod = (b & 4 ? MOD_SHIFT : 0) | (b & 8 ? MOD_ALT : 0) |
	    (b & 16 ? MOD_CTRL : 0);

	if (b < 0 || x < 1 || y < 1)
		return found(out, KEY_BAD_, 0);
	out->x = x - 1;
	out->y = y - 1;
	if (b & 64) {
		if (release || (b & 3) > 1)
			return SCAN_SKIP;	/* sideways */
		return found(out, b & 1 ? KEY_WHEEL_DOWN_ : KEY_WHEEL_UP_,
		    mod);
	}
	/* Old reports say of a release that no button is down. */
	if ((b & 3) != 0 && !((b & 3) == 3 && !(b & 32)))
		return SCAN_SKIP;	/* other buttons, motion without one */
	if (release || (b & 3) == 3)
		return found(out, KEY_RELEASE_, mod);
	return found(out, b & 32 ? KEY_DRAG_ : KEY_MOUSE_, mod);
}

static int
arrow(char final)
{
	switch (final) {
	case 'A': case 'a':
		return KEY_UP_;
	case 'B': case 'b':
		return KEY_DOWN_;
	case 'C': case 'c':
		return KEY_RIGHT_;
	case 'D': case 'd':
		return KEY_LEFT_;
	case 'H':
		return KEY_HOME_;
	case 'F':
		return KEY_END_;
	}
	return -1;
}

static enum scan
csi_key(const struct csi *c, struct key *out)
{
	int mod = xterm_mod(c->n > 1 ? c->param[1] : 0), code;

	if (c->prefix == '<' && (c->final == 'M' || c->final == 'm'))
		return mouse(c->param[0], c->param[1], c->param[2],
		    c->final == 'm', out);
	/* Replies to questions that somebody asked the terminal: attributes,
	 * modes, cursor position, window, status. */
	if (c->prefix != 0 || strchr("Rntxy", c->final) != NULL)
		return found(out, KEY_REPLY_, 0);
	if (c->n > 1 && c->sub[1] == 3)
		return SCAN_SKIP;	/* a release, as kitty reports it */
	switch (c->final) {
	case 'P': case 'Q': case 'S':
		out->ch = (uint32_t)(c->final - 'P' + 1);
		return found(out, KEY_F_, mod);
	case 'Z':
		return found(out, KEY_TAB_, mod | MOD_SHIFT);
	case 'I':
		return found(out, KEY_FOCUS_IN_, 0);
	case 'O':
		return found(out, KEY_FOCUS_OUT_, 0);
	case 'u':
		return csi_unicode(text_key(c, mod), mod, out);
	case '~':
		return csi_number(c, mod, out);
	case '^':		/* rxvt's ctrl, shift, and both */
		return csi_number(c, mod | MOD_CTRL, out);
	case '$':
		return csi_number(c, mod | MOD_SHIFT, out);
	case '@':
		return csi_number(c, mod | MOD_CTRL | MOD_SHIFT, out);
	}
	code = arrow(c->final);
	if (code < 0)
		return found(out, KEY_BAD_, 0);
	if (c->final >= 'a')
		mod |= MOD_SHIFT;	/* rxvt */
	return found(out, (enum key_code)code, mod);
}

/* Sequences that begin like a CSI and are none: the Linux console's F1..F5
 * and mouse reports in the old form. */
static enum scan
scan_csi_odd(const char *s, size_t n, bool last, struct key *out, size_t *used)
{
	size_t need = s[2] == '[' ? 4 : 6;

	if (n < need) {
		*used = n;
		return last ? found(out, KEY_BAD_, 0) : SCAN_MORE;
	}
	*used = need;
	if (s[2] == 'M')
		return mouse((unsigned char)s[3] - 32,
		    (unsigned char)s[4] - 32, (unsigned char)s[5] - 32,
		    ((unsigned char)s[3] & 3) == 3 && !(s[3] & 64), out);
	if (s[3] >= 'A' && s[3] <= 'E') {
		out->ch = (uint32_t)(s[3] - 'A' + 1);
		return found(out, KEY_F_, 0);
	}
	*used = 3;
	return found(out, KEY_BAD_, 0);
}

static enum scan
scan_csi(const char *s, size_t n, bool last, struct key *out, size_t *used)
{
	struct csi c = { 0 };
	size_t i = 2, from;

	if (n > 2 && (s[2] == '[' || s[2] == 'M'))
		return scan_csi_odd(s, n, last, out, used);
	if (n > 2 && s[2] >= '<' && s[2] <= '?')
		c.prefix = s[i++];
	for (from = i; i < n && i < CSI_MAX; i++)
		if (s[i] < 0x30 || s[i] > 0x3f)
			break;
	csi_params(&c, s + from, s + i);
	for (; i < n && i < CSI_MAX && s[i] >= 0x20 && s[i] < 0x30; i++) {
		c.last = s[i];
		if (s[i] == '$' && c.prefix == 0)
			break;		/* rxvt's shift: final after all */
	}
	*used = i;
	if (i == CSI_MAX)
		return found(out, KEY_BAD_, 0);
	if (i == n) {
		if (!last)
			return SCAN_MORE;
		if (n == 2)
			return found_char(out, '[', MOD_ALT);
		return found(out, KEY_BAD_, 0);
	}
	if (s[i] != '$' && (s[i] < 0x40 || s[i] > 0x7e))
		return found(out, KEY_BAD_, 0);	/* this byte starts anew */
	c.final = s[i];
	*used = i + 1;
	if (c.last != 0 && c.last != '$' && c.prefix == 0)
		return found(out, KEY_BAD_, 0);
	return csi_key(&c, out);
}

static enum scan
scan_ss3(const char *s, size_t n, bool last, struct key *out, size_t *used)
{
	static const char keypad[] = "*+,-./0123456789";
	int mod = 0, code;
	size_t i = 2;

	if (i < n && s[i] >= '1' && s[i] <= '8')
		mod = xterm_mod(s[i++] - '0');
	*used = 2;
	if (i == n)
		return last ? found_char(out, 'O', MOD_ALT) : SCAN_MORE;
	*used = i + 1;
	if (s[i] >= 'P' && s[i] <= 'S') {
		out->ch = (uint32_t)(s[i] - 'P' + 1);
		return found(out, KEY_F_, mod);
	}
	if (s[i] == 'M')
		return found(out, KEY_ENTER_, mod);
	if (s[i] >= 'j' && s[i] <= 'y')
		return found_char(out, (uint32_t)keypad[s[i] - 'j'], mod);
	code = arrow(s[i]);
	if (code >= 0)
		return found(out, (enum key_code)code,
		    s[i] >= 'a' ? mod | MOD_CTRL : mod);
	*used = 2;
	return found_char(out, 'O', MOD_ALT);
}

/* OSC, DCS and APC: what comes from a terminal in these are answers. */
static enum scan
scan_string(const char *s, size_t n, bool last, struct key *out, size_t *used)
{
	size_t look = n < STRING_MAX ? n : STRING_MAX;

	for (size_t i = 2; i < look; i++) {
		*used = i + 1;
		if (s[i] == '\a' && s[1] == ']')
			return found(out, KEY_REPLY_, 0);
		if (s[i] != ESC)
			continue;
		if (i + 1 == look)
			break;
		*used = s[i + 1] == '\\' ? i + 2 : i;
		return found(out, s[i + 1] == '\\' ? KEY_REPLY_ : KEY_BAD_,
		    0);
	}
	*used = look;
	if (look == STRING_MAX)
		return SCAN_SKIP;
	if (!last)
		return SCAN_MORE;
	return n == 2 ? found_char(out, (uint32_t)s[1], MOD_ALT) : SCAN_SKIP;
}

static enum scan
scan_escape(const char *s, size_t n, bool last, struct key *out, size_t *used)
{
	switch (n > 1 ? s[1] : 0) {
	case '[':
		return scan_csi(s, n, last, out, used);
	case 'O':
		return scan_ss3(s, n, last, out, used);
	case ']':
	case 'P':
	case '_':
		return scan_string(s, n, last, out, used);
	}
	return SCAN_MORE;
}

/* The front of s[0..n), n > 0.  *used is set unless more is needed. */
static enum scan
scan(const char *s, size_t n, bool last, struct key *out, size_t *used)
{
	enum scan r;

	if (s[0] != ESC)
		return scan_text(s, n, last, 0, out, used);
	if (n > 1 && strchr("[O]P_", s[1]) != NULL && s[1] != '\0')
		return scan_escape(s, n, last, out, used);
	if (n > 1 && s[1] != ESC) {
		r = scan_text(s + 1, n - 1, last, MOD_ALT, out, used);
		++*used;
		return r;
	}
	/* ESC ESC [ A is rxvt's alt+up; any other pair is the Esc key first. */
	if (n > 2 && (s[2] == '[' || s[2] == 'O')) {
		r = scan_escape(s + 1, n - 1, last, out, used);
		if (r == SCAN_KEY && out->code != KEY_REPLY_) {
			out->mod |= MOD_ALT;
			++*used;
			return r;
		}
		if (r == SCAN_MORE)
			return r;
	} else if (n <= 2 && !last) {
		return SCAN_MORE;
	}
	*used = 1;
	return found(out, KEY_ESC_, 0);
}

/* Carriage returns, which is how terminals send the newlines of a paste, to
 * newlines, in place. */
static size_t
newlines(char *s, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\r' && i + 1 < n && s[i + 1] == '\n')
			continue;
		s[to++] = s[i] == '\r' ? '\n' : s[i];
	}
	return to;
}

static int
paste_next(struct keys *k, struct key *out)
{
	char *s = k->in.data + k->pos, *end;
	size_t n = k->in.len - k->pos, back = k->seen, keep;

	back = back > PASTE_END_N ? back - PASTE_END_N : 0;
	end = n > 0 ? memmem(s + back, n - back, PASTE_END, PASTE_END_N) : NULL;
	if (end == NULL && !k->timed_out) {
		/* Beyond the limit only the last bytes are worth keeping: the
		 * end may have begun in them.  The NUL keeps an end from
		 * forming where the two pieces meet. */
		keep = KEYS_PASTE_MAX + 1 + PASTE_END_N;
		if (n > keep) {
			memmove(s + keep - PASTE_END_N, s + n - PASTE_END_N,
			    PASTE_END_N);
			s[KEYS_PASTE_MAX] = '\0';
			n = keep;
			k->in.len = k->pos + n;
			k->in.data[k->in.len] = '\0';
		}
		k->seen = n;
		return 0;
	}
	k->pasting = false;
	k->pos += end != NULL ? (size_t)(end - s) + PASTE_END_N : n;
	if (end != NULL)
		n = (size_t)(end - s);
	*out = (struct key){ .code = KEY_PASTE_, .text = s };
	out->cut = n > KEYS_PASTE_MAX;
	if (out->cut)
		n = KEYS_PASTE_MAX - utf8_tail(s, KEYS_PASTE_MAX);
	out->n = newlines(s, n);
	return 1;
}

int
keys_next(struct keys *k, struct key *out)
{
	size_t used;

	for (;;) {
		const char *s = k->in.data + k->pos;

		if (k->pasting)
			return paste_next(k, out);
		if (k->pos == k->in.len)
			break;
		*out = (struct key){ .code = KEY_BAD_ };
		switch (scan(s, k->in.len - k->pos, k->timed_out, out,
		    &used)) {
		case SCAN_MORE:
			return 0;
		case SCAN_SKIP:
			k->pos += used;
			break;
		case SCAN_PASTE:
			k->pos += used;
			k->pasting = true;
			k->seen = 0;
			break;
		case SCAN_KEY:
			k->pos += used;
			out->raw = s;
			out->raw_n = used;
			return 1;
		}
	}
	k->timed_out = false;
	return 0;
}

void
keys_expect(struct keys *k, bool replies)
{
	k->replies = replies;
}

/* Nobody types the beginning of a sequence and a digit or '?' behind it as
 * fast as a terminal sends them: the rest is on its way, however slow. */
static bool
surely_cut(const struct keys *k)
{
	const char *s = k->in.data + k->pos;
	size_t n = k->in.len - k->pos;

	if (n < 1 || s[0] != ESC)
		return false;
	return k->replies || (n > 2 && (s[1] == '[' || s[1] == ']' ||
	    s[1] == 'P' || s[1] == '_'));
}

int
keys_wait(const struct keys *k)
{
	struct timespec now;
	int64_t left;

	if (!k->pasting && k->pos == k->in.len)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	left = k->pasting ? PASTE_WAIT : surely_cut(k) ? CUT_WAIT : ESC_WAIT;
	left -= (now.tv_sec - k->fed.tv_sec) * (int64_t)1000 +
	    (now.tv_nsec - k->fed.tv_nsec) / 1000000;
	return left > 0 ? (int)left : 0;
}

void
keys_timeout(struct keys *k)
{
	k->timed_out = true;
}
