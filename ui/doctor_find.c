/* doctor_find.c -- language, machine and files. */
#include "doctor.h"

#include <dirent.h>
#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "i18n.h"
#include "journal_path.h"
#include "keymap.h"
#include "lang.h"
#include "paths.h"
#include "personas.h"
#include "theme_file.h"
#include "vault.h"

#define LINE_MAX_ 8192

/* ---- language ---- */

void
doctor_language(struct facts *f)
{
	static const char *const group = N_("language");
	const char *missing = lang_missing(), *header = gettext("");
	const char *code = nl_langinfo(CODESET);

	if (missing)
		fact(f, FACT_ODD, group, N_("locale"), _("%s, which is not "
		    "installed; C.UTF-8 is used"), missing);
	else
		fact(f, FACT_FINE, group, N_("locale"), "%s", lang_wanted());
	fact(f, strcmp(code, "UTF-8") == 0 ? FACT_FINE : FACT_ODD, group,
	    N_("characters"), "%s", code);
	fact(f, FACT_FINE, group, N_("catalogue"), "%s", *header ?
	    _("one for this language") : _("none: the interface is English"));
}

/* ---- machine ---- */

/* The value of a line "key : value" of a file in /proc, into out. */
static bool
proc_value(const char *path, const char *key, char *out, size_t size)
{
	FILE *file = fopen(path, "re");
	char line[LINE_MAX_];
	size_t n = strlen(key);
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		char *s = line + n;

		if (strncmp(line, key, n) != 0)
			continue;
		s += strspn(s, " \t:");
		s[strcspn(s, "\n")] = '\0';
		snprintf(out, size, "%s", s);
		found = true;
	}
	if (file)
		fclose(file);
	return found;
}

static bool
has_flag(const char *flags, const char *flag)
{
	size_t n = strlen(flag);

	for (const char *s = flags; (s = strstr(s, flag)) != NULL; s += n)
		if ((s == flags || s[-1] == ' ') &&
		    (s[n] == ' ' || s[n] == '\0'))
			return true;
	return false;
}

/* As the worker picks them, by the same flags. */
static const char *
family(const char *flags)
{
	bool avx2 = has_flag(flags, "avx2") && has_flag(flags, "fma") &&
	    has_flag(flags, "f16c");
	bool avx512 = avx2 && has_flag(flags, "avx512f") &&
	    has_flag(flags, "avx512bw") && has_flag(flags, "avx512vl") &&
	    has_flag(flags, "avx512dq") && has_flag(flags, "avx512_vnni");

	if (avx512 && has_flag(flags, "amx_tile") &&
	    has_flag(flags, "amx_bf16") && has_flag(flags, "amx_int8"))
		return "amx";
	return avx512 ? "avx512" : avx2 ? "avx2" : "scalar";
}

void
doctor_machine(struct facts *f)
{
	static const char *const group = N_("machine");
	const char *forced = getenv("FIKR_CPU");
	char text[LINE_MAX_], left[64];

	if (proc_value("/proc/cpuinfo", "model name", text, sizeof(text)))
		fact(f, FACT_FINE, group, N_("processor"), "%s", text);
	fact(f, FACT_FINE, group, N_("cores"), "%ld",
	    sysconf(_SC_NPROCESSORS_ONLN));
	if (forced && *forced)
		fact(f, FACT_ODD, group, N_("kernels"), "%s (FIKR_CPU)",
		    forced);
	else if (proc_value("/proc/cpuinfo", "flags", text, sizeof(text)))
		fact(f, FACT_FINE, group, N_("kernels"), "%s", family(text));
	if (proc_value("/proc/meminfo", "MemTotal", text, sizeof(text)) &&
	    proc_value("/proc/meminfo", "MemAvailable", left, sizeof(left)))
		fact(f, FACT_FINE, group, N_("memory"),
		    _("%.1f GB, of which %.1f GB are free"),
		    strtod(text, NULL) / 1e6, strtod(left, NULL) / 1e6);
}

/* ---- files ---- */

#define FILES N_("files")

static void
tell_model(struct facts *f, const struct conf *c)
{
	struct err err;
	struct stat st;
	char *path = path_model(c->load.model, &err);

	if (path == NULL || stat(path, &st) < 0)
		fact(f, FACT_MISSING, FILES, N_("model"), "%s", path ?
		    strerror(errno) : err.text);
	else
		fact(f, FACT_FINE, FILES, N_("model"), _("%s, %.2f GB"), path,
		    (double)st.st_size / 1e9);
	free(path);
}

