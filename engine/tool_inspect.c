/* tool_inspect.c -- `fikr-engine inspect`: what a GGUF file says of itself,
 * of any architecture, made safe for a terminal. */
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>

#include "gguf.h"
#include "quant.h"
#include "utf8.h"

#define TEXT_SHOWN 200		/* bytes of a string */
#define ITEMS_SHOWN 6		/* elements of an array */

static const char *const type_names[] = { "u8", "i8", "u16", "i16", "u32",
	"i32", "f32", "bool", "str", "array", "u64", "i64", "f64" };

/* Controls as \xNN, bad bytes as U+FFFD, one line, cut when long. */
static void
put_text(const char *s, size_t n)
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
			put_text(s.p, s.n);
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

	put_text(kv->key.p, kv->key.n);
	printf(" (%s) = ", type_names[kv->type]);
	if (kv->type == GT_ARR) {
		put_array(kv);
	} else if (kv->type == GT_STR) {
		s = gkv_next_str(kv, &cursor);
		put_text(s.p, s.n);
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
	printf("%-5s %12lld  %-20s ", ttype_name(t->type), (long long)t->bytes,
	    shape);
	for (const char *p = t->name; *p; p++)
		putchar((unsigned char)*p < 0x20 ||
		    (unsigned char)*p >= 0x7f ? '?' : *p);
	putchar('\n');
}

static void
put_types(const struct gguf *g)
{
	int64_t n[TT_COUNT] = { 0 }, bytes[TT_COUNT] = { 0 }, params = 0;

	for (size_t i = 0; i < g->n_tensors; i++) {
		const struct tensor *t = &g->tensors[i];

		n[t->type]++;
		bytes[t->type] += t->bytes;
		params += t->ne[0] * t->ne[1] * t->ne[2] * t->ne[3];
	}
	printf("\n%zu tensors, %lld parameters\n", g->n_tensors,
	    (long long)params);
	for (int i = 0; i < TT_COUNT; i++)
		if (n[i])
			printf("%-5s %5lld tensors %10.1f MiB\n",
			    ttype_name((uint32_t)i), (long long)n[i],
			    (double)bytes[i] / 1048576);
}

static int
run(const struct tool *t, int argc, char **argv)
{
	struct tool_opts o = { 0 };
	struct err err;
	struct gguf *g;
	int status, at = tool_args(t, "a", argc, argv, 1, &o, &status);

	if (at < 0)
		return status;
	g = gguf_open(argv[at], &err);
	if (!g)
		return tool_fail(t, &err);
	printf("GGUF version %d, %lld bytes, data from byte %lld\n\n",
	    g->version, (long long)g->file_bytes, (long long)g->parts[0].data_offset);
	for (size_t i = 0; i < g->n_kv; i++)
		put_kv(&g->kv[i]);
	put_types(g);
	if (o.tensors)
		putchar('\n');
	for (size_t i = 0; o.tensors && i < g->n_tensors; i++)
		put_tensor(&g->tensors[i]);
	gguf_close(g);
	return tool_finish(t);
}

const struct tool tool_inspect = { "inspect", "[OPTION]... MODEL",
	"Show what a model file says of itself",
	"  -a, --tensors         list every tensor, too\n", run };
