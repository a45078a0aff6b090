/* letter.h -- what words are made of, as Unicode has it. */
#ifndef FIKR_LETTER_H
#define FIKR_LETTER_H

#include <stdbool.h>
#include <stdint.h>

/* A letter, a mark on one, or a digit of any kind. */
bool letter_or_digit(uint32_t cp);

#endif
