/* chat_views.h - reads all that the core shows, and checks it. */
#ifndef PARLEY_FUZZ_CHAT_VIEWS_H
#define PARLEY_FUZZ_CHAT_VIEWS_H

#include "chat.h"

#include <stdint.h>

/* Each view as a number: another one, and somebody had to be told. */
struct views {
    uint64_t status, members, lines;
    int32_t draft;
};

/* The status, everybody, and which lines there are. Checks the limits of what is kept, too. */
struct views views_read(struct chat *chat);

/* All lines. */
void views_read_lines(struct chat *chat);

#endif
