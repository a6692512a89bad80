/* name.h - a person's name: as they chose it, and as it is shown.
 *
 * If another name in the room looks alike (skeleton.h), a number is shown behind the later one:
 * "Alice (2)". Only the core may add such an end, so it is removed from names that people choose,
 * and so is "(you)".
 */
#ifndef PARLEY_NAME_H
#define PARLEY_NAME_H

#include "peer_message.h"

#include <stdint.h>

#define NAME_NUMBER_BYTES_MAX 16 /* " (2)" */

/* U+2068 and U+2069 surround a name in a sentence and occur in no name, so the view finds the
 * name. */
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

/* |name|, cleaned by text_clean_name, without numbers and "you" in brackets of any kind at its end;
 * the whole name if nothing else is left. The bytes stay the caller's. */
struct slice name_without_ours(struct slice name);

/* Appends |wish|, cleaned and without the ends that only the core adds, to the empty |out|. Errors
 * of text_clean_name (text.h). */
int name_clean(struct slice wish, struct buffer *out);

/* Sets a cleaned name of 1 to PEER_NAME_BYTES_MAX bytes. Its number stays if it is the same. */
void name_set(struct name *name, struct slice chosen);

/* Shows |number| behind the name unless it is 1. */
void name_give_number(struct name *name, uint32_t number);

/* Empty while the name is not known. Valid until the name changes. */
struct slice name_chosen(const struct name *name);
struct slice name_shown(const struct name *name);

/* Appends |name| to a sentence, between isolates. Traps where |out| cannot take it. */
void name_append(struct buffer *out, struct slice name);

#endif
