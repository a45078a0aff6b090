/* torture_disk.c -- a disk in memory, which is told what was done to files and
 * says what can be left of them when power is lost then.
 * What a sync has not confirmed may be there, be missing, be there in part (the
 * beginning, or any sectors; zeros where the rest should be), each write on its
 * own, whatever their order was.  What was not synced when a sync failed never
 * gets there, unless it is written again.  A name lasts once its folder was
 * synced. */
#include "torture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define SECTOR 512

struct change {			/* of a file's bytes */
	bool cut;
	uint64_t at;
	struct buf data;
};

struct inode {
	uint64_t number;
	struct buf synced, now;
	struct change *change;	/* since the sync */
	size_t n;
};

struct name {
	char *path;
	size_t inode;		/* NO_INODE: a folder */
};

#define NO_INODE SIZE_MAX

struct naming {			/* a change of names since the folder's sync */
	enum fault_op op;
	char *path, *to;
	size_t inode;
};

struct names {
	struct name *v;
	size_t n;
};

struct disk {
	char *root;
	struct inode *inode;
	size_t n_inode;
	struct names synced, now;
	struct naming *naming;
	size_t n_naming;
	struct buf whole;	/* of the file that disk_half changed */
};

uint32_t
rng_next(struct rng *r)
{
	r->state = r->state * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (uint32_t)(r->state >> 33) ^ (uint32_t)(r->state >> 60);
}

uint32_t
rng_below(struct rng *r, uint32_t n)
{
	return n ? rng_next(r) % n : 0;
}

/* ---- bytes ---- */

static void
put_bytes(struct buf *b, uint64_t at, const char *p, size_t n)
{
	while (b->len < at + n)
		buf_addc(b, '\0');
	if (n)
		memcpy(b->data + at, p, n);
}

static void
cut_bytes(struct buf *b, uint64_t size)
{
	if (b->len > size)
		b->len = size;
	while (b->len < size)
		buf_addc(b, '\0');
}

static void
copy_buf(struct buf *to, const struct buf *from)
{
	buf_clear(to);
	buf_add(to, from->data ? from->data : "", from->len);
}

static void
forget_changes(struct inode *i)
{
	for (size_t k = 0; k < i->n; k++)
		buf_free(&i->change[k].data);
	free(i->change);
	i->change = NULL;
	i->n = 0;
}

static void
add_change(struct inode *i, bool cut, uint64_t at, const char *p, size_t n)
{
	struct change *c;

	i->change = xreallocarray(i->change, i->n + 1, sizeof(*i->change));
	c = &i->change[i->n++];
	*c = (struct change){ .cut = cut, .at = at };
	buf_add(&c->data, p, n);
	if (cut)
		cut_bytes(&i->now, at);
	else
		put_bytes(&i->now, at, p, n);
}

static void
sync_file(struct inode *i)
{
	for (size_t k = 0; k < i->n; k++) {
		const struct change *c = &i->change[k];

		if (c->cut)
			cut_bytes(&i->synced, c->at);
		else
			put_bytes(&i->synced, c->at, c->data.data,
			    c->data.len);
	}
	forget_changes(i);
}

/* The part of a write that a disk without power has. */
static void
put_some(struct buf *b, const struct change *c, struct rng *r)
{
	size_t n = c->data.len;

	switch (rng_below(r, 5)) {
	case 0:			/* none of it */
		return;
	case 1:			/* its length alone */
		put_bytes(b, c->at + n, "", 0);
		return;
	case 2:			/* its beginning */
		put_bytes(b, c->at, c->data.data,
		    rng_below(r, (uint32_t)n + 1));
		return;
	case 3:			/* some sectors */
		for (size_t at = 0, len; at < n; at += len) {
			len = SECTOR - (c->at + at) % SECTOR;
			len = len > n - at ? n - at : len;
			if (rng_below(r, 2))
				put_bytes(b, c->at + at, c->data.data + at,
				    len);
		}
		return;
	default:
		put_bytes(b, c->at, c->data.data, n);
	}
}

static void
bytes_after(const struct inode *i, enum loss loss, struct rng *r,
    struct buf *out)
{
	copy_buf(out, loss == LOSE_NOTHING ? &i->now : &i->synced);
	for (size_t k = 0; loss == LOSE_SOME && k < i->n; k++) {
		if (!i->change[k].cut)
			put_some(out, &i->change[k], r);
		else if (rng_below(r, 2))
			cut_bytes(out, i->change[k].at);
	}
}

/* ---- names ---- */

static void
name_set(struct names *v, const char *path, size_t inode)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->v[i].path, path) == 0) {
			v->v[i].inode = inode;
			return;
		}
	v->v = xreallocarray(v->v, v->n + 1, sizeof(*v->v));
	v->v[v->n++] = (struct name){ xstrdup(path), inode };
}

static void
name_drop(struct names *v, const char *path)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->v[i].path, path) == 0) {
			free(v->v[i].path);
			v->v[i] = v->v[--v->n];
			return;
		}
}

static void
name_do(struct names *v, const struct naming *n)
{
	if (n->op == FAULT_UNLINK) {
		name_drop(v, n->path);
		return;
	}
	if (n->op == FAULT_RENAME)
		name_drop(v, n->path);
	name_set(v, n->op == FAULT_RENAME ? n->to : n->path, n->inode);
}

static void
names_free(struct names *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->v[i].path);
	free(v->v);
}

/* Is path right in this folder? */
static bool
is_in(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/' &&
	    !strchr(path + n + 1, '/');
}

static void
naming_free(struct naming *n)
{
	free(n->path);
	free(n->to);
}

