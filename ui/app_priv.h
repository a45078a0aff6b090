/* app_priv.h -- between the files that make up the app. */
#ifndef FIKR_APP_PRIV_H
#define FIKR_APP_PRIV_H

#include <stdbool.h>

struct app;
struct key;

void app_notice_clear(struct app *a);
/* The list's cursor, to a conversation if it is there; to what is shown. */
void app_list_point(struct app *a, const char *id);
void app_list_follow(struct app *a);
/* The prompt is for messages again, with the text it had. */
void app_draft_restore(struct app *a);
/* Keys while something is deleted, renamed or edited: REACT_*; edit's says
 * whether it took the key. */
unsigned app_delete_key(struct app *a, const struct key *k);
unsigned app_rename_key(struct app *a, const struct key *k);
bool app_edit_key(struct app *a, const struct key *k);

#endif
