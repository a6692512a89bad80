/* gap.h - who does not reach whom, in words. Private to the files beside chat.c. */
#ifndef PARLEY_GAP_H
#define PARLEY_GAP_H

#include "chat_state.h"

/* Looks who reaches whom (audit.h), and puts what there is to say into chat->gap. */
void gap_look(struct chat *chat);

#endif
