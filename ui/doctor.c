/* doctor.c -- the command: facts gathered and printed. */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "i18n.h"
#include "out.h"
#include "ui.h"
#include "utf8.h"

void
fact(struct facts *f, enum verdict v, const char *group, const char *name,
    const char *fmt, ...)
{
	struct buf b = { 0 };
	char text[2 * ERR_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	utf8_scrub(&b, text, strlen(text));
	f->v = xreallocarray(f->v, f->n + 1, sizeof(*f->v));
	f->v[f->n++] = (struct fact){ v, group, name, buf_take(&b) };
}

static void
facts_free(struct facts *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].text);
	free(f->v);
}

/* What needs attention is said in words: colour alone would not do. */
static void
print_fact(const struct fact *f)
{
	static const char *const marks[] = { "", N_("note: "), N_("missing: ") };
	struct buf b = { 0 };

	out_visible(&b, f->text, strlen(f->text));
	printf("%s %s: %s%s\n", _(f->group), _(f->name),
	    f->verdict == FACT_FINE ? "" : _(marks[f->verdict]),
	    b.data ? b.data : "");
	buf_free(&b);
}

static void
json_string(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			printf("\\u%04x", (unsigned)*s);
		else
			putchar(*s);
	}
	putchar('"');
}

/* A list, since a group may have several of a name (models). */
static void
print_json(const struct facts *f)
{
	static const char *const verdicts[] = { "fine", "odd", "missing" };

	puts("[");
	for (size_t i = 0; i < f->n; i++) {
		printf("  {\"group\": ");
		json_string(f->v[i].group);
		printf(", \"name\": ");
		json_string(f->v[i].name);
		printf(", \"verdict\": \"%s\", \"text\": ",
		    verdicts[f->v[i].verdict]);
		json_string(f->v[i].text);
		printf("}%s\n", i + 1 < f->n ? "," : "");
	}
	puts("]");
}

int
ui_doctor_main(const struct conf *c, const char *config, const char *why,
    bool json)
{
	struct facts f = { 0 };
	int ret = 0;

	doctor_terminal(&f, c);
	doctor_language(&f);
	doctor_machine(&f);
	doctor_files(&f, c, config, why);
	for (size_t i = 0; i < f.n; i++) {
		if (!json)
			print_fact(&f.v[i]);
		if (f.v[i].verdict == FACT_MISSING)
			ret = 1;
	}
	if (json)
		print_json(&f);
	facts_free(&f);
	return ret;
}
