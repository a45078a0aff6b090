/* import.c -- conversations out of other programs' files: which format it is,
 * what was imported before, and each conversation into the store. */
#include "import.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "clock.h"
#include "event.h"
#include "fnv.h"
#include "i18n.h"
#include "import_priv.h"
#include "journal.h"
#include "journal_path.h"
#include "utf8.h"
#include "copy.h"

#define BATCH 200		/* conversations that are synced together */
#define HEAD_BYTES 8192		/* holds the header, sealed too */

struct format {
	const char *name;	/* in origins */
	import_reader *read;
};

static const struct format fikr = { "fikr", import_fikr },
    chatgpt = { "chatgpt", import_chatgpt },
    deepseek = { "deepseek", import_deepseek },
    openwebui = { "openwebui", import_openwebui };

/* ---- which format ---- */

/* DeepSeek's messages have fragments, or what ChatGPT's have not. */
static bool
is_deepseek(const json_t *from)
{
	json_t *map = json_object_get(from, "mapping"), *v;
	const char *id;

	if (json_object_get(from, "inserted_at"))
		return true;
	json_object_foreach(map, id, v) {
		const json_t *m = json_object_get(v, "message");

		if (json_is_object(m))
			return json_object_get(m, "fragments") ||
			    json_object_get(m, "inserted_at") ||
			    json_is_string(json_object_get(m, "content"));
	}
	return false;
}

static const struct format *
format_of(const json_t *from)
{
	const json_t *chat = json_object_get(from, "chat");

	if (json_is_array(json_object_get(from, "turns")))
		return &fikr;
	if (json_is_object(json_object_get(from, "mapping")))
		return is_deepseek(from) ? &deepseek : &chatgpt;
	if (json_is_object(json_object_get(json_object_get(chat ? chat : from,
	    "history"), "messages")))
		return &openwebui;
	return NULL;
}

/* The conversations of a file: a list, a list within an object, or one. */
static json_t *
conversations(json_t *all, const char *name, struct err *err)
{
	json_t *v = json_object_get(all, "conversations");
	const json_t *version = json_object_get(all, "version");

	if (v && version && strcmp(json_word(all, "format"), "fikr") == 0 &&
	    json_number_value(version) != 1) {
		err_set(err, "%s was exported by a newer fikr; update this "
		    "one to import it", name);
		return NULL;
	}
	if (json_is_array(all) || json_is_array(v))
		return json_incref(json_is_array(all) ? all : v);
	if (format_of(all)) {
		v = json_array();
		json_array_append(v, all);
		return v;
	}
	err_set(err, "%s is no export of fikr, ChatGPT, DeepSeek or Open "
	    "WebUI", name);
	return NULL;
}

/* ---- what is here already ---- */

/* What the conversation of a file is a copy of, or NULL; caller frees. */
static char *
origin_of(const struct store *store, const char *id)
{
	char *path = journal_path(store->dir, id, ".yaml");
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct convo *c = convo_new_as(id, 0);
	struct buf room = { 0 };
	char head[HEAD_BYTES], *origin;
	ssize_t n = fd < 0 ? 0 : read(fd, head, sizeof(head));
	struct event_span s;
	size_t pos = 0;

	/* In an encrypted store the second document is the header. */
	for (int i = 0; i < 2 && !c->origin && n > 0 &&
	    event_next(head, (size_t)n, &pos, &s); i++) {
		int turn;

		event_unseal(store->vault, id, &s, &room);
		if (event_peek(&s, &turn) == EVENT_HEADER)
			event_apply(c, &s);
	}
	if (fd >= 0)
		close(fd);
	buf_free(&room);
	free(path);
	origin = xstrdup(c->origin);
	convo_free(c);
	return origin;
}

/* A set of origins; each conversation is also its own. */
static json_t *
known_origins(const struct store *store, struct err *err)
{
	json_t *set = json_object();
	struct journal_file *v;
	int n = journal_files(store->dir, &v, err);

	for (int i = 0; i < n; i++) {
		char *self = xasprintf("fikr:%s", v[i].id);
		char *origin = origin_of(store, v[i].id);

		json_object_set_new(set, self, json_true());
		if (origin)
			json_object_set_new(set, origin, json_true());
		free(self);
		free(origin);
	}
	free(v);
	if (n < 0)
		json_decref(set);
	return n < 0 ? NULL : set;
}

/* How many bytes of s are at most max, and whole characters. */
static int
cut(const char *s, size_t max)
{
	size_t n = strlen(s);

	return (int)(n > max ? max - utf8_tail(s, max) : n);
}

static char *
make_origin(const struct format *f, const json_t *from)
{
	const char *id = json_word(from, "conversation_id");
	char *first, *origin;
	uint64_t sum;

	if (!*id)
		id = json_word(from, "id");
	if (*id)
		return xasprintf("%s:%.*s", f->name, cut(id, 200), id);
	first = json_dumps(from, JSON_COMPACT | JSON_ENCODE_ANY);
	sum = fnv_more(FNV_START, first ? first : "", first ? strlen(first) :
	    0);
	origin = xasprintf("%s:%016" PRIx64, f->name, sum);
	free(first);
	return origin;
}

/* ---- one conversation ---- */

