/* tool_inspect_raw.c -- what a GGUF file holds, entry by entry, made safe for a
 * terminal. */
#include <stdio.h>

#include "gguf.h"
#include "inspect.h"
#include "quant.h"
#include "utf8.h"

#define TEXT_SHOWN 200		/* bytes of a string */
#define ITEMS_SHOWN 6		/* elements of an array */

static const char *const type_names[] = { "u8", "i8", "u16", "i16", "u32",
	"i32", "f32", "bool", "str", "array", "u64", "i64", "f64" };

void
inspect_text(const char *s, size_t n)
{
	size_t end = n < TEXT_SHOWN ? n : TEXT_SHOWN;

	for (size_t i = 0; i < end;) {
		uint32_t cp;
		char c[4];
		int len = utf8_decode(s + i, n - i, &cp, NULL);

		if (cp == '\n')
			fputs("\\n", stdout);
		else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			printf("\\x%02x", (unsigned)cp);
		/* marks that reorder what follows are no text either */
		else if ((cp >= 0x202a && cp <= 0x202e) ||
		    (cp >= 0x2066 && cp <= 0x2069))
			printf("\\u%04x", (unsigned)cp);
		else
			fwrite(c, 1, (size_t)utf8_encode(cp, c), stdout);
		i += (size_t)len;
	}
	if (end < n)
		printf("... (%zu bytes)", n);
}

static void
put_number(const struct gkv *kv, enum gtype t, uint64_t i)
{
	if (t == GT_F32 || t == GT_F64)
		printf("%.9g", gkv_float_at(kv, i));
	else if (t == GT_BOOL)
		fputs(gkv_int_at(kv, i) ? "true" : "false", stdout);
	else if (t == GT_U64)
		printf("%llu", (unsigned long long)gkv_int_at(kv, i));
	else
		printf("%lld", (long long)gkv_int_at(kv, i));
}

static void
put_array(const struct gkv *kv)
{
	const void *cursor = NULL;

	putchar('[');
	for (uint64_t i = 0; i < kv->n && i < ITEMS_SHOWN; i++) {
		if (i)
			fputs(", ", stdout);
		if (kv->elem == GT_STR) {
			struct gstr s = gkv_next_str(kv, &cursor);

			putchar('"');
			inspect_text(s.p, s.n);
			putchar('"');
		} else {
			put_number(kv, kv->elem, i);
		}
	}
	printf("%s] (%llu)", kv->n > ITEMS_SHOWN ? ", ..." : "",
	    (unsigned long long)kv->n);
}

static void
put_kv(const struct gkv *kv)
{
	const void *cursor = NULL;
	struct gstr s;

	inspect_text(kv->key.p, kv->key.n);
	printf(" (%s) = ", type_names[kv->type]);
	if (kv->type == GT_ARR) {
		put_array(kv);
	} else if (kv->type == GT_STR) {
		s = gkv_next_str(kv, &cursor);
		inspect_text(s.p, s.n);
	} else {
		put_number(kv, kv->type, 0);
	}
	putchar('\n');
}

static void
put_tensor(const struct tensor *t)
{
	char shape[96];
	int n = 0;

	for (int d = 0; d < t->n_dims && d < 4; d++)
		n += snprintf(shape + n, sizeof shape - (size_t)n, "%s%lld",
		    d ? " x " : "", (long long)t->ne[d]);
	printf("%-7s %12lld  %-24s ", ttype_name(t->type_id),
	    (long long)t->bytes, shape);
	for (const char *p = t->name; *p; p++)
		putchar((unsigned char)*p < 0x20 ||
		    (unsigned char)*p >= 0x7f ? '?' : *p);
	putchar('\n');
}

void
inspect_metadata(const struct gguf *g)
{
	for (size_t i = 0; i < g->n_kv; i++)
		put_kv(&g->kv[i]);
}

void
inspect_tensors(const struct gguf *g)
{
	for (size_t i = 0; i < g->n_tensors; i++)
		put_tensor(&g->tensors[i]);
}
