/* chat_views.h - reads and checks all views of the core. */
#ifndef PARLEY_FUZZ_CHAT_VIEWS_H
#define PARLEY_FUZZ_CHAT_VIEWS_H

#include "chat.h"

#include <stdbool.h>
#include <stdint.h>

/* A hash of each view. If it changes, a SHOW_... action must have come. */
struct views {
    uint64_t status, members, lines;
    int32_t draft;
};

/* Reads the status, the members, and which lines there are. Also checks the core's limits. */
struct views views_read(struct chat *chat);

/* True for what leads to a room: an open room's id, or "#" and a sealed one's secret. */
bool views_is_address(struct slice room);

/* Reads all lines. */
void views_read_lines(struct chat *chat);

#endif
