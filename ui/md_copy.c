/* md_copy.c -- a message's blocks of code as they were typed. */
#include "markdown.h"

#include <md4c.h>

#include "md.h"

struct copy {
	struct md_source src;
	struct buf *out;
	size_t want, blocks;
	bool in_code;
};

static bool
wanted(const struct copy *c)
{
	return c->out && c->blocks == c->want;
}

static int
enter_block(MD_BLOCKTYPE type, void *detail, void *user)
{
	struct copy *c = user;

	(void)detail;
	if (type == MD_BLOCK_CODE) {
		c->blocks++;
		c->in_code = true;
	}
	return 0;
}

static int
leave_block(MD_BLOCKTYPE type, void *detail, void *user)
{
	struct copy *c = user;

	(void)detail;
	if (type == MD_BLOCK_CODE)
		c->in_code = false;
	return 0;
}

static int
no_span(MD_SPANTYPE type, void *detail, void *user)
{
	(void)type;
	(void)detail;
	(void)user;
	return 0;
}

static int
on_text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE n, void *user)
{
	struct copy *c = user;

	if (!c->in_code || !wanted(c))
		return 0;
	if (type == MD_TEXT_NULLCHAR)
		buf_puts(c->out, "\uFFFD");
	else
		md_as_typed(&c->src, c->out, s, n);
	return 0;
}

static void
copy_text(struct copy *c, const char *s, size_t n)
{
	static const MD_PARSER parser = {
		.flags = MD_LAY_FLAGS,
		.enter_block = enter_block, .leave_block = leave_block,
		.enter_span = no_span, .leave_span = no_span, .text = on_text,
	};

	c->src = (struct md_source){ 0 };
	c->in_code = false;
	md_guard(&c->src, s, n);
	if (c->src.text.len)
		md_parse(c->src.text.data, (MD_SIZE)c->src.text.len, &parser,
		    c);
	md_source_free(&c->src);
}

size_t
markdown_code_block(const char *text, size_t n, int k, struct buf *out)
{
	struct copy c = { .out = out, .want = k > 0 ? (size_t)k : 0 };
	struct md_split st = { 0 };
	struct md_piece p;

	for (size_t i = 0; i < n; i += p.n) {
		p = md_next(&st, text + i, n - i);
		if (!p.code) {
			copy_text(&c, text + i, p.n);
			continue;
		}
		c.blocks += p.opened;
		if (wanted(&c))
			md_code_text(out, &p, text + i);
	}
	return c.blocks;
}
