/* import_tree.c -- a tree of messages as other programs keep it, turned into
 * the turns of a conversation.  Their trees have nodes without anything that
 * was said (roots, hidden instructions, thoughts apart from their answers):
 * what hangs from such a node hangs from the message before it instead, and a
 * thought goes to the answers that follow it. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "i18n.h"
#include "import_priv.h"

#define BYTES_MAX (256u << 20)	/* of a conversation's texts */
#define CHAIN_MAX 1000		/* thoughts that make one */

void
tree_init(struct tree *t)
{
	*t = (struct tree){ .index = json_object() };
}

void
tree_done(struct tree *t)
{
	for (size_t i = 0; i < t->n; i++) {
		buf_free(&t->v[i].text);
		buf_free(&t->v[i].thinking);
	}
	free(t->v);
	json_decref(t->index);
	*t = (struct tree){ 0 };
}

struct node *
tree_add(struct tree *t, const char *id)
{
	struct node *k;

	if ((t->n & (t->n - 1)) == 0)	/* full: 0, 1, 2, 4, ... */
		t->v = xreallocarray(t->v, t->n ? 2 * t->n : 1,
		    sizeof(*t->v));
	k = &t->v[t->n];
	*k = (struct node){ .id = id, .model = "", .end = DONE_STOP,
		.up = -1, .first = -1, .last = -1, .next = -1 };
	json_object_set_new(t->index, id, json_integer((json_int_t)t->n++));
	return k;
}

/* -1: there is none. */
static int
find(const struct tree *t, const char *id)
{
	const json_t *at = id ? json_object_get(t->index, id) : NULL;

	return at ? (int)json_integer_value(at) : -1;
}

/* ---- who hangs from whom ---- */

static void
append(struct tree *t, int *first, int *last, int child)
{
	if (*first < 0)
		*first = child;
	else
		t->v[*last].next = child;
	*last = child;
	t->v[child].listed = true;
}

/* Each node's parent: the one it names; if it names none, the first that has
 * it among its children. */
static void
find_parents(struct tree *t)
{
	const json_t *id;
	size_t k;

	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].parent && find(t, t->v[i].parent) != (int)i)
			t->v[i].up = find(t, t->v[i].parent);
	for (size_t i = 0; i < t->n; i++) {
		json_array_foreach(t->v[i].children, k, id) {
			int child = find(t, json_string_value(id));

			if (child >= 0 && child != (int)i &&
			    !t->v[child].parent && t->v[child].up < 0)
				t->v[child].up = (int)i;
		}
	}
}

/* In the order in which parents list them, then those that nobody lists. */
static void
find_children(struct tree *t, int *first, int *last)
{
	const json_t *id;
	size_t k;

	for (size_t i = 0; i < t->n; i++) {
		json_array_foreach(t->v[i].children, k, id) {
			int child = find(t, json_string_value(id));

			if (child >= 0 && t->v[child].up == (int)i &&
			    !t->v[child].listed)
				append(t, &t->v[i].first, &t->v[i].last,
				    child);
		}
	}
	for (size_t i = 0; i < t->n; i++) {
		struct node *up = t->v[i].up < 0 ? NULL : &t->v[t->v[i].up];

		if (!t->v[i].listed)
			append(t, up ? &up->first : first,
			    up ? &up->last : last, (int)i);
	}
}

/* ---- turns ---- */

static void
add_turn(struct convo *c, const struct node *k, int parent,
    enum role role, const struct buf *text, const struct buf *thinking)
{
	struct turn *t;

	c->head = parent;
	t = convo_add(c, role, k->started);
	buf_add(&t->text, text->data, text->len);
	if (role != ROLE_ASSISTANT)
		return;
	buf_add(&t->thinking, thinking->data, thinking->len);
	t->t_end = k->ended;
	t->end = text->len ? k->end : DONE_CANCEL;
	if (*k->model)
		t->model = xstrdup(k->model);
}

/* The thoughts that wait for k as their answer, and its own. */
static void
thoughts_of(const struct tree *t, const struct node *k, struct buf *out)
{
	const struct node *v[CHAIN_MAX];
	size_t n = 0;

	v[n++] = k;
	for (int up = k->up; up >= 0 && !t->v[up].kept && n < CHAIN_MAX;
	    up = t->v[up].up)
		v[n++] = &t->v[up];
	while (n-- > 0)
		import_paragraph(out, v[n]->thinking.data,
		    v[n]->thinking.len);
}

