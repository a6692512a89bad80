/* skeleton.h - do two names look alike?
 *
 * A simple rule after UTS 39, section 4, for names that people confuse at a glance in a list of 64.
 * It ignores case, spaces, marks on Latin, Greek and Cyrillic letters, Hebrew and Arabic points,
 * the order of marks, and invisible characters. It treats lookalikes among Latin, Greek, Cyrillic,
 * Armenian, Cherokee, Coptic and Lisu letters as one, and also their wide, mathematical, circled,
 * raised and lowered forms and small capitals, 0 and O, 1, l, I and i, rn and m, vv and w. The same
 * holds for letters of any script that are equal in Unicode (NFKD), except those that no name has
 * (text_clean_name), and for some that are drawn alike: tools/skeleton-table.mjs lists them. In
 * doubt, names look alike.
 */
#ifndef PARLEY_SKELETON_H
#define PARLEY_SKELETON_H

#include "buffer.h"

#include <stdint.h>

#define SKELETON_NOTHING 0u

/* The letter or figure that |character| is read as: a small one, of ASCII where it has a twin
 * there. SKELETON_NOTHING: it counts for nothing. */
uint32_t skeleton_letter(uint32_t character);

/* A number (32 bits) that names that look alike share. Other names share it only by accident.
 * |name| is valid UTF-8. */
uint32_t skeleton_of(struct slice name);

#endif
