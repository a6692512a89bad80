/* lines.h - what becomes of lines once they stand in the transcript: nobody reads them, or a long
 * one is opened. Private to the files beside chat.c. */
#ifndef PARLEY_LINES_H
#define PARLEY_LINES_H

#include "chat_state.h"

/* Marks one's own texts that nobody was given and nobody will be. */
void lines_mark_unread(struct chat *chat);

/* Opens a long line, in place of the one that was opened first, or folds it again. */
void lines_fold(struct chat *chat, uint32_t sequence);

/* True when the line is shown whole however long it is. */
bool lines_is_open(const struct chat *chat, uint32_t sequence);

#endif
