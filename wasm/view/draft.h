/* draft.h - counts the characters that the text in the message box may still have. */
#ifndef PARLEY_DRAFT_H
#define PARLEY_DRAFT_H

#include "action.h"

#define DRAFT_MORE_MAX (INT32_MAX / 2) /* characters beyond the text; more make no difference */

struct draft {
    int32_t left; /* characters that it may still have; negative: it is too long */
};

/* The box is empty. */
void draft_clear(struct draft *draft, struct actions *actions);

/* The box has |text|, and |more| characters of which only the number is known. */
void draft_set(struct draft *draft, struct actions *actions, struct slice text, uint32_t more);

#endif
