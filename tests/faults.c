/* faults.c -- stands between a program and its files (LD_PRELOAD): writes down
 * what is done to the files below FAULTS_DIR, and makes calls fail.
 *
 *	FAULTS_DIR	the folder; nothing outside it is looked at
 *	FAULTS_LOG	where to write down what happens (faults.h); or unset
 *	FAULTS_PROGRAM	only in programs of this name
 *	FAULTS_FAIL	"KIND N ERRNO MORE": from the Nth call (1, 2, ...) of a
 *			kind on, 1 + MORE calls fail.  MORE -1: all.  KIND:
 *			write, sync, create, or any
 *	FAULTS_SHORT	set: the first of the failing writes writes half
 *	FAULTS_ROOM	a file that holds a number: writes that would make the
 *			files larger than so many bytes together fail (ENOSPC)
 *	FAULTS_COUNT	a file that gets, at the end, how many calls of each
 *			kind there were
 */
#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 1024
#define PATH_SIZE 4096

enum kind { KIND_WRITE, KIND_SYNC, KIND_CREATE, KIND_ANY, KIND_COUNT };

static const char *const kind_names[] = { "write", "sync", "create", "any" };

static struct {
	bool ready, here;
	char dir[PATH_SIZE];
	size_t dir_len;
	int log;
	enum kind kind;
	long first, more, seen[KIND_COUNT];
	int error;
	uint64_t file[FDS];	/* by descriptor: the inode, 0: not ours */
	bool is_dir[FDS];
} f;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void
set_up(void)
{
	const char *dir = getenv("FAULTS_DIR"), *log = getenv("FAULTS_LOG");
	const char *program = getenv("FAULTS_PROGRAM");
	const char *fail = getenv("FAULTS_FAIL");
	char word[16];

	if (f.ready)
		return;
	f.ready = true;
	f.log = -1;
	f.kind = KIND_COUNT;
	f.here = dir && (!program ||
	    strcmp(program, program_invocation_short_name) == 0);
	if (!f.here)
		return;
	f.dir_len = (size_t)snprintf(f.dir, sizeof(f.dir), "%s", dir);
	if (log)
		f.log = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND |
		    O_CLOEXEC, 0600);
	if (fail && sscanf(fail, "%15s %ld %d %ld", word, &f.first, &f.error,
	    &f.more) == 4)
		for (int k = 0; k < KIND_COUNT; k++)
			if (strcmp(word, kind_names[k]) == 0)
				f.kind = (enum kind)k;
}

static void
put(enum fault_op op, uint64_t file, int64_t at, const void *text, size_t n)
{
	struct fault r = { .op = op, .len = (uint32_t)n, .file = file,
		.at = at };
	struct iovec v[2] = { { &r, sizeof(r) }, { (void *)text, n } };
	int was = errno;

	if (f.log >= 0 && writev(f.log, v, 2) != (ssize_t)(sizeof(r) + n))
		abort();
	errno = was;
}

void
faults_mark(const char *text, uint32_t len)
{
	set_up();
	put(FAULT_MARK, 0, 0, text, len);
}

/* Whether this call is one of those that fail; then errno says why. */
static bool
fails(enum kind kind)
{
	long n = ++f.seen[kind], any = ++f.seen[KIND_ANY];

	if (f.kind == KIND_ANY)
		n = any;
	else if (f.kind != kind)
		return false;
	if (n < f.first || (f.more >= 0 && n > f.first + f.more))
		return false;
	errno = f.error;
	return true;
}

static bool
is_ours(const char *path)
{
	return f.here && strncmp(path, f.dir, f.dir_len) == 0 &&
	    (path[f.dir_len] == '/' || path[f.dir_len] == '\0');
}

/* The absolute path of what the program names. */
static bool
absolute(int dir, const char *path, char out[PATH_SIZE])
{
	char link[64];
	ssize_t n;

	if (path[0] == '/')
		return snprintf(out, PATH_SIZE, "%s", path) < PATH_SIZE;
	snprintf(link, sizeof(link), dir == AT_FDCWD ? "/proc/self/cwd" :
	    "/proc/self/fd/%d", dir);
	n = readlink(link, out, PATH_SIZE - 1);
	return n > 0 && snprintf(out + n, PATH_SIZE - (size_t)n, "/%s", path) <
	    PATH_SIZE - n;
}

