#include "heartbeat.h"

void heartbeat_start(struct heartbeat *heartbeat, uint64_t now_ms, uint32_t quiet_ms,
                     uint32_t answer_ms) {
    *heartbeat = (struct heartbeat){.quiet_ms = quiet_ms,
                                    .answer_ms = answer_ms,
                                    .heard_ms = now_ms,
                                    .due_ms = now_ms + quiet_ms};
}

void heartbeat_stop(struct heartbeat *heartbeat) {
    heartbeat->due_ms = NO_DEADLINE;
    heartbeat->asked = false;
}

uint64_t heartbeat_silent_ms(const struct heartbeat *heartbeat, uint64_t now_ms) {
    uint64_t until_ms = heartbeat->asked ? heartbeat->due_ms - heartbeat->answer_ms : now_ms;
    return until_ms - heartbeat->heard_ms;
}

void heartbeat_heard(struct heartbeat *heartbeat, uint64_t now_ms) {
    if (heartbeat->due_ms == NO_DEADLINE)
        return;
    heartbeat->heard_ms = now_ms;
    heartbeat->due_ms = now_ms + heartbeat->quiet_ms;
    heartbeat->asked = false;
}

void heartbeat_doubt(struct heartbeat *heartbeat, uint64_t now_ms) {
    if (heartbeat->due_ms != NO_DEADLINE && !heartbeat->asked)
        heartbeat->due_ms = now_ms;
}

enum heartbeat_verdict heartbeat_tick(struct heartbeat *heartbeat, uint64_t now_ms) {
    if (now_ms < heartbeat->due_ms)
        return HEARTBEAT_FINE;
    if (heartbeat->asked) {
        heartbeat_stop(heartbeat);
        return HEARTBEAT_DEAD;
    }
    heartbeat->asked = true;
    heartbeat->due_ms = now_ms + heartbeat->answer_ms;
    return HEARTBEAT_ASK;
}
