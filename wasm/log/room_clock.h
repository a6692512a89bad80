/* room_clock.h - the time of a room, from the clocks of everybody in it.
 *
 * It is the median of all clocks, one's own among them. So as long as more than half of them are
 * about right, neither a device from 1970 nor a liar from 2100 moves it, not even for themselves.
 * The caller should count the server's clock too, if it knows it: in a room of two, a liar then
 * needs the server's help. Clocks that show a time before ROOM_CLOCK_MIN_MS are wrong, and do not
 * count.
 *
 * Of an even number of clocks, the later of the two in the middle counts. Two people then agree
 * even though their clocks do not, and neither takes the other's words for ones from the future.
 */
#ifndef PARLEY_ROOM_CLOCK_H
#define PARLEY_ROOM_CLOCK_H

#include <stdint.h>

#define ROOM_CLOCK_MAX 66 /* oneself, the server, and all other members of a room */
#define ROOM_CLOCK_MIN_MS INT64_C(1767225600000) /* 2026 began: Parley is not older */
#define ROOM_CLOCK_MAX_MS ((INT64_C(1) << 47) - 1)

/* The room's time minus one's own clock, which shows |own_ms|, at the moment at which the |count|
 * others show |others_ms|; of more than ROOM_CLOCK_MAX - 1, the rest do not count. */
int64_t room_clock_offset_ms(int64_t own_ms, const int64_t *others_ms, uint32_t count);

#endif
