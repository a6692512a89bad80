/* poll_tabs.h - how many pages of this browser poll. They share the browser's few connections to
 * one host. Each page announces that it polls: when it begins, when it hears of a page that it did
 * not know, and from time to time. It also says when it stops. */
#ifndef PARLEY_POLL_TABS_H
#define PARLEY_POLL_TABS_H

#include "env.h"

#include <stdbool.h>
#include <stdint.h>

#define POLL_TABS_MAX 35 /* more make no difference: see poll_client.h */
#define POLL_TABS_AGAIN_MS 20000
#define POLL_TABS_GONE_MS 70000 /* without a word; a hidden page's timers run once a minute */

/* Zero-initialise it. All fields are the module's. */
struct poll_tabs {
    uint32_t self; /* this page's number; 0: it does not poll */
    uint64_t due_ms;
    struct {
        uint32_t number;
        uint64_t heard_ms;
    } others[POLL_TABS_MAX - 1];
    uint32_t other_count;
};

/* This page begins or stops polling. Harmless if it has done so already. */
void poll_tabs_enter(struct poll_tabs *tabs, const struct env *env);
void poll_tabs_leave(struct poll_tabs *tabs, const struct env *env);

/* TAB_HEARD. */
void poll_tabs_hear(struct poll_tabs *tabs, const struct env *env, uint32_t number, bool polls);

/* Announces again that this page polls, if that is due, and forgets pages that are gone. */
void poll_tabs_tick(struct poll_tabs *tabs, const struct env *env);

/* When poll_tabs_tick is due; NO_DEADLINE for never. */
uint64_t poll_tabs_deadline_ms(const struct poll_tabs *tabs);

/* How many pages poll, this one included. */
uint32_t poll_tabs_count(const struct poll_tabs *tabs);

#endif
