/* script.h -- the app driven by a file instead of a person, its screens
 * printed as text.  One command a line, # begins a comment:
 *
 *	type TEXT		key after key, as typed
 *	key NAME...		"ctrl+t", "alt+enter", "f1" (see key_parse)
 *	paste TEXT		\n and \t stand for newline and tab
 *	size W H		of the screen, 80 24 at first
 *	wait PHASE		idle reading thinking answering, or loaded
 *	wait text TEXT		until the screen shows it
 *	wait tokens N		of thinking and answer, that have come
 *	advance MS		the clock, which otherwise stands still
 *	pause MS		of real time, so that files differ in age
 *	gate			let a worker that waits for it go on
 *	restart			quit and come back with --continue
 *	screen [styles]		print it
 */
#ifndef FIKR_SCRIPT_H
#define FIKR_SCRIPT_H

#include "ui.h"

int script_main(const struct ui_opts *o);	/* an exit status */

#endif
