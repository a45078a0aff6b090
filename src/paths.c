/* paths.c -- where fikr keeps things, after the XDG base directory
 * specification: a variable that is unset, empty or relative counts as
 * unset. */
#include "paths.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"

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

static int
make_one(const char *dir, struct err *err)
{
	struct stat st;

	if (mkdir(dir, 0700) == 0)
		return 0;
	if (errno == EEXIST && stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	if (errno == EEXIST)
		errno = ENOTDIR;
	return err_set(err, "cannot make the folder %s: %s", dir,
	    strerror(errno));
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

/* A name in the models folder, with or without its ending. */
static char *
named_model(const char *name)
{
	char *dir = path_data("models"), *path = existing(dir, name, F_OK);
	char *full;

	if (!path) {
		full = xasprintf("%s.gguf", name);
		path = existing(dir, full, F_OK);
		free(full);
	}
	free(dir);
	return path;
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
	char *path, *found;

	if (!given || !*given)
		return default_model(err);
	path = expand_home(given);
	if (access(path, F_OK) == 0)
		return path;
	found = strchr(path, '/') ? NULL : named_model(path);
	if (!found)
		err_set(err, "cannot find the model %s: %s; name a GGUF file "
		    "with -m FILE", path, strerror(errno));
	free(path);
	return found;
}
