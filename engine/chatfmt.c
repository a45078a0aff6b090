/* chatfmt.c -- chat formats as tables: the markers of each family, and the
 * ways its models think.  A file's template is searched for markers and for
 * its default system text; it is never run. */
#include "chatfmt.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define THINK_OPEN "<think>"
#define THINK_CLOSE "</think>"
#define SYSTEM_MAX 8192	/* bytes of a default system text */
#define NO_THOUGHT "<think>\n\n</think>\n\n"

/* What goes around each message. */
struct chat_family {
	const char *name;		/* of models that do not think */
	const char *mark;		/* in the template and the vocabulary */
	const char *bos;
	const char *open[3], *close[3];	/* by enum role */
	bool trim;			/* bodies lose the space around them */
	bool system_in_user;		/* no system turn: before the first
					 * user text */
};

/* What goes between the assistant's opening and the text. */
struct chat_thought {
	const char *name;
	const char *tail[3];	/* by enum thinking, where the model goes on */
	const char *past;	/* in earlier turns */
	const char *resume;	/* before an answer to be continued */
	bool trim_past;		/* line ends after a thought that is cut off */
};

enum { DEEPSEEK, LLAMA3, GEMMA, CHATML, N_FAMILIES };

static const struct chat_family families[N_FAMILIES] = {
	[DEEPSEEK] = {
		.name = "deepseek-v3",
		.mark = "<｜Assistant｜>",
		.bos = "<｜begin▁of▁sentence｜>",
		.open = { "", "<｜User｜>", "<｜Assistant｜>" },
		.close = { "", "", "<｜end▁of▁sentence｜>" },
	},
	[LLAMA3] = {
		.name = "llama3",
		.mark = "<|start_header_id|>",
		.bos = "<|begin_of_text|>",
		.open = {
			"<|start_header_id|>system<|end_header_id|>\n\n",
			"<|start_header_id|>user<|end_header_id|>\n\n",
			"<|start_header_id|>assistant<|end_header_id|>\n\n",
		},
		.close = { "<|eot_id|>", "<|eot_id|>", "<|eot_id|>" },
		.trim = true,
	},
	[GEMMA] = {
		.name = "gemma",
		.mark = "<start_of_turn>",
		.bos = "<bos>",
		.open = { "", "<start_of_turn>user\n",
			"<start_of_turn>model\n" },
		.close = { "", "<end_of_turn>\n", "<end_of_turn>\n" },
		.trim = true,
		.system_in_user = true,
	},
	[CHATML] = {
		.name = "chatml",
		.mark = "<|im_start|>",
		.open = { "<|im_start|>system\n", "<|im_start|>user\n",
			"<|im_start|>assistant\n" },
		.close = { "<|im_end|>\n", "<|im_end|>\n", "<|im_end|>\n" },
	},
};

enum { R1_OPENED, R1, V3_1, V3_1_CLOSE, QWEN3, QWEN3_OPENED };

static const struct chat_thought thoughts[] = {
	/* the template opens the thought */
	[R1_OPENED] = { "deepseek-r1",
	    { THINK_OPEN "\n", THINK_OPEN "\n", NO_THOUGHT },
	    "", "", false },
	/* it stops before: the model opens it, or it is opened when asked */
	[R1] = { "deepseek-r1", { "", THINK_OPEN "\n", NO_THOUGHT },
	    "", "", false },
	/* it thinks only when told to, and marks each turn that did not */
	[V3_1] = { "deepseek-v3.1",
	    { THINK_OPEN THINK_CLOSE, THINK_OPEN, THINK_OPEN THINK_CLOSE },
	    THINK_OPEN THINK_CLOSE, THINK_OPEN THINK_CLOSE, false },
	/* ... with half the mark */
	[V3_1_CLOSE] = { "deepseek-v3.1",
	    { THINK_CLOSE, THINK_OPEN, THINK_CLOSE },
	    THINK_CLOSE, THINK_CLOSE, false },
	/* ChatML whose models open the thought */
	[QWEN3] = { "qwen3", { "", "", NO_THOUGHT }, "", NO_THOUGHT, true },
	/* ... and whose template opens it (QwQ, Qwen3 Thinking) */
	[QWEN3_OPENED] = { "qwen3-thinking",
	    { THINK_OPEN "\n", THINK_OPEN "\n", NO_THOUGHT },
	    "", NO_THOUGHT, true },
};

static const char llama_dates[] =
    "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n";

/* ---- recognising ------------------------------------------------------ */

static const char *
find(const char *s, size_t n, const char *what)
{
	return n ? memmem(s, n, what, strlen(what)) : NULL;
}

/* A template says line ends as they are or as "\n" in its strings. */
static bool
says(const char *s, size_t n, const char *what, const char *escaped)
{
	return find(s, n, what) != NULL || find(s, n, escaped) != NULL;
}

/* Copy a template's string from s up to its closing quote or to stop; NULL if
 * the quote comes first, which is where other text is put in. */
