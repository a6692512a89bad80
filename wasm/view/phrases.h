/* phrases.h - sentences for the person that belong to no other view. */
#ifndef PARLEY_PHRASES_H
#define PARLEY_PHRASES_H

#include "event.h"

/* Why |kind|, EVENT_SAY or EVENT_RENAME, was refused with |error|, in a sentence for the person;
 * for 0 an empty text. Never freed. */
const char *phrases_error(enum event_kind kind, int error);

#endif
