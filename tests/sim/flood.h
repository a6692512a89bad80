/* flood.h - a client without WebRTC: it joins repeatedly with new tokens, and sends forged offers,
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
    struct room_id room;
    struct page page; /* not a real page: the owner of the sockets */
    struct socket *sockets[FLOOD_SOCKETS];
    bool joined[FLOOD_SOCKETS];
};

/* Begins a flood of |room|, which continues until flood_end. */
void flood_begin(struct sim *sim, const struct room_id *room);

/* Ends the flood: all its members leave. */
void flood_end(struct sim *sim);

#endif
