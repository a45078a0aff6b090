/* script.c -- runs a script: the same app, editor and worker link as on a
 * terminal, with a clock that stands still and a grid that is printed. */
#include "script.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "app.h"
#include "clock.h"
#include "editor.h"
#include "lang.h"
#include "paths.h"
#include "player.h"
#include "port.h"
#include "utf8.h"

#define CLOCK_START 1700000000000	/* ms since the epoch */
#define WAIT_MS 20000			/* of real time, before giving up */
#define EXIT_SCRIPT 2

struct script {
	const struct ui_opts *o;
	struct app app;
	struct link *link;
	struct grid grid;
	int64_t now;
	bool quit;
	int w, h;
};

static void
react(struct script *s, unsigned r)
{
	if (r & REACT_QUIT) {
		s->quit = true;
		puts("[quit]");
	}
	if (r & REACT_SUSPEND)
		puts("[suspend]");
	if (r & REACT_EDITOR)
		puts("[editor]");
	if (r & REACT_COPY)
		printf("[copy %s]\n", s->app.clip);
	if (r & REACT_MOUSE)
		printf("[mouse %s]\n", s->app.mouse ? "on" : "off");
	if (r & REACT_THEME)
		printf("[theme %s]\n", s->app.theme.name);
	app_draw(&s->app, &s->grid);
}

static void
send_event(struct script *s, struct ui_event ev)
{
	ev.now = s->now;
	react(s, app_event(&s->app, &ev));
}

static void
resize(struct script *s, int w, int h)
{
	s->w = w;
	s->h = h;
	grid_resize(&s->grid, w, h);
	send_event(s, (struct ui_event){ .type = UI_RESIZE, .w = w, .h = h });
}

static void
session_begin(struct script *s, const char *open)
{
	struct link_opts lo = { .load = s->o->load };
	char *log = path_state("worker.log");

	lo.log = log;
	s->link = link_new(&lo);
	free(log);
	app_init(&s->app, s->o->conf, s->o->load->model ? s->o->load->model :
	    "", s->o->store, open,
	    port_link(s->link), s->now);
	app_load_keys(&s->app);
	s->quit = false;
	if (s->o->replay)
		player_begin(&s->app, s->o->replay, s->o->how);
	else
		app_start_worker(&s->app);
	resize(s, s->w, s->h);
}

static void
session_over(struct script *s)
{
	struct err err = { .text = "" };

	if (app_finish(&s->app, &err) < 0)
		printf("[%s]\n", err.text);
	app_done(&s->app);
	link_free(s->link);
}

/* ---- waiting ---- */

static void
pump(struct script *s, int ms)
{
	struct pollfd p = { .fd = link_fd(s->link), .events = POLLIN };

	port_write(s->link);
	if (p.fd < 0 || poll(&p, 1, ms) <= 0)
		return;
	react(s, port_read(s->link, &s->app, s->now));
}

static bool
shows(struct script *s, const char *text)
{
	struct buf b = { 0 };
	bool yes;

	grid_dump(&s->grid, &b, false);
	yes = b.data && strstr(b.data, text) != NULL;
	buf_free(&b);
	return yes;
}

static bool
reached(struct script *s, const char *what)
{
	const struct session *busy = app_busy(&s->app);
	enum phase phase = busy ? busy->phase : PHASE_IDLE;

	if (strncmp(what, "text ", 5) == 0)
		return shows(s, what + 5);
	if (strncmp(what, "tokens ", 7) == 0)
		return busy && busy->tokens >= atoi(what + 7);
	if (strcmp(what, "loaded") == 0)
		return s->app.model.loaded;
	if (strcmp(what, "idle") == 0)
		return phase == PHASE_IDLE;
	if (strcmp(what, "reading") == 0)
		return phase == PHASE_READING;
	if (strcmp(what, "thinking") == 0)
		return phase == PHASE_THINKING;
	if (strcmp(what, "answering") == 0)
		return phase == PHASE_ANSWERING;
	return false;
}

static int
do_wait(struct script *s, const char *what)
{
	double until = clock_now_ms() + WAIT_MS;

	while (!reached(s, what)) {
		if (clock_now_ms() > until) {
			fprintf(stderr, "waited in vain for: %s\n", what);
			return -1;
		}
		pump(s, 50);
	}
	return 0;
}

/* ---- keys ---- */

static void
send_key(struct script *s, struct key k, const char *raw)
{
	k.raw = raw;
	k.raw_n = raw ? strlen(raw) : 0;
	send_event(s, (struct ui_event){ .type = UI_KEY, .key = &k });
}

static int
do_key(struct script *s, char *names)
{
	struct key k;
	char *save = NULL;

	for (char *n = strtok_r(names, " ", &save); n && !s->quit;
	    n = strtok_r(NULL, " ", &save)) {
		if (key_parse(n, &k) < 0) {
			fprintf(stderr, "no such key: %s\n", n);
			return -1;
		}
		send_key(s, k, NULL);
	}
	return 0;
}

