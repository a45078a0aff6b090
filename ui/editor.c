/* editor.c -- GNU readline as an engine without a screen: keys go in as whole
 * byte sequences through a queue, text and cursor are read from its variables.
 *
 * readline reads the rest of a sequence in a loop of its own, so it must never
 * be fed half of one; and it believes that it owns the terminal, so everything
 * that touches one is switched off in editor_init.
 *
 * Going through the history is done here: readline 8.2 ties undo lists to the
 * entries that it visits and frees some of them twice.  Its own place in the
 * history stays at the end, except while ^R looks for something. */
#include "editor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "alloc.h"
#include "buf.h"
#include "histfile.h"
#include "utf8.h"

#define CTRL_G "\007"		/* readline's abort, in any state */
#define ACCEPT "\033[99999~"	/* private: ends the line inside readline */
#define QUEUE_MAX 32

static struct {
	char queue[QUEUE_MAX];	/* bytes readline has yet to read */
	size_t head, n;
	bool accepting;		/* editor_take asked for the end of the line */
	char *rescued;		/* a line that readline ended on its own */
	int place;		/* shown entry of the history, counted from 0;
				 * history_length: the new line */
	char **kept;		/* [n_kept] texts of lines that were left
				 * changed (NULL: not), by place */
	int n_kept;
	int goal;		/* column that up and down keep, -1: none */
	int goal_point;		/* where the cursor was then */
	struct buf shown;	/* rl_line_buffer, scrubbed */
	struct buf message;
	char *path;		/* of the history, or NULL */
	bool private;		/* nothing goes there */
	bool ready;
} ed;

/* Where readline may read and write; it keeps pointers to them for good. */
static FILE *null_in, *null_out;

/* Keys of several bytes, what is sent for them, and what they do unless the
 * person's inputrc says otherwise. */
