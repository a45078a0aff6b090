/* torture.c -- power is lost after, and in the middle of, everything that was
 * done to the files of a session, and what is left is opened and compared with
 * what had been promised by then.
 *
 *	torture session DIR SEED ROUNDS		a session, to be recorded
 *	torture replay LOG ROOT SEED COUNT [EXPECTED]
 *
 * LOG is what faults.c wrote down about ROOT, and EXPECTED what a program's
 * screen promises (truth_expect).  COUNT 0: only at the end.  TORTURE_KEY: the
 * session's folder once more; the store is encrypted with the key in it, which
 * the session makes.  Prints how many states were tried, each unlike all
 * others; 1 if something is lost. */
#include "torture.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "journal.h"
#include "paths.h"
#include "vault.h"

#define SEEN (1u << 20)		/* slots; states are counted in thousands */

struct torture {
	const char *root;
	char dir[64];		/* where what is left is put */
	struct store store;	/* that */
	struct disk *disk;
	struct truth *truth;
	struct rng rng;
	struct buf log;
	uint64_t *seen;
	unsigned long tried, wanted, ops;
	unsigned long inner;	/* bytes of a write between two cuts in it */
	unsigned some;		/* random losses after each operation */
};

static int
read_all(const char *path, struct buf *out)
{
	char block[65536];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && (n = read(fd, block, sizeof(block))) > 0)
		buf_add(out, block, (size_t)n);
	if (fd >= 0)
		close(fd);
	return fd >= 0 ? 0 : -1;
}

/* ---- states that were tried ---- */

