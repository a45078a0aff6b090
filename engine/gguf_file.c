/* gguf_file.c -- the files under a GGUF model: mapped, watched over, and
 * asked whether they are still whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gguf_priv.h"
#include "mapguard.h"
#include "sum64.h"

static int
map_part(struct gpart *p, struct err *err)
{
	void *map = mmap(NULL, (size_t)p->bytes, PROT_READ, MAP_SHARED, p->fd,
	    0);

	if (map == MAP_FAILED)
		return err_set(err, "cannot map the model %s into memory: %s",
		    p->path, strerror(errno));
	p->map = map;
	p->guard = mapguard_add(map, (size_t)p->bytes);
	if (p->guard < 0)
		return err_set(err, "cannot open the model %s: too many "
		    "model files are open already", p->path);
	return 0;
}

int
gpart_open(struct gpart *p, struct err *err)
{
	struct stat st;

	p->guard = -1;
	/* without waiting, should the path be a pipe that nobody writes */
	p->fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (p->fd < 0)
		return err_set(err, "cannot open the model %s: %s", p->path,
		    strerror(errno));
	if (fstat(p->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, "%s is not a file; give the path of a "
		    ".gguf file", p->path);
	p->bytes = st.st_size;
	return p->bytes > 0 ? map_part(p, err) : 0;
}

void
gpart_done(struct gpart *p)
{
	mapguard_remove(p->guard);
	if (p->map != NULL)
		munmap((void *)(uintptr_t)p->map, (size_t)p->bytes);
	if (p->fd >= 0)
		close(p->fd);
	free(p->path);
}

int
gguf_whole(const struct gguf *g, struct err *err)
{
	struct stat st;
	int i;

	for (i = 0; i < g->n_parts; i++) {
		const struct gpart *p = &g->parts[i];

		if (p->map == NULL)
			continue;
		if (mapguard_hit(p->guard) || fstat(p->fd, &st) < 0 ||
		    st.st_size < p->bytes)
			return err_set(err, "the model file %s was cut short "
			    "while in use; put the whole file back and load "
			    "it again", p->path);
	}
	return 0;
}

uint64_t
gguf_stamp(const struct gguf *g)
{
	struct sum64 sum;

	sum64_init(&sum);
	for (int i = 0; i < g->n_parts; i++) {
		struct stat st = { .st_size = 0 };
		uint64_t v[7];

		fstat(g->parts[i].fd, &st);
		v[0] = (uint64_t)st.st_dev;
		v[1] = (uint64_t)st.st_ino;
		v[2] = (uint64_t)st.st_size;
		v[3] = (uint64_t)st.st_mtim.tv_sec;
		v[4] = (uint64_t)st.st_mtim.tv_nsec;
		v[5] = (uint64_t)st.st_ctim.tv_sec;
		v[6] = (uint64_t)st.st_ctim.tv_nsec;
		sum64_add(&sum, v, sizeof v);
	}
	return sum64_end(&sum);
}
