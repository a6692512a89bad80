/* patrol.h - what must hold within some time, looked at again and again while the world runs:
 *
 *   who vanished is not shown as connected        PATROL_VANISHED_MS after they did
 *   two with nothing between them are connected   PATROL_APART_MS after that became so, and
 *                                                 PATROL_CALM_MS after it where little happened
 *   who said goodbye is in no room of the hub     PATROL_GOODBYE_MS after they did
 */
#ifndef PARLEY_SIM_PATROL_H
#define PARLEY_SIM_PATROL_H

#include "queue.h"

#include <stdint.h>

#define PATROL_EVERY_MS 1000
#define PATROL_MEMBERS_EVERY 5   /* times */
#define PATROL_VANISHED_MS 30000 /* heartbeats notice in 15 s; timers and networks may be slow */
#define PATROL_CALM_MS 60000     /* LINK_ATTEMPT_MS twice, pauses, what ICE takes to fail */
#define PATROL_FLOOD_MS 90000    /* people find each other while somebody makes trouble */
#define PATROL_TROUBLES 3        /* so many in PATROL_APART_MS are more than little */
#define PATROL_GOODBYE_MS 15000
#define PATROL_APART_MS 310000 /* channels break, and LINK_RENEWALS_MS and pauses come together */

struct page;

/* A fault begins or ends. */
void patrol_trouble(struct sim *sim);

void patrol_begin(struct sim *sim);

/* |page| is about to leave its room with a goodbye. */
void patrol_goodbye(struct page *page);

#endif
