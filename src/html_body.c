/* html_body.c -- Markdown as HTML, by md4c-html, whose tags are then gone
 * through: since raw HTML is off there, every '<' that comes out is a tag that
 * it made itself. */
#include "html_body.h"

#include <md4c-html.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "i18n.h"

void
html_text(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		switch (s[i]) {
		case '&':
			buf_puts(out, "&amp;");
			break;
		case '<':
			buf_puts(out, "&lt;");
			break;
		case '>':
			buf_puts(out, "&gt;");
			break;
		case '"':
			buf_puts(out, "&quot;");
			break;
		default:
			buf_addc(out, s[i]);
		}
	}
}

static void
collect(const MD_CHAR *s, MD_SIZE n, void *ud)
{
	buf_add(ud, s, n);
}

static bool
starts(const char *s, const char *end, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(end - s) >= n && memcmp(s, with, n) == 0;
}

/* The value of the tag's attribute, its quotes left out: what is between
 * them was escaped. */
static const char *
attribute(const char *tag, const char *end, const char *name, size_t *n)
{
	const char *at = memmem(tag, (size_t)(end - tag), name, strlen(name));
	const char *quote;

	*n = 0;
	if (!at)
		return "";
	at += strlen(name);
	quote = memchr(at, '"', (size_t)(end - at));
	if (!quote)
		return "";
	*n = (size_t)(quote - at);
	return at;
}

/* Where nothing is run and nothing is looked up: the three schemes, as they
 * are written and not as entities could spell others. */
static bool
may_link(const char *url, size_t n)
{
	static const char *const schemes[] = { "http://", "https://",
		"mailto:" };

	for (size_t i = 0; i < 3; i++) {
		size_t k = strlen(schemes[i]);

		if (n > k && strncasecmp(url, schemes[i], k) == 0)
			return true;
	}
	return false;
}

static void
put_link(struct buf *out, const char *tag, const char *end)
{
	size_t n;
	const char *url = attribute(tag, end, " href=\"", &n);

	if (!may_link(url, n)) {
		buf_puts(out, "<a>");
		return;
	}
	buf_puts(out, "<a rel=\"noopener noreferrer\" href=\"");
	buf_add(out, url, n);
	buf_puts(out, "\">");
}

static void
put_image(struct buf *out, const char *tag, const char *end)
{
	size_t n_alt, n_url;
	const char *alt = attribute(tag, end, " alt=\"", &n_alt);
	const char *url = attribute(tag, end, " src=\"", &n_url);

	buf_puts(out, "<span class=\"image\">[");
	buf_puts(out, _("Image"));
	buf_puts(out, n_alt ? ": " : "");
	buf_add(out, alt, n_alt);
	buf_puts(out, "] ");
	buf_add(out, url, n_url);
	buf_puts(out, "</span>");
}

/* A block of code begins; what is in it comes next. */
static void
put_code(struct buf *out, const char *code)
{
	static const char class[] = "<code class=\"language-";

	buf_puts(out, "<div class=\"code\">");
	if (strncmp(code, class, sizeof(class) - 1) == 0) {
		const char *lang = code + sizeof(class) - 1;

		buf_puts(out, "<div class=\"lang\">");
		buf_add(out, lang, strcspn(lang, "\""));
		buf_puts(out, "</div>");
	}
	buf_puts(out, "<pre dir=\"ltr\">");
}

/* Blocks of text, which are Arabic or English each for itself. */
static bool
has_direction(const char *tag, size_t n)
{
	static const char *const names[] = { "p", "h1", "h2", "h3", "h4",
		"h5", "h6", "li", "ul", "ol", "blockquote", "table", "td",
		"th" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == n && !memcmp(tag, names[i], n))
			return true;
	return false;
}

static void
put_tag(struct buf *out, const char *tag, const char *end)
{
	size_t n = 1;

	if (starts(tag, end, "<a ")) {
		put_link(out, tag, end);
	} else if (starts(tag, end, "<img ")) {
		put_image(out, tag, end);
	} else if (starts(tag, end, "<pre>")) {
		put_code(out, end);
	} else if (starts(tag, end, "</pre>")) {
		buf_puts(out, "</pre></div>");
	} else {
		while (tag[n] != ' ' && tag[n] != '>' && tag[n] != '/')
			n++;
		buf_add(out, tag, n);
		if (has_direction(tag + 1, n - 1))
			buf_puts(out, " dir=\"auto\"");
		buf_add(out, tag + n, (size_t)(end - tag) - n);
	}
}

static void
put_tags(struct buf *out, const struct buf *html)
{
	const char *p = html->data, *end = p + html->len, *tag, *close;

	while ((tag = memchr(p, '<', (size_t)(end - p))) != NULL &&
	    (close = memchr(tag, '>', (size_t)(end - tag))) != NULL) {
		buf_add(out, p, (size_t)(tag - p));
		p = close + 1;
		put_tag(out, tag, p);
	}
	buf_add(out, p, (size_t)(end - p));
}

void
html_body(struct buf *out, const char *md, size_t n)
{
	struct buf html = { 0 };

	if (n == 0)
		return;
	if (md_html(md, (MD_SIZE)n, collect, &html, MD_DIALECT_GITHUB |
	    MD_FLAG_NOHTML, MD_HTML_FLAG_SKIP_UTF8_BOM |
	    MD_HTML_FLAG_XHTML) == 0 && html.len) {
		put_tags(out, &html);
	} else {
		buf_puts(out, "<pre dir=\"auto\">");
		html_text(out, md, n);
		buf_puts(out, "</pre>\n");
	}
	buf_free(&html);
}
