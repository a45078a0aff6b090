/* files.c -- see files.h. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* What a write of n bytes gave, or -1; a signal in between gives 0. */
static ssize_t
taken(ssize_t w)
{
	if (w < 0 && errno == EINTR)
		return 0;
	if (w == 0)
		errno = ENOSPC;
	return w > 0 ? w : -1;
}

int
files_write(int fd, const void *p, size_t n)
{
	for (const char *s = p; n > 0; ) {
		ssize_t w = taken(write(fd, s, n));

		if (w < 0)
			return -1;
		s += w;
		n -= (size_t)w;
	}
	return 0;
}

int
files_write_at(int fd, const void *p, size_t n, uint64_t at)
{
	for (const char *s = p; n > 0; ) {
		ssize_t w = taken(pwrite(fd, s, n, (off_t)at));

		if (w < 0)
			return -1;
		s += w;
		n -= (size_t)w;
		at += (uint64_t)w;
	}
	return 0;
}

int
files_sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r, why;

	if (fd < 0)
		return 1;
	r = fsync(fd);
	why = errno;
	close(fd);
	errno = why;
	return r < 0 && why != EINVAL ? -1 : 0;
}

int
files_rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	/* a file system that cannot say whether it is */
	if (access(to, F_OK) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}
