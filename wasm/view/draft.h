/* draft.h - what stands in the message box, for the count of what is left. */
#ifndef PARLEY_DRAFT_H
#define PARLEY_DRAFT_H

#include "action.h"

#define DRAFT_MORE_MAX (INT32_MAX / 2) /* characters beyond the text; more make no difference */

struct draft {
    int32_t left; /* characters that it may still have; negative: it is too long */
};

/* Nothing stands there. */
void draft_clear(struct draft *draft, struct actions *actions);

/* |text| stands there, and |more| characters whose end is not known. */
void draft_set(struct draft *draft, struct actions *actions, struct slice text, uint32_t more);

#endif
