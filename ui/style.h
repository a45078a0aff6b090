/* style.h -- what a piece of text is, never how it looks: the roles that a
 * theme gives colours to.  One list; names are the keys of themes/NAME.yaml. */
#ifndef FIKR_STYLE_H
#define FIKR_STYLE_H

#define STYLE_LIST(X) \
	X(TEXT, "text")			/* ordinary text of an answer */ \
	X(DIM, "dim")			/* hints, times, counts */ \
	X(ACCENT, "accent")		/* what the eye should find */ \
	X(ERROR, "error") \
	X(NOTICE, "notice") \
	X(BORDER, "border")		/* lines between panes */ \
	X(TITLE, "title")		/* of a pane */ \
	X(STATUS, "status")		/* the status line */ \
	X(STATUS_BUSY, "status-busy")	/* its phase while working */ \
	X(PROMPT, "prompt")		/* what is being typed */ \
	X(PROMPT_MARK, "prompt-mark") \
	X(LIST_ITEM, "list-item")	/* the conversations pane */ \
	X(LIST_CURRENT, "list-current") \
	X(LIST_SELECTED, "list-selected") \
	X(USER, "user")			/* the person's messages */ \
	X(USER_HEAD, "user-head") \
	X(ANSWER_HEAD, "answer-head") \
	X(THINKING, "thinking")		/* a trace */ \
	X(THINKING_HEAD, "thinking-head") \
	X(HEADING, "heading") \
	X(STRONG, "strong") \
	X(EMPH, "emph") \
	X(STRONG_EMPH, "strong-emph") \
	X(STRIKE, "strike") \
	X(CODE, "code")			/* inline */ \
	X(CODE_BLOCK, "code-block") \
	X(LINK, "link") \
	X(QUOTE, "quote") \
	X(BULLET, "bullet") \
	X(TABLE, "table")		/* rules of tables */ \
	X(ODD, "odd")			/* controls made visible */ \
	X(KEY, "key")			/* a key's name in help */ \
	X(CODE_KEYWORD, "code-keyword")	/* in blocks of code */ \
	X(CODE_NAME, "code-name")	/* functions, types */ \
	X(CODE_STRING, "code-string") \
	X(CODE_NUMBER, "code-number") \
	X(CODE_COMMENT, "code-comment") \
	X(MATH, "math")			/* mathematics among text */ \
	X(MATH_BOX, "math-box")		/* the frame of a boxed result */ \
	X(HIT, "hit")			/* what a search found */ \
	X(HIT_CURRENT, "hit-current")	/* ... where it is now */ \
	X(SELECTED, "selected")		/* the chosen row of a list */ \
	X(FOCUS, "focus")		/* title of the pane with the focus */ \
	X(QUEUED, "queued")		/* prompts that wait */ \
	X(ADDED, "added")		/* in a comparison of two texts */ \
	X(REMOVED, "removed") \
	X(CHART, "chart")		/* bars and curves */

enum style {
#define X(id, name) STYLE_##id,
	STYLE_LIST(X)
#undef X
	STYLE_COUNT
};

const char *style_name(enum style s);		/* in theme.c */

#endif
