/* flood.h - a client without WebRTC: joins again and again under new tokens, and forges offers,
 * answers and asks to everybody in the room. */
#ifndef PARLEY_SIM_FLOOD_H
#define PARLEY_SIM_FLOOD_H

#include "page.h"

#include <stdbool.h>
#include <stdint.h>

#define FLOOD_SOCKETS 24

struct sim;

struct flood {
    bool on;
    const char *room;
    struct page page; /* not a real page: the owner of the sockets */
    struct socket *sockets[FLOOD_SOCKETS];
    bool joined[FLOOD_SOCKETS];
};

/* Begins, and continues until flood_end. |room|: the room whose name it knows. */
void flood_begin(struct sim *sim, const char *room);

/* It leaves, and all its members are gone. */
void flood_end(struct sim *sim);

#endif
