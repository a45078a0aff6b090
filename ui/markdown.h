/* markdown.h -- Markdown (md4c's CommonMark with tables and strikethrough) to
 * wrapped rows, made for text that is still streaming: what is settled is laid
 * out once, only the unfinished tail again for each frame. */
#ifndef FIKR_MARKDOWN_H
#define FIKR_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "rows.h"

/* Append text[0..n) to out, width > 0; base is the style of plain text.  Never
 * fails: what is no Markdown is text.  HTML is shown as it is typed. */
void markdown_rows(struct rows *out, const char *text, size_t n, int width,
    enum style base);

/* The k-th block of code of a message (from 1, fenced or indented), as it was
 * typed, appended to out (may be NULL).  Returns how many blocks there are. */
size_t markdown_code_block(const char *text, size_t n, int k, struct buf *out);

struct mdview;			/* one message */

struct mdview *mdview_new(enum style base);
void mdview_free(struct mdview *v);
/* The rows of text[0..n) at this width; text may only have grown since the
 * last call with the same width (else everything is laid out again). Borrowed
 * until the next call. done: no more will come. */
const struct rows *mdview_rows(struct mdview *v, const char *text, size_t n,
    int width, bool done);
/* Of the rows of the last call, those that no text to come will change. */
size_t mdview_settled(const struct mdview *v);
/* The bytes of text laid out since the view was made, as often as they were:
 * what streaming costs. */
size_t mdview_work(const struct mdview *v);

#endif