static const struct {
	enum key_code code;
	int mod;
	const char *seq, *function;
} bound[] = {
	{ KEY_UP_, 0, "\033[A", "previous-history" },
	{ KEY_DOWN_, 0, "\033[B", "next-history" },
	{ KEY_RIGHT_, 0, "\033[C", "forward-char" },
	{ KEY_LEFT_, 0, "\033[D", "backward-char" },
	{ KEY_HOME_, 0, "\033[H", "beginning-of-line" },
	{ KEY_END_, 0, "\033[F", "end-of-line" },
	{ KEY_DEL_, 0, "\033[3~", "delete-char" },
	{ KEY_INS_, 0, "\033[2~", "overwrite-mode" },
	{ KEY_RIGHT_, MOD_CTRL, "\033[1;5C", "forward-word" },
	{ KEY_LEFT_, MOD_CTRL, "\033[1;5D", "backward-word" },
	{ KEY_RIGHT_, MOD_ALT, "\033[1;3C", "forward-word" },
	{ KEY_LEFT_, MOD_ALT, "\033[1;3D", "backward-word" },
	{ KEY_DEL_, MOD_CTRL, "\033[3;5~", "kill-word" },
	{ KEY_DEL_, MOD_ALT, "\033[3;3~", "kill-word" },
	{ KEY_BACKSPACE_, 0, "\177", "backward-delete-char" },
	{ KEY_BACKSPACE_, MOD_CTRL, "\033[127;5u", "backward-kill-word" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int
queue_getc(FILE *f)
{
	(void)f;
	if (ed.n == 0)
		return EOF;	/* ends the line; line_ended puts it back */
	ed.n--;
	return (unsigned char)ed.queue[ed.head++];
}

static int
queue_ready(void)
{
	return ed.n > 0;
}

static void
no_display(void)
{
}

static char *
no_completion(const char *text, int state)
{
	(void)text;
	(void)state;
	return NULL;
}

/* readline has ended the line: because editor_take wants it, or by a binding
 * that got past us (a re-read inputrc, insert-comment).  Then it is kept, as
 * sending is not readline's to decide. */
static void
line_ended(char *line)
{
	if (ed.accepting) {
		ed.accepting = false;
		free(line);
	} else {
		free(ed.rescued);
		ed.rescued = line != NULL ? line : xstrdup(rl_line_buffer);
	}
}

/* ---- the history ---- */

static const char *
entry_text(int place)
{
	HIST_ENTRY *e;

	if (place < ed.n_kept && ed.kept[place] != NULL)
		return ed.kept[place];
	e = history_get(history_base + place);
	return e != NULL ? e->line : "";
}

/* Remember s as the text of a place, until the line is sent. */
static void
keep(int place, const char *s)
{
	if (place >= ed.n_kept) {
		ed.kept = xreallocarray(ed.kept, (size_t)place + 1,
		    sizeof(*ed.kept));
		while (ed.n_kept <= place)
			ed.kept[ed.n_kept++] = NULL;
	}
	s = xstrdup(s);
	free(ed.kept[place]);
	ed.kept[place] = (char *)s;
}

static void
forget_kept(void)
{
	for (int i = 0; i < ed.n_kept; i++)
		free(ed.kept[i]);
	free(ed.kept);
	ed.kept = NULL;
	ed.n_kept = 0;
	ed.place = history_length;
}

static int
show_place(int to)
{
	if (to < 0)
		to = 0;
	if (to > history_length)
		to = history_length;
	if (to == ed.place)
		return 0;
	if (strcmp(rl_line_buffer, entry_text(ed.place)) != 0)
		keep(ed.place, rl_line_buffer);
	ed.place = to;
	rl_replace_line(entry_text(to), 1);
	rl_point = rl_end;
	rl_mark = 0;
	return 0;
}

static int
cmd_previous(int count, int key)
{
	(void)key;
	return show_place(ed.place - count);
}

static int
cmd_next(int count, int key)
{
	(void)key;
	return show_place(ed.place + count);
}

static int
cmd_first(int count, int key)
{
	(void)count;
	(void)key;
	return show_place(0);
}

static int
cmd_last(int count, int key)
{
	(void)count;
	(void)key;
	return show_place(history_length);
}

/* To the next entry, in steps of by, that begins like the line does before
 * the cursor; the cursor stays. */
static int
seek(int by)
{
	int n = rl_point;

	for (int i = ed.place + by; i >= 0 && i <= history_length; i += by) {
		const char *s = entry_text(i);

		if (strncmp(s, rl_line_buffer, (size_t)n) != 0 ||
		    strcmp(s, rl_line_buffer) == 0)
			continue;
		show_place(i);
		rl_point = n > 0 ? n : rl_end;
		break;
	}
	return 0;
}

static int
cmd_seek_back(int count, int key)
{
	(void)key;
	return seek(count < 0 ? 1 : -1);
}

static int
cmd_seek_on(int count, int key)
{
	(void)key;
	return seek(count < 0 ? -1 : 1);
}

/* readline's commands that walk the history, and what they do here. */
static const struct {
	const char *name;
	rl_command_func_t *function;
} replaced[] = {
	{ "previous-history", cmd_previous },
	{ "next-history", cmd_next },
	{ "beginning-of-history", cmd_first },
	{ "end-of-history", cmd_last },
	{ "fetch-history", cmd_last },
	{ "vi-fetch-history", cmd_last },
	{ "history-search-backward", cmd_seek_back },
	{ "history-search-forward", cmd_seek_on },
	{ "history-substring-search-backward", cmd_seek_back },
	{ "history-substring-search-forward", cmd_seek_on },
	{ "non-incremental-reverse-search-history", cmd_seek_back },
	{ "non-incremental-forward-search-history", cmd_seek_on },
	{ "non-incremental-reverse-search-history-again", cmd_seek_back },
	{ "non-incremental-forward-search-history-again", cmd_seek_on },
	{ "vi-search-again", cmd_seek_back },
	{ "vi-search", rl_reverse_search_history },
};

/* Commands that would send, quit or draw, which is the app's; and keyboard
 * macros, whose input in callback mode mixes with ours. */
static const char *const removed[] = {
	"accept-line", "operate-and-get-next", "bracketed-paste-begin",
	"end-of-file", "vi-eof-maybe", "clear-screen", "clear-display",
	"start-kbd-macro", "end-kbd-macro", "call-last-kbd-macro",
	"re-read-init-file", "possible-completions", "insert-completions",
	"menu-complete", "menu-complete-backward",
};

static void
replace_command(Keymap map, rl_command_func_t *from, rl_command_func_t *to)
{
	char **seqs = from != NULL ? rl_invoking_keyseqs_in_map(from, map) :
	    NULL;

	for (size_t i = 0; seqs != NULL && seqs[i] != NULL; i++) {
		rl_bind_keyseq_in_map(seqs[i], to, map);
		free(seqs[i]);
	}
	free(seqs);
}

/* ---- feeding ---- */

static bool
searching(void)
{
	return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH) != 0;
}

static void
end_line(void)
{
	/* Twice, as a command that waits for a character eats the first. */
	for (int i = 0; i < 2 && (i == 0 || ed.accepting); i++) {
		ed.accepting = true;
		memcpy(ed.queue, ACCEPT, sizeof(ACCEPT) - 1);
		ed.head = 0;
		ed.n = sizeof(ACCEPT) - 1;
		while (ed.n > 0)
			rl_callback_read_char();
	}
	ed.accepting = false;
	rl_replace_line("", 1);
	rl_point = rl_mark = 0;
	using_history();
}

/* A search has ended on an entry: make its text a line of ours, so that
 * readline never edits an entry. */
static void
leave_entry(void)
{
	char *text = xstrdup(rl_line_buffer);
	int point = rl_point;

	ed.place = where_history();
	end_line();
	rl_replace_line(text, 1);
	rl_point = point;
	free(text);
}

/* readline lets its mark, and through it the cursor, point behind a line that
 * has become shorter, or into a character of one that has changed. */
static int
inside(int at)
{
	if (at < 0)
		at = 0;
	if (at > rl_end)
		at = rl_end;
	while (at > 0 && (rl_line_buffer[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* Let readline read one whole sequence. */
static void
feed(const char *s, size_t n)
{
	bool was = searching();

	if (n > QUEUE_MAX)
		return;
	memcpy(ed.queue, s, n);
	ed.head = 0;
	ed.n = n;
	rl_mark = inside(rl_mark);
	while (ed.n > 0)
		rl_callback_read_char();
	rl_point = inside(rl_point);
	if (ed.rescued != NULL) {
		rl_insert_text(ed.rescued);
		free(ed.rescued);
		ed.rescued = NULL;
	}
	if (!was && searching() && strcmp(rl_line_buffer,
	    entry_text(ed.place)) != 0)
		keep(ed.place, rl_line_buffer);
	if (!searching() && where_history() < history_length)
		leave_entry();
}

static void
feed_s(const char *s)
{
	feed(s, strlen(s));
}

/* Bring readline back to plain editing, keeping what a search has found. */
static void
settle(void)
{
	ed.goal = -1;
	if (RL_ISSTATE(RL_STATE_ISEARCH))
		feed_s("\033");
	else if (editor_busy())
		feed_s(CTRL_G);
	if (editor_busy())
		feed_s(CTRL_G);
}

static void
bind_keys(void)
{
	const Keymap maps[] = { emacs_standard_keymap, vi_insertion_keymap,
		vi_movement_keymap };

	for (size_t m = 0; m < COUNT(maps); m++) {
		for (size_t i = 0; i < COUNT(removed); i++)
			rl_unbind_command_in_map(removed[i], maps[m]);
		for (size_t i = 0; i < COUNT(bound); i++)
			rl_bind_keyseq_if_unbound_in_map(bound[i].seq,
			    rl_named_function(bound[i].function), maps[m]);
		for (size_t i = 0; i < COUNT(replaced); i++)
			replace_command(maps[m],
			    rl_named_function(replaced[i].name),
			    replaced[i].function);
		rl_bind_keyseq_in_map(ACCEPT, rl_named_function("accept-line"),
		    maps[m]);
	}
}

/* What must hold whatever the inputrc says: no bytes but ours, no pauses, no
 * noise. */
static void
fix_variables(void)
{
	static const char *const set[][2] = {
		{ "enable-bracketed-paste", "off" },
		{ "bell-style", "none" },
		{ "blink-matching-paren", "off" },
		{ "show-mode-in-prompt", "off" },
		{ "input-meta", "on" },
		{ "output-meta", "on" },
		{ "convert-meta", "off" },
		{ "byte-oriented", "off" },
		{ "isearch-terminators", "\033\012" },
	};

	for (size_t i = 0; i < COUNT(set); i++)
		rl_variable_bind(set[i][0], set[i][1]);
}

int
editor_init(const char *history, struct err *err)
{
	static bool again;
	int r = 0;

	if (ed.ready)
		editor_done();
	if (null_in == NULL)
		null_in = fopen("/dev/null", "re");
	if (null_out == NULL)
		null_out = fopen("/dev/null", "we");
	if (null_in == NULL || null_out == NULL)
		r = err_set(err, "/dev/null cannot be opened, and the prompt "
		    "needs it: %m");
	rl_instream = null_in;
	rl_outstream = null_out;
	rl_readline_name = "fikr";
	rl_terminal_name = "dumb";
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_prep_term_function = NULL;
	rl_deprep_term_function = NULL;
	rl_getc_function = queue_getc;
	rl_input_available_hook = queue_ready;
	rl_redisplay_function = no_display;
	rl_completion_entry_function = no_completion;
	rl_initialize();
	if (again)		/* readline itself reads it only once */
		rl_read_init_file(NULL);
	again = true;
	fix_variables();
	bind_keys();
	using_history();
	stifle_history(HISTFILE_MAX);
	rl_callback_handler_install("", line_ended);
	ed.ready = true;
	ed.goal = -1;
	if (history != NULL) {
		ed.path = xstrdup(history);
		if (histfile_load(ed.path, add_history, err) != 0) {
			r = -1;
			free(ed.path);
			ed.path = NULL;
		}
		using_history();
	}
	ed.place = history_length;
	return r;
}

void
editor_done(void)
{
	if (!ed.ready)
		return;
	settle();
	rl_callback_handler_remove();
	if (ed.path != NULL)
		histfile_trim(ed.path);
	clear_history();
	free(ed.path);
	free(ed.rescued);
	forget_kept();
	buf_free(&ed.shown);
	buf_free(&ed.message);
	memset(&ed, 0, sizeof(ed));
}

/* A key that a search understands; any other one ends it first, by our hand:
 * readline 8.2 crashes when it ends a search for a prefix key. */
static bool
for_search(const struct key *k)
{
	if (k->mod == MOD_CTRL)
		return k->ch < 0x80 && strchr("grsjwy", (int)k->ch) != NULL;
	return k->mod == 0;
}

static void
key_char(const struct key *k)
{
	char s[8];
	size_t n = 0;
	uint32_t ch = k->ch;

	if (searching() && !for_search(k))
		settle();
	if (k->mod == MOD_CTRL && ch == 'd' && rl_end == 0)
		return;		/* would be the end of file */
	if (k->mod & MOD_ALT)
		s[n++] = '\033';
	if (k->mod & MOD_CTRL) {
		if (ch == ' ')
			ch = '@';
		if (ch >= 'a' && ch <= 'z')
			ch -= 'a' - 'A';
		if (ch < '@' || ch > '_')
			return;
		s[n++] = (char)(ch & 0x1f);
	} else {
		n += (size_t)utf8_encode(ch, s + n);
	}
	feed(s, n);
}

static void
key_enter(void)
{
	if (searching())
		feed_s("\n");
	else if (editor_busy())
		feed_s(CTRL_G);
}

static void
key_esc(void)
{
	if (RL_ISSTATE(RL_STATE_NSEARCH | RL_STATE_MULTIKEY))
		feed_s(CTRL_G);
	else if (editor_wants_esc())
		feed_s("\033");
}

static void
key_other(const struct key *k)
{
	if (k->code == KEY_BACKSPACE_ && k->mod & MOD_ALT) {
		settle();
		feed_s("\033\177");
		return;
	}
	for (size_t i = 0; i < COUNT(bound); i++) {
		if (bound[i].code != k->code || bound[i].mod != k->mod)
			continue;
		if (searching() && k->code != KEY_BACKSPACE_)
			settle();
		feed_s(bound[i].seq);
		return;
	}
}

void
editor_key(const struct key *k)
{
	ed.goal = -1;
	switch (k->code) {
	case KEY_CHAR:
		/* ^J is a newline, except that it ends a search. */
		if (k->mod == MOD_CTRL && k->ch == 'j' && !searching())
			editor_insert("\n", 1);
		else
			key_char(k);
		break;
	case KEY_ENTER_:
		if (k->mod != 0)
			editor_insert("\n", 1);
		else
			key_enter();
		break;
	case KEY_ESC_:
		key_esc();
		break;
	case KEY_PASTE_:
		editor_insert(k->text, k->n);
		break;
	default:
		key_other(k);
	}
}

void
editor_insert(const char *s, size_t n)
{
	struct buf b = { 0 };
	size_t to = 0;

	settle();
	utf8_scrub(&b, s, n);
	for (size_t i = 0; i < b.len; i++)
		if (b.data[i] != '\0')
			b.data[to++] = b.data[i];
	if (to > 0) {
		b.data[to] = '\0';
		rl_begin_undo_group();
		rl_insert_text(b.data);
		rl_end_undo_group();
	}
	buf_free(&b);
}

const char *
editor_text(void)
{
	buf_clear(&ed.shown);
	utf8_scrub(&ed.shown, rl_line_buffer, (size_t)rl_end);
	return ed.shown.len > 0 ? ed.shown.data : "";
}

size_t
editor_point(void)
{
	struct buf b = { 0 };
	size_t n;

	if (utf8_valid(rl_line_buffer, (size_t)rl_point))
		return (size_t)rl_point;
	utf8_scrub(&b, rl_line_buffer, (size_t)rl_point);
	n = b.len;
	buf_free(&b);
	return n;
}

void
editor_move(size_t point)
{
	size_t shown = 0, len;
	uint32_t ch;
	bool ok;

	settle();
	rl_point = 0;
	while (shown < point && rl_point < rl_end) {
		len = (size_t)utf8_decode(rl_line_buffer + rl_point,
		    (size_t)(rl_end - rl_point), &ch, &ok);
		shown += ok ? len : 3;	/* shown as U+FFFD */
		rl_point += (int)len;
	}
}

/* Begin anew.  Through readline's own end of line: that resets undo and vi's
 * mode, too. */
static void
restart(void)
{
	settle();
	end_line();
	forget_kept();
}

void
editor_set(const char *s)
{
	restart();
	editor_insert(s, strlen(s));
}

void
editor_clear(void)
{
	settle();
	if (rl_end > 0)
		rl_kill_text(0, rl_end);
	restart();
}

static bool
blank(const char *s)
{
	return s[strspn(s, " \t\r\n")] == '\0';
}

/* Keep a text in the history, unless it says nothing new. */
static void
remember(const char *s)
{
	HIST_ENTRY *last;

	if (blank(s))
		return;
	last = history_length > 0 ?
	    history_get(history_base + history_length - 1) : NULL;
	if (last != NULL && strcmp(last->line, s) == 0)
		return;
	add_history(s);
	if (ed.path != NULL && !ed.private)
		histfile_append(ed.path, s);
}

void
editor_private(bool private)
{
	ed.private = private;
}

char *
editor_take(void)
{
	char *text;

	settle();
	text = xstrdup(editor_text());
	restart();
	remember(text);
	using_history();
	ed.place = history_length;
	return text;
}

void
editor_sent(const char *sent)
{
	settle();
	restart();
	remember(sent);
	using_history();
	ed.place = history_length;
}

bool
editor_busy(void)
{
	return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH |
	    RL_STATE_MULTIKEY | RL_STATE_NUMERICARG | RL_STATE_VIMOTION |
	    RL_STATE_METANEXT | RL_STATE_CHARSEARCH) != 0;
}

bool
editor_wants_esc(void)
{
	return editor_busy() || (rl_editing_mode == 0 &&
	    rl_get_keymap() == vi_insertion_keymap);
}

const char *
editor_message(void)
{
	if (!editor_busy() || rl_display_prompt == NULL ||
	    rl_display_prompt == rl_prompt)
		return "";
	buf_clear(&ed.message);
	utf8_scrub(&ed.message, rl_display_prompt, strlen(rl_display_prompt));
	return ed.message.len > 0 ? ed.message.data : "";
}

static int
line_start(int at)
{
	while (at > 0 && rl_line_buffer[at - 1] != '\n')
		at--;
	return at;
}

static int
line_end(int at)
{
	while (at < rl_end && rl_line_buffer[at] != '\n')
		at++;
	return at;
}

static int
char_bytes(int at)
{
	uint32_t ch;

	return utf8_decode(rl_line_buffer + at, (size_t)(rl_end - at), &ch,
	    NULL);
}

/* Put the cursor into the line that starts at start, in the column (counted
 * in characters) that the first of several moves had. */
static void
go_to_line(int start)
{
	int end = line_end(start), column = 0;

	if (ed.goal < 0 || ed.goal_point != rl_point) {
		for (int i = line_start(rl_point); i < rl_point; column++)
			i += char_bytes(i);
		ed.goal = column;
	}
	rl_point = start;
	for (int i = 0; i < ed.goal && rl_point < end; i++)
		rl_point += char_bytes(rl_point);
	ed.goal_point = rl_point;
}

/* In a search or in the middle of a command, end that first, but keep the
 * column of a run of moves. */
static void
settle_if_busy(void)
{
	if (editor_busy())
		settle();
}

void
editor_up(void)
{
	int start;

	settle_if_busy();
	start = line_start(rl_point);
	if (start > 0)
		go_to_line(line_start(start - 1));
	else
		feed_s("\033[A");
}

void
editor_down(void)
{
	int end;

	settle_if_busy();
	end = line_end(rl_point);
	if (end < rl_end)
		go_to_line(end + 1);
	else
		feed_s("\033[B");
}
