/* cluster.h - one letter with all that attaches to it (a grapheme cluster, UAX 29), and how much of
 * that may be: what comes without end costs every reader's browser seconds to draw.
 *
 * The limit is that of Unicode's stream-safe format (UAX 15, section 13): CLUSTER_MARKS_MAX
 * non-starters in a row. What is above is left out, where that format puts in U+034F, which would
 * let as many marks be drawn on one letter as before. No script and no emoji comes near it. Counted
 * are more than UAX 15 asks for: all marks, and all that draws nothing. A letter outside ASCII
 * counts with the most that one may be composed of.
 * Letters that join to one, by virama, joiner or as Hangul's parts, may be CLUSTER_JOINTS_MAX + 1;
 * above that the next one stands alone.
 */
#ifndef PARLEY_CLUSTER_H
#define PARLEY_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>

#define CLUSTER_MARKS_MAX 30
#define CLUSTER_JOINTS_MAX 30

/* All zero: nothing came yet. */
struct cluster {
    uint32_t previous;
    unsigned marks, joints;
};

/* Takes the next character of a text. False: it is one too many, and left out. */
bool cluster_take(struct cluster *cluster, uint32_t character);

#endif
