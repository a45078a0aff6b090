/* chat.c -- the words of the domain and their names. */
#include "chat.h"

#include <stdlib.h>
#include <string.h>

#include "i18n.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const roles[] = { "system", "user", "assistant" };
static const char *const channels[] = { "thinking", "answer" };
static const char *const thinkings[] = { "auto", "on", "off" };
static const char *const thinkers[] = { "none", "guided", "native" };
static const char *const dones[] = { "stop", "length", "context", "cancel",
	"error", "lost", "open" };
static const char *const kv_types[] = { "f16", "f32", "q8_0" };

static const char *
name_of(const char *const *names, size_t n, unsigned i)
{
	return i < n ? names[i] : "?";
}

static int
find(const char *const *names, size_t n, const char *s)
{
	for (size_t i = 0; s && i < n; i++)
		if (!strcmp(names[i], s))
			return (int)i;
	return -1;
}

/* X_name and X_parse of one enum from its table. */
#define NAMES(fn, type, table) \
const char * \
fn##_name(type v) \
{ \
	return name_of(table, COUNT(table), (unsigned)v); \
} \
\
int \
fn##_parse(const char *s, type *v) \
{ \
	int i = find(table, COUNT(table), s); \
\
	if (i < 0) \
		return -1; \
	*v = (type)i; \
	return 0; \
}

NAMES(role, enum role, roles)
NAMES(channel, enum channel, channels)
NAMES(thinking, enum thinking, thinkings)
NAMES(thinker, enum thinker, thinkers)
NAMES(done, enum done_reason, dones)
NAMES(kv_type, enum kv_type, kv_types)

/* A penalty of 1.1 already keeps small models from repeating the numbers of a
 * sum; 1.05 still ends most of their loops. */
struct sampling
sampling_default(void)
{
	return (struct sampling){
		.temperature = TEMPERATURE_AUTO, .top_k = 40, .top_p = 0.95f,
		.min_p = 0.05f, .repeat_penalty = 1.05f, .repeat_last = 64,
	};
}

void
sampling_settle(struct sampling *s, enum thinker thinker)
{
	if (s->temperature == TEMPERATURE_AUTO)
		s->temperature = thinker == THINKER_NATIVE ? 0.6f : 0.2f;
}

/* Written so that NaN fails each test. */
const char *
sampling_check(const struct sampling *s)
{
	if (s->temperature != TEMPERATURE_AUTO &&
	    !(s->temperature >= 0 && s->temperature <= 10))
		return N_("temperature must be between 0 and 10");
	if (s->top_k < 0 || s->top_k > 1000000)
		return N_("top-k must be between 0 and 1000000");
	if (!(s->top_p > 0 && s->top_p <= 1))
		return N_("top-p must be above 0 and at most 1");
	if (!(s->min_p >= 0 && s->min_p <= 1))
		return N_("min-p must be between 0 and 1");
	if (!(s->repeat_penalty >= 0.1f && s->repeat_penalty <= 10))
		return N_("repeat-penalty must be between 0.1 and 10");
	if (s->repeat_last < 0 || s->repeat_last > 1000000)
		return N_("repeat-last must be between 0 and 1000000");
	if (s->max_tokens < 0 || s->max_tokens > 10000000)
		return N_("max-tokens must be between 0 and 10000000");
	return NULL;
}

void
chat_msgs_free(struct chat_msg *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(m[i].text);
	free(m);
}

const char *
role_heading(enum role r)
{
	return r == ROLE_USER ? _("You") : r == ROLE_SYSTEM ? _("System") :
	    _("Answer");
}
