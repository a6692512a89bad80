/* chat_run.h - runs a script on one core and its page: hands in events, and checks the results of
 * each.
 */
#ifndef PARLEY_FUZZ_CHAT_RUN_H
#define PARLEY_FUZZ_CHAT_RUN_H

#include "chat.h"
#include "chat_insider.h"
#include "chat_page.h"
#include "chat_views.h"
#include "script.h"

#define RUN_EVENTS_MAX 1500           /* in one script, so that one with repeats ends too */
#define RUN_CLOCK_MAX_MS (1ull << 53) /* JavaScript's numbers are exact up to this */

struct run {
    struct script script;
    struct chat *chat;
    struct page page;
    struct insider insider;
    struct views views;
    bool started;
    uint32_t events;
    uint32_t repeats; /* nesting depth */
    uint64_t now_ms;
    int64_t wall_ms;
    int32_t utc_offset_min;
};

void run_init(struct run *run, struct script script);
void run_deinit(struct run *run);

/* Hands |event| in, unless the page could not report it. */
void run_event(struct run *run, struct event event);

/* The same for an event without texts; with one text. */
void run_bare(struct run *run, enum event_kind kind, uint32_t peer, uint32_t code);
void run_text(struct run *run, enum event_kind kind, uint32_t peer, uint32_t code,
              struct slice text);

/* Lets |ms| pass, but not beyond the highest time that abi.h accepts. */
void run_pass(struct run *run, uint64_t ms);

/* Sends TICK until the deadline is in the future, which must come about. */
void run_tick(struct run *run);

#endif
