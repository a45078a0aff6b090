/* chatfmt.h -- chat formats: how roles and texts become one prompt.  The
 * format is recognised from the markers in the file's own template, which is
 * never run; or it is named, or read from a file of the user's. */
#ifndef FIKR_CHATFMT_H
#define FIKR_CHATFMT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "chat.h"
#include "err.h"
#include "vocab.h"

/* A prompt in pieces: scaffold, where special tokens count, and bodies, where
 * they do not. */
struct piece { char *text; size_t n; bool special, bos; };
struct prompt { struct piece *v; size_t n; bool thinking_open; };

#define CHATFMT_TOKEN_MAX 64	/* bytes of a BOS or EOS, with its NUL */

/* When the assistant's opening is written; it makes a difference only where
 * turns do not alternate. */
enum chat_opens {
	OPENS_TURN,		/* with each of its turns */
	OPENS_BY_USER,		/* by each user turn, at its end */
	OPENS_AFTER_USER	/* with its turns that follow a user's */
};

/* A date in the system turn, as Llama 3.1 and later have it. */
enum chat_dates { DATES_NONE, DATES_FIXED, DATES_TODAY };

struct chatfmt {
	const char *name;		/* "chatml" "deepseek-r1" ... */
	const char *note;	/* NULL, or a sentence for people: why this
				 * is a guess, and what to do */
	bool unknown;		/* the plain format, for want of another */
	const char *think_open, *think_close;	/* "<think>" ..., or NULL */
	enum thinker thinker;		/* NATIVE: the template knows it */
	const char *const *stop;	/* texts that end a turn, then NULL;
					 * or NULL: only tokens do */
	bool lead_space;	/* the space that an answer begins with belongs
				 * to the format */
	char *default_system;		/* the file's own; NULL: none; owned */

	/* for chatfmt*.c alone */
	const struct chat_family *family;	/* the markers */
	const struct chat_thought *thought;	/* how it thinks, or NULL */
	enum chat_dates dates;
	enum chat_opens opens;
	char date[16];			/* the fixed one, "26 Jul 2024" */
	unsigned trim;			/* bit r: texts of role r are trimmed */
	bool no_bos;			/* the template leaves it to the file */
	bool switched;			/* it asks whether to think */
	char bos[CHATFMT_TOKEN_MAX];	/* "": the family's */
	char eos[CHATFMT_TOKEN_MAX];
	struct chat_file *file;		/* what was read from one; owned */
};

/* Recognise the template text (may be NULL: then by the vocabulary's tokens;
 * v may be NULL too).  What is not recognised gets a plain format, with the
 * note saying so.  Always 0. */
int chatfmt_detect(struct chatfmt *f, const char *tmpl, size_t n,
    const struct vocab *v, struct err *err);
/* The file that name stands for (path_chat_format), else the format of that
 * name in the table.  name NULL: detect. */
int chatfmt_choose(struct chatfmt *f, const char *name, const char *tmpl,
    size_t n, const struct vocab *v, struct err *err);
/* The name of the i-th format of the table; NULL past the end. */
const char *chatfmt_name(size_t i);
/* A file of prefixes and suffixes: docs/chat-formats.md. */
int chatfmt_load(struct chatfmt *f, const char *path, struct err *err);
/* What bos_token and eos_token stand for where the template says them; NULL or
 * too long leaves what is known. */
void chatfmt_set_tokens(struct chatfmt *f, const char *bos, const char *eos);
void chatfmt_done(struct chatfmt *f);

struct render_opts {
	enum thinking thinking;
	/* exactly as the file's template: it cuts answers at a closing tag
	 * wherever it stands, does not know the soft switches, and may not
	 * care about thinking */
	bool literal;
	const char *date;	/* today, "26 Jul 2024"; NULL: the machine's */
	size_t *ends;		/* [n], to be filled in, or NULL: pieces up to
				 * the end of each message */
};

/* The prompt up to where the model goes on.  Earlier thinking should already be
 * left out of the messages; an assistant message that still begins with a
 * whole thought loses it here.  A last message of the assistant's is continued:
 * no end marker after it.  thinking OFF closes the thought at once where the
 * model was trained to think; p->thinking_open tells the state it starts in.
 * AUTO heeds Qwen3's switches /think and /no_think, the newest of the user's
 * and the system's texts. */
void chatfmt_render(const struct chatfmt *f, const struct chat_msg *m,
    size_t n, enum thinking thinking, struct prompt *p);
void chatfmt_render_as(const struct chatfmt *f, const struct chat_msg *m,
    size_t n, const struct render_opts *o, struct prompt *p);
void prompt_free(struct prompt *p);
/* Append a piece; n = 0 appends nothing. */
void prompt_add(struct prompt *p, const char *text, size_t n, bool special);
/* Encode the pieces, with exactly one BOS where the model wants one.  Text
 * between special tokens is encoded as one run across its pieces, as the
 * models were trained on it. */
int prompt_encode(const struct prompt *p, const struct vocab *v,
    struct ids *out, struct err *err);
/* The whole prompt as text, for `fikr-engine render` and tests. */
void prompt_text(const struct prompt *p, struct buf *out);

#endif
