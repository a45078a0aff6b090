/* tiny_open.h -- a tiny model, written and opened by the engine. */
#include "engine.h"
#include "tiny_model.h"

static struct engine *
open_spec(const struct model_spec *s, enum kv_type kv)
{
	struct engine_opts o = { .threads = 2, .kv = kv, .no_vocab = true };
	struct err err = { "" };
	struct engine *e;
	char path[256];

	tiny_write(s, path);
	e = engine_open(path, &o, &err);
	unlink(path);
	if (!e)
		print_error("%s\n", err.text);
	assert_non_null(e);
	return e;
}