static void
tell_models(struct facts *f)
{
	char *dir = path_data("models");
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);

		if (len > 5 && strcmp(e->d_name + len - 5, ".gguf") == 0)
			n++;
	}
	if (d)
		closedir(d);
	fact(f, FACT_FINE, FILES, N_("models"),
	    ngettext("%d in %s", "%d in %s", (unsigned long)n), n, dir);
	free(dir);
}

static void
tell_worker(struct facts *f)
{
	const char *own = getenv("FIKR_WORKER");
	char *path = own && *own ? xstrdup(own) : path_libexec("fikr-worker");

	if (path == NULL || access(path, X_OK) < 0)
		fact(f, FACT_MISSING, FILES, N_("worker"), "%s", path ? path :
		    _("fikr-worker is not installed beside fikr"));
	else
		fact(f, FACT_FINE, FILES, N_("worker"), "%s", path);
	free(path);
}

/* A file of settings: fine, absent, or wrong. */
static void
tell_settings(struct facts *f, const char *name, const char *path,
    const char *why)
{
	if (*why)
		fact(f, FACT_MISSING, FILES, name, "%s", why);
	else if (access(path, F_OK) < 0)
		fact(f, FACT_FINE, FILES, name, _("%s is not there: the "
		    "defaults count"), path);
	else
		fact(f, FACT_FINE, FILES, name, _("%s is valid"), path);
}

static void
tell_keys(struct facts *f)
{
	char *path = path_config("keys.yaml");
	struct err err = { "" };
	struct keymap m = { 0 };

	keymap_init(&m);
	keymap_load(&m, path, &err);
	tell_settings(f, N_("keys"), path, err.text);
	keymap_done(&m);
	free(path);
}

static void
tell_personas(struct facts *f)
{
	char *path = path_config("personas.yaml");
	struct err err = { "" };
	struct personas p = { 0 };

	if (personas_load(&p, &err) == 0)
		personas_done(&p);
	tell_settings(f, N_("personas"), path, err.text);
	free(path);
}

static void
tell_theme(struct facts *f, const struct conf *c)
{
	struct theme t;
	struct err err = { "" };

	if (theme_load(&t, c->theme, -1, &err) < 0)
		fact(f, FACT_MISSING, FILES, N_("theme"), "%s", err.text);
	else
		fact(f, FACT_FINE, FILES, N_("theme"), "%s", c->theme);
}

/* Those of the person: fikr's own are tested. */
static void
tell_themes(struct facts *f)
{
	char **names, *dir = path_config("themes");
	size_t n = theme_list(&names);

	for (size_t i = 0; i < n; i++) {
		struct theme t = { .name = "" };
		struct err err = { "" };
		char *path = theme_path(names[i]);

		if (path && strncmp(path, dir, strlen(dir)) == 0) {
			theme_read(&t, path, theme_first_problem, &err);
			tell_settings(f, N_("theme of your own"), path,
			    err.text);
		}
		free(path);
	}
	theme_list_free(names, n);
	free(dir);
}

/* Where a folder is not there yet, the first one above it that is must take a
 * new one. */
static bool
can_write(const char *dir)
{
	char *path = xstrdup(dir), *slash;
	bool yes;

	while (access(path, F_OK) < 0 &&
	    (slash = strrchr(path, '/')) != NULL && slash > path)
		*slash = '\0';
	yes = access(path, W_OK | X_OK) == 0;
	free(path);
	return yes;
}

static void
tell_folder(struct facts *f, const char *name, const char *dir)
{
	if (can_write(dir))
		fact(f, FACT_FINE, FILES, name, "%s", dir);
	else
		fact(f, FACT_MISSING, FILES, name,
		    _("%s cannot be written: what is said would be lost"),
		    dir);
}

static void
tell_folders(struct facts *f)
{
	char *dir = path_data("conversations");
	char *state = path_state(NULL);
	struct journal_file *v;
	struct err err;
	int n;

	tell_folder(f, N_("conversations"), dir);
	n = journal_files(dir, &v, &err);
	if (n >= 0)
		fact(f, FACT_FINE, FILES, N_("saved conversations"),
		    vault_exists(dir) ? _("%d, encrypted") : "%d", n);
	else
		fact(f, FACT_MISSING, FILES, N_("saved conversations"), "%s",
		    err.text);
	free(v);
	tell_folder(f, N_("logs"), state);
	free(dir);
	free(state);
}

void
doctor_files(struct facts *f, const struct conf *c, const char *config,
    const char *why)
{
	tell_settings(f, N_("configuration"), config, why);
	tell_keys(f);
	tell_personas(f);
	tell_theme(f, c);
	tell_themes(f);
	tell_worker(f);
	tell_model(f, c);
	tell_models(f);
	tell_folders(f);
}
