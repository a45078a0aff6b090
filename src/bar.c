/* bar.c -- see bar.h. */
#include "bar.h"

#include <stdio.h>
#include <unistd.h>

#include "clock.h"

#define WIDTH 30		/* columns */
#define QUIET_MS 1000		/* until something moves */
#define FRAME_MS 100

void
bar_begin(struct bar *b)
{
	*b = (struct bar){ .tty = isatty(STDERR_FILENO),
		.begun = clock_now_ms() };
}

bool
bar_due(struct bar *b)
{
	double now = clock_now_ms();

	if (!b->tty || now - b->begun < QUIET_MS || now - b->last < FRAME_MS)
		return false;
	b->last = now;
	return true;
}

void
bar_clear(struct bar *b)
{
	if (b->drawn)
		fputs("\r\033[K", stderr);
	b->drawn = false;
}

void
bar_text(struct bar *b, const char *text)
{
	bar_clear(b);
	fputs(text, stderr);
	b->drawn = true;
}

void
bar_draw(struct bar *b, const char *label, size_t at, size_t n)
{
	size_t full = n ? at * WIDTH / n : 0;

	bar_text(b, label);
	fputs(*label ? " [" : "[", stderr);
	for (size_t i = 0; i < WIDTH; i++)
		fputc(i < full ? '#' : '.', stderr);
	fprintf(stderr, "] %zu/%zu", at, n);
}
