/* export_html.c -- a conversation as one HTML file that needs nothing else: no
 * script, nothing that is fetched, thinking that unfolds by <details>, light
 * or dark as the reader has it. */
#include <stdlib.h>
#include <string.h>

#include "export_priv.h"
#include "html_body.h"
#include "i18n.h"
#include "lang.h"
#include "stamp.h"

static const char style[] =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1c1e21;--dim:#5c6370;"
    "--line:#d8dce2;--you:#eef3fb;--code:#f5f6f8;--link:#0b57d0}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#16181c;--fg:#e3e6ea;"
    "--dim:#9aa3af;--line:#343941;--you:#1f2733;--code:#1e2127;"
    "--link:#8ab4f8}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:46rem;padding:2rem 1rem;"
    "background:var(--bg);color:var(--fg);"
    "font:1rem/1.6 system-ui,sans-serif;overflow-wrap:break-word}\n"
    "h1{font-size:1.5rem}\n"
    "header p,.meta,.note,summary{color:var(--dim);font-size:.875rem}\n"
    ".turn{margin:1.5rem 0}\n"
    ".turn>h2{font-size:1rem;margin:0}\n"
    ".user>.text{background:var(--you);border-radius:.5rem;"
    "padding:.1rem 1rem}\n"
    "details{border-inline-start:.2rem solid var(--line);"
    "margin:.5rem 0;padding-inline-start:.8rem;color:var(--dim)}\n"
    "summary{cursor:pointer}\n"
    ".code{background:var(--code);border:1px solid var(--line);"
    "border-radius:.4rem;margin:1rem 0;direction:ltr}\n"
    ".lang{border-bottom:1px solid var(--line);padding:.2rem .8rem;"
    "color:var(--dim);font-size:.8rem}\n"
    "pre{margin:0;padding:.8rem;overflow-x:auto;white-space:pre-wrap}\n"
    "code,pre{font-family:ui-monospace,monospace;font-size:.9rem}\n"
    ":not(pre)>code{background:var(--code);padding:.1rem .3rem;"
    "border-radius:.2rem}\n"
    "table{border-collapse:collapse;display:block;overflow-x:auto}\n"
    "td,th{border:1px solid var(--line);padding:.3rem .6rem}\n"
    "blockquote{margin:1rem 0;padding-inline-start:.8rem;"
    "border-inline-start:.2rem solid var(--line);color:var(--dim)}\n"
    "a{color:var(--link)}\n"
    ".image{color:var(--dim)}\n"
    "@media print{body{max-width:none;padding:0;font-size:11pt}"
    ".turn>h2,summary{break-after:avoid}"
    "pre,table,blockquote{break-inside:avoid}}\n";

/* What a person or a file named: visible, and escaped. */
static void
put_word(struct buf *out, const char *s)
{
	struct buf b = { 0 }, clear = { 0 };

	buf_puts(&b, s);
	export_visible(&clear, &b);
	html_text(out, clear.data ? clear.data : "", clear.len);
	buf_free(&clear);
	buf_free(&b);
}

static void
put_markdown(struct buf *out, const struct buf *md)
{
	struct buf clear = { 0 };

	export_visible(&clear, md);
	html_body(out, clear.data ? clear.data : "", clear.len);
	buf_free(&clear);
}

static void
put_head(struct buf *out, const struct convo *c)
{
	struct buf time = { 0 };

	buf_printf(out, "<!DOCTYPE html>\n<html dir=\"%s\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
	    lang_is_rtl() ? "rtl" : "ltr");
	put_word(out, export_title(c));
	buf_printf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n"
	    "<header>\n<h1 dir=\"auto\">", style);
	put_word(out, export_title(c));
	buf_puts(out, "</h1>\n<p>");
	stamp_put_local(&time, c->created);
	put_word(out, time.len ? time.data : "");
	buf_puts(out, "</p>\n</header>\n<main>\n");
	buf_free(&time);
}

/* Where there are several versions: which is shown, and how the others
 * begin. */
static void
put_versions(struct buf *out, const struct convo *c, const struct turn *t)
{
	struct turn **v;
	size_t n = convo_siblings(c, t, &v), at, of;

	export_version(c, t, &at, &of);
	if (n > 1) {
		buf_puts(out, "<details class=\"versions\"><summary>");
		buf_printf(out, _("Version %zu of %zu"), at, of);
		buf_puts(out, "</summary>\n<ol>\n");
		for (size_t i = 0; i < n; i++) {
			buf_puts(out, "<li dir=\"auto\">");
			put_markdown(out, &v[i]->text);
			buf_puts(out, "</li>\n");
		}
		buf_puts(out, "</ol>\n</details>\n");
	}
	free(v);
}

static void
put_thinking(struct buf *out, const struct turn *t)
{
	buf_puts(out, "<details class=\"thinking\"><summary>");
	export_thought(out, t);
	buf_puts(out, "</summary>\n");
	put_markdown(out, &t->thinking);
	buf_puts(out, "</details>\n");
}

static void
put_turn(struct buf *out, const struct convo *c, const struct turn *t,
    bool thinking)
{
	const char *ended = export_ended(t);
	struct buf time = { 0 };

	buf_printf(out, "<section class=\"turn %s\" id=\"turn-%d\">\n<h2>",
	    role_name(t->role), t->id);
	put_word(out, export_speaker(t));
	buf_puts(out, "</h2>\n");
	stamp_put_local(&time, t->t_start);
	if (time.len)
		buf_printf(out, "<div class=\"meta\">%s</div>\n", time.data);
	buf_free(&time);
	put_versions(out, c, t);
	if (thinking && t->thinking.len)
		put_thinking(out, t);
	buf_puts(out, "<div class=\"text\">\n");
	put_markdown(out, &t->text);
	buf_puts(out, "</div>\n");
	if (ended)
		buf_printf(out, "<p class=\"note\">%s</p>\n", ended);
	buf_puts(out, "</section>\n");
}

void
export_html(struct buf *out, const struct convo *c, bool thinking)
{
	struct turn **v;
	size_t n = convo_branch(c, &v);

	put_head(out, c);
	if (c->system && *c->system) {
		struct buf system = { 0 };

		buf_puts(&system, c->system);
		buf_printf(out, "<details class=\"system\"><summary>%s"
		    "</summary>\n", _("System prompt"));
		put_markdown(out, &system);
		buf_puts(out, "</details>\n");
		buf_free(&system);
	}
	for (size_t i = 0; i < n; i++)
		put_turn(out, c, v[i], thinking);
	buf_puts(out, "</main>\n</body>\n</html>\n");
	free(v);
}