static void
do_type(struct script *s, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		struct key k = { .code = KEY_CHAR };
		char raw[5] = "";
		int used = utf8_decode(text, n, &k.ch, NULL);

		memcpy(raw, text, used);
		send_key(s, k, raw);
		text += used;
		n -= used;
	}
}

static void
do_paste(struct script *s, const char *text)
{
	struct key k = { .code = KEY_PASTE_ };
	struct buf b = { 0 };

	for (; *text; text++) {
		if (text[0] == '\\' && (text[1] == 'n' || text[1] == 't'))
			buf_addc(&b, *++text == 'n' ? '\n' : '\t');
		else
			buf_addc(&b, *text);
	}
	k.text = b.data ? b.data : "";
	k.n = b.len;
	send_key(s, k, NULL);
	buf_free(&b);
}

/* ---- the rest ---- */

static void
do_screen(struct script *s, bool styles)
{
	struct buf b = { 0 };

	grid_dump(&s->grid, &b, styles);
	printf("==== %dx%d", s->grid.w, s->grid.h);
	if (s->grid.cx >= 0)
		printf(" cursor %d,%d", s->grid.cx, s->grid.cy);
	printf(" ====\n%s", b.data ? b.data : "");
	if (b.len > 0 && b.data[b.len - 1] != '\n')
		putchar('\n');
	buf_free(&b);
}

static void
do_restart(struct script *s)
{
	struct convo_info *v = NULL;
	struct err err;
	char *id = NULL;
	int n;

	session_over(s);
	s->now += 1000;
	n = journal_list(s->o->store, &v, &err);
	if (n > 0)
		id = xstrdup(v[0].id);
	convo_infos_free(v, n > 0 ? n : 0);
	session_begin(s, id);
	free(id);
}

static int
do_gate(void)
{
	const char *path = getenv("FIKR_FAKE_GATE");
	int fd = path ? open(path, O_WRONLY | O_CREAT, 0600) : -1;

	if (fd < 0) {
		fprintf(stderr, "FIKR_FAKE_GATE cannot be opened\n");
		return -1;
	}
	close(fd);
	return 0;
}

static int
run_line(struct script *s, char *line)
{
	char *arg = line + strcspn(line, " ");
	int w, h;

	if (*arg)
		*arg++ = '\0';
	if (line[0] == '#' || line[0] == '\0')
		return 0;
	if (strcmp(line, "type") == 0) {
		do_type(s, arg);
	} else if (strcmp(line, "key") == 0) {
		return do_key(s, arg);
	} else if (strcmp(line, "paste") == 0) {
		do_paste(s, arg);
	} else if (strcmp(line, "size") == 0 || strcmp(line, "resize") == 0) {
		if (sscanf(arg, "%d %d", &w, &h) != 2 || w < 1 || h < 1 ||
		    w > 1000 || h > 1000)
			return -1;
		resize(s, w, h);
	} else if (strcmp(line, "wait") == 0) {
		return do_wait(s, arg);
	} else if (strcmp(line, "advance") == 0) {
		s->now += atoi(arg);
		send_event(s, (struct ui_event){ .type = UI_TICK });
	} else if (strcmp(line, "pause") == 0) {
		usleep(1000 * (useconds_t)atoi(arg));
	} else if (strcmp(line, "gate") == 0) {
		return do_gate();
	} else if (strcmp(line, "restart") == 0) {
		do_restart(s);
	} else if (strcmp(line, "screen") == 0) {
		do_screen(s, strcmp(arg, "styles") == 0);
	} else {
		fprintf(stderr, "no such command: %s\n", line);
		return -1;
	}
	return 0;
}

static int
run_file(struct script *s, FILE *f)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int no = 0, rc = 0;

	while (rc == 0 && (n = getline(&line, &cap, f)) >= 0) {
		no++;
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		if (s->quit && strncmp(line, "restart", 7) != 0)
			continue;
		rc = run_line(s, line);
		if (rc < 0) {
			fprintf(stderr, "fikr: %s:%d: the script stops here\n",
			    s->o->script, no);
			do_screen(s, false);
		}
		fflush(stdout);
	}
	free(line);
	return rc;
}

int
script_main(const struct ui_opts *o)
{
	struct script s = { .o = o, .now = CLOCK_START, .w = 80, .h = 24 };
	FILE *f = fopen(o->script, "re");
	struct err err;
	int rc;

	if (!f) {
		fprintf(stderr, "fikr: cannot read %s: %s\n", o->script,
		    strerror(errno));
		return EXIT_SCRIPT;
	}
	if (editor_init(NULL, &err) < 0) {
		fprintf(stderr, "fikr: %s\n", err.text);
		fclose(f);
		return 1;
	}
	grid_init(&s.grid, s.w, s.h);
	s.grid.bidi = o->conf->bidi != BIDI_OFF &&
	    o->conf->bidi != BIDI_TERMINAL;
	s.grid.mirror = s.grid.bidi && lang_is_rtl();
	session_begin(&s, o->open);
	rc = run_file(&s, f);
	session_over(&s);
	grid_done(&s.grid);
	editor_done();
	fclose(f);
	return rc < 0 ? EXIT_SCRIPT : 0;
}
