/* prices.c -- see prices.h. */
#include "prices.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "i18n.h"
#include "paths.h"
#include "ytree.h"

#define PRICES_BYTES_MAX (1u << 20)
#define PRICES_MAX 200
#define PRICE_MOST 1e6		/* for a million tokens */

static const struct {
	const char *name;
	size_t offset;
} texts[] = {
	{ "name", offsetof(struct price, name) },
	{ "provider", offsetof(struct price, provider) },
	{ "currency", offsetof(struct price, currency) },
	{ "as_of", offsetof(struct price, as_of) },
	{ "source", offsetof(struct price, source) },
};
#define N_TEXTS (sizeof(texts) / sizeof(texts[0]))

static char **
text_at(struct price *p, size_t i)
{
	return (char **)(void *)((char *)p + texts[i].offset);
}

static void
price_done(struct price *p)
{
	for (size_t i = 0; i < N_TEXTS; i++)
		free(*text_at(p, i));
}

void
prices_done(struct prices *p)
{
	for (size_t i = 0; i < p->n; i++)
		price_done(&p->v[i]);
	free(p->v);
	*p = (struct prices){ 0 };
}

/* "2026-09-30" */
static bool
is_day(const char *s)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)s[i]) :
		    s[i] != form[i])
			return false;
	return true;
}

static int
read_amount(double *v, const char *key, const struct ynode *y,
    const char *path, struct err *err)
{
	if (ynode_float(y, v) < 0 || !(*v >= 0 && *v <= PRICE_MOST))
		return err_set(err, _("%s:%d: \"%s\" must be the price of a "
		    "million tokens, a number from 0 to 1000000"), path,
		    y->line, key);
	return 0;
}

static int
read_key(struct price *p, const char *key, const struct ynode *y,
    const char *path, struct err *err)
{
	if (strcmp(key, "input") == 0)
		return read_amount(&p->input, key, y, path, err);
	if (strcmp(key, "output") == 0)
		return read_amount(&p->output, key, y, path, err);
	for (size_t i = 0; i < N_TEXTS; i++) {
		if (strcmp(key, texts[i].name) != 0)
			continue;
		if (y->type != YNODE_SCALAR || y->len == 0 ||
		    strlen(y->text) != y->len)
			return err_set(err, _("%s:%d: \"%s\" must be a text"),
			    path, y->line, key);
		free(*text_at(p, i));
		*text_at(p, i) = xstrdup(y->text);
		return 0;
	}
	return err_set(err, _("%s:%d: \"%s\" is not known; a price has name, "
	    "provider, input, output, currency, as_of and source"), path,
	    y->line, key);
}

static bool
known(const struct prices *all, const struct price *p)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i].name, p->name) == 0 &&
		    strcmp(all->v[i].provider, p->provider) == 0)
			return true;
	return false;
}

/* What an entry must have, with a line of it for the sentence. */
static int
check(const struct price *p, const struct ynode *y, const char *path,
    struct err *err)
{
	const char *lacks = !p->name ? "name" : !p->provider ? "provider" :
	    !p->currency ? "currency" : !p->as_of ? "as_of" :
	    p->input < 0 ? "input" : p->output < 0 ? "output" : NULL;

	if (lacks)
		return err_set(err, _("%s:%d: this price lacks \"%s\""), path,
		    y->line, lacks);
	if (!is_day(p->as_of))
		return err_set(err, _("%s:%d: \"as_of\" must be the day on "
		    "which the price was read, as 2026-09-30"), path, y->line);
	return 0;
}

static int
read_price(struct prices *all, const struct ynode *y, const char *path,
    struct err *err)
{
	struct price p = { .input = -1, .output = -1 };
	int rc = 0;

	if (y->type != YNODE_MAP)
		rc = err_set(err, _("%s:%d: expected a price, with name, "
		    "provider, input, output, currency and as_of"), path,
		    y->line);
	for (size_t i = 0; rc == 0 && i < y->n; i++)
		rc = read_key(&p, y->keys[i]->text, y->items[i], path, err);
	if (rc == 0)
		rc = check(&p, y, path, err);
	if (rc < 0 || known(all, &p)) {
		price_done(&p);
		return rc;
	}
	all->v = xreallocarray(all->v, all->n + 1, sizeof(*all->v));
	all->v[all->n++] = p;
	return 0;
}

int
prices_read(struct prices *p, const char *path, struct err *err)
{
	struct ynode *root = ytree_load_file(path, PRICES_BYTES_MAX, err);
	size_t before = p->n;
	int rc = root ? 0 : -1;

	if (root && root->type != YNODE_SEQ)
		rc = err_set(err, _("%s:%d: expected a list of prices"), path,
		    root->line);
	else if (root && root->n > PRICES_MAX)
		rc = err_set(err, _("%s:%d: there are more than %d prices"),
		    path, root->items[PRICES_MAX]->line, PRICES_MAX);
	for (size_t i = 0; rc == 0 && i < root->n; i++)
		rc = read_price(p, root->items[i], path, err);
	ynode_free(root);
	while (rc < 0 && p->n > before)
		price_done(&p->v[--p->n]);
	return rc;
}

int
prices_load(struct prices *p, struct err *err)
{
	char *own = path_config("prices.yaml");
	char *shipped = path_share("prices.yaml");
	struct err ignored;
	int rc = 0;

	*p = (struct prices){ 0 };
	if (own && access(own, F_OK) == 0)
		rc = prices_read(p, own, err);
	if (shipped) {
		if (prices_read(p, shipped, rc == 0 ? err : &ignored) < 0)
			rc = -1;
	} else if (rc == 0 && p->n == 0) {
		rc = err_set(err, _("prices.yaml, which comes with fikr, is "
		    "missing; prices of your own go into %s"),
		    own ? own : "prices.yaml");
	}
	free(own);
	free(shipped);
	return rc;
}

double
price_of(const struct price *p, double input, double output)
{
	return (input * p->input + output * p->output) / 1e6;
}

void
price_put(const struct price *p, double sum, struct buf *out)
{
	const char *sign = strcmp(p->currency, "USD") == 0 ? "$" :
	    strcmp(p->currency, "EUR") == 0 ? "€" : "";
	int digits = sum == 0 || sum >= 1 ? 2 : sum >= 0.01 ? 3 : 5;

	if (sum > 0 && sum < 0.00001)
		buf_printf(out, "< %s0.00001", sign);
	else
		buf_printf(out, "%s%.*f", sign, digits, sum);
	if (!*sign)
		buf_printf(out, " %s", p->currency);
}
