/* tok_class.h -- the kinds of characters that tokenizers tell apart. */
#ifndef FIKR_TOK_CLASS_H
#define FIKR_TOK_CLASS_H

#include <stdbool.h>
#include <stdint.h>

enum {
	C_L = 1,		/* \p{L} */
	C_N = 2,		/* \p{N} */
	C_M = 4,		/* \p{M} */
	C_P = 8,		/* \p{P} */
	C_S = 16,		/* \p{S} */
	C_WS = 32,		/* \s */
	C_NL = 64,		/* [\r\n], also C_WS */
	C_CUT = 128		/* not of a character: a word starts here */
};

/* The class of code point c, an or of the above but C_CUT; 0 for the rest. */
uint8_t tok_class(uint32_t c);
/* Of the letters that DeepSeek's first models name one by one.  They left out
 * some that have case, lowercase Armenian among them: it is no property. */
bool tok_cased(uint32_t c);

#endif