static char *
literal_until(const char *s, const char *end, char quote, const char *stop)
{
	size_t n = strlen(stop);
	struct buf b = { 0 };

	if (end - s > SYSTEM_MAX)
		end = s + SYSTEM_MAX;
	for (; s < end; s++) {
		if ((size_t)(end - s) >= n && memcmp(s, stop, n) == 0)
			return buf_take(&b);
		if (*s == quote || *s == '{' || *s == '\0')
			break;
		if (*s == '\\' && s + 1 < end)
			buf_addc(&b, *++s == 'n' ? '\n' : *s == 't' ? '\t' :
			    *s);
		else
			buf_addc(&b, *s);
	}
	buf_free(&b);
	return NULL;
}

/* The system text that a ChatML template puts in by itself, or NULL. */
static char *
default_system(const char *s, size_t n)
{
	static const char open[] = "<|im_start|>system";
	const char *end = s + n, *p = s;
	char *text;

	while ((p = find(p, (size_t)(end - p), open)) != NULL) {
		char quote = p > s ? p[-1] : '\'';

		p += sizeof(open) - 1;
		if (p < end && *p == '\n')
			p++;
		else if (end - p >= 2 && p[0] == '\\' && p[1] == 'n')
			p += 2;
		else
			continue;
		text = literal_until(p, end, quote, "<|im_end|>");
		if (text != NULL && *text != '\0')
			return text;
		free(text);
	}
	return NULL;
}

static const struct chat_thought *
deepseek_thought(const char *s, size_t n)
{
	if (find(s, n, "{{'" THINK_OPEN THINK_CLOSE "'}}"))
		return &thoughts[V3_1];
	if (find(s, n, "{{'" THINK_CLOSE "'}}"))
		return &thoughts[V3_1_CLOSE];
	if (find(s, n, "<｜Assistant｜>" THINK_OPEN))
		return &thoughts[R1_OPENED];
	return find(s, n, THINK_CLOSE) ? &thoughts[R1] : NULL;
}

static const struct chat_thought *
chatml_thought(const char *s, size_t n)
{
	if (says(s, n, "<|im_start|>assistant\n" THINK_OPEN,
	    "<|im_start|>assistant\\n" THINK_OPEN))
		return &thoughts[QWEN3_OPENED];
	return find(s, n, THINK_OPEN) ? &thoughts[QWEN3] : NULL;
}

static void
read_template(struct chatfmt *f, const char *s, size_t n)
{
	if (f->family == &families[DEEPSEEK])
		f->thought = deepseek_thought(s, n);
	else if (f->family == &families[CHATML]) {
		f->thought = chatml_thought(s, n);
		f->default_system = default_system(s, n);
	} else
		f->dated = find(s, n, "Cutting Knowledge Date") != NULL;
}

/* Without a template the vocabulary must do: of the models with such tokens
 * those with a token for thinking are taken to think. */
static void
read_vocab(struct chatfmt *f, const struct vocab *v)
{
	if (vocab_find(v, THINK_OPEN) < 0)
		return;
	if (f->family == &families[DEEPSEEK])
		f->thought = &thoughts[R1];
	else if (f->family == &families[CHATML])
		f->thought = &thoughts[QWEN3];
}

int
chatfmt_detect(struct chatfmt *f, const char *tmpl, size_t n,
    const struct vocab *v, struct err *err)
{
	size_t i;

	*f = (struct chatfmt){ .thinker = THINKER_GUIDED };
	for (i = 0; i < N_FAMILIES && f->family == NULL; i++)
		if (tmpl != NULL ? find(tmpl, n, families[i].mark) != NULL :
		    v != NULL && vocab_find(v, families[i].mark) >= 0)
			f->family = &families[i];
	if (f->family == NULL)
		return err_set(err, "the model's chat template is not one of "
		    "the supported kinds: ChatML (SmolLM2, Qwen), DeepSeek, "
		    "Llama 3, Gemma; take a model made for chat with one");
	if (tmpl != NULL)
		read_template(f, tmpl, n);
	else
		read_vocab(f, v);
	f->name = f->family->name;
	if (f->thought != NULL) {
		f->name = f->thought->name;
		f->think_open = THINK_OPEN;
		f->think_close = THINK_CLOSE;
		f->thinker = THINKER_NATIVE;
	}
	return 0;
}

void
chatfmt_done(struct chatfmt *f)
{
	free(f->default_system);
	*f = (struct chatfmt){ 0 };
}

/* ---- rendering -------------------------------------------------------- */

void
prompt_add(struct prompt *p, const char *text, size_t n, bool special)
{
	if (n == 0)
		return;
	/* doubles at each power of two */
	if ((p->n & (p->n - 1)) == 0)
		p->v = xreallocarray(p->v, p->n ? p->n * 2 : 1,
		    sizeof(*p->v));
	p->v[p->n++] = (struct piece){ xstrndup(text, n), n, special };
}