static uint64_t
hash(uint64_t h, const void *p, size_t n)
{
	const unsigned char *s = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ s[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* Whether this is new; from now on it is not. */
static bool
is_new(struct torture *t, uint64_t h)
{
	size_t i = (size_t)(h % SEEN);

	if (h == 0)
		h = 1;
	while (t->seen[i] && t->seen[i] != h)
		i = (i + 1) % SEEN;
	if (t->seen[i] == h)
		return false;
	t->seen[i] = h;
	return true;
}

/* The conversation of a file, or false. */
static bool
id_of(const char *path, char id[32])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t n = strlen(name);

	if (n < 6 || n > 36 || strcmp(name + n - 5, ".yaml") != 0)
		return false;
	memcpy(id, name, n - 5);
	id[n - 5] = '\0';
	return true;
}

/* ---- a state ---- */

static void
empty_dir(const char *dir)
{
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
}

static bool
put_file(const struct torture *t, const struct leftover *f)
{
	const char *slash = strrchr(f->path, '/');
	char path[256];
	int fd;
	bool ok;

	snprintf(path, sizeof(path), "%s/%s", t->dir,
	    slash ? slash + 1 : f->path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ok = fd >= 0 && write(fd, f->data.data ? f->data.data : "",
	    f->data.len) == (ssize_t)f->data.len;
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Without its key an encrypted store is lost. */
static bool
has_key(const struct torture *t, struct leftover *v, size_t n,
    struct buf *why)
{
	bool any = !t->store.vault;
	char id[32];

	for (size_t i = 0; i < n && !any; i++)
		any = strstr(v[i].path, VAULT_FILE) != NULL;
	for (size_t i = 0; i < n && !any; i++)
		if (id_of(v[i].path, id)) {
			buf_puts(why, "the key is lost\n");
			return false;
		}
	return true;
}

/* Each file is looked at once with the same bytes and the same promises. */
static bool
check_files(struct torture *t, struct leftover *v, size_t n, struct buf *why)
{
	struct convo_info *list;
	int listed;
	bool new_state = false, ok = true;
	char id[32];

	empty_dir(t->dir);
	for (size_t i = 0; i < n; i++)
		if (!put_file(t, &v[i]))
			return false;
	for (size_t i = 0; i < n && ok; i++) {
		uint64_t h;

		if (!id_of(v[i].path, id))
			continue;
		h = truth_version(t->truth, id);
		h = hash(hash(UINT64_C(0xcbf29ce484222325), &h, sizeof(h)),
		    id, strlen(id));
		if (!is_new(t, hash(h, v[i].data.data, v[i].data.len)))
			continue;
		new_state = true;
		ok = truth_holds(t->truth, &t->store, id, &v[i].data, why);
	}
	ok = has_key(t, v, n, why) &&
	    truth_complete(t->truth, &t->store, v, n, why) && ok;
	listed = new_state ? journal_list(&t->store, &list, NULL) : 0;
	if (new_state && listed >= 0)
		convo_infos_free(list, listed);
	t->tried += new_state;
	return ok && listed >= 0;
}

static bool
try_loss(struct torture *t, enum loss loss, const char *what)
{
	struct buf why = { 0 };
	struct leftover *v;
	size_t n = disk_after(t->disk, loss, &t->rng, &v);
	bool ok = check_files(t, v, n, &why);

	if (!ok)
		printf("# operation %lu, %s: %s# it is in %s\n", t->ops, what,
		    why.data ? why.data : "?\n", t->dir);
	leftovers_free(v, n);
	buf_free(&why);
	return ok;
}

/* ---- the log ---- */

/* Power fails while this write is on its way. */
static bool
cut_write(struct torture *t, const struct fault *op, const char *text)
{
	struct fault part = *op;
	struct buf why = { 0 };
	uint32_t at = (uint32_t)(rng_next(&t->rng) % t->inner);
	bool ok = true;

	for (; ok && at < op->len; at += (uint32_t)t->inner) {
		struct leftover *v;
		size_t n;

		part.len = at;
		disk_half(t->disk, &part, text);
		n = disk_after(t->disk, LOSE_NOTHING, &t->rng, &v);
		ok = check_files(t, v, n, &why);
		disk_back(t->disk, &part);
		if (!ok)
			printf("# operation %lu, after %u of %u bytes: %s# it "
			    "is in %s\n", t->ops, at, op->len,
			    why.data ? why.data : "?\n", t->dir);
		leftovers_free(v, n);
	}
	buf_free(&why);
	return ok;
}

static bool
do_op(struct torture *t, const struct fault *op, const char *text)
{
	bool ok = true;

	t->ops++;
	if (op->op == FAULT_MARK) {
		truth_mark(t->truth, text, op->len);
		return true;
	}
	if (op->op == FAULT_STDOUT) {
		truth_printed(t->truth, text, op->len);
	} else {
		if (op->op == FAULT_WRITE && t->wanted)
			ok = cut_write(t, op, text);
		disk_do(t->disk, op, text);
	}
	if (t->wanted == 0)
		return true;
	ok = ok && try_loss(t, LOSE_NOTHING, "killed") &&
	    try_loss(t, LOSE_ALL, "what was not synced is lost");
	for (unsigned i = 0; ok && i < t->some; i++)
		ok = try_loss(t, LOSE_SOME, "some of what was not synced is "
		    "lost");
	return ok;
}

/* The record at *pos of the log, its text NUL-terminated in *text. */
static bool
next_op(const struct buf *log, size_t *pos, struct fault *op,
    struct buf *text)
{
	if (log->len - *pos < sizeof(*op))
		return false;
	memcpy(op, log->data + *pos, sizeof(*op));
	*pos += sizeof(*op);
	if (op->op >= FAULT_COUNT || op->len > log->len - *pos)
		return false;
	buf_clear(text);
	buf_add(text, log->data + *pos, op->len);
	*pos += op->len;
	return true;
}

/* How densely to cut, for about as many states as are wanted. */
static void
plan(struct torture *t)
{
	unsigned long bytes = 0, ops = 0, left;
	struct buf text = { 0 };
	struct fault op;
	size_t pos = 0;

	while (next_op(&t->log, &pos, &op, &text)) {
		ops += op.op != FAULT_MARK;
		bytes += op.op == FAULT_WRITE ? op.len : 0;
	}
	t->some = 2;
	left = t->wanted > 2 * ops ? t->wanted - 2 * ops : 1;
	t->inner = bytes > left ? bytes / left : 1;
	if (bytes < left && ops)
		t->some += (unsigned)((left - bytes) / ops);
	buf_free(&text);
}

static int
replay(struct torture *t)
{
	struct buf text = { 0 };
	struct fault op;
	size_t pos = 0;
	bool ok = true;

	plan(t);
	while (ok && next_op(&t->log, &pos, &op, &text))
		ok = do_op(t, &op, text.data ? text.data : "");
	buf_free(&text);
	ok = ok && pos == t->log.len &&
	    (t->wanted || (try_loss(t, LOSE_NOTHING, "at the end") &&
	    try_loss(t, LOSE_ALL, "what is not synced at the end is lost")));
	printf("%lu %lu %s\n", t->tried, t->ops, ok ? "kept" : "lost");
	return ok ? 0 : 1;
}

/* The key of an encrypted store, whose making must not take long here. */
static struct vault *
open_key(bool make)
{
	static const struct vault_cost cheap = { 1, 8192 };
	const char *dir = getenv("TORTURE_KEY");
	struct vault *v = NULL;
	struct err err = { "" };
	bool wrong;

	if (dir && (!make || path_make_dir(dir, &err) == 0))
		v = make ? vault_create(dir, "secret", 6, &cheap, &err) :
		    vault_open(dir, "secret", 6, &wrong, &err);
	if (dir && !v) {
		fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
	return v;
}

static int
session_main(char **argv)
{
	struct store store = { .dir = argv[2] };
	struct vault *v;
	int r;

	store.vault = v = open_key(true);
	r = torture_session(&store, strtoull(argv[3], NULL, 10),
	    atoi(argv[4]));
	vault_free(v);
	return r;
}

static int
replay_main(int argc, char **argv)
{
	struct torture t = { .root = argv[3] };
	int ret = 2;

	t.rng.state = strtoull(argv[4], NULL, 10);
	t.wanted = strtoul(argv[5], NULL, 10);
	snprintf(t.dir, sizeof(t.dir), "%s/fikr-torture.XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (read_all(argv[2], &t.log) < 0 || !mkdtemp(t.dir)) {
		perror(argv[2]);
		return ret;
	}
	t.store = (struct store){ .dir = t.dir,
		.vault = open_key(false) };
	t.seen = xcalloc(SEEN, sizeof(*t.seen));
	t.disk = disk_new(t.root);
	t.truth = truth_new();
	if (argc < 7 || truth_expect(t.truth, argv[6]) == 0)
		ret = replay(&t);
	if (ret == 0) {		/* else it may be looked at */
		empty_dir(t.dir);
		rmdir(t.dir);
	}
	vault_free((struct vault *)t.store.vault);
	disk_free(t.disk);
	truth_free(t.truth);
	buf_free(&t.log);
	free(t.seen);
	return ret;
}

int
main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "session") == 0)
		return session_main(argv);
	if (argc >= 6 && strcmp(argv[1], "replay") == 0)
		return replay_main(argc, argv);
	fprintf(stderr, "torture session DIR SEED ROUNDS\n"
	    "torture replay LOG ROOT SEED COUNT [EXPECTED]\n");
	return 2;
}
