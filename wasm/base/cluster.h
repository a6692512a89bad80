/* cluster.h - one letter with all that attaches to it (a grapheme cluster, UAX 29), limited in
 * length: a very long cluster costs every reader's browser seconds to draw.
 *
 * The limit is that of Unicode's stream-safe format (UAX 15, section 13): CLUSTER_MARKS_MAX
 * non-starters in a row. Marks beyond it are dropped; that format inserts U+034F instead, which
 * would still let all marks be drawn on one letter. No script and no emoji comes near the limit.
 * More counts than in UAX 15: all marks, and all characters that draw nothing. A letter outside
 * ASCII counts as the most marks that one may decompose to. At most CLUSTER_JOINTS_MAX + 1 letters
 * join into one, by virama, joiner or as parts of Hangul; the next one stands alone.
 */
#ifndef PARLEY_CLUSTER_H
#define PARLEY_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>

#define CLUSTER_MARKS_MAX 30
#define CLUSTER_JOINTS_MAX 30

/* All zero at the start of a text. */
struct cluster {
    uint32_t previous;
    unsigned marks, joints;
};

/* Takes the next character of a text. False: it is beyond the limit; drop it. */
bool cluster_take(struct cluster *cluster, uint32_t character);

#endif