static void
scaffold(struct prompt *p, const char *text)
{
	if (text != NULL)
		prompt_add(p, text, strlen(text), true);
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
body(const struct chatfmt *f, struct prompt *p, const char *s, size_t n)
{
	if (f->family->trim) {
		for (; n > 0 && is_blank(*s); s++, n--)
			;
		while (n > 0 && is_blank(s[n - 1]))
			n--;
	}
	prompt_add(p, s, n, false);
}

/* Where the answer begins in an assistant message that still has its thought.
 * One that only quotes the tags is left alone. */
static const char *
past_thought(const struct chatfmt *f, const char *s)
{
	const char *p = s, *end;

	while (is_blank(*p))
		p++;
	if (f->thought == NULL ||
	    strncmp(p, THINK_OPEN, sizeof(THINK_OPEN) - 1) != 0 ||
	    (end = strstr(p, THINK_CLOSE)) == NULL)
		return s;
	end += sizeof(THINK_CLOSE) - 1;
	if (f->thought->trim_past)
		while (*end == '\n')
			end++;
	return end;
}

static void
render_system(const struct chatfmt *f, const char *text, struct prompt *p)
{
	scaffold(p, f->family->open[ROLE_SYSTEM]);
	if (f->dated)
		scaffold(p, llama_dates);
	body(f, p, text, strlen(text));
	scaffold(p, f->family->close[ROLE_SYSTEM]);
}

static void
render_assistant(const struct chatfmt *f, const char *text, bool last,
    struct prompt *p)
{
	const char *s = last ? text : past_thought(f, text);

	scaffold(p, f->family->open[ROLE_ASSISTANT]);
	if (f->thought != NULL)
		scaffold(p, last ? f->thought->resume : f->thought->past);
	if (last)
		prompt_add(p, s, strlen(s), false);
	else {
		body(f, p, s, strlen(s));
		scaffold(p, f->family->close[ROLE_ASSISTANT]);
	}
}

static void
render_user(const struct chatfmt *f, const char *system, const char *text,
    struct prompt *p)
{
	scaffold(p, f->family->open[ROLE_USER]);
	if (system != NULL && *system != '\0') {
		body(f, p, system, strlen(system));
		scaffold(p, "\n\n");
	}
	body(f, p, text, strlen(text));
	scaffold(p, f->family->close[ROLE_USER]);
}

void
chatfmt_render(const struct chatfmt *f, const struct chat_msg *m, size_t n,
    enum thinking thinking, struct prompt *p)
{
	const char *pending = NULL, *tail;
	size_t i;

	*p = (struct prompt){ 0 };
	scaffold(p, f->family->bos);
	if (n == 0 || m[0].role != ROLE_SYSTEM) {
		if (f->default_system != NULL || f->dated)
			render_system(f, f->default_system ?
			    f->default_system : "", p);
	}
	for (i = 0; i < n; i++) {
		bool last = i + 1 == n;

		if (m[i].role == ROLE_SYSTEM && f->family->system_in_user)
			pending = m[i].text;
		else if (m[i].role == ROLE_SYSTEM)
			render_system(f, m[i].text, p);
		else if (m[i].role == ROLE_USER) {
			render_user(f, pending, m[i].text, p);
			pending = NULL;
		} else
			render_assistant(f, m[i].text, last, p);
	}
	if (n > 0 && m[n - 1].role == ROLE_ASSISTANT)
		return;
	scaffold(p, f->family->open[ROLE_ASSISTANT]);
	if (f->thought == NULL)
		return;
	tail = f->thought->tail[thinking];
	scaffold(p, tail);
	p->thinking_open = *tail != '\0' && strstr(tail, THINK_CLOSE) == NULL;
}

void
prompt_free(struct prompt *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		free(p->v[i].text);
	free(p->v);
	*p = (struct prompt){ 0 };
}

/* A family's BOS that this vocabulary does not have is not spelled out. */
static bool
is_foreign_bos(const struct piece *x, const struct vocab *v)
{
	size_t i;

	if (!x->special)
		return false;
	for (i = 0; i < N_FAMILIES; i++)
		if (families[i].bos && strcmp(families[i].bos, x->text) == 0)
			return vocab_find(v, x->text) < 0;
	return false;
}

int
prompt_encode(const struct prompt *p, const struct vocab *v, struct ids *out,
    struct err *err)
{
	struct vocab_part *part = xcalloc(p->n + 1, sizeof(*part));
	struct ids l = { 0 };
	size_t i, n = 0;
	int ret;

	for (i = 0; i < p->n; i++) {
		const struct piece *x = &p->v[i];

		if (i > 0 || !is_foreign_bos(x, v))
			part[n++] = (struct vocab_part){ x->text, x->n,
				!x->special };
	}
	ret = vocab_encode_parts(v, part, n, &l, err);
	if (ret == 0) {
		if (vocab_add_bos(v) && (l.n == 0 || l.v[0] != vocab_bos(v)))
			ids_add(out, vocab_bos(v));
		for (i = 0; i < l.n; i++)
			ids_add(out, l.v[i]);
	}
	ids_free(&l);
	free(part);
	return ret;
}

void
prompt_text(const struct prompt *p, struct buf *out)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		buf_add(out, p->v[i].text, p->v[i].n);
}
