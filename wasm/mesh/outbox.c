#include "outbox.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

int outbox_init(struct outbox *outbox) {
    *outbox = (struct outbox){0};
    outbox->messages = calloc(OUTBOX_MESSAGES_MAX, sizeof *outbox->messages);
    return outbox->messages ? PARLEY_OK : PARLEY_ERR_NO_MEMORY;
}

static struct slice *place_of(const struct outbox *outbox, uint32_t number) {
    return &outbox->messages[number % OUTBOX_MESSAGES_MAX];
}

static void drop_first(struct outbox *outbox) {
    struct slice *place = place_of(outbox, outbox->first++);
    outbox->bytes -= place->len;
    free((char *)(uintptr_t)place->bytes);
    *place = (struct slice){0};
}

void outbox_drop_before(struct outbox *outbox, uint32_t number) {
    while (outbox->first != outbox->end && (int32_t)(number - outbox->first) > 0)
        drop_first(outbox);
}

void outbox_give(struct outbox *outbox, uint32_t number) {
    if ((int32_t)(number - outbox->given_end) > 0)
        outbox->given_end = number;
}

void outbox_deinit(struct outbox *outbox) {
    if (outbox->messages)
        outbox_drop_before(outbox, outbox->end);
    free(outbox->messages);
    *outbox = (struct outbox){0};
}

int outbox_add(struct outbox *outbox, struct slice message) {
    if (message.len > OUTBOX_BYTES_MAX)
        return PARLEY_ERR_TOO_BIG;
    char *copy = malloc(message.len + 1);
    if (!copy)
        return PARLEY_ERR_NO_MEMORY;
    if (message.len)
        memcpy(copy, message.bytes, message.len);
    while (outbox->end - outbox->first == OUTBOX_MESSAGES_MAX ||
           outbox->bytes + message.len > OUTBOX_BYTES_MAX)
        drop_first(outbox);
    *place_of(outbox, outbox->end++) = (struct slice){copy, message.len};
    outbox->bytes += message.len;
    return PARLEY_OK;
}

struct slice outbox_get(const struct outbox *outbox, uint32_t number) {
    PARLEY_CHECK(number - outbox->first < outbox->end - outbox->first);
    return *place_of(outbox, number);
}
