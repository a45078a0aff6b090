/* models.h -- the model files that are there to choose from. */
#ifndef FIKR_MODELS_H
#define FIKR_MODELS_H

#include <stddef.h>
#include <stdint.h>

struct model_file {
	char *name;		/* without folder, ".gguf" and part number */
	char *path;		/* of a model in parts the first */
	int64_t bytes;		/* of all its parts */
};

/* Those of $XDG_DATA_HOME/fikr/models, by name.  Returns how many. */
size_t models_list(struct model_file **out);
void models_free(struct model_file *v, size_t n);

#endif
