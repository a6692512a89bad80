#include "presence.h"

void presence_list(struct presence *presence) {
    presence->listed = true;
    presence->leaving = false;
    presence->due_ms = NO_DEADLINE;
}

void presence_unlist(struct presence *presence, bool reached, uint64_t now_ms) {
    presence->listed = false;
    presence_follow(presence, reached, now_ms);
}

void presence_follow(struct presence *presence, bool reached, uint64_t now_ms) {
    if (presence->leaving)
        return;
    if (presence->listed || reached) {
        presence->due_ms = NO_DEADLINE;
    } else if (presence->due_ms == NO_DEADLINE) {
        presence->due_ms = now_ms + PRESENCE_UNLISTED_MS;
        presence->asked = false;
    }
}

void presence_leave(struct presence *presence, bool reached, uint64_t now_ms) {
    if (!presence->leaving) {
        presence->due_ms = now_ms + PRESENCE_LEAVING_MS;
        presence->was_well = reached;
    }
    presence->leaving = true;
    presence->listed = false;
}

uint64_t presence_due_ms(const struct presence *presence, bool server_up) {
    return server_up || presence->leaving ? presence->due_ms : NO_DEADLINE;
}

enum presence_verdict presence_tick(struct presence *presence, bool server_up, uint64_t now_ms) {
    if (now_ms < presence_due_ms(presence, server_up))
        return PRESENCE_FINE;
    if (presence->asked || presence->leaving)
        return PRESENCE_GONE;
    presence->asked = true;
    presence->due_ms = now_ms + PRESENCE_ASKED_MS;
    return PRESENCE_ASK;
}