/* A message, or a thought whose answer never came. */
static void
keep(struct convo *c, struct node *k, const struct buf *thought)
{
	static const struct buf none;
	int parent = k->anchor;

	if (k->role == ROLE_ASSISTANT) {
		add_turn(c, k, parent, ROLE_ASSISTANT, &k->text, thought);
	} else {
		if (thought->len)
			add_turn(c, k, parent, ROLE_ASSISTANT, &none, thought);
		add_turn(c, k, thought->len ? c->head : parent, k->role,
		    &k->text, &none);
	}
	k->anchor = c->head;
	k->kept = true;
}

static void
visit(const struct tree *t, struct convo *c, struct node *k)
{
	struct buf thought = { 0 };

	if (k->hidden)
		return;
	if (k->role == ROLE_SYSTEM && k->text.len && k->anchor == 0 &&
	    !c->system) {
		convo_set_system(c, NULL, k->text.data);
		return;
	}
	if (!k->text.len && (k->role != ROLE_ASSISTANT || k->first >= 0))
		return;
	thoughts_of(t, k, &thought);
	if (k->text.len || thought.len)
		keep(c, k, &thought);
	buf_free(&thought);
}

static size_t
push_children(struct tree *t, int first, int anchor, int *stack, size_t n)
{
	size_t low = n;

	for (int i = first; i >= 0; i = t->v[i].next) {
		t->v[i].seen = true;
		t->v[i].anchor = anchor;
		stack[n++] = i;
	}
	for (size_t high = n; low + 1 < high; low++, high--) {
		int x = stack[low];

		stack[low] = stack[high - 1];
		stack[high - 1] = x;
	}
	return n;
}

/* Parents before children, each child with all that follows it.  A thought
 * that many answers share is there many times, so the whole is measured. */
static int
walk(struct tree *t, struct convo *c, int first, struct err *err)
{
	int *stack = xcalloc(t->n + 1, sizeof(*stack));
	size_t n = push_children(t, first, 0, stack, 0), bytes = 0, had = 0;

	while (n > 0 && bytes <= BYTES_MAX) {
		struct node *k = &t->v[stack[--n]];

		visit(t, c, k);
		for (; had < c->n; had++)
			bytes += c->turns[had]->text.len +
			    c->turns[had]->thinking.len;
		n = push_children(t, k->first, k->anchor, stack, n);
	}
	free(stack);
	if (bytes > BYTES_MAX)
		return err_set(err, "it is larger than %u MiB",
		    BYTES_MAX >> 20);
	return 0;
}

/* The branch that was shown; if that is not known, where something was said
 * last. */
static void
choose_head(const struct tree *t, struct convo *c, const char *head)
{
	int at = find(t, head);
	const struct turn *newest = NULL;

	if (at >= 0 && t->v[at].seen && t->v[at].anchor) {
		c->head = t->v[at].anchor;
		return;
	}
	for (size_t i = 0; i < c->n; i++)
		if (!newest || c->turns[i]->t_start >= newest->t_start)
			newest = c->turns[i];
	if (newest)
		convo_select(c, newest);
}

static int
check_sizes(const struct tree *t, struct err *err)
{
	if (t->n > IMPORT_TURNS_MAX)
		return err_set(err, "it has more than %d messages",
		    IMPORT_TURNS_MAX);
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].text.len > IMPORT_TEXT_MAX ||
		    t->v[i].thinking.len > IMPORT_TEXT_MAX)
			return err_set(err, "one of its messages is longer "
			    "than %u MiB", IMPORT_TEXT_MAX >> 20);
	return 0;
}

int
tree_build(struct tree *t, struct convo *c, const char *head,
    struct err *notice, struct err *err)
{
	int first = -1, last = -1, lost = 0;

	if (check_sizes(t, err) < 0)
		return -1;
	find_parents(t);
	find_children(t, &first, &last);
	if (walk(t, c, first, err) < 0)
		return -1;
	for (size_t i = 0; i < t->n; i++)
		lost += !t->v[i].seen;
	if (c->n == 0)
		return err_set(err, "nothing was said in it");
	if (lost)
		err_set(notice, ngettext("%d message that hangs in a circle "
		    "was left out", "%d messages that hang in a circle were "
		    "left out", (unsigned long)lost), lost);
	choose_head(t, c, head);
	return 0;
}

int
import_mapping(const json_t *from, struct convo *c,
    void (*read)(struct node *, const json_t *), struct err *notice,
    struct err *err)
{
	/* jansson's iterators do not change what they go through */
	json_t *map = json_object_get(from, "mapping"), *v;
	struct tree t;
	const char *id;
	int r;

	tree_init(&t);
	json_object_foreach(map, id, v) {
		struct node *k = tree_add(&t, id);

		k->parent = json_string_value(json_object_get(v, "parent"));
		k->children = json_object_get(v, "children");
		read(k, json_object_get(v, "message"));
	}
	r = tree_build(&t, c, json_string_value(json_object_get(from,
	    "current_node")), notice, err);
	tree_done(&t);
	return r;
}