static void
opened(int fd, const char *path, bool made, bool cut)
{
	struct stat st;

	if (fd < 0 || fd >= FDS)
		return;
	f.file[fd] = 0;
	if (!is_ours(path) || fstat(fd, &st) < 0)
		return;
	f.file[fd] = (uint64_t)st.st_ino;
	f.is_dir[fd] = S_ISDIR(st.st_mode);
	if (made)
		put(FAULT_CREATE, f.file[fd], 0, path, strlen(path));
	else if (cut)
		put(FAULT_TRUNCATE, f.file[fd], 0, "", 0);
}

static int
open_at(int dir, const char *name, int flags, mode_t mode)
{
	char path[PATH_SIZE] = "";
	bool ours, made;
	int fd;

	set_up();
	ours = f.here && absolute(dir, name, path) && is_ours(path);
	made = ours && (flags & O_CREAT) && access(path, F_OK) < 0;
	if (made && fails(KIND_CREATE))
		return -1;
	fd = REAL(openat)(dir, name, flags, mode);
	opened(fd, path, made, flags & O_TRUNC);
	return fd;
}

#define MODE_OF(flags, mode) do { \
	va_list ap; \
	va_start(ap, flags); \
	if ((flags) & (O_CREAT | __O_TMPFILE)) \
		mode = va_arg(ap, mode_t); \
	va_end(ap); \
} while (0)

