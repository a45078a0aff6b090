/* pane.h -- the parts of the screen: each draws itself into its rectangle and,
 * if it can have the focus, takes the keys that no action claimed. */
#ifndef FIKR_PANE_H
#define FIKR_PANE_H

#include "app.h"

void pane_list_draw(struct app *a, struct grid *g);
unsigned pane_list_key(struct app *a, const struct key *k);
/* While words are typed that titles must have: whether k was for that. */
bool pane_list_type(struct app *a, const struct key *k);
void pane_list_move(struct app *a, int by);	/* its cursor */
/* The conversation under the list's cursor, or NULL. */
const struct convo_info *pane_list_at(const struct app *a);

void pane_view_draw(struct app *a, struct grid *g);
unsigned pane_view_key(struct app *a, const struct key *k);
void pane_view_line(struct app *a, int dir);
unsigned pane_view_fold(struct app *a, int view);	/* -1: the other way */

/* Rows that the prompt would take at cols columns. */
int pane_prompt_rows(int cols);
void pane_prompt_draw(struct app *a, struct grid *g);
unsigned pane_prompt_key(struct app *a, const struct key *k);

/* The prompts that wait for their turn: takes its rows from the transcript's. */
void pane_queue_place(struct app *a);
void pane_queue_draw(struct app *a, struct grid *g);

void pane_rule_draw(struct app *a, struct grid *g);
/* "thinking", "reading the prompt" and so on. */
const char *pane_phase_name(enum phase p);
void pane_status_draw(struct app *a, struct grid *g);

#endif
