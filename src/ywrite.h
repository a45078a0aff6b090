/* ywrite.h -- writes one YAML document, a map, through libyaml.  What is
 * written reads back exactly, by ytree.h and by any other YAML parser: strings
 * are quoted where they could pass for something else, longer texts are
 * literal blocks where YAML can hold them so and double-quoted where it
 * cannot. */
#ifndef FIKR_YWRITE_H
#define FIKR_YWRITE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

struct ywriter;

/* Start a document at the end of out, which must outlive the writer. */
struct ywriter *ywrite_new(struct buf *out);
/* End it and free w.  out then holds "---\n...\n...\n" more, or, on failure,
 * is as it was before. */
int ywrite_end(struct ywriter *w, struct err *err);

void ywrite_word(struct ywriter *w, const char *key, const char *word);
void ywrite_int(struct ywriter *w, const char *key, int64_t v);
void ywrite_uint(struct ywriter *w, const char *key, uint64_t v);
void ywrite_float(struct ywriter *w, const char *key, float v);
void ywrite_str(struct ywriter *w, const char *key, const char *s);
/* Malformed UTF-8 becomes U+FFFD; NUL is kept. */
void ywrite_text(struct ywriter *w, const char *key, const char *s,
    size_t n);
/* A map on one line, until ywrite_end_map. */
void ywrite_begin_map(struct ywriter *w, const char *key);
void ywrite_end_map(struct ywriter *w);

#endif
