/* yaml_write.h -- writes one YAML document, a map, through libyaml.  What is
 * written reads back exactly, by yaml.h and by any other YAML parser: strings
 * are quoted where they could pass for something else, longer texts are
 * literal blocks where YAML can hold them so and double-quoted where it
 * cannot. */
#ifndef FIKR_YAML_WRITE_H
#define FIKR_YAML_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

struct yaml_writer;

/* Start a document at the end of out, which must outlive the writer. */
struct yaml_writer *yaml_writer_new(struct buf *out);
/* End it and free w.  out then holds "---\n...\n...\n" more, or, on failure,
 * is as it was before. */
int yaml_writer_end(struct yaml_writer *w, struct err *err);

void yaml_put_word(struct yaml_writer *w, const char *key, const char *word);
void yaml_put_int(struct yaml_writer *w, const char *key, int64_t v);
void yaml_put_uint(struct yaml_writer *w, const char *key, uint64_t v);
void yaml_put_float(struct yaml_writer *w, const char *key, float v);
void yaml_put_str(struct yaml_writer *w, const char *key, const char *s);
/* Malformed UTF-8 becomes U+FFFD; NUL is kept. */
void yaml_put_text(struct yaml_writer *w, const char *key, const char *s,
    size_t n);
/* A map on one line, until yaml_end_map. */
void yaml_begin_map(struct yaml_writer *w, const char *key);
void yaml_end_map(struct yaml_writer *w);

#endif
