/* phrases.h - sentences for the user that belong to no other view. */
#ifndef PARLEY_PHRASES_H
#define PARLEY_PHRASES_H

#include "event.h"

/* Why |kind|, EVENT_SAY or EVENT_RENAME, failed with |error|, in a sentence for the user; an empty
 * text for 0. Never freed. */
const char *phrases_error(enum event_kind kind, int error);

/* Why the page's |address| leads to no room (keyring.h). Never freed. */
const char *phrases_no_room(struct slice address);

#endif
