/* liar.h - a server that lies: what the hub sends to pages passes through here. While it lies, it
 *
 *   about signals   garbles, drops, delays, repeats and redirects them, and swaps their senders
 *   about hellos    withholds them, moves them from one member to another, repeats earlier ones
 *   about members   makes some up, with hellos of its own or of others, and says that members are
 *                   back, or here anew, who never went
 *   in the welcome  gives the page of a sealed room another id, or any page another room
 *
 * It has no secret of a sealed room. A socket over which it lied about anything but signals ends
 * with the lies: only a new welcome can put that right. Then people reload a page that gave up. */
#ifndef PARLEY_SIM_LIAR_H
#define PARLEY_SIM_LIAR_H

#include "chain.h"
#include "ids.h"
#include "slice.h"

#include <stdbool.h>
#include <stdint.h>

#define LIAR_RECORDS 32 /* of each kind, that it can repeat */

enum lies { LIES_SIGNALS = 1, LIES_HELLOS = 2, LIES_MEMBERS = 4, LIES_WELCOME = 8, LIES_ALL = 15 };

struct page;
struct sim;
struct socket;

/* A hello, or a whole signal. */
struct liar_record {
    struct member_id member; /* whose it is */
    struct socket *socket;   /* to whom a signal went */
    char *text;
    size_t len;
};

struct liar {
    uint32_t lies;    /* bits of enum lies; 0: it is honest */
    uint32_t percent; /* of the messages */
    uint32_t serial;  /* so many times it began to lie */
    uint64_t last_ms; /* when it lied last; 0: never */
    struct liar_record hellos[LIAR_RECORDS], signals[LIAR_RECORDS];
    uint32_t hello_count, signal_count; /* ever */
    struct chain delayed;               /* signals on their way */
};

/* |lies|: bits of enum lies. */
void liar_begin(struct sim *sim, uint32_t lies, uint32_t percent);
void liar_end(struct sim *sim);

/* Passes a message of the hub to the page, or what it makes of it. */
void liar_pass(struct socket *socket, struct slice bytes);

/* True while it lies, and as long as pages may still believe that somebody went. */
bool liar_is_believed(const struct sim *sim);

void liar_deinit(struct sim *sim);

#endif
