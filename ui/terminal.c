/* terminal.c -- questions to a terminal, and what its replies mean. */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

void
terminal_init(struct terminal *t, const char *name, bool xt)
{
	static const char *const likes[] = { "xterm", "foot", "alacritty",
		"kitty", "konsole", "vte", "gnome", "wezterm", "rxvt", "st-",
		"mlterm", "contour", "ghostty" };

	*t = (struct terminal){ .background = -1, .cx = -1, .cy = -1 };
	if (xt)
		t->kind = TERMINAL_XTERM;
	for (size_t i = 0; i < COUNT(likes); i++)
		if (strncmp(name, likes[i], strlen(likes[i])) == 0)
			t->kind = TERMINAL_XTERM;
	if (strncmp(name, "screen", 6) == 0)
		t->kind = getenv("TMUX") ? TERMINAL_TMUX : TERMINAL_SCREEN;
	if (strncmp(name, "tmux", 4) == 0)
		t->kind = TERMINAL_TMUX;
}

const char *
terminal_kind_name(enum terminal_kind k)
{
	static const char *const names[] = { "plain", "xterm", "tmux",
		"screen" };

	return names[k];
}

/* Every terminal that knows these sequences at all answers the last one, so
 * that answer ends the waiting.  GNU screen knows only that one. */
void
terminal_ask(const struct terminal *t, struct buf *out)
{
	if (t->kind == TERMINAL_PLAIN)
		return;
	if (t->kind != TERMINAL_SCREEN)
		buf_puts(out, "\033[?2026$p\033[?2004$p\033[?u"
		    "\033]11;?\033\\");
	buf_puts(out, "\033[c");
}

/* Numbers with ';' between them: how many, at most max. */
static int
numbers(const char *s, const char *end, int *v, int max)
{
	int n = 0;

	for (v[0] = 0; s < end; s++) {
		if (*s == ';') {
			if (n + 1 == max)
				return max;
			v[++n] = 0;
		} else if (*s < '0' || *s > '9' || v[n] > 100000) {
			return 0;
		} else {
			v[n] = v[n] * 10 + (*s - '0');
		}
	}
	return n + 1;
}

/* CSI ? mode ; state $ y: 0 is unknown, 4 off for ever. */
static bool
mode_reply(struct terminal *t, const char *s, const char *end)
{
	int v[2];
	enum answer a;

	if (numbers(s, end, v, 2) != 2)
		return false;
	a = v[1] >= 1 && v[1] <= 3 ? ANSWER_YES : ANSWER_NO;
	if (v[0] == 2026)
		t->sync = a;
	else if (v[0] == 2004)
		t->paste = a;
	else
		return false;
	return true;
}

static bool
attributes_reply(struct terminal *t, const char *s, const char *end)
{
	size_t n = (size_t)(end - s);

	if (n >= sizeof(t->attributes))
		n = sizeof(t->attributes) - 1;
	memcpy(t->attributes, s, n);
	t->attributes[n] = '\0';
	t->complete = true;
	/* What was passed over by now will not be answered any more. */
	if (t->kitty == ANSWER_NONE && t->kind != TERMINAL_SCREEN)
		t->kitty = ANSWER_NO;
	if (t->sync == ANSWER_NONE && t->kind != TERMINAL_SCREEN)
		t->sync = ANSWER_NO;
	return true;
}

static bool
csi_reply(struct terminal *t, const char *s, size_t n)
{
	const char *end = s + n - 1;
	int v[2];

	if (n >= 4 && s[2] == '?') {
		if (*end == 'y' && end[-1] == '$')
			return mode_reply(t, s + 3, end - 1);
		if (*end == 'c')
			return attributes_reply(t, s + 3, end);
		if (*end == 'u') {
			t->kitty = ANSWER_YES;
			return true;
		}
	}
	if (*end == 'R' && numbers(s + 2, end, v, 2) == 2) {
		t->cy = v[0] - 1;
		t->cx = v[1] - 1;
		return true;
	}
	return false;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "1a1a/1b1b/2626": one to four digits each, of which the range is the whole
 * of what so many digits can say. */
static int32_t
rgb_value(const char *s, const char *end)
{
	int32_t rgb = 0;

	for (int i = 0; i < 3; i++) {
		int v = 0, max = 0, d;

		for (; s < end && (d = hex_digit(*s)) >= 0 && max < 0xffff;
		    s++) {
			v = v * 16 + d;
			max = max * 16 + 15;
		}
		if (max == 0 || (i < 2 && (s == end || *s != '/')))
			return -1;
		rgb = rgb << 8 | (v * 255 + max / 2) / max;
		s++;
	}
	return rgb;
}

static bool
color_reply(struct terminal *t, const char *s, size_t n)
{
	static const char begin[] = "\033]11;rgb";
	const char *end = s + n, *at = s + sizeof(begin) - 1;
	int32_t rgb;

	if (n < sizeof(begin) || memcmp(s, begin, sizeof(begin) - 1) != 0)
		return false;
	if (*at == 'a')
		at++;		/* rgba: the fourth is of no use here */
	if (at == end || *at++ != ':')
		return false;
	rgb = rgb_value(at, end);
	if (rgb >= 0)
		t->background = rgb;
	return rgb >= 0;
}

bool
terminal_reply(struct terminal *t, const char *s, size_t n)
{
	if (n < 3 || s[0] != '\033')
		return false;
	if (s[1] == '[')
		return csi_reply(t, s, n);
	return s[1] == ']' && color_reply(t, s, n);
}

int32_t
terminal_colorfgbg(const char *value)
{
	const char *last = value ? strrchr(value, ';') : NULL;
	char *end;
	long n;

	if (last == NULL || last[1] < '0' || last[1] > '9')
		return -1;
	n = strtol(last + 1, &end, 10);
	if (*end != '\0' || n > 15)
		return -1;
	/* White and the bright ones are light, but for bright black. */
	return n == 7 || n > 8 ? 0xffffff : 0x000000;
}

int
terminal_colors(int have, const char *force, const char *no,
    const char *colorterm)
{
	static const int forced[] = { 0, 16, 256, 1 << 24 };
	bool truth = colorterm && (strcmp(colorterm, "truecolor") == 0 ||
	    strcmp(colorterm, "24bit") == 0);
	int want;

	if (have < 8)
		return 0;
	if (truth && have >= 256)
		have = 1 << 24;
	if (force && *force) {
		if (strcmp(force, "false") == 0)
			return 0;
		want = force[0] >= '0' && force[0] <= '3' &&
		    force[1] == '\0' ? forced[force[0] - '0'] : have;
		return want < have ? want : have;
	}
	return no && *no ? 0 : have;
}
