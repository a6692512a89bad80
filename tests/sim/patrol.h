/* patrol.h - what must hold within some time, checked regularly while the world runs:
 *
 *   a page that vanished is not shown as connected   after PATROL_VANISHED_MS
 *   two pages with a free path are connected         after PATROL_APART_MS, or PATROL_CALM_MS if
 *                                                    few faults began or ended
 *   a page that said goodbye is in no room           after PATROL_GOODBYE_MS
 */
#ifndef PARLEY_SIM_PATROL_H
#define PARLEY_SIM_PATROL_H

#include "queue.h"

#include <stdint.h>

#define PATROL_EVERY_MS 1000
#define PATROL_MEMBERS_EVERY 5   /* members are checked every fifth time */
#define PATROL_VANISHED_MS 30000 /* heartbeats notice in 15 s; timers and networks may be slow */
#define PATROL_CALM_MS 60000     /* LINK_ATTEMPT_MS twice, pauses, and the time until ICE fails */
#define PATROL_FLOOD_MS 90000    /* people find each other in spite of a flood */
#define PATROL_TROUBLES 3        /* with so many in PATROL_APART_MS, it is not calm */
#define PATROL_GOODBYE_MS 15000
#define PATROL_APART_MS 310000 /* channels break, and LINK_RENEWALS_MS and pauses come together */

struct page;

/* A fault begins or ends. */
void patrol_trouble(struct sim *sim);

void patrol_begin(struct sim *sim);

/* |page| is about to leave its room with a goodbye. */
void patrol_goodbye(struct page *page);

#endif
