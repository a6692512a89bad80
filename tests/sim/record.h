/* record.h - all that went into the cores of one world and came out of them, for a replay through
 * the WebAssembly.
 *
 *   A row of numbers, each four bytes, the lowest first, and of bytes:
 *     event   'E', core, kind, peer, code, now_ms (two), wall_ms (two), utc_offset_min, lengths of
 *             a, b, c, and their bytes
 *     action  'A', kind, peer, code, lengths of a, b, c, and their bytes: of the event before
 *     result  'R', what chat_handle said, deadline_ms (two; all bits set: never)
 *     end     'Z', the world's seed (two): its cores come no more
 *   Cores are counted from 0 in each world; one that was not there before is new.
 */
#ifndef PARLEY_SIM_RECORD_H
#define PARLEY_SIM_RECORD_H

#include "page.h"

void record_event(const struct page *page, const struct event *event);
void record_action(const struct page *page, const struct action *action);
void record_result(const struct page *page, int result);

/* The world is over. */
void record_end(const struct sim *sim);

#endif
