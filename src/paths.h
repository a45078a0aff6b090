/* paths.h -- where fikr keeps things (XDG base directories), mode 0700. */
#ifndef FIKR_PATHS_H
#define FIKR_PATHS_H

#include "err.h"

/* Each returns a path that the caller frees, "name" appended when not NULL;
 * no file is touched. */
char *path_config(const char *name);	/* $XDG_CONFIG_HOME/fikr/name */
char *path_data(const char *name);	/* $XDG_DATA_HOME/fikr/name */
char *path_state(const char *name);	/* $XDG_STATE_HOME/fikr/name */
char *path_cache(const char *name);	/* $XDG_CACHE_HOME/fikr/name */
/* A program or shared folder of fikr's own: beside the running executable
 * (the build tree), else under the installed prefix.  NULL if in neither. */
char *path_libexec(const char *program);
char *path_share(const char *name);	/* e.g. "themes/dark.yaml" */

/* What a person wrote, with the home folder in place of a ~ before it; caller
 * frees. */
char *path_given(const char *s);

/* mkdir -p with mode 0700. */
int path_make_dir(const char *dir, struct err *err);

#define DEFAULT_MODEL_FILE "SmolLM2-135M-Instruct.Q4_1.gguf"
/* The model to use: an explicit path or a name in the models folder, else the
 * default one.  Of a model in parts it is the first, NAME-00001-of-000NN.gguf,
 * which NAME finds too.  Fails, with what to do, when the file is not there. */
char *path_model(const char *given, struct err *err);
/* NAME of a path: without folder, ".gguf" and the number of a part. */
char *path_model_name(const char *path);
/* A path, or a name in the adapters folder. */
char *path_adapter(const char *given, struct err *err);
/* A path, which then has a '/' in it, or the name of a file in the chat-formats
 * folder of the configuration; else given, a format's name. */
char *path_chat_format(const char *given, struct err *err);

#endif
