/* chat_views.h - reads and checks all views of the core. */
#ifndef PARLEY_FUZZ_CHAT_VIEWS_H
#define PARLEY_FUZZ_CHAT_VIEWS_H

#include "chat.h"

#include <stdint.h>

/* A hash of each view: if it changes, a SHOW_... action must have come. */
struct views {
    uint64_t status, members, lines;
    int32_t draft;
};

/* The status, everybody, and which lines there are. Checks the limits of what is kept, too. */
struct views views_read(struct chat *chat);

/* All lines. */
void views_read_lines(struct chat *chat);

#endif
