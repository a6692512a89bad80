/* patrol.h - what must hold within some time, looked at again and again while the world runs:
 *
 *   who vanished is not shown as connected        PATROL_VANISHED_MS after they did
 *   two with nothing between them are connected   PATROL_APART_MS after that became so
 *   who said goodbye is in no room of the hub     PATROL_GOODBYE_MS after they did
 */
#ifndef PARLEY_SIM_PATROL_H
#define PARLEY_SIM_PATROL_H

#include "queue.h"

#include <stdint.h>

#define PATROL_EVERY_MS 5000
#define PATROL_VANISHED_MS 30000 /* heartbeats notice in 15 s; timers and networks may be slow */
#define PATROL_GOODBYE_MS 15000
#define PATROL_APART_MS 310000 /* channels break, and LINK_RENEWALS_MS and pauses come together */

struct page;

void patrol_begin(struct sim *sim);

/* |page| is about to leave its room with a goodbye. */
void patrol_goodbye(struct page *page);

#endif
