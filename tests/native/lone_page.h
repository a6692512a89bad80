/* lone_page.h - one page's core without a server, a browser or a clock: a test gives it events, and
 * takes its actions. */
#ifndef PARLEY_LONE_PAGE_H
#define PARLEY_LONE_PAGE_H

#include "chat_debug.h"
#include "cmocka_all.h"

extern struct chat *chat;
extern uint64_t now_ms; /* when the next event happens */

/* Makes a page that has not started; the time is 0. */
int lone_page_setup(void **state);
int lone_page_teardown(void **state);

/* Hands in |event|, which the core must accept; then calls |take| with every action. */
void lone_page_give(struct event event, void (*take)(const struct action *action));

/* The event that starts it in the room "lobby", without a name. */
struct event lone_page_start(void);

struct status_view lone_page_status(void);

#endif
