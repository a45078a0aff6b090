/* act.h -- the functions behind the table of actions (action.h): arg is what
 * follows a slash command, "" from a key; REACT_* comes back. */
#ifndef FIKR_ACT_H
#define FIKR_ACT_H

struct app;

#define ACT(name) unsigned act_##name(struct app *a, const char *arg)

/* act_app.c */
ACT(newline);
ACT(escape);
ACT(interrupt);
ACT(end_of_file);
ACT(quit);
ACT(help);
ACT(redraw);
ACT(suspend);
ACT(edit_prompt);
ACT(mouse);
ACT(focus);
ACT(focus_back);
ACT(tab);

/* act_chat.c */
ACT(send);
ACT(think);
ACT(budget);
ACT(regenerate);
ACT(continue);
ACT(edit);
ACT(version_before);
ACT(version_after);
ACT(remove);
ACT(answer_now);
ACT(steer);
ACT(queue_edit);
ACT(copy);
ACT(copy_all);
ACT(copy_code);
ACT(diff);
ACT(context);
ACT(stats);
ACT(temporary);
ACT(forget);
ACT(list_forget);
ACT(system);
ACT(split);
ACT(switch);
ACT(info);

/* act_list.c */
ACT(list);
ACT(new);
ACT(open);
ACT(rename);
ACT(delete);
ACT(list_up);
ACT(list_down);
ACT(list_first);
ACT(list_last);
ACT(list_open);
ACT(list_rename);
ACT(list_delete);

/* act_label.c */
ACT(pin);
ACT(archive);
ACT(tag);
ACT(restore);
ACT(archived);
ACT(trash);
ACT(tags);
ACT(list_type);

/* act_view.c */
ACT(view);
ACT(page_up);
ACT(page_down);
ACT(top);
ACT(bottom);
ACT(previous);
ACT(next);
ACT(fold);
ACT(unfold);
ACT(fold_close);
ACT(fold_all);
ACT(unfold_all);
ACT(line_up);
ACT(line_down);
ACT(half_up);
ACT(half_down);
ACT(think_pane);
ACT(zoom);
ACT(wider);
ACT(narrower);
ACT(outline);
ACT(section_before);
ACT(section_after);
ACT(find);
ACT(find_begin);
ACT(find_next);
ACT(find_before);

/* act_move.c */
ACT(export);
ACT(import);
ACT(fork);
ACT(branches);

/* act_pick.c */
ACT(palette);
ACT(model);
ACT(persona);
ACT(find_convo);
ACT(theme);

/* act_replay.c; all but the first while something is replayed */
ACT(replay);
ACT(replay_pause);
ACT(replay_back);
ACT(replay_on);
ACT(replay_slower);
ACT(replay_faster);
ACT(replay_thought);
ACT(replay_answer);
ACT(replay_part);
ACT(replay_next);
ACT(replay_previous);
ACT(replay_start);
ACT(replay_end);
ACT(replay_leave);

#undef ACT

#endif
