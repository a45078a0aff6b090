/* histfile.c -- reading, appending to and trimming the history's file. */
#include "histfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "buf.h"
#include "files.h"
#include "i18n.h"
#include "utf8.h"
#include "wipe.h"

#define ENTRY_MAX (64u << 10)	/* bytes, as written */
#define FILE_MAX (16u << 20)	/* bytes of a file's end that are looked at */

/* Open path and lock it; once locked, make sure that it is still the file of
 * that name and not one that a trim has just replaced. */
static int
open_locked(const char *path, int flags)
{
	struct stat st = { 0 };
	int fd;

	for (;;) {
		fd = open(path, flags | O_CREAT | O_CLOEXEC | O_NOCTTY |
		    O_NONBLOCK, 0600);
		if (fd < 0)
			return -1;
		if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
			close(fd);
			errno = EINVAL;
			return -1;
		}
		/* Where locks do not work, appending is still one write. */
		if (flock(fd, LOCK_EX) != 0 || fstat(fd, &st) != 0 ||
		    st.st_nlink > 0)
			break;
		close(fd);
	}
	if ((st.st_mode & 077) != 0)
		(void)fchmod(fd, 0600);
	return fd;
}

/* The file's lines, from the first whole one of its last FILE_MAX bytes. */
static int
read_lines(int fd, struct buf *out)
{
	off_t size = lseek(fd, 0, SEEK_END), from = 0;
	char part[8192], *nl;
	ssize_t r;

	if (size > (off_t)FILE_MAX)
		from = size - (off_t)FILE_MAX;
	if (size < 0 || lseek(fd, from, SEEK_SET) < 0)
		return -1;
	for (;;) {
		r = read(fd, part, sizeof(part));
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		if (r == 0)
			break;
		buf_add(out, part, (size_t)r);
		if (out->len > 2 * (size_t)FILE_MAX)
			break;
	}
	if (from > 0) {
		nl = memchr(out->data, '\n', out->len);
		buf_drop(out, nl != NULL ? (size_t)(nl - out->data) + 1 :
		    out->len);
	}
	return 0;
}

/* Where the last HISTFILE_MAX lines begin. */
static size_t
tail_start(const struct buf *b)
{
	size_t i = b->len, lines = 0;

	if (i > 0 && b->data[i - 1] == '\n')
		i--;
	for (; i > 0; i--)
		if (b->data[i - 1] == '\n' && ++lines == HISTFILE_MAX)
			break;
	return i;
}

static void
unescape(struct buf *out, const char *s, size_t n)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\\' && i + 1 < n) {
			i++;
			buf_addc(&b, s[i] == 'n' ? '\n' : s[i]);
		} else if (s[i] != '\0') {
			buf_addc(&b, s[i]);
		}
	}
	buf_clear(out);
	utf8_scrub(out, b.data != NULL ? b.data : "", b.len);
	buf_free(&b);
}

static void
escape(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\n')
			buf_puts(out, "\\n");
		else if (*s == '\\')
			buf_puts(out, "\\\\");
		else
			buf_addc(out, *s);
	}
	buf_addc(out, '\n');
}

int
histfile_load(const char *path, void (*add)(const char *entry),
    struct err *err)
{
	struct buf b = { 0 }, entry = { 0 };
	int fd = open_locked(path, O_RDWR), r = -1;

	if (fd >= 0)
		r = read_lines(fd, &b);
	if (r != 0)
		err_set(err, "The history of the prompt, %s, cannot be used "
		    "(%s); what you type will not be remembered.", path,
		    errno == EINVAL ? _("not an ordinary file") :
		    strerror(errno));
	for (size_t i = tail_start(&b), end; r == 0 && i < b.len; i = end + 1) {
		char *nl = memchr(b.data + i, '\n', b.len - i);

		end = nl != NULL ? (size_t)(nl - b.data) : b.len;
		unescape(&entry, b.data + i, end - i);
		if (entry.len > 0)
			add(entry.data);
	}
	if (fd >= 0)
		close(fd);
	buf_free(&b);
	buf_free(&entry);
	return r;
}

void
histfile_append(const char *path, const char *entry)
{
	struct buf b = { 0 };
	struct stat st;
	char last = '\n';
	int fd;

	fd = open_locked(path, O_RDWR | O_APPEND);
	if (fd < 0)
		return;
	/* A line that somebody's full disk has cut is closed first. */
	if (fstat(fd, &st) == 0 && st.st_size > 0 &&
	    pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n')
		buf_addc(&b, '\n');
	escape(&b, entry);
	if (b.len <= ENTRY_MAX)
		(void)files_write(fd, b.data, b.len);
	close(fd);
	buf_free(&b);
}

/* Write the lines to a new file beside path and put it in path's place. */
static bool
replace(const char *path, const char *s, size_t n)
{
	char *temp = xasprintf("%s.XXXXXX", path);
	int fd = mkostemp(temp, O_CLOEXEC);
	bool ok = fd >= 0;

	if (fd >= 0) {
		ok = files_write(fd, s, n) == 0 && fsync(fd) == 0;
		ok = close(fd) == 0 && ok && rename(temp, path) == 0;
		if (!ok)
			unlink(temp);
	}
	free(temp);
	return ok;
}

void
histfile_trim(const char *path)
{
	struct buf b = { 0 };
	char *real = realpath(path, NULL);	/* keep a symbolic link */
	int fd = real != NULL ? open_locked(real, O_RDWR) : -1;
	size_t from;

	if (fd >= 0 && read_lines(fd, &b) == 0) {
		from = tail_start(&b);
		if (from > 0)
			replace(real, b.data + from, b.len - from);
	}
	if (fd >= 0)
		close(fd);
	free(real);
	buf_free(&b);
}

/* Copy the lines to rest but for those that match: how many. */
static int
pick_out(const struct buf *b, struct buf *rest,
    bool (*match)(const char *entry, void *ud), void *ud)
{
	struct buf entry = { 0 };
	int n = 0;

	for (size_t i = 0, end; i < b->len; i = end) {
		const char *nl = memchr(b->data + i, '\n', b->len - i);

		end = nl != NULL ? (size_t)(nl - b->data) + 1 : b->len;
		unescape(&entry, b->data + i, end - i - (nl != NULL));
		if (entry.len > 0 && match(entry.data, ud))
			n++;
		else
			buf_add(rest, b->data + i, end - i);
	}
	buf_free(&entry);
	return n;
}

int
histfile_remove(const char *path, bool (*match)(const char *entry, void *ud),
    void *ud)
{
	struct buf b = { 0 }, rest = { 0 };
	char *real = realpath(path, NULL);	/* keep a symbolic link */
	int fd = real != NULL ? open_locked(real, O_RDWR) : -1, n = 0;

	if (fd >= 0 && read_lines(fd, &b) == 0)
		n = pick_out(&b, &rest, match, ud);
	if (n > 0 && replace(real, rest.data != NULL ? rest.data : "",
	    rest.len))
		wipe_fd(fd);
	else
		n = 0;
	if (fd >= 0)
		close(fd);
	free(real);
	buf_free(&b);
	buf_free(&rest);
	return n;
}
