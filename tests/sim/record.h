/* record.h - records all inputs and outputs of one world's cores, to replay them in WebAssembly.
 *
 *   A record consists of numbers, each of four bytes (little-endian), and of texts' bytes:
 *     event   'E', core, kind, peer, code, now_ms (two), wall_ms (two), utc_offset_min, lengths of
 *             a, b, c, and their bytes
 *     action  'A', kind, peer, code, lengths of a, b, c, and their bytes: of the event before
 *     result  'R', what chat_handle returned, deadline_ms (two; all bits set: never)
 *     end     'Z', the world's seed (two): its cores do not appear again
 *   Cores are numbered from 0 in each world. A core begins with its first event.
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
