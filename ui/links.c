/* links.c -- which addresses become links, and in what form. */
#include "links.h"

#include <string.h>
#include <strings.h>

#include "buf.h"

static bool
scheme_ok(const char *s)
{
	static const char *const known[] = { "http://", "https://", "ftp://",
		"mailto:", "file://" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncasecmp(s, known[i], strlen(known[i])) == 0)
			return true;
	return false;
}

char *
link_clean(const char *href)
{
	struct buf b = { 0 };

	if (href == NULL || !scheme_ok(href))
		return NULL;
	for (const char *p = href; *p != '\0' && b.len <= LINK_MAX; p++) {
		unsigned char c = (unsigned char)*p;

		if (c < 0x20 || c == 0x7F) {
			buf_free(&b);
			return NULL;
		}
		if (c == ' ' || c >= 0x80)
			buf_printf(&b, "%%%02X", c);
		else
			buf_addc(&b, *p);
	}
	if (b.len > LINK_MAX) {
		buf_free(&b);
		return NULL;
	}
	return buf_take(&b);
}

bool
link_ok(const char *s)
{
	size_t n = strnlen(s, LINK_MAX + 1);

	if (n > LINK_MAX || !scheme_ok(s))
		return false;
	for (size_t i = 0; i < n; i++)
		if (s[i] <= ' ' || s[i] >= 0x7F)
			return false;
	return true;
}

/* FNV-1a, 32 bits. */
uint32_t
link_key(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h ? h : 1;
}
