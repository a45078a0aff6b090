/* key_name.c -- what keys are called, in key maps and scripts. */
#include "keys.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "utf8.h"

static const struct {
	const char *name;
	enum key_code code;
	uint32_t ch;
} names[] = {
	{ "enter", KEY_ENTER_, 0 }, { "tab", KEY_TAB_, 0 },
	{ "backspace", KEY_BACKSPACE_, 0 }, { "esc", KEY_ESC_, 0 },
	{ "up", KEY_UP_, 0 }, { "down", KEY_DOWN_, 0 },
	{ "left", KEY_LEFT_, 0 }, { "right", KEY_RIGHT_, 0 },
	{ "home", KEY_HOME_, 0 }, { "end", KEY_END_, 0 },
	{ "pgup", KEY_PGUP_, 0 }, { "pgdn", KEY_PGDN_, 0 },
	{ "ins", KEY_INS_, 0 }, { "del", KEY_DEL_, 0 },
	{ "f1", KEY_F_, 1 }, { "f2", KEY_F_, 2 }, { "f3", KEY_F_, 3 },
	{ "f4", KEY_F_, 4 }, { "f5", KEY_F_, 5 }, { "f6", KEY_F_, 6 },
	{ "f7", KEY_F_, 7 }, { "f8", KEY_F_, 8 }, { "f9", KEY_F_, 9 },
	{ "f10", KEY_F_, 10 }, { "f11", KEY_F_, 11 }, { "f12", KEY_F_, 12 },
	{ "paste", KEY_PASTE_, 0 },
	{ "wheel-up", KEY_WHEEL_UP_, 0 }, { "wheel-down", KEY_WHEEL_DOWN_, 0 },
	{ "mouse", KEY_MOUSE_, 0 }, { "drag", KEY_DRAG_, 0 },
	{ "release", KEY_RELEASE_, 0 },
	{ "focus-in", KEY_FOCUS_IN_, 0 }, { "focus-out", KEY_FOCUS_OUT_, 0 },
	{ "bad", KEY_BAD_, 0 },
	{ "space", KEY_CHAR, ' ' }
};

static const struct { const char *name; int mod; } mods[] = {
	{ "ctrl+", MOD_CTRL }, { "alt+", MOD_ALT }, { "shift+", MOD_SHIFT }
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *
parse_mods(const char *s, int *mod)
{
	size_t i = 0;

	while (i < COUNT(mods)) {
		size_t n = strlen(mods[i].name);

		if (strncasecmp(s, mods[i].name, n) != 0 || s[n] == '\0') {
			i++;
			continue;
		}
		*mod |= mods[i].mod;
		s += n;
		i = 0;
	}
	return s;
}

int
key_parse(const char *name, struct key *out)
{
	int mod = 0, used;
	uint32_t ch;
	bool ok;

	name = parse_mods(name, &mod);
	*out = (struct key){ .code = KEY_CHAR, .mod = (uint8_t)mod };
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcasecmp(name, names[i].name) != 0)
			continue;
		out->code = names[i].code;
		out->ch = names[i].ch;
		return 0;
	}
	if (name[0] == '\0')
		return -1;
	used = utf8_decode(name, strlen(name), &ch, &ok);
	if (!ok || name[used] != '\0' || ch < 0x20 || ch == 0x7f)
		return -1;
	/* As a terminal would say it: shift+a is A, ctrl has no case. */
	if (mod & MOD_CTRL && ch >= 'A' && ch <= 'Z') {
		ch += 'a' - 'A';
	} else if (mod & MOD_SHIFT && !(mod & MOD_CTRL)) {
		if (ch >= 'a' && ch <= 'z')
			ch -= 'a' - 'A';
		out->mod &= (uint8_t)~MOD_SHIFT;
	}
	out->ch = ch;
	return 0;
}

void
key_name(const struct key *k, char *out, size_t size)
{
	char text[5] = "";
	const char *base = text;

	for (size_t i = 0; i < COUNT(names); i++)
		if (k->code == names[i].code && k->code != KEY_CHAR &&
		    (k->code != KEY_F_ || k->ch == names[i].ch))
			base = names[i].name;
	if (k->code == KEY_CHAR && k->ch == ' ')
		base = "space";
	else if (k->code == KEY_CHAR)
		text[utf8_encode(k->ch, text)] = '\0';
	snprintf(out, size, "%s%s%s%s", k->mod & MOD_CTRL ? "ctrl+" : "",
	    k->mod & MOD_ALT ? "alt+" : "", k->mod & MOD_SHIFT ? "shift+" : "",
	    base);
}
