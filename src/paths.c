/* paths.c -- where fikr keeps things, after the XDG base directory
 * specification: a variable that is unset, empty or relative counts as
 * unset. */
#include "paths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "files.h"

#ifndef PKGDATADIR
#define PKGDATADIR "/usr/local/share/fikr"
#endif
#ifndef PKGLIBEXECDIR
#define PKGLIBEXECDIR "/usr/local/libexec/fikr"
#endif

/* The home folder; "/" when nobody knows it, so that whoever tries to write
 * there gets a plain error with the path in it. */
static const char *
home(void)
{
	const char *h = getenv("HOME");
	const struct passwd *pw;

	if (h && h[0] == '/')
		return h;
	pw = getpwuid(getuid());
	return pw && pw->pw_dir && pw->pw_dir[0] == '/' ? pw->pw_dir : "/";
}

static char *
join(const char *dir, const char *name)
{
	size_t n = strlen(dir);

	if (!name)
		return xstrdup(dir);
	return xasprintf("%s%s%s", dir, n && dir[n - 1] == '/' ? "" : "/",
	    name);
}

static char *
xdg(const char *var, const char *fallback, const char *name)
{
	const char *base = getenv(var);
	char *dir, *path;

	if (base && base[0] == '/') {
		dir = join(base, "fikr");
	} else {
		char *under = join(home(), fallback);

		dir = join(under, "fikr");
		free(under);
	}
	path = join(dir, name);
	free(dir);
	return path;
}

char *
path_config(const char *name)
{
	return xdg("XDG_CONFIG_HOME", ".config", name);
}

char *
path_data(const char *name)
{
	return xdg("XDG_DATA_HOME", ".local/share", name);
}

char *
path_state(const char *name)
{
	return xdg("XDG_STATE_HOME", ".local/state", name);
}

char *
path_cache(const char *name)
{
	return xdg("XDG_CACHE_HOME", ".cache", name);
}

/* The folder of the running executable, or NULL. */
static char *
exe_dir(void)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	char *slash;

	if (n <= 0)
		return NULL;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	return xstrdup(exe);
}

/* dir/name if it is there and mode (of access(2)) is allowed, else NULL. */
static char *
existing(const char *dir, const char *name, int mode)
{
	char *path = join(dir, name);

	if (access(path, mode) == 0)
		return path;
	free(path);
	return NULL;
}

char *
path_libexec(const char *program)
{
	char *dir = exe_dir(), *path = NULL;

	if (dir)
		path = existing(dir, program, X_OK);
	free(dir);
	return path ? path : existing(PKGLIBEXECDIR, program, X_OK);
}

/* The build tree lies in a folder of the source tree. */
char *
path_share(const char *name)
{
	const char *given = getenv("FIKR_SHARE");
	char *dir = exe_dir(), *up, *path = NULL;

	if (given && *given)
		path = existing(given, name, R_OK);
	if (!path && dir)
		path = existing(dir, name, R_OK);
	if (!path && dir) {
		up = join(dir, "..");
		path = existing(up, name, R_OK);
		free(up);
	}
	free(dir);
	return path ? path : existing(PKGDATADIR, name, R_OK);
}

/* The folder that dir is in shall know it after a loss of power, too.  If it
 * cannot be told, there is still the folder. */
static void
sync_parent(const char *dir)
{
	const char *slash = strrchr(dir, '/');
	char *up = xstrndup(dir, slash > dir ? (size_t)(slash - dir) : 1);

	files_sync_dir(slash ? up : ".");
	free(up);
}

