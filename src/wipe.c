/* wipe.c -- writing over what is deleted. */
#include "wipe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"

#define LOG_MAX (64u << 20)	/* bytes of a file that are looked at */

void
wipe_fd(int fd)
{
	static const char zeros[65536];
	struct stat st;
	off_t at = 0;
	ssize_t w;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink > 1)
		return;
	while (at < st.st_size) {
		off_t left = st.st_size - at;

		w = pwrite(fd, zeros, left < (off_t)sizeof(zeros) ?
		    (size_t)left : sizeof(zeros), at);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return;
		at += w;
	}
	(void)fdatasync(fd);
}

int
wipe_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY);

	if (fd >= 0) {
		wipe_fd(fd);
		close(fd);
	}
	if (unlink(path) == 0)
		return 1;
	return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

static int
read_all(int fd, struct buf *b)
{
	char block[16384];
	ssize_t r;

	while (b->len < LOG_MAX) {
		r = read(fd, block, sizeof(block));
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return (int)r;
		buf_add(b, block, (size_t)r);
	}
	return 0;
}

/* In place, since another program may be writing at the end. */
int
wipe_lines(const char *path, const char *word)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct buf b = { 0 };
	size_t from = 0, n;
	int found = 0;
	char *hit;

	if (fd < 0)
		return 0;
	if (read_all(fd, &b) < 0)
		buf_clear(&b);
	while (from < b.len && (hit = memmem(b.data + from, b.len - from,
	    word, strlen(word)))) {
		char *end = memchr(hit, '\n', b.len - (size_t)(hit - b.data));

		while (hit > b.data && hit[-1] != '\n')
			hit--;
		n = (size_t)((end ? end : b.data + b.len) - hit);
		memset(hit, ' ', n);
		from = (size_t)(hit - b.data) + n;
		if (pwrite(fd, hit, n, hit - b.data) == (ssize_t)n)
			found++;
	}
	if (found)
		(void)fdatasync(fd);
	close(fd);
	buf_free(&b);
	return found;
}
