/* presence.h - is a member still in the room? That follows from what the server says, from the
 * member's own bye, and from whether we are connected to them.
 *
 * A member whom the server does not list stays as long as we are connected to them, and for
 * PRESENCE_UNLISTED_MS after that. (After a restart, the server may not list them yet.) Then we ask
 * the server for a sign of life before they count as gone: its messages about them may have gone to
 * a dead socket of ours, or may be waiting because the device slept. While the server is away, only
 * a bye tells that a member is gone.
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

/* The server lists the member or says that they came. Call it for a new member too. */
void presence_list(struct presence *presence);

/* The server does not list the member. Sets a deadline if there is none; later trouble does not
 * postpone it. */
void presence_unlist(struct presence *presence, bool reached, uint64_t now_ms);

/* We are connected to the member now, or no longer. */
void presence_follow(struct presence *presence, bool reached, uint64_t now_ms);

/* The member closed or reloads their page: gone, unless they are back within
 * PRESENCE_LEAVING_MS. */
void presence_leave(struct presence *presence, bool reached, uint64_t now_ms);

/* The step that is due at |now_ms|. ASK: ask the server now. GONE: remove the member. */
enum presence_verdict presence_tick(struct presence *presence, bool server_up, uint64_t now_ms);

/* When presence_tick is due; NO_DEADLINE for never. */
uint64_t presence_due_ms(const struct presence *presence, bool server_up);

#endif
