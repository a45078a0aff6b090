/* faults.h -- what tests/faults.c writes down: a log of everything that was
 * done to the files of one folder, from which torture.c makes the disk as a
 * loss of power would have left it. */
#ifndef FIKR_TESTS_FAULTS_H
#define FIKR_TESTS_FAULTS_H

#include <stdint.h>

enum fault_op {
	FAULT_CREATE,		/* text: path; file: its inode */
	FAULT_WRITE,		/* text: the bytes, at: where */
	FAULT_TRUNCATE,		/* at: to how many bytes */
	FAULT_SYNC,
	FAULT_SYNC_FAIL,	/* the pages may be dropped without a word */
	FAULT_SYNC_DIR,		/* text: path of the folder */
	FAULT_MKDIR,		/* text: path */
	FAULT_UNLINK,
	FAULT_RENAME,		/* text: from, NUL, to */
	FAULT_MARK,		/* text: what the program has promised by now */
	FAULT_STDOUT,		/* text: what it printed */
	FAULT_COUNT
};

/* One record of the log, `len` bytes of text behind it. */
struct fault {
	uint32_t op, len;
	uint64_t file;		/* inode */
	int64_t at;
};

/* A line in the log; does nothing where the library is not preloaded. */
void faults_mark(const char *text, uint32_t len) __attribute__((weak));

#endif
