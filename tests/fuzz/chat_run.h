/* chat_run.h - one core and its page under a script: hands in events, and checks the results of
 * each.
 */
#ifndef PARLEY_FUZZ_CHAT_RUN_H
#define PARLEY_FUZZ_CHAT_RUN_H

#include "chat.h"
#include "chat_page.h"
#include "chat_views.h"
#include "script.h"

#define RUN_EVENTS_MAX 1500           /* of one script: a script that repeats must end as well */
#define RUN_CLOCK_MAX_MS (1ull << 53) /* what JavaScript counts exactly */

struct run {
    struct script script;
    struct chat *chat;
    struct page page;
    struct views views;
    bool started;
    uint32_t events;
    uint32_t repeats; /* that are under way, one in the other */
    uint64_t now_ms;
    int64_t wall_ms;
    int32_t utc_offset_min;
};

void run_init(struct run *run, struct script script);
void run_deinit(struct run *run);

/* Hands |event| in, unless the page could not report it. */
void run_event(struct run *run, struct event event);

/* The same for one without, and with one text. */
void run_bare(struct run *run, enum event_kind kind, uint32_t peer, uint32_t code);
void run_text(struct run *run, enum event_kind kind, uint32_t peer, uint32_t code,
              struct slice text);

/* Time passes, but not beyond what abi.h lets through. */
void run_pass(struct run *run, uint64_t ms);

/* Sends TICK as long as the deadline has come, which must end. */
void run_tick(struct run *run);

#endif
