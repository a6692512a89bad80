/* lone_page.h - one page's core, with neither server nor browser nor clock: a test gives it events,
 * and takes what it asks for. */
#ifndef PARLEY_LONE_PAGE_H
#define PARLEY_LONE_PAGE_H

#include "chat_debug.h"
#include "cmocka_all.h"

extern struct chat *chat;
extern uint64_t now_ms; /* when the next event happens */

/* A page that has not started, at 0. */
int lone_page_setup(void **state);
int lone_page_teardown(void **state);

/* |event| happens, and must be taken; then |take| is called with every action. */
void lone_page_give(struct event event, void (*take)(const struct action *action));

/* The event that starts it in the room "lobby", without a name. */
struct event lone_page_start(void);

struct status_view lone_page_status(void);

#endif
