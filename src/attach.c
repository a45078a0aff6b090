/* attach.c -- see attach.h. */
#include "attach.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "utf8.h"

#define FILES_MAX 64		/* of one message */
#define NAMES_MAX 12		/* shown to choose from */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* The path of the '@' word at s[i]: from *from, *n bytes; false: none. */
static bool
word_at(const char *s, size_t i, size_t *from, size_t *n)
{
	if (s[i] != '@' || (i > 0 && !is_blank(s[i - 1])))
		return false;
	if (s[i + 1] == '"') {
		*from = i + 2;
		*n = strcspn(s + *from, "\"\n");
	} else {
		*from = i + 1;
		*n = strcspn(s + *from, " \t\n");
	}
	return *n > 0;
}

static char *
real_path(const char *s, size_t n)
{
	const char *home = getenv("HOME");

	if (s[0] == '~' && (n == 1 || s[1] == '/') && home)
		return xasprintf("%s%.*s", home, (int)(n - 1), s + 1);
	return xstrndup(s, n);
}

/* The file a word names; what a sentence puts behind it is not its own. */
static char *
file_of(const char *s, size_t *n, struct stat *st)
{
	for (;;) {
		char *path = real_path(s, *n);

		if (stat(path, st) == 0 && S_ISREG(st->st_mode))
			return path;
		free(path);
		if (*n < 2 || !strchr(".,;:!?)", s[*n - 1]))
			return NULL;
		--*n;
	}
}

size_t
attach_find(const char *text, struct attachment **out)
{
	struct attachment *v = NULL;
	size_t n = 0, from, len;
	struct stat st;
	char *path;

	for (size_t i = 0; text[i] && n < FILES_MAX; i++) {
		if (!word_at(text, i, &from, &len))
			continue;
		path = file_of(text + from, &len, &st);
		if (!path)
			continue;
		v = xreallocarray(v, n + 1, sizeof(*v));
		v[n++] = (struct attachment){ xstrndup(text + from, len),
			path, st.st_size };
		i = from + len - 1;
	}
	*out = v;
	return n;
}

void
attach_free(struct attachment *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].name);
		free(v[i].path);
	}
	free(v);
}

/* ---- reading ---- */

static int
read_all(int fd, struct buf *b, const struct attachment *f, struct err *err)
{
	char chunk[16384];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, "cannot read %s: %s", f->name,
			    strerror(errno));
		buf_add(b, chunk, (size_t)n);
		if (b->len > ATTACH_BYTES_MAX)
			return err_set(err, "%s is longer than %u MiB, which "
			    "no message may be; attach a part of it", f->name,
			    ATTACH_BYTES_MAX >> 20);
	}
	if (b->len > 0 && (memchr(b->data, '\0', b->len) ||
	    !utf8_valid(b->data, b->len)))
		return err_set(err, "%s is no text in UTF-8; only text can be "
		    "attached", f->name);
	return 0;
}

static int
read_file(const struct attachment *f, struct buf *b, struct err *err)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;

	if (fd < 0)
		return err_set(err, "cannot read %s: %s", f->name,
		    strerror(errno));
	rc = read_all(fd, b, f, err);
	close(fd);
	return rc;
}

/* A fence that nothing in the text can close. */
static size_t
fence_length(const struct buf *b)
{
	size_t longest = 2, run = 0;

	for (size_t i = 0; i < b->len; i++) {
		run = b->data[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest + 1;
}

static void
put_file(struct buf *out, const char *name, const struct buf *b)
{
	size_t n = fence_length(b);
	const char *base = strrchr(name, '/');
	const char *dot = strrchr(base ? base : name, '.');

	buf_printf(out, "\n\n%s:\n", name);
	for (size_t i = 0; i < n; i++)
		buf_addc(out, '`');
	buf_printf(out, "%s\n", dot && strlen(dot) < 12 ? dot + 1 : "");
	buf_add(out, b->data ? b->data : "", b->len);
	if (b->len == 0 || b->data[b->len - 1] != '\n')
		buf_addc(out, '\n');
	for (size_t i = 0; i < n; i++)
		buf_addc(out, '`');
}

int
attach_expand(const char *text, struct buf *out, struct err *err)
{
	struct attachment *v;
	size_t n = attach_find(text, &v), was = out->len;
	int rc = 0;

	buf_puts(out, text);
	for (size_t i = 0; i < n && rc == 0; i++) {
		struct buf b = { 0 };

		rc = read_file(&v[i], &b, err);
		if (rc == 0)
			put_file(out, v[i].name, &b);
		buf_free(&b);
	}
	attach_free(v, n);
	if (rc < 0 && out->data) {
		out->len = was;
		out->data[was] = '\0';
	}
	return rc;
}

/* ---- completing ---- */

struct found {
	char *same;		/* what all names begin with */
	int hits;
	bool folder;		/* the only one is */
};

static void
take_name(struct found *f, const char *dir, const char *name,
    struct buf *names)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct stat st;
	size_t n = 0;

	f->folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	free(path);
	if (names && f->hits < NAMES_MAX)
		buf_printf(names, "%s%s%s", f->hits ? "  " : "", name,
		    f->folder ? "/" : "");
	if (f->hits++ == 0) {
		f->same = xstrdup(name);
		return;
	}
	while (f->same[n] && f->same[n] == name[n])
		n++;
	f->same[n] = '\0';
	n -= utf8_tail(f->same, n);
	f->same[n] = '\0';
}

static struct found
look(const char *dir, const char *begin, struct buf *names)
{
	struct found f = { 0 };
	size_t n = strlen(begin);
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d)) != NULL)
		if (strncmp(e->d_name, begin, n) == 0 &&
		    (e->d_name[0] != '.' || begin[0] == '.') &&
		    strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			take_name(&f, dir, e->d_name, names);
	if (d)
		closedir(d);
	return f;
}

/* Where the '@' word that ends at `at` begins to be a path; 0: none does. */
static size_t
word_before(const char *text, size_t at, bool *quoted)
{
	size_t from, n;

	for (size_t i = at; i-- > 0; )
		if (word_at(text, i, &from, &n) || (text[i] == '@' &&
		    i + 1 == at && (i == 0 || is_blank(text[i - 1])))) {
			*quoted = text[i + 1] == '"' && i + 1 < at;
			from = i + 1 + *quoted;
			return from <= at && (*quoted ?
			    !memchr(text + from, '"', at - from) :
			    strcspn(text + from, " \t\n") >= at - from) ?
			    from : 0;
		}
	return 0;
}

char *
attach_complete(const char *text, size_t at, struct buf *names,
    size_t *cursor)
{
	bool quoted;
	size_t from = word_before(text, at, &quoted), slash = 0;
	struct buf out = { 0 };
	struct found f;
	char *dir, *begin;

	if (from == 0)
		return NULL;
	for (size_t i = from; i < at; i++)
		if (text[i] == '/')
			slash = i + 1;
	dir = slash ? real_path(text + from, slash - from) : xstrdup(".");
	begin = xstrndup(text + (slash ? slash : from),
	    at - (slash ? slash : from));
	f = look(dir, begin, names);
	if (f.hits > 0 && (strlen(f.same) > strlen(begin) || f.hits == 1)) {
		buf_add(&out, text, at);
		buf_puts(&out, f.same + strlen(begin));
		if (f.hits == 1)
			buf_puts(&out, f.folder ? "/" : quoted ? "\" " : " ");
		*cursor = out.len;
		buf_puts(&out, text + at);
	}
	free(dir);
	free(begin);
	free(f.same);
	return out.len ? buf_take(&out) : NULL;
}
