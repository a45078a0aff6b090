/* torture_truth.c -- hears what a program saves and has promised by now. */
#include "torture_truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

struct truth *
truth_new(void)
{
	return xcalloc(1, sizeof(struct truth));
}

void
truth_free(struct truth *t)
{
	for (size_t i = 0; i < t->n_said; i++) {
		buf_free(&t->said[i].text);
		buf_free(&t->said[i].thinking);
		free(t->said[i].needle);
	}
	for (size_t i = 0; i < t->n_told; i++) {
		free(t->told[i].labels);
		free(t->told[i].offered);
	}
	free(t->said);
	free(t->told);
	buf_free(&t->printed);
	free(t);
}

static struct told *
told_of(struct truth *t, const char *id)
{
	for (size_t i = 0; i < t->n_told; i++)
		if (strcmp(t->told[i].convo, id) == 0)
			return &t->told[i];
	t->told = xreallocarray(t->told, t->n_told + 1, sizeof(*t->told));
	t->told[t->n_told] = (struct told){ .version = 0 };
	snprintf(t->told[t->n_told].convo, sizeof(t->told[0].convo), "%s",
	    id);
	return &t->told[t->n_told++];
}

uint64_t
truth_version(const struct truth *t, const char *id)
{
	for (size_t i = 0; i < t->n_told; i++)
		if (strcmp(t->told[i].convo, id) == 0)
			return t->version + t->told[i].version;
	return t->version;
}

static struct said *
said_new(struct truth *t, const char *id, int turn)
{
	struct said *s;

	t->said = xreallocarray(t->said, t->n_said + 1, sizeof(*t->said));
	s = &t->said[t->n_said++];
	*s = (struct said){ .turn = turn };
	snprintf(s->convo, sizeof(s->convo), "%s", id);
	return s;
}

struct said *
truth_said(const struct truth *t, const char *id, int turn)
{
	for (size_t i = t->n_said; i-- > 0; )
		if (t->said[i].turn == turn &&
		    strcmp(t->said[i].convo, id) == 0)
			return &t->said[i];
	return NULL;
}

/* ---- being told ---- */

static void
mark_turn(struct said *s, const char *word, const char *rest, const char *text,
    size_t n)
{
	if (strcmp(word, "begun") == 0)
		s->begun = true;
	else if (strcmp(word, "ending") == 0)
		s->ending = true;
	else if (strcmp(word, "ended") == 0)
		s->ended = true;
	else if (strcmp(word, "token") == 0)
		s->n_tok++;
	else if (strcmp(word, "more") == 0)
		buf_add(*rest == 't' ? &s->thinking : &s->text, text, n);
	else if (strcmp(word, "sure") == 0)
		sscanf(rest, "%zu %zu", &s->sure_thinking, &s->sure_text);
}

static void
mark_labels(struct told *t, bool saved, const char *text, size_t n)
{
	char **to = saved ? &t->labels : &t->offered;

	free(*to);
	*to = xstrndup(text, n);
}

void
truth_mark(struct truth *t, const char *text, size_t n)
{
	char word[16], id[32], rest[64];
	const char *body = memchr(text, '\n', n);
	struct said *s;
	int turn;

	if (!body || sscanf(text, "%15s %31s %d %63[^\n]", word, id, &turn,
	    rest) != 4)
		return;
	body++;
	n -= (size_t)(body - text);
	told_of(t, id)->version++;
	if (strcmp(word, "turn") == 0) {
		s = said_new(t, id, turn);
		if (role_parse(rest, &s->role) == 0)
			buf_add(&s->text, body, n);
	} else if (strcmp(word, "labels") == 0) {
		mark_labels(told_of(t, id), *rest == 's', body, n);
	} else if (strcmp(word, "gone") == 0) {
		told_of(t, id)->gone = true;
	} else if ((s = truth_said(t, id, turn)) != NULL) {
		mark_turn(s, word, rest, body, n);
	}
}

int
truth_expect(struct truth *t, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL, *save, *role, *needle, *text;
	size_t cap = 0;
	struct said *s;

	while (f && getline(&line, &cap, f) > 0) {
		role = strtok_r(line, "\t\n", &save);
		needle = strtok_r(NULL, "\t\n", &save);
		text = strtok_r(NULL, "\t\n", &save);
		s = said_new(t, "", (int)t->n_said + 1);
		if (!role || role_parse(role, &s->role) < 0 || !needle)
			continue;
		s->needle = xstrdup(needle);
		for (char *p = text ? text : needle; *p; p++) {
			bool nl = p[0] == '\\' && p[1] == 'n';

			buf_addc(&s->text, nl ? '\n' : *p);
			p += nl;
		}
	}
	free(line);
	if (!f)
		return -1;
	fclose(f);
	return 0;
}

void
truth_printed(struct truth *t, const char *text, size_t n)
{
	buf_add(&t->printed, text, n);
	for (size_t i = 0; i < t->n_said; i++) {
		struct said *s = &t->said[i];

		if (s->begun || !s->needle || !strstr(t->printed.data,
		    s->needle))
			continue;
		s->begun = s->ended = s->ending = true;
		t->version++;
	}
}
