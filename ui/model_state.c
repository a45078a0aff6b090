/* model_state.c -- see model_state.h. */
#include "model_state.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "i18n.h"
#include "paths.h"

/* What a file says of itself is often the name of somebody's experiment: it is
 * called as its file is. */
void
model_init(struct model_state *m, const char *path)
{
	memset(m, 0, sizeof(*m));
	m->path = xstrdup(path);
	m->name = path_model_name(path);
}

static void
forget(struct model_state *m)
{
	free(m->arch);
	free(m->format);
	free(m->digest);
	free(m->cpu);
	free(m->engine);
	for (size_t i = 0; i < m->n_notes; i++)
		free(m->notes[i]);
	free(m->notes);
}

void
model_done(struct model_state *m)
{
	forget(m);
	free(m->path);
	free(m->name);
	memset(m, 0, sizeof(*m));
}

void
model_progress(struct model_state *m, const struct msg_progress *p,
    int64_t now)
{
	if (m->load_total == 0) {
		m->load_start = now;
		m->load_from = p->done;
	}
	m->load_done = p->done;
	m->load_total = p->total;
}

void
model_loaded(struct model_state *m, const struct msg_loaded *l)
{
	forget(m);
	m->arch = xstrdup(l->arch);
	m->format = xstrdup(l->format);
	m->digest = NULL;
	m->cpu = xstrdup(l->cpu);
	m->engine = xstrdup(l->engine);
	m->bytes = l->bytes;
	m->context = l->context;
	m->thinker = l->thinker;
	m->notes = xcalloc(l->n_notes + 1, sizeof(*m->notes));
	m->n_notes = l->n_notes;
	for (size_t i = 0; i < l->n_notes; i++)
		m->notes[i] = xstrdup(l->notes[i]);
	m->loading = false;
	m->loaded = true;
}

void
model_digest(struct model_state *m, const char *digest)
{
	char *old = m->digest;

	m->digest = xstrdup(digest);
	free(old);
}

static void
put_adapters(const struct load *l, struct buf *out)
{
	for (size_t i = 0; i < l->n_lora; i++) {
		char *name = path_model_name(l->lora[i].path);

		buf_printf(out, "%s%s", i == 0 ? "\nAdapters: " : ", ", name);
		if (l->lora[i].scale != 1)
			buf_printf(out, " × %g", (double)l->lora[i].scale);
		free(name);
	}
}

void
model_describe(const struct model_state *m, const struct load *l,
    struct buf *out)
{
	if (!m->loaded) {
		buf_printf(out, m->loading ? _("%s is being loaded") :
		    _("%s is not loaded"), m->name);
		return;
	}
	buf_printf(out, "%s: %s, ", m->name, m->arch);
	if (m->bytes >= 1000000000)
		buf_printf(out, _("%.1f GB of weights"),
		    (double)m->bytes / 1e9);
	else
		buf_printf(out, _("%.0f MB of weights"),
		    (double)m->bytes / 1e6);
	buf_addc(out, '\n');
	buf_printf(out, m->thinker == THINKER_NATIVE ?
	    _("Chat format %s, trained to think") :
	    _("Chat format %s, not trained to think"), m->format);
	buf_addc(out, '\n');
	buf_printf(out, _("%d tokens of context as %s; %s kernels"),
	    m->context, kv_type_name(l->kv), m->cpu);
	put_adapters(l, out);
}
