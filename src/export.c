/* export.c -- the formats by name, and their files. */
#include "export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "export_priv.h"
#include "files.h"
#include "i18n.h"
#include "out.h"
#include "utf8.h"

#define NAME_BYTES 80		/* of a title in a file's name */

static const struct {
	const char *name, *suffix;
	void (*text)(struct buf *out, const struct convo *c, bool thinking);
	json_t *(*json)(const struct convo *c, bool thinking);
} formats[] = {
	[EXPORT_MD] = { "md", ".md", export_md, NULL },
	[EXPORT_JSON] = { "json", ".json", NULL, export_fikr },
	[EXPORT_HTML] = { "html", ".html", export_html, NULL },
	[EXPORT_TEXT] = { "text", ".txt", export_text, NULL },
	[EXPORT_CHATGPT] = { "chatgpt", ".json", NULL, export_chatgpt },
	[EXPORT_DEEPSEEK] = { "deepseek", ".json", NULL, export_deepseek },
	[EXPORT_OPENWEBUI] = { "openwebui", ".json", NULL, export_openwebui },
};
#define N_FORMATS (sizeof(formats) / sizeof(*formats))

int
export_format_parse(const char *name, enum export_format *f)
{
	for (size_t i = 0; i < N_FORMATS; i++) {
		if (strcmp(name, formats[i].name) == 0 ||
		    strcmp(name, formats[i].suffix + 1) == 0) {
			*f = (enum export_format)i;
			return 0;
		}
	}
	return -1;
}

int
export_format_of(const char *path, enum export_format *f)
{
	static const struct { const char *suffix; enum export_format f; }
	    more[] = { { ".htm", EXPORT_HTML }, { ".markdown", EXPORT_MD },
		{ ".text", EXPORT_TEXT } };
	const char *dot = strrchr(path, '.');

	if (!dot || strchr(dot, '/'))
		return -1;
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
		if (strcasecmp(dot, more[i].suffix) == 0) {
			*f = more[i].f;
			return 0;
		}
	}
	for (size_t i = 0; i < N_FORMATS; i++) {
		if (strcasecmp(dot, formats[i].suffix) == 0) {
			*f = (enum export_format)i;
			return 0;
		}
	}
	return -1;
}

bool
export_holds_many(enum export_format f)
{
	return formats[f].json != NULL;
}

void
export_begin(struct buf *out, enum export_format f)
{
	if (f == EXPORT_JSON)
		buf_printf(out, "{\"format\": \"fikr\", \"version\": %d, "
		    "\"conversations\": [\n", EXPORT_VERSION);
	else if (formats[f].json)
		buf_puts(out, "[\n");
}

void
export_convo(struct buf *out, const struct convo *c, enum export_format f,
    bool thinking)
{
	if (formats[f].json)
		export_dump(out, formats[f].json(c, thinking));
	else
		formats[f].text(out, c, thinking);
}

void
export_between(struct buf *out, enum export_format f)
{
	if (formats[f].json)
		buf_puts(out, ",\n");
}

void
export_end(struct buf *out, enum export_format f)
{
	if (f == EXPORT_JSON)
		buf_puts(out, "\n]}\n");
	else if (formats[f].json)
		buf_puts(out, "\n]\n");
}

/* ---- words ---- */

const char *
export_title(const struct convo *c)
{
	return *c->title ? c->title : _("(no title)");
}

const char *
export_speaker(const struct turn *t)
{
	return t->role == ROLE_ASSISTANT && t->model && *t->model ? t->model :
	    role_heading(t->role);
}

const char *
export_ended(const struct turn *t)
{
	if (t->role != ROLE_ASSISTANT)
		return NULL;
	switch (t->end) {
	case DONE_STOP:
		return NULL;
	case DONE_LENGTH:
		return _("The answer reached its limit");
	case DONE_CONTEXT:
		return _("The context was full");
	case DONE_CANCEL:
		return _("The answer was stopped");
	default:
		return _("The answer was cut off");
	}
}

void
export_thought(struct buf *out, const struct turn *t)
{
	int64_t from = t->t_first ? t->t_first : t->t_start;

	if (from && t->t_think_end >= from)
		buf_printf(out, _("Thought for %.1f s"),
		    (double)(t->t_think_end - from) / 1000);
	else
		buf_puts(out, _("Thinking"));
}

void
export_visible(struct buf *out, const struct buf *text)
{
	if (text->len)
		out_visible(out, text->data, text->len);
}

void
export_version(const struct convo *c, const struct turn *t, size_t *at,
    size_t *n)
{
	struct turn **v;

	*n = convo_siblings(c, t, &v);
	*at = 1;
	while (*at <= *n && v[*at - 1] != t)
		++*at;
	free(v);
}

/* ---- files ---- */

char *
export_file_name(const struct convo *c, enum export_format f)
{
	struct buf b = { 0 };
	const char *s = c->title;
	size_t n = strlen(s);

	buf_puts(&b, c->id);
	for (size_t i = 0, len; i < n && i < NAME_BYTES; i += len) {
		uint32_t cp;

		len = (size_t)utf8_decode(s + i, n - i, &cp, NULL);
		if (i == 0)
			buf_addc(&b, ' ');
		if (cp < 0x20 || cp == 0x7f || (cp < 0x80 &&
		    strchr("/\\:*?\"<>|", (int)cp)) || utf8_steers(cp))
			buf_addc(&b, '-');
		else
			buf_add(&b, s + i, len);
	}
	/* Some systems take no blank or dot at the end of a name. */
	while (b.data[b.len - 1] == ' ' || b.data[b.len - 1] == '.')
		b.data[--b.len] = '\0';
	buf_puts(&b, formats[f].suffix);
	return buf_take(&b);
}

static int
write_draft(const char *draft, const struct buf *text)
{
	int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return -1;
	r = files_write(fd, text->data, text->len);
	if (r == 0 && fsync(fd) < 0 && errno != EINVAL && errno != ENOSYS)
		r = -1;
	return close(fd) < 0 ? -1 : r;
}

int
export_write(const char *path, const struct buf *text, bool force,
    struct err *err)
{
	char *draft = xasprintf("%s.%ld.part", path, (long)getpid());
	struct stat st;
	int r = 0, why;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		r = err_set(err, "%s is a folder", path);
	else if (!force && lstat(path, &st) == 0)
		r = err_set(err, "%s is there already; --force writes over "
		    "it", path);
	if (r == 0 && (write_draft(draft, text) < 0 ||
	    (force ? rename : files_rename_new)(draft, path) < 0)) {
		why = errno;
		unlink(draft);
		r = err_set(err, "cannot write %s: %s", path, strerror(why));
	}
	free(draft);
	return r;
}
