/* outbox.h - messages on their way to everybody, kept until each member has been given them.
 *
 * Every message is stored once for all members; each member has the number of the next message to
 * send to it. Numbers count up and are never used twice.
 */
#ifndef PARLEY_OUTBOX_H
#define PARLEY_OUTBOX_H

#include "buffer.h"

#include <stdint.h>

#define OUTBOX_MESSAGES_MAX 1024
#define OUTBOX_BYTES_MAX (4u << 20)

struct outbox {
    struct slice *messages; /* a ring of OUTBOX_MESSAGES_MAX */
    uint32_t first, end;    /* the oldest kept, and one past the newest */
    uint32_t given_end;     /* all before it were given to somebody */
    size_t bytes;
};

/* PARLEY_ERR_NO_MEMORY. */
int outbox_init(struct outbox *outbox);
void outbox_deinit(struct outbox *outbox);

/* Adds a copy of |message|, at most OUTBOX_BYTES_MAX long. If a limit is reached, the oldest
 * messages are dropped, whether everybody got them or not. PARLEY_ERR_TOO_BIG,
 * PARLEY_ERR_NO_MEMORY. */
int outbox_add(struct outbox *outbox, struct slice message);

/* Message |number|, from first to end - 1. Valid until the next add or drop. */
struct slice outbox_get(const struct outbox *outbox, uint32_t number);

/* Somebody has all messages before |number|. */
void outbox_give(struct outbox *outbox, uint32_t number);

/* Forgets all messages before |number|, which is not beyond the end. */
void outbox_drop_before(struct outbox *outbox, uint32_t number);

#endif