int
open(const char *path, int flags, ...)
{
	mode_t mode = 0;

	MODE_OF(flags, mode);
	return open_at(AT_FDCWD, path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	mode_t mode = 0;

	MODE_OF(flags, mode);
	return open_at(AT_FDCWD, path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;

	MODE_OF(flags, mode);
	return open_at(dir, path, flags, mode);
}

int
openat64(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;

	MODE_OF(flags, mode);
	return open_at(dir, path, flags, mode);
}

int
mkostemp(char *path, int flags)
{
	int fd;

	set_up();
	if (is_ours(path) && fails(KIND_CREATE))
		return -1;
	fd = REAL(mkostemp)(path, flags);
	opened(fd, path, true, false);
	return fd;
}

int
close(int fd)
{
	if (fd >= 0 && fd < FDS)
		f.file[fd] = 0;
	return REAL(close)(fd);
}

/* ---- writing ---- */

static uint64_t
file_of(int fd)
{
	return fd >= 0 && fd < FDS ? f.file[fd] : 0;
}

/* Whether FAULTS_ROOM has no room for the file to end there: what files are
 * written is one at a time, so its size stands for all. */
static bool
is_full(off_t end)
{
	const char *path = getenv("FAULTS_ROOM");
	char text[32] = "";
	int fd = path ? REAL(open)(path, O_RDONLY | O_CLOEXEC) : -1;
	bool full;

	full = fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 &&
	    (long)end > atol(text);
	if (fd >= 0)
		REAL(close)(fd);
	if (full)
		errno = ENOSPC;
	return full;
}

/* How much of a write of n bytes may go on: -1 with errno, or up to n. */
static ssize_t
allowed(size_t n, off_t at)
{
	bool first = f.kind == KIND_WRITE && f.seen[KIND_WRITE] + 1 == f.first;

	if (fails(KIND_WRITE)) {
		if (first && getenv("FAULTS_SHORT") && n > 1)
			return (ssize_t)(n / 2);
		return -1;
	}
	return is_full(at + (off_t)n) ? -1 : (ssize_t)n;
}

static ssize_t
write_at(int fd, const void *p, size_t n, off_t at)
{
	uint64_t file = file_of(fd);
	ssize_t w = file ? allowed(n, at) : (ssize_t)n;

	if (w < 0)
		return -1;
	w = REAL(pwrite)(fd, p, (size_t)w, at);
	if (w > 0 && file)
		put(FAULT_WRITE, file, at, p, (size_t)w);
	return w;
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	return write_at(fd, p, n, at);
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	return write_at(fd, p, n, at);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	uint64_t file = file_of(fd);
	off_t at = file ? lseek(fd, 0, SEEK_CUR) : 0;
	ssize_t w = file ? allowed(n, at) : (ssize_t)n;

	if (w < 0)
		return -1;
	w = REAL(write)(fd, p, (size_t)w);
	if (w > 0 && file)
		put(FAULT_WRITE, file, lseek(fd, 0, SEEK_CUR) - w, p,
		    (size_t)w);
	set_up();
	if (w > 0 && fd == STDOUT_FILENO && f.here)
		put(FAULT_STDOUT, 0, 0, p, (size_t)w);
	return w;
}

static int
cut(int fd, off_t size)
{
	int r = REAL(ftruncate)(fd, size);

	if (r == 0 && file_of(fd))
		put(FAULT_TRUNCATE, file_of(fd), size, "", 0);
	return r;
}

int
ftruncate(int fd, off_t size)
{
	return cut(fd, size);
}

int
ftruncate64(int fd, off64_t size)
{
	return cut(fd, size);
}

/* ---- syncing ---- */

static int
sync_fd(int fd, int (*sync)(int))
{
	char link[64], path[PATH_SIZE];
	ssize_t n;

	if (!file_of(fd))
		return sync(fd);
	if (fails(KIND_SYNC)) {
		if (!f.is_dir[fd])
			put(FAULT_SYNC_FAIL, file_of(fd), 0, "", 0);
		return -1;
	}
	/* The model of the disk syncs; the disk itself need not. */
	if (!f.is_dir[fd]) {
		put(FAULT_SYNC, file_of(fd), 0, "", 0);
		return 0;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path));
	if (n > 0)
		put(FAULT_SYNC_DIR, 0, 0, path, (size_t)n);
	return 0;
}

int
fsync(int fd)
{
	return sync_fd(fd, REAL(fsync));
}

int
fdatasync(int fd)
{
	return sync_fd(fd, REAL(fdatasync));
}

/* ---- names ---- */

int
mkdir(const char *name, mode_t mode)
{
	char path[PATH_SIZE];
	bool ours;
	int r;

	set_up();
	ours = absolute(AT_FDCWD, name, path) && is_ours(path);
	if (ours && access(path, F_OK) < 0 && fails(KIND_CREATE))
		return -1;
	r = REAL(mkdir)(name, mode);
	if (r == 0 && ours)
		put(FAULT_MKDIR, 0, 0, path, strlen(path));
	return r;
}

static int
remove_at(int dir, const char *name, int flags)
{
	char path[PATH_SIZE];
	bool ours;
	int r;

	set_up();
	ours = absolute(dir, name, path) && is_ours(path);
	r = REAL(unlinkat)(dir, name, flags);
	if (r == 0 && ours)
		put(FAULT_UNLINK, 0, 0, path, strlen(path));
	return r;
}

int
unlink(const char *name)
{
	return remove_at(AT_FDCWD, name, 0);
}

int
unlinkat(int dir, const char *name, int flags)
{
	return remove_at(dir, name, flags);
}

int
rename(const char *from, const char *to)
{
	char both[2 * PATH_SIZE], path[PATH_SIZE];
	size_t n;
	int r;

	set_up();
	if (!absolute(AT_FDCWD, from, both) || !is_ours(both) ||
	    !absolute(AT_FDCWD, to, path) || !is_ours(path))
		return REAL(rename)(from, to);
	if (fails(KIND_CREATE))
		return -1;
	r = REAL(rename)(from, to);
	n = strlen(both) + 1;
	memcpy(both + n, path, strlen(path));
	if (r == 0)
		put(FAULT_RENAME, 0, 0, both, n + strlen(path));
	return r;
}

static __attribute__((destructor)) void
tell_counts(void)
{
	const char *path = getenv("FAULTS_COUNT");
	int fd = f.here && path ? REAL(open)(path, O_WRONLY | O_CREAT |
	    O_TRUNC, 0600) : -1;

	if (fd < 0)
		return;
	for (int k = 0; k < KIND_COUNT; k++)
		dprintf(fd, "%s %ld\n", kind_names[k], f.seen[k]);
	REAL(close)(fd);
}
