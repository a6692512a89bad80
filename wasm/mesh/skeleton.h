/* skeleton.h - do two names look alike?
 *
 * A plain rule in the manner of UTS 39, section 4, which is about what people take for the same at
 * a glance, in a list of 64: case, spaces, marks on Latin, Greek and Cyrillic letters, and Hebrew
 * and Arabic points count for nothing, nor do the order of marks and what draws nothing. Twins of
 * Latin, Greek, Cyrillic, Armenian, Cherokee, Coptic and Lisu letters are one, and so are their
 * wide, mathematical, circled, raised and lowered forms and small capitals, 0 and O, 1, l, I and i,
 * rn and m, vv and w. So are letters of any script that are equal for Unicode (NFKD), but for those
 * that no name has (text_clean_name), and some that are drawn alike: tools/skeleton-table.mjs lists
 * them. It errs to the side of alike.
 */
#ifndef PARLEY_SKELETON_H
#define PARLEY_SKELETON_H

#include "buffer.h"

#include <stdint.h>

#define SKELETON_NOTHING 0u

/* The letter or figure that |character| is read as: a small one, of ASCII where it has a twin
 * there. SKELETON_NOTHING: it counts for nothing. */
uint32_t skeleton_letter(uint32_t character);

/* A number that names that look alike share, and others have in common by accident only (32 bits).
 * |name| is valid UTF-8. */
uint32_t skeleton_of(struct slice name);

#endif
