/* presence.h - is somebody still in the room? It follows from the server's word, from their own
 * bye, and from whether we reach them.
 *
 * A member whom the server does not list (any more, or yet: it may have been restarted) stays as
 * long as they are reached, and for PRESENCE_UNLISTED_MS after that. Then the server is asked for a
 * sign of life before they count as gone: what it said about them may have gone to a socket of ours
 * that was dead, or have come while we slept. While the server is away nobody can say who is gone,
 * but themselves.
 */
#ifndef PARLEY_PRESENCE_H
#define PARLEY_PRESENCE_H

#include "deadline.h"

#include <stdbool.h>

#define PRESENCE_UNLISTED_MS 30000 /* not listed and out of reach for so long: soon gone */
#define PRESENCE_LEAVING_MS 5000   /* for a page to be loaded anew */
#define PRESENCE_ASKED_MS 11000    /* for the server to answer: more than SIGNALING_ANSWER_MS */

enum presence_verdict { PRESENCE_FINE, PRESENCE_ASK, PRESENCE_GONE };

struct presence {
    bool listed;     /* by the server */
    bool leaving;    /* they closed their page, or load it anew: gone when it is due */
    bool was_well;   /* and were reached until then */
    bool asked;      /* the server was asked */
    uint64_t due_ms; /* when they count as gone; NO_DEADLINE: never */
};

/* The server lists them, or says that they came. Also for a new one. */
void presence_list(struct presence *presence);

/* The server does not list them. A deadline is set where there is none: what goes wrong later does
 * not put it off. */
void presence_unlist(struct presence *presence, bool reached, uint64_t now_ms);

/* They are reached now, or no longer. */
void presence_follow(struct presence *presence, bool reached, uint64_t now_ms);

/* They closed their page or load it anew: gone, unless they are back in PRESENCE_LEAVING_MS. */
void presence_leave(struct presence *presence, bool reached, uint64_t now_ms);

/* What to do at |now_ms|. ASK: the server, now. GONE: forget them. */
enum presence_verdict presence_tick(struct presence *presence, bool server_up, uint64_t now_ms);

/* When presence_tick is due; NO_DEADLINE for never. */
uint64_t presence_due_ms(const struct presence *presence, bool server_up);

#endif
