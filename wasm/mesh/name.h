/* name.h - a person's name: what they chose, and what is shown.
 *
 * Where another in the room has a name that looks alike (skeleton.h), a number is shown behind it:
 * "Alice (2)". So that only we can say so, no name that somebody chose keeps such an end, nor
 * "(you)".
 */
#ifndef PARLEY_NAME_H
#define PARLEY_NAME_H

#include "peer_message.h"

#include <stdint.h>

#define NAME_NUMBER_BYTES_MAX 16 /* " (2)" */

/* U+2068 and U+2069 stand around a name in a sentence, and in no name: so the view finds it. */
#define NAME_ISOLATE_START "\xE2\x81\xA8"
#define NAME_ISOLATE_END "\xE2\x81\xA9"

/* All zero: not known yet. */
struct name {
    char bytes[PEER_NAME_BYTES_MAX + NAME_NUMBER_BYTES_MAX];
    size_t chosen_bytes; /* of them, and */
    size_t shown_bytes;  /* with the number */
    uint32_t number;     /* 1: none is shown */
    uint32_t skeleton;   /* of what is shown */
};

/* A name, cleaned by text_clean_name, without the numbers and the "you" in brackets of any kind at
 * its end; all of it where there is nothing else. It stays the caller's. */
struct slice name_without_ours(struct slice name);

/* Appends what |wish| leaves of a name, without what only we put behind one, to the empty |out|.
 * Errors of text_clean_name (text.h). */
int name_clean(struct slice wish, struct buffer *out);

/* Sets a cleaned name of 1 to PEER_NAME_BYTES_MAX bytes. Its number stays if it is the same. */
void name_set(struct name *name, struct slice chosen);

/* Shows |number| behind the name, but not 1. */
void name_give_number(struct name *name, uint32_t number);

/* Empty while it is not known. Valid until the name changes. */
struct slice name_chosen(const struct name *name);
struct slice name_shown(const struct name *name);

/* Appends |name| to a sentence, between isolates. Traps where |out| cannot take it. */
void name_append(struct buffer *out, struct slice name);

#endif
