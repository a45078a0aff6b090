/* keys.h -- bytes from a terminal to keys: escape sequences, UTF-8, bracketed
 * paste and mouse reports are put together here, before anybody else sees
 * them, so that half a sequence never reaches the prompt. */
#ifndef FIKR_KEYS_H
#define FIKR_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum key_code {
	KEY_CHAR,		/* ch; with mod */
	KEY_ENTER_, KEY_TAB_, KEY_BACKSPACE_, KEY_ESC_,
	KEY_UP_, KEY_DOWN_, KEY_LEFT_, KEY_RIGHT_,
	KEY_HOME_, KEY_END_, KEY_PGUP_, KEY_PGDN_, KEY_INS_, KEY_DEL_,
	KEY_F_,			/* ch = 1..12 */
	KEY_PASTE_,		/* text */
	KEY_WHEEL_UP_, KEY_WHEEL_DOWN_,
	KEY_MOUSE_,		/* x, y: a press */
	KEY_DRAG_, KEY_RELEASE_,	/* x, y: moved since then; let go */
	KEY_FOCUS_IN_, KEY_FOCUS_OUT_,
	KEY_REPLY_,		/* raw: the terminal answers a question */
	KEY_BAD_		/* a sequence we do not know: ignored */
};
enum { MOD_SHIFT = 1, MOD_ALT = 2, MOD_CTRL = 4 };

struct key {
	enum key_code code;
	uint32_t ch;		/* ^A is 'a' with MOD_CTRL */
	uint8_t mod;
	int x, y;		/* mouse, 0-based */
	const char *text;	/* paste, newlines as \n; may hold any byte;
				 * borrowed until the next feed */
	size_t n;
	bool cut;		/* paste longer than KEYS_PASTE_MAX: its head */
	const char *raw;	/* the bytes it came from, borrowed likewise;
				 * NULL for a paste and from key_parse */
	size_t raw_n;
};

#define KEYS_PASTE_MAX (4u << 20)

struct keys;

struct keys *keys_new(void);
void keys_free(struct keys *k);
void keys_feed(struct keys *k, const char *s, size_t n);
/* 1 and *out, or 0 when more bytes are needed.  A lone ESC, or a sequence cut
 * short, is given out once keys_timeout has been called. */
int keys_next(struct keys *k, struct key *out);
/* Milliseconds left until keys_timeout has to be called (0: now), measured
 * from the last feed, so other wake-ups do not put it off; -1: nothing is
 * pending.  Ask once keys_next has said 0. */
int keys_wait(const struct keys *k);
/* Replies are due: an ESC may be the first byte of one that was cut in two, and
 * is waited on longer than usual. */
void keys_expect(struct keys *k, bool replies);
void keys_timeout(struct keys *k);
/* "ctrl+t", "alt+enter", "f1", "up", "a": for the key map and for scripts.
 * 0, or -1 when there is no such key. */
int key_parse(const char *name, struct key *out);
void key_name(const struct key *k, char *out, size_t size);

#endif