static void
sync_dir(struct disk *d, const char *dir)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n_naming; i++) {
		struct naming *n = &d->naming[i];

		if (!is_in(n->to ? n->to : n->path, dir)) {
			d->naming[kept++] = *n;
			continue;
		}
		name_do(&d->synced, n);
		naming_free(n);
	}
	d->n_naming = kept;
}

static size_t
inode_named(const struct disk *d, const char *path)
{
	for (size_t i = 0; i < d->now.n; i++)
		if (strcmp(d->now.v[i].path, path) == 0)
			return d->now.v[i].inode;
	return NO_INODE;
}

static void
add_naming(struct disk *d, enum fault_op op, const char *path, const char *to,
    size_t inode)
{
	struct naming *n;

	d->naming = xreallocarray(d->naming, d->n_naming + 1,
	    sizeof(*d->naming));
	n = &d->naming[d->n_naming++];
	*n = (struct naming){ op, xstrdup(path), to ? xstrdup(to) : NULL,
		inode };
	name_do(&d->now, n);
}

/* ---- the disk ---- */

struct disk *
disk_new(const char *root)
{
	struct disk *d = xcalloc(1, sizeof(*d));

	d->root = xstrdup(root);
	name_set(&d->synced, root, NO_INODE);
	name_set(&d->now, root, NO_INODE);
	return d;
}

void
disk_free(struct disk *d)
{
	for (size_t i = 0; i < d->n_inode; i++) {
		forget_changes(&d->inode[i]);
		buf_free(&d->inode[i].synced);
		buf_free(&d->inode[i].now);
	}
	for (size_t i = 0; i < d->n_naming; i++)
		naming_free(&d->naming[i]);
	names_free(&d->synced);
	names_free(&d->now);
	buf_free(&d->whole);
	free(d->naming);
	free(d->inode);
	free(d->root);
	free(d);
}

/* The last one of that number: a number is used again. */
static struct inode *
inode_of(struct disk *d, uint64_t number)
{
	for (size_t i = d->n_inode; i-- > 0; )
		if (d->inode[i].number == number)
			return &d->inode[i];
	d->inode = xreallocarray(d->inode, d->n_inode + 1,
	    sizeof(*d->inode));
	d->inode[d->n_inode] = (struct inode){ .number = number };
	return &d->inode[d->n_inode++];
}

static size_t
new_inode(struct disk *d, uint64_t number)
{
	d->inode = xreallocarray(d->inode, d->n_inode + 1,
	    sizeof(*d->inode));
	d->inode[d->n_inode] = (struct inode){ .number = number };
	return d->n_inode++;
}

void
disk_do(struct disk *d, const struct fault *op, const char *text)
{
	switch (op->op) {
	case FAULT_CREATE:
		add_naming(d, FAULT_CREATE, text, NULL,
		    new_inode(d, op->file));
		break;
	case FAULT_MKDIR:
		add_naming(d, FAULT_MKDIR, text, NULL, NO_INODE);
		break;
	case FAULT_UNLINK:
		add_naming(d, FAULT_UNLINK, text, NULL, NO_INODE);
		break;
	case FAULT_RENAME:
		add_naming(d, FAULT_RENAME, text, text + strlen(text) + 1,
		    inode_named(d, text));
		break;
	case FAULT_WRITE:
		add_change(inode_of(d, op->file), false, (uint64_t)op->at,
		    text, op->len);
		break;
	case FAULT_TRUNCATE:
		add_change(inode_of(d, op->file), true, (uint64_t)op->at, "",
		    0);
		break;
	case FAULT_SYNC:
		sync_file(inode_of(d, op->file));
		break;
	case FAULT_SYNC_FAIL:
		forget_changes(inode_of(d, op->file));
		break;
	case FAULT_SYNC_DIR:
		sync_dir(d, text);
		break;
	default:
		break;
	}
}

void
disk_half(struct disk *d, const struct fault *op, const char *text)
{
	struct inode *i = inode_of(d, op->file);

	copy_buf(&d->whole, &i->now);
	put_bytes(&i->now, (uint64_t)op->at, text, op->len);
}

void
disk_back(struct disk *d, const struct fault *op)
{
	copy_buf(&inode_of(d, op->file)->now, &d->whole);
}

/* Is the folder that path is in there, up to the root? */
static bool
is_reachable(const struct disk *d, const struct names *v, const char *path)
{
	char *up = xstrdup(path), *slash = strrchr(up, '/');
	bool there = false;

	*slash = '\0';
	if (strcmp(up, d->root) == 0) {
		free(up);
		return true;
	}
	for (size_t i = 0; i < v->n && !there; i++)
		there = v->v[i].inode == NO_INODE &&
		    strcmp(v->v[i].path, up) == 0;
	there = there && is_reachable(d, v, up);
	free(up);
	return there;
}

size_t
disk_after(struct disk *d, enum loss loss, struct rng *r,
    struct leftover **out)
{
	const struct names *from = loss == LOSE_NOTHING ? &d->now : &d->synced;
	struct names v = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < from->n; i++)
		name_set(&v, from->v[i].path, from->v[i].inode);
	for (size_t i = 0; loss == LOSE_SOME && i < d->n_naming; i++)
		if (rng_below(r, 2))
			name_do(&v, &d->naming[i]);
	*out = xcalloc(v.n + 1, sizeof(**out));
	for (size_t i = 0; i < v.n; i++) {
		if (v.v[i].inode == NO_INODE ||
		    !is_reachable(d, &v, v.v[i].path))
			continue;
		(*out)[n].path = xstrdup(v.v[i].path + strlen(d->root) + 1);
		bytes_after(&d->inode[v.v[i].inode], loss, r,
		    &(*out)[n++].data);
	}
	names_free(&v);
	return n;
}

void
leftovers_free(struct leftover *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].path);
		buf_free(&v[i].data);
	}
	free(v);
}
