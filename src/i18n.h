/* i18n.h -- the interface's words in the reader's language, by gettext.  _()
 * translates where it stands; N_() only marks a word of a table, for _() later
 * to translate. */
#ifndef FIKR_I18N_H
#define FIKR_I18N_H

#include <libintl.h>

#define _(s) gettext(s)
#define N_(s) (s)

#endif