static int64_t
first_moment(const json_t *from, const struct convo *c)
{
	static const char *const keys[] = { "created", "create_time",
		"inserted_at", "created_at", "timestamp" };
	int64_t t = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys) && !t; i++)
		t = json_moment(from, keys[i]);
	if (!t)
		t = json_moment(json_object_get(from, "chat"), "timestamp");
	for (size_t i = 0; i < c->n && !t; i++)
		t = c->turns[i]->t_start;
	return t ? t : clock_wall_ms();
}

/* Its id, time and title.  fikr's own keep the id that they had, unless there
 * is to be another one. */
static struct convo *
name_convo(const json_t *from, const struct format *f, struct convo *c,
    bool renew)
{
	const char *id = json_word(from, "id");
	const char *title = json_word(from, "title");
	struct convo *named = convo_new(first_moment(from, c));

	if (f == &fikr && !renew && journal_id_valid(id))
		memcpy(named->id, id, strlen(id) + 1);
	memcpy(c->id, named->id, sizeof(c->id));
	c->created = named->created;
	convo_free(named);
	convo_set_title(c, *title ? title :
	    json_word(json_object_get(from, "chat"), "title"));
	if (f != &fikr)
		c->title_by = *c->title ? TITLE_MODEL : TITLE_FIRST;
	convo_auto_title(c);
	return c;
}

struct work {
	const struct import_opts *o;
	struct import_total *total;
	json_t *known;
	struct copies batch;	/* not there yet */
	size_t at, n;
};

static void
tell(struct work *w, enum import_state state, const struct convo *c,
    const char *why)
{
	struct import_item item = { state, c, why, w->at, w->n };

	w->total->done += state == IMPORT_DONE;
	w->total->known += state == IMPORT_KNOWN;
	w->total->bad += state == IMPORT_BAD;
	if (w->o->told)
		w->o->told(&item, w->o->ud);
}

static void
tell_bad(struct work *w, const json_t *from, const char *why)
{
	const char *title = json_word(from, "title");
	char *clean;
	struct err err;

	if (!*title)
		title = json_word(json_object_get(from, "chat"), "title");
	clean = convo_clean_title(title);
	if (*clean)
		err_set(&err, "conversation %zu, “%.*s”: %s", w->at,
		    cut(clean, 100), clean, why);
	else
		err_set(&err, "conversation %zu: %s", w->at, why);
	tell(w, IMPORT_BAD, NULL, err.text);
	free(clean);
}

/* Into the store.  -1 only when that cannot be written. */
static int
store_one(struct work *w, const json_t *from, const struct format *f,
    struct convo *c, const char *origin, bool known, const char *notice,
    struct err *err)
{
	int r;

	name_convo(from, f, c, known);
	if (f != &fikr || strcmp(c->id, json_word(from, "id")) != 0) {
		free(c->origin);
		c->origin = xstrdup(origin);
	}
	r = copy_draft(w->o->store, c, &w->batch, err);
	if (r == COPY_TOO_LARGE)
		tell_bad(w, from, err->text);
	if (r != 0)
		return r == COPY_TOO_LARGE ? 0 : -1;
	tell(w, IMPORT_DONE, c, *notice ? notice : NULL);
	json_object_set_new(w->known, origin, json_true());
	return 0;
}

static int
take_one(struct work *w, const json_t *from, struct err *err)
{
	const struct format *f = format_of(from);
	struct convo *c = convo_new_as("", 0);
	struct err notice = { "" }, why;
	char *origin = f ? make_origin(f, from) : NULL;
	bool known = f && json_object_get(w->known, origin);
	int r = 0;

	if (!f)
		tell_bad(w, from, _("it is of no format that is known"));
	else if (f->read(from, c, &notice, &why) < 0)
		tell_bad(w, from, why.text);
	else if (known && !w->o->again)
		tell(w, IMPORT_KNOWN, name_convo(from, f, c, false), NULL);
	else
		r = store_one(w, from, f, c, origin, known, notice.text, err);
	free(origin);
	convo_free(c);
	return r;
}

/* What is on its way is there then, or did not come. */
static int
finish_batch(struct work *w, struct err *err)
{
	size_t n = w->batch.n;
	int r = copies_finish(w->o->store, &w->batch, err);

	if (r < 0)
		w->total->done -= n;
	return r;
}

static int
take_all(struct work *w, json_t *list, struct err *err)
{
	struct err late;
	int r = 0;

	w->n = json_array_size(list);
	for (size_t i = 0; i < w->n && r == 0; i++) {
		w->at = i + 1;
		r = take_one(w, json_array_get(list, i), err);
		/* Its memory is needed for the rest. */
		json_array_set_new(list, i, json_null());
		if (r == 0 && w->batch.n >= BATCH)
			r = finish_batch(w, err);
	}
	if (finish_batch(w, r == 0 ? err : &late) < 0)
		r = -1;
	return r;
}

int
import_file(FILE *f, const char *name, const struct import_opts *o,
    struct import_total *total, struct err *err)
{
	struct work w = { .o = o, .total = total };
	json_t *all = import_read(f, name, o, err);
	json_t *list = all ? conversations(all, name, err) : NULL;
	int r = -1;

	json_decref(all);
	if (list)
		w.known = known_origins(o->store, err);
	if (w.known)
		r = take_all(&w, list, err);
	json_decref(w.known);
	json_decref(list);
	return r;
}
