/* chatfmt.c -- chat formats recognised: a file's template is searched for the
 * markers of each family, for how its models think and for its default system
 * text; it is never run. */
#include "chatfmt.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "chatfmt_priv.h"
#include "paths.h"

#define SYSTEM_MAX 8192		/* bytes of a default system text */

static const char note_unknown[] = "this model's chat template is of no kind "
    "that fikr knows, so a plain format is used, which it may not follow well; "
    "choose another one with --chat-format";
static const char note_none[] = "this model has no chat template (is it a base "
    "model?), so a plain format is used; choose another one with "
    "--chat-format";
static const char note_guess[] = "this model has no chat template; the format "
    "is taken from the marks in its vocabulary and may be wrong; choose "
    "another one with --chat-format";
static const char note_system[] = "this model's chat template has a default "
    "system text of many parts, which is left out; give one of your own if "
    "the answers suffer";

/* ---- searching templates ---------------------------------------------- */

static const char *
find(const char *s, size_t n, const char *what)
{
	return n ? memmem(s, n, what, strlen(what)) : NULL;
}

/* Append text as a template's string may write it. */
static void
add_escaped(struct buf *b, const char *text, bool escape)
{
	for (; *text; text++)
		if (escape && *text == '\n')
			buf_puts(b, "\\n");
		else
			buf_addc(b, *text);
}

/* Where the template has text, its line ends as they are or as "\n", between
 * `before` and `after`; "" for anything. */
static const char *
find_text(const char *s, size_t n, const char *before, const char *text,
    const char *after)
{
	struct buf b = { 0 };
	const char *p = NULL;

	for (int escape = 0; escape < 2 && p == NULL; escape++) {
		buf_clear(&b);
		buf_puts(&b, before);
		add_escaped(&b, text, escape);
		buf_puts(&b, after);
		p = find(s, n, b.data);
	}
	buf_free(&b);
	return p;
}

/* The template has exactly this string, in either quotes. */
static const char *
find_string(const char *s, size_t n, const char *text)
{
	const char *p = find_text(s, n, "'", text, "'");

	return p ? p : find_text(s, n, "\"", text, "\"");
}

/* It prints exactly this string: {{ 'text' }}. */
static bool
prints(const char *s, size_t n, const char *text)
{
	const char *end = s + n, *p = s, *q;

	for (; (p = find_string(p, (size_t)(end - p), text)); p++) {
		for (q = p; q > s && (q[-1] == ' ' || q[-1] == '-'); q--)
			;
		if (q - s >= 2 && q[-1] == '{' && q[-2] == '{')
			return true;
	}
	return false;
}

/* Copy a template's string from s up to stop; NULL if it ends before, where
 * other text is put in: at its closing quote, or at "{{" and "{%" outside of
 * quotes. */