static int
make_one(const char *dir, struct err *err)
{
	struct stat st;

	if (mkdir(dir, 0700) == 0) {
		sync_parent(dir);
		return 0;
	}
	if (errno == EEXIST && stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	if (errno == EEXIST)
		errno = ENOTDIR;
	return err_set(err, "cannot make the folder %s: %s", dir,
	    strerror(errno));
}

char *
path_given(const char *s)
{
	if (s[0] == '~' && (s[1] == '/' || !s[1]))
		return xasprintf("%s%s", home(), s + 1);
	return xstrdup(s);
}

int
path_make_dir(const char *dir, struct err *err)
{
	char *path, *p;
	int ret = 0;

	if (access(dir, W_OK | X_OK) == 0)
		return make_one(dir, err);
	path = xstrdup(dir);
	for (p = path + 1; ret == 0 && (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (access(path, F_OK) < 0)
			ret = make_one(path, err);
		*p = '/';
	}
	if (ret == 0)
		ret = make_one(path, err);
	free(path);
	return ret;
}

/* ---- models ----------------------------------------------------------- */

/* "~/x" as a config file may say it. */
static char *
expand_home(const char *s)
{
	return s[0] == '~' && s[1] == '/' ? join(home(), s + 2) : xstrdup(s);
}

/* The length of "-00001-of-000NN" at the end of s[n], or 0.  first: of a part
 * with that number alone. */
static size_t
part_suffix(const char *s, size_t n, bool first)
{
	static const char shape[] = "-00000-of-00000";
	size_t len = sizeof shape - 1;

	if (n < len)
		return 0;
	s += n - len;
	for (size_t i = 0; i < len; i++)
		if (shape[i] == '0' ? s[i] < '0' || s[i] > '9' :
		    s[i] != shape[i])
			return 0;
	return first && memcmp(s, "-00001", 6) != 0 ? 0 : len;
}

/* n without a ".gguf" at the end of s[n]. */
static size_t
without_ending(const char *s, size_t n)
{
	return n > 5 && strncasecmp(s + n - 5, ".gguf", 5) == 0 ? n - 5 : n;
}

char *
path_model_name(const char *path)
{
	const char *base = strrchr(path, '/');
	size_t n, part;

	base = base ? base + 1 : path;
	n = without_ending(base, strlen(base));
	part = part_suffix(base, n, false);
	return xstrndup(base, part < n ? n - part : n);
}

static bool
is_first_part(const char *file, const char *name, size_t n_name)
{
	size_t n = without_ending(file, strlen(file));
	size_t part = n < strlen(file) ? part_suffix(file, n, true) : 0;

	return part && n - part == n_name && memcmp(file, name, n_name) == 0;
}

/* The first part of a model in the folder, or NULL; of several sets of parts,
 * the first by name. */
static char *
first_part(const char *dir, const char *name)
{
	size_t n = without_ending(name, strlen(name));
	char *best = NULL, *path;
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d))) {
		if (!is_first_part(e->d_name, name, n) ||
		    (best && strcmp(best, e->d_name) < 0))
			continue;
		free(best);
		best = xstrdup(e->d_name);
	}
	if (d)
		closedir(d);
	path = best ? join(dir, best) : NULL;
	free(best);
	return path;
}

/* A file of a folder, with or without its ".gguf". */
static char *
named_file(const char *dir, const char *name)
{
	char *path = existing(dir, name, F_OK), *full;

	if (!path) {
		full = xasprintf("%s.gguf", name);
		path = existing(dir, full, F_OK);
		free(full);
	}
	return path;
}

static char *
named_model(const char *name)
{
	char *dir = path_data("models"), *path = named_file(dir, name);

	if (!path)
		path = first_part(dir, name);
	free(dir);
	return path;
}

/* A path that names a model in parts as if it were one file. */
static char *
model_in_parts(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? xstrndup(path, (size_t)(slash - path) + 1) :
	    xstrdup("./");
	char *found = first_part(dir, slash ? slash + 1 : path);

	free(dir);
	return found;
}

static char *
default_model(struct err *err)
{
	char *path = path_data("models/" DEFAULT_MODEL_FILE);

	if (access(path, F_OK) == 0)
		return path;
	err_set(err, "there is no model at %s; fetch it with ./run in fikr's "
	    "source folder, or name a GGUF file with -m FILE", path);
	free(path);
	return NULL;
}

char *
path_model(const char *given, struct err *err)
{
	char *path, *found, *dir;
	int why;

	if (!given || !*given)
		return default_model(err);
	path = expand_home(given);
	if (access(path, F_OK) == 0)
		return path;
	why = errno;
	found = strchr(path, '/') ? NULL : named_model(path);
	if (!found)
		found = model_in_parts(path);
	if (!found) {
		dir = path_data("models");
		err_set(err, "cannot find the model %s: %s; name a GGUF file "
		    "with -m FILE, or put it into %s", path, strerror(why),
		    dir);
		free(dir);
	}
	free(path);
	return found;
}

char *
path_adapter(const char *given, struct err *err)
{
	char *path = expand_home(given), *found = NULL, *dir;
	int why;

	if (access(path, F_OK) == 0)
		return path;
	why = errno;
	dir = path_data("adapters");
	if (!strchr(path, '/'))
		found = named_file(dir, path);
	if (!found)
		err_set(err, "cannot find the adapter %s: %s; name a GGUF file "
		    "with --lora FILE, or put it into %s", path, strerror(why),
		    dir);
	free(dir);
	free(path);
	return found;
}

/* What has an ending is a file, what has none a name. */
static char *
named_format(const char *name)
{
	char *dir = path_config("chat-formats");
	char *path = existing(dir, name, F_OK), *file;

	if (!path) {
		file = xasprintf("%s.yaml", name);
		path = existing(dir, file, F_OK);
		free(file);
	}
	if (!path && strchr(name, '.') && access(name, F_OK) == 0)
		path = join(".", name);
	free(dir);
	return path ? path : xstrdup(name);
}

char *
path_chat_format(const char *given, struct err *err)
{
	char *path = expand_home(given), *found;

	if (!strchr(path, '/')) {
		found = named_format(path);
		free(path);
		return found;
	}
	if (access(path, R_OK) == 0)
		return path;
	err_set(err, "cannot read the chat format %s: %s", path,
	    strerror(errno));
	free(path);
	return NULL;
}
