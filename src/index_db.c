/* index_db.c -- the index's database: opened, made, thrown away. */
#include "index_priv.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "paths.h"

#define APPLICATION 0x66696B72	/* "fikr" */
#define TABLES_VERSION 1		/* of the tables, and of how words are taken
				 * from a text: with another, all is read
				 * again */

static const char schema[] =
	/* what a list shows of each file, as of that size and time */
	"CREATE TABLE convos(id INTEGER PRIMARY KEY, name TEXT UNIQUE, "
	"size INT, mtime INT, created INT, turns INT, title TEXT, "
	"title_by INT, pinned INT, archived INT, tags TEXT, trashed INT, "
	"good INT);"
	"CREATE TABLE parts(id INTEGER PRIMARY KEY, convo INT, turn INT, "
	"role INT, time INT, text TEXT, thinking TEXT);"
	"CREATE INDEX parts_convo ON parts(convo);"
	"CREATE VIRTUAL TABLE said USING fts5(text, thinking, "
	"content='parts', content_rowid='id', columnsize=0, "
	"tokenize='fikr');"
	"CREATE VIRTUAL TABLE titles USING fts5(title, content='convos', "
	"content_rowid='id', columnsize=0, tokenize='fikr');"
	"INSERT INTO said(said, rank) VALUES('hashsize', 8000000);"
	"CREATE TABLE vocab(id INTEGER PRIMARY KEY, words BLOB);"
	"CREATE TABLE store(dir TEXT);";

static const char *const texts[Q_COUNT] = {
	[Q_BEGIN] = "BEGIN IMMEDIATE",
	[Q_COMMIT] = "COMMIT",
	[Q_ROLLBACK] = "ROLLBACK",
	[Q_CONVO] = "SELECT id, size, mtime, title FROM convos WHERE name=?1",
	[Q_CONVO_PUT] = "INSERT INTO convos(name, title) VALUES(?1, '')",
	[Q_CONVO_SEEN] = "UPDATE convos SET size=?2, mtime=?3, created=?4, "
	    "turns=?5, title=?6, title_by=?7, pinned=?8, archived=?9, "
	    "tags=?10, trashed=?11, good=?12 WHERE id=?1",
	[Q_CONVO_DROP] = "DELETE FROM convos WHERE id=?1",
	[Q_PARTS] = "SELECT id, turn, text, thinking FROM parts "
	    "WHERE convo=?1 ORDER BY turn",
	[Q_PART_PUT] = "INSERT INTO parts(convo, turn, role, time, text, "
	    "thinking) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[Q_PART_DROP] = "DELETE FROM parts WHERE id=?1",
	[Q_PART] = "SELECT c.name, p.turn, p.role, p.time, c.title, p.text, "
	    "p.thinking FROM parts p JOIN convos c ON c.id=p.convo "
	    "WHERE p.id=?1",
	[Q_SAID_PUT] = "INSERT INTO said(rowid, text, thinking) "
	    "VALUES(?1, ?2, ?3)",
	[Q_SAID_DROP] = "INSERT INTO said(said, rowid, text, thinking) "
	    "VALUES('delete', ?1, ?2, ?3)",
	[Q_TITLE_PUT] = "INSERT INTO titles(rowid, title) VALUES(?1, ?2)",
	[Q_TITLE_DROP] = "INSERT INTO titles(titles, rowid, title) "
	    "VALUES('delete', ?1, ?2)",
	[Q_TITLE] = "SELECT name, created, title FROM convos WHERE id=?1",
	[Q_FIND_SAID] = "SELECT said.rowid, hits(said), p.time, p.convo, "
	    "p.turn FROM said CROSS JOIN parts p ON p.id=said.rowid "
	    "WHERE said MATCH ?1 ORDER BY said.rowid DESC LIMIT ?2",
	[Q_FIND_TITLES] = "SELECT titles.rowid, hits(titles), c.mtime / "
	    "1000000, c.id, 0 FROM titles CROSS JOIN convos c "
	    "ON c.id=titles.rowid WHERE titles MATCH ?1 "
	    "ORDER BY titles.rowid DESC LIMIT ?2",
	[Q_ANY] = "SELECT EXISTS(SELECT 1 FROM said WHERE said MATCH ?1) OR "
	    "EXISTS(SELECT 1 FROM titles WHERE titles MATCH ?1)",
	[Q_VOCAB] = "SELECT words FROM vocab ORDER BY id",
	[Q_VOCAB_PUT] = "INSERT INTO vocab(words) VALUES(?1)",
	[Q_VOCAB_CLEAR] = "DELETE FROM vocab",
	[Q_CONVOS] = "SELECT name, size, mtime, created, turns, title, "
	    "title_by, pinned, archived, tags, trashed, good FROM convos",
	[Q_VERSION] = "PRAGMA data_version",
};

static bool
is_busy(int code)
{
	return (code & 0xFF) == SQLITE_BUSY || (code & 0xFF) == SQLITE_LOCKED;
}

sqlite3_stmt *
index_stmt(struct index *ix, enum stmt which)
{
	sqlite3_stmt **st = &ix->stmts[which];
	int code;

	if (!ix->db || ix->broken)
		return NULL;
	if (*st) {
		sqlite3_reset(*st);
		return *st;
	}
	code = sqlite3_prepare_v3(ix->db, texts[which], -1,
	    SQLITE_PREPARE_PERSISTENT, st, NULL);
	if (code != SQLITE_OK && !is_busy(code))
		ix->broken = true;
	return code == SQLITE_OK ? *st : NULL;
}

int
index_step(struct index *ix, sqlite3_stmt *st)
{
	int code = sqlite3_step(st);

	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return code == SQLITE_ROW;
	if (!is_busy(code))
		ix->broken = true;
	return -1;
}

