/* convo.h -- a conversation in memory: messages that each name their parent,
 * so that an edited or regenerated turn is a branch.  Nothing here touches a
 * file: that is journal.h. */
#ifndef FIKR_CONVO_H
#define FIKR_CONVO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "chat.h"

/* One that the model wrote. */
struct token {
	int32_t id;		/* in the model's vocabulary */
	uint32_t ms;		/* after t_start, when it came */
	uint32_t bytes;		/* of text or thinking that came with it */
	enum channel channel;	/* ... whichever that is */
};

/* With what an answer was written, so that it can be written again. */
struct run {
	char *engine;		/* program and version; NULL: not known, as
				 * the other names */
	char *cpu;		/* kernel family */
	char *format;		/* of the chat */
	char *adapters;		/* "PATH=SCALE, ..."; NULL: none */
	char *system;		/* the settings' system prompt, if that stood
				 * before it; or NULL */
	enum thinking thinking;
	int budget, budget_ms;	/* of thinking; 0: the default, no limit */
	int context, threads;	/* 0: not known */
	enum kv_type kv;
	bool touched;		/* told things while it wrote, or gone on
				 * with: it cannot be written again */
};

struct turn {
	int id;			/* 1, 2, ... within the conversation */
	int parent;		/* 0: the first */
	enum role role;
	struct buf text;
	struct buf thinking;	/* assistant only */
	bool guided;		/* the thinking was asked for, not trained */
	int64_t t_start, t_first, t_think_end, t_end;	/* ms since the epoch,
							 * 0: not yet */
	/* assistant only */
	char *model, *digest;
	struct sampling sampling;
	struct run run;
	enum done_reason end;
	int prompt_tokens, cached_tokens, thinking_tokens, answer_tokens;
	struct token *tok;	/* [n_tok] */
	size_t n_tok;
	int *tail;		/* [n_tail], the last tokens of the prompt */
	size_t n_tail;
	int *left_out;		/* [n_left_out], ids of the turns before it
				 * that did not fit the context any more */
	size_t n_left_out;
	int fold;		/* the view's own: -1 follows the global mode */
	bool removed;		/* deleted by the person, or follows such */
	bool dropped;		/* did not fit the model's context any more;
				 * saved as the answer's left_out */
	int newest;		/* child, as convo_find_newest left it; 0: none */
};

enum title_by {
	TITLE_FIRST,		/* the first message's beginning */
	TITLE_MODEL, TITLE_PERSON
};

struct convo {
	char id[32];		/* "20261124-053122-7f3a", sorts by time */
	char *title;		/* never NULL; "" until the first message */
	enum title_by title_by;
	bool pinned, archived;
	char **tags;		/* [n_tags], without commas */
	size_t n_tags;
	int64_t trashed;	/* ms since the epoch; 0: it is not */
	char *system;		/* its own system prompt; NULL: the settings' */
	char *persona;		/* the name of that, or NULL */
	char *origin;		/* what it is a copy of, "chatgpt:ID"; NULL: of
				 * nothing */
	int64_t created;	/* ms since the epoch */
	struct turn **turns;	/* in the order they were added */
	size_t n;
	int head;		/* id of the last turn on the shown branch */
};

struct convo *convo_new(int64_t now_ms);	/* picks an id */
void convo_new_id(struct convo *c, int64_t now_ms);	/* another one */
struct convo *convo_new_as(const char *id, int64_t created);
void convo_free(struct convo *c);
/* Add a turn after head and make it the head; borrowed, stays valid. */
struct turn *convo_add(struct convo *c, enum role role, int64_t now_ms);
struct turn *convo_turn(const struct convo *c, int id);	/* or NULL */
int convo_index(const struct convo *c, int id);	/* in turns, or -1 */
void turn_add_token(struct turn *t, struct token tok);
/* What was left out for the last answer of the shown branch is dropped. */
void convo_recall_dropped(struct convo *c);
/* The shown branch, oldest first: fills *out (caller frees the array, not the
 * turns) and returns its length. */
size_t convo_branch(const struct convo *c, struct turn ***out);
/* The turns that could stand where t does (its versions), t among them, oldest
 * first: fills *out (caller frees the array) and returns how many. */
size_t convo_siblings(const struct convo *c, const struct turn *t,
    struct turn ***out);
/* Note each turn's newest child. */
void convo_find_newest(const struct convo *c);
/* Show the branch that t is on, to its newest end. */
void convo_select(struct convo *c, const struct turn *t);
/* Take t and all that follows it away.  If it was shown, the version beside it
 * is, or what stood before it. */
void convo_remove(struct convo *c, struct turn *t);
/* NULL for either: none of its own.  Copies. */
void convo_set_system(struct convo *c, const char *persona,
    const char *text);
/* What goes to the model: system (if not NULL or ""), then the branch without
 * any thinking; empty answers and what was dropped left out.  Caller: chat_msgs_free. */
size_t convo_messages(const struct convo *c, const char *system,
    struct chat_msg **out);
/* Control characters become blanks; at most 200 characters are kept. */
char *convo_clean_title(const char *title);	/* caller frees */
void convo_set_title(struct convo *c, const char *title);
/* A name without commas and control characters, of at most TAG_MAX bytes; what
 * is there already, or not at all, stays so.  False: it is no such name, or
 * there are TAGS_MAX. */
#define TAG_MAX 64
#define TAGS_MAX 32
bool convo_tag(struct convo *c, const char *tag);
void convo_untag(struct convo *c, const char *tag);
/* Title, pinned, archived, tags, trashed. */
void convo_copy_labels(struct convo *to, const struct convo *from);
const char *title_by_name(enum title_by b);	/* "first" "model" "person" */
int title_by_parse(const char *s, enum title_by *b);	/* 0 or -1 */
/* The first message with text; NULL if there is none. */
const struct turn *convo_first_user(const struct convo *c);
/* A title from the first user message: its first line, cut at a word within
 * 60 characters, control characters removed.  A title that is set stays. */
void convo_auto_title(struct convo *c);

#endif
