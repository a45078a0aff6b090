/* chatfmt_priv.h -- the inside of a chat format, for chatfmt*.c alone. */
#ifndef FIKR_CHATFMT_PRIV_H
#define FIKR_CHATFMT_PRIV_H

#include "chatfmt.h"

#define N_ROLES 3
#define TRIM(role) (1u << ROLE_ ## role)
#define TRIM_ALL (TRIM(SYSTEM) | TRIM(USER) | TRIM(ASSISTANT))

/* Where system texts go, with open[ROLE_SYSTEM] and close around them. */
enum system_place {
	SYSTEM_TURN,		/* a turn of their own, where they stand */
	SYSTEM_START,		/* all at the start, a blank line between */
	SYSTEM_START_LAST,	/* at the start, the last one alone */
	SYSTEM_IN_USER,		/* before the user text that follows */
	SYSTEM_IN_LAST_USER	/* before the user text that is to be answered */
};

/* What goes around each message. */
struct chat_family {
	const char *name;
	const char *bos;
	const char *open[N_ROLES], *close[N_ROLES];	/* NULL: nothing */
	const char *eos, *after_eos;	/* after close[ROLE_ASSISTANT] */
	const char *go_on;		/* NULL: open[ROLE_ASSISTANT] */
	enum system_place system;
	unsigned trim;
	bool bos_by_user;		/* BOS before each user turn instead */
	bool trim_joint;		/* a user text after a system text in
					 * its turn is trimmed with it as one */
	bool lead_space;
	const char *const *stop;
};

/* How much an earlier assistant text loses that holds a thought. */
enum cut { CUT_LAST, CUT_FIRST };	/* up to which closing tag */
enum lines { LINES_KEEP, LINES_CUT, LINES_ALWAYS };	/* line ends after */

/* What goes between the assistant's opening and the text. */
struct chat_thought {
	const char *open, *close;	/* the tags */
	const char *tail[3];	/* by enum thinking, where the model goes on */
	const char *past;	/* in earlier turns */
	const char *resume;	/* before an answer to be continued */
	enum cut cut;
	enum lines lines;
	bool soft;		/* its models know /think and /no_think */
};

enum family_id {
	F_DEEPSEEK_START, F_DEEPSEEK, F_DEEPSEEK_V2, F_DEEPSEEK_CODER,
	F_CHATML, F_LLAMA3, F_LLAMA2, F_MISTRAL_V0, F_MISTRAL_V1, F_MISTRAL_V2,
	F_MISTRAL_V3, F_MISTRAL_TEKKEN, F_MISTRAL_V7, F_MISTRAL_V7_TEKKEN,
	F_GEMMA, F_PLAIN
};

enum thought_id {
	T_NONE, T_R1, T_R1_BARE, T_V3_1, T_V3_1_PAIR, T_QWEN3, T_QWEN3_OPEN,
	T_QWQ
};

/* A whole format: what --chat-format names and inspect shows. */
struct chat_format {
	const char *name;
	enum family_id family;
	enum thought_id thought;
	enum chat_dates dates;
	const char *system;		/* the default one */
};

extern const struct chat_family chat_families[];
extern const struct chat_thought chat_thoughts[];
extern const struct chat_format chat_formats[];		/* name NULL ends */

/* What chatfmt_load owns. */
struct chat_file {
	struct chat_family family;
	struct chat_thought thought;
	char **text;			/* [n_text], all strings of the file */
	size_t n_text;
	const char **stop;
};
void chat_file_free(struct chat_file *c);

/* Fill in what follows from f->family and f->thought. */
void chatfmt_settle(struct chatfmt *f);

#endif