int
index_run(struct index *ix, sqlite3_stmt *st)
{
	int r = st ? index_step(ix, st) : -1;

	if (st)
		sqlite3_reset(st);
	return r < 0 ? -1 : 0;
}

int
index_exec(struct index *ix, const char *sql)
{
	int code = ix->db ? sqlite3_exec(ix->db, sql, NULL, NULL, NULL) :
	    SQLITE_ERROR;

	if (code != SQLITE_OK && !is_busy(code))
		ix->broken = true;
	return code == SQLITE_OK ? 0 : -1;
}

/* ---- opening ---- */

static int
pragma_int(sqlite3 *db, const char *sql, int *v)
{
	sqlite3_stmt *st = NULL;
	int r = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW) {
		*v = sqlite3_column_int(st, 0);
		r = 0;
	}
	sqlite3_finalize(st);
	return r;
}

/* Of the store that is to be searched? */
static bool
is_of_store(struct index *ix)
{
	sqlite3_stmt *st = NULL;
	const char *dir;
	bool yes = false;

	if (sqlite3_prepare_v2(ix->db, "SELECT dir FROM store", -1, &st,
	    NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
		dir = (const char *)sqlite3_column_text(st, 0);
		yes = dir && strcmp(dir, ix->store->dir) == 0;
	}
	sqlite3_finalize(st);
	return yes;
}

static int
make_tables(struct index *ix)
{
	char *sql = sqlite3_mprintf("BEGIN IMMEDIATE; %s "
	    "INSERT INTO store(dir) VALUES(%Q); PRAGMA application_id=%d; "
	    "PRAGMA user_version=%d; COMMIT", schema, ix->store->dir,
	    APPLICATION, TABLES_VERSION);
	int r = sql ? index_exec(ix, sql) : -1;

	sqlite3_free(sql);
	if (r < 0)
		sqlite3_exec(ix->db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

/* 0: usable; -1: not, and has to be made anew, unless *busy. */
static int
check_tables(struct index *ix, bool *busy)
{
	int app, version, code;

	if (pragma_int(ix->db, "PRAGMA application_id", &app) < 0 ||
	    pragma_int(ix->db, "PRAGMA user_version", &version) < 0) {
		code = sqlite3_errcode(ix->db);
		*busy = is_busy(code);
		return -1;
	}
	if (app == 0 && version == 0 && make_tables(ix) == 0)
		return 0;
	if (pragma_int(ix->db, "PRAGMA user_version", &version) < 0)
		return -1;
	/* Another fikr may just have made them. */
	return version == TABLES_VERSION && is_of_store(ix) ? 0 : -1;
}

/* Deleted pages are overwritten, so that what is forgotten is gone.  It can be
 * made again, so a crash may cost what was not synced. */
static const char settings[] = "PRAGMA secure_delete=ON; "
	"PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; "
	"PRAGMA cache_size=-16000; PRAGMA wal_autocheckpoint=2000";

static int
open_at(struct index *ix, const char *path, bool *busy)
{
	ix->broken = false;
	if (sqlite3_open_v2(path, &ix->db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return -1;
	sqlite3_busy_timeout(ix->db, INDEX_BUSY_MS);
	/* Nothing in a damaged file may make SQLite do what was not asked. */
	sqlite3_db_config(ix->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(ix->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (sqlite3_exec(ix->db, settings, NULL, NULL, NULL) != SQLITE_OK) {
		*busy = is_busy(sqlite3_errcode(ix->db));
		return -1;
	}
	/* Readers beside a writer; where that cannot be, without. */
	sqlite3_exec(ix->db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
	if (index_fts_register(ix) < 0)
		return -1;
	return check_tables(ix, busy);
}

void
index_db_close(struct index *ix)
{
	for (int i = 0; i < Q_COUNT; i++) {
		sqlite3_finalize(ix->stmts[i]);
		ix->stmts[i] = NULL;
	}
	sqlite3_close_v2(ix->db);
	ix->db = NULL;
	vocab_free(&ix->vocab);
}

void
index_files_remove(const char *path)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char *name = xasprintf("%s%s", path, ends[i]);

		unlink(name);
		free(name);
	}
}

/* Make the file, private from its first moment on. */
static int
make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static void
open_memory(struct index *ix)
{
	bool busy = false;

	index_db_close(ix);
	free(ix->path);
	ix->path = NULL;
	open_at(ix, ":memory:", &busy);
}

void
index_db_open(struct index *ix)
{
	bool busy = false;

	for (int i = 0; i < 2 && ix->path; i++) {
		if (make_file(ix->path) < 0)
			break;
		if (open_at(ix, ix->path, &busy) == 0)
			return;
		index_db_close(ix);
		if (busy)
			break;
		index_files_remove(ix->path);
	}
	open_memory(ix);
}

void
index_db_reset(struct index *ix)
{
	index_db_close(ix);
	if (ix->path)
		index_files_remove(ix->path);
	if (ix->resets++ == 0)
		index_db_open(ix);
	else
		open_memory(ix);
}

/* ---- public ---- */

struct index *
index_open(const struct store *store)
{
	struct index *ix = xcalloc(1, sizeof(*ix));
	char *dir = path_cache(NULL);

	ix->store = store;
	/* What is encrypted must not be written in the clear. */
	if (!store->vault && path_make_dir(dir, NULL) == 0)
		ix->path = path_cache("index.sqlite");
	free(dir);
	index_db_open(ix);
	return ix;
}

void
index_close(struct index *ix)
{
	if (!ix)
		return;
	index_db_close(ix);
	free(ix->stale);
	free(ix->path);
	free(ix);
}