static char *
literal_until(const char *s, const char *end, char quote, const char *stop)
{
	size_t n = strlen(stop);
	bool quoted = quote == '\'' || quote == '"';
	struct buf b = { 0 };

	if (end - s > SYSTEM_MAX)
		end = s + SYSTEM_MAX;
	for (; s < end; s++) {
		if ((size_t)(end - s) >= n && memcmp(s, stop, n) == 0)
			return buf_take(&b);
		if (*s == '\0' || (quoted ? *s == quote : *s == '{'))
			break;
		if (quoted && *s == '\\' && s + 1 < end)
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

/* ---- recognising ------------------------------------------------------ */

static enum family_id
inst_family(const char *s, size_t n)
{
	if (find(s, n, "<<SYS>>"))
		return F_LLAMA2;
	if (find(s, n, "[SYSTEM_PROMPT]"))
		return find(s, n, "[SYSTEM_PROMPT] ") ? F_MISTRAL_V7 :
		    F_MISTRAL_V7_TEKKEN;
	if (find(s, n, " [INST] "))
		return F_MISTRAL_V2;
	if (find(s, n, " [/INST]"))
		return find(s, n, "eos_token + ' '") ||
		    find(s, n, "eos_token + \" \"") ? F_MISTRAL_V0 :
		    F_MISTRAL_V1;
	return find(s, n, "[INST] ") ? F_MISTRAL_V3 : F_MISTRAL_TEKKEN;
}

/* F_PLAIN where nothing is known. */
static enum family_id
find_family(const char *s, size_t n)
{
	if (find(s, n, "<｜Assistant｜>"))
		return find(s, n, "is_first_sp") ? F_DEEPSEEK_START :
		    F_DEEPSEEK;
	if (find(s, n, "<|start_header_id|>") && find(s, n, "<|eot_id|>"))
		return F_LLAMA3;
	if (find(s, n, "<start_of_turn>"))
		return F_GEMMA;
	/* Phi-4 has the first two as well, but not the lines */
	if (find(s, n, "<|im_start|>") && find(s, n, "<|im_end|>") &&
	    !find(s, n, "<|im_sep|>"))
		return F_CHATML;
	if (find(s, n, "[INST]") && find(s, n, "[/INST]"))
		return inst_family(s, n);
	if (find(s, n, "### Instruction:") && find(s, n, "<|EOT|>"))
		return F_DEEPSEEK_CODER;
	if (find(s, n, "'User: '") && find(s, n, "'Assistant: '") &&
	    find(s, n, "eos_token"))
		return F_DEEPSEEK_V2;
	return F_PLAIN;
}

static enum thought_id
deepseek_thought(const char *s, size_t n)
{
	if (prints(s, n, "<think></think>"))
		return T_V3_1_PAIR;
	if (prints(s, n, "</think>"))
		return T_V3_1;
	if (find(s, n, "<｜Assistant｜><think>"))
		return T_R1;
	return find(s, n, "</think>") ? T_R1_BARE : T_NONE;
}

static enum thought_id
chatml_thought(const char *s, size_t n)
{
	if (find_text(s, n, "", "<|im_start|>assistant\n<think>", "") ||
	    find_string(s, n, "<think>\n"))
		return find(s, n, "reasoning_content") ? T_QWEN3_OPEN : T_QWQ;
	return find(s, n, "<think>") ? T_QWEN3 : T_NONE;
}

static enum thought_id
find_thought(enum family_id family, const char *s, size_t n)
{
	if (family == F_DEEPSEEK || family == F_DEEPSEEK_START)
		return deepseek_thought(s, n);
	return family == F_CHATML ? chatml_thought(s, n) : T_NONE;
}

/* R1-0528's template writes the opening after each user text, V3.1's only
 * there. */
static enum chat_opens
find_opens(enum family_id family, const char *s, size_t n)
{
	if (family != F_DEEPSEEK && family != F_DEEPSEEK_START)
		return OPENS_TURN;
	if (find(s, n, "content + '<｜Assistant｜>'") ||
	    find(s, n, "content'] + '<｜Assistant｜>'"))
		return OPENS_BY_USER;
	return find(s, n, "if ns.is_last_user") ? OPENS_AFTER_USER :
	    OPENS_TURN;
}

/* Llama 3.1 has a date of its own for want of one, 3.2 and later ask the
 * machine. */
static enum chat_dates
find_dates(const char *s, size_t n)
{
	if (!find(s, n, "Cutting Knowledge Date"))
		return DATES_NONE;
	return find(s, n, "strftime_now") ? DATES_TODAY : DATES_FIXED;
}

static void
read_date(struct chatfmt *f, const char *s, size_t n)
{
	static const char set[] = "date_string = ";
	const char *p = find(s, n, set);
	char *date;

	if (p == NULL)
		return;
	p += sizeof(set) - 1;
	if (p < s + n && (*p == '"' || *p == '\'')) {
		const char quote[] = { *p, '\0' };

		date = literal_until(p + 1, s + n, '\n', quote);
		if (date != NULL && strlen(date) < sizeof(f->date))
			memcpy(f->date, date, strlen(date) + 1);
		free(date);
	}
}

/* The first row with these parts: they name a format; else the family does. */
static const char *
format_name(enum family_id family, enum thought_id thought,
    enum chat_dates dates)
{
	const struct chat_format *c = chat_formats;

	while (c->name && (c->family != family || c->thought != thought ||
	    c->dates != dates))
		c++;
	return c->name ? c->name : chat_families[family].name;
}

static void
set_parts(struct chatfmt *f, enum family_id family, enum thought_id thought,
    enum chat_dates dates)
{
	f->family = &chat_families[family];
	f->thought = thought ? &chat_thoughts[thought] : NULL;
	f->dates = dates;
	f->name = format_name(family, thought, dates);
	f->trim = f->family->trim;
	f->switched = true;
	memcpy(f->date, "26 Jul 2024", sizeof("26 Jul 2024"));
	chatfmt_settle(f);
}

void
chatfmt_settle(struct chatfmt *f)
{
	f->stop = f->family->stop;
	f->lead_space = f->family->lead_space;
	f->thinker = f->thought ? THINKER_NATIVE : THINKER_GUIDED;
	f->think_open = f->thought ? f->thought->open : NULL;
	f->think_close = f->thought ? f->thought->close : NULL;
}

/* A default system text tells one format of a family from another: Qwen2.5
 * from other ChatML. */
static void
take_system(struct chatfmt *f, char *text)
{
	const struct chat_format *c = chat_formats;

	f->default_system = text;
	for (; text && f->thought == NULL && c->name; c++)
		if (f->family == &chat_families[c->family] && c->system &&
		    c->thought == T_NONE && strcmp(c->system, text) == 0)
			f->name = c->name;
}

static void
read_system(struct chatfmt *f, enum family_id family, const char *s, size_t n)
{
	const struct chat_format *c = chat_formats;

	if (family == F_CHATML)
		take_system(f, default_system(s, n));
	for (; family == F_DEEPSEEK_CODER && c->name; c++)
		if (c->family == family && find_text(s, n, "", c->system, ""))
			f->default_system = xstrdup(c->system);
	if (family == F_MISTRAL_V7_TEKKEN &&
	    find(s, n, "default_system_message"))
		f->note = note_system;
}

static void
read_template(struct chatfmt *f, const char *s, size_t n)
{
	enum family_id family = find_family(s, n);

	set_parts(f, family, find_thought(family, s, n), family == F_LLAMA3 ?
	    find_dates(s, n) : DATES_NONE);
	if (family == F_PLAIN) {
		f->unknown = true;
		f->note = note_unknown;
		return;
	}
	if (!find(s, n, "trim") && !find(s, n, "strip()"))
		f->trim = 0;
	f->switched = find(s, n, "enable_thinking") ||
	    find(s, n, "thinking is defined");
	f->no_bos = !find(s, n, "bos_token") &&
	    !(f->family->bos && find(s, n, f->family->bos));
	f->opens = find_opens(family, s, n);
	read_date(f, s, n);
	read_system(f, family, s, n);
}

/* Without a template the vocabulary must do.  Llama 3 and Gemma have their
 * marks in the base models' too, which never learned them. */
static void
read_vocab(struct chatfmt *f, const struct vocab *v)
{
	bool thinks = v != NULL && vocab_find(v, "<think>") >= 0;
	enum family_id family = F_PLAIN;

	if (v != NULL && vocab_find(v, "<｜Assistant｜>") >= 0)
		family = F_DEEPSEEK_START;
	else if (v != NULL && vocab_find(v, "<|im_start|>") >= 0)
		family = F_CHATML;
	set_parts(f, family, !thinks ? T_NONE : family == F_CHATML ? T_QWEN3 :
	    family == F_DEEPSEEK_START ? T_R1_BARE : T_NONE, DATES_NONE);
	f->unknown = family == F_PLAIN;
	f->note = f->unknown ? note_none : note_guess;
}

/* What the vocabulary has for the template's bos_token. */
static void
take_bos(struct chatfmt *f, const struct vocab *v)
{
	char bos[CHATFMT_TOKEN_MAX];
	const char *s;
	size_t n;

	if (v == NULL || vocab_bos(v) < 0)
		return;
	s = vocab_piece(v, vocab_bos(v), true, &n);
	if (n == 0 || n >= sizeof(bos) || memchr(s, '\0', n))
		return;
	memcpy(bos, s, n);
	bos[n] = '\0';
	chatfmt_set_tokens(f, bos, NULL);
}

int
chatfmt_detect(struct chatfmt *f, const char *tmpl, size_t n,
    const struct vocab *v, struct err *err)
{
	(void)err;
	*f = (struct chatfmt){ 0 };
	if (tmpl != NULL && n > 0) {
		read_template(f, tmpl, n);
		if (f->family != &chat_families[F_PLAIN] && !f->no_bos)
			take_bos(f, v);
	} else
		read_vocab(f, v);
	return 0;
}

void
chatfmt_set_tokens(struct chatfmt *f, const char *bos, const char *eos)
{
	if (bos != NULL && strlen(bos) < sizeof(f->bos))
		memcpy(f->bos, bos, strlen(bos) + 1);
	if (eos != NULL && strlen(eos) < sizeof(f->eos))
		memcpy(f->eos, eos, strlen(eos) + 1);
}

void
chatfmt_done(struct chatfmt *f)
{
	free(f->default_system);
	chat_file_free(f->file);
	*f = (struct chatfmt){ 0 };
}

/* ---- choosing --------------------------------------------------------- */

const char *
chatfmt_name(size_t i)
{
	const struct chat_format *c = chat_formats;

	for (; c->name; c++)
		if ((c == chat_formats || strcmp(c->name, c[-1].name)) &&
		    i-- == 0)
			return c->name;
	return NULL;
}

static bool
by_name(struct chatfmt *f, const char *name)
{
	const struct chat_format *c = chat_formats;

	while (c->name && strcmp(c->name, name))
		c++;
	if (!c->name)
		return false;
	*f = (struct chatfmt){ 0 };
	set_parts(f, c->family, c->thought, c->dates);
	f->name = c->name;
	if (c->system)
		f->default_system = xstrdup(c->system);
	return true;
}

static int
no_such_format(const char *name, struct err *err)
{
	char *folder = path_config("chat-formats");
	struct buf known = { 0 };
	const char *s;

	for (size_t i = 0; (s = chatfmt_name(i)); i++)
		buf_printf(&known, "%s%s", i ? ", " : "", s);
	err_set(err, "there is no chat format \"%.80s\": it is none of the "
	    "known ones (%s), and there is no such file in %.300s", name,
	    known.data, folder);
	buf_free(&known);
	free(folder);
	return -1;
}

int
chatfmt_choose(struct chatfmt *f, const char *name, const char *tmpl,
    size_t n, const struct vocab *v, struct err *err)
{
	char *found;
	int r = 0;

	if (name == NULL || *name == '\0')
		return chatfmt_detect(f, tmpl, n, v, err);
	found = path_chat_format(name, err);
	if (found == NULL)
		return -1;
	if (strchr(found, '/'))
		r = chatfmt_load(f, found, err);
	else if (!by_name(f, found))
		r = no_such_format(found, err);
	free(found);
	return r;
}
