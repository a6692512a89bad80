#include "inbox.h"

#include "deadline.h"
#include "error.h"

#include <stdlib.h>
#include <string.h>

struct inbox_text {
    struct inbox_text *next;
    uint32_t number;
    size_t len;
    char bytes[];
};

void inbox_drop_first(struct inbox *inbox) {
    struct inbox_text *first = inbox->first;
    inbox->first = first->next;
    inbox->last = inbox->first ? inbox->last : NULL;
    inbox->count--;
    inbox->bytes -= first->len;
    first->next = inbox->dropped;
    inbox->dropped = first;
}

void inbox_forget_dropped(struct inbox *inbox) {
    while (inbox->dropped) {
        struct inbox_text *text = inbox->dropped;
        inbox->dropped = text->next;
        free(text);
    }
}

void inbox_clear(struct inbox *inbox) {
    while (inbox->first)
        inbox_drop_first(inbox);
    inbox_forget_dropped(inbox);
}

int inbox_add(struct inbox *inbox, uint32_t number, struct slice text) {
    bool too_long = inbox->count && inbox->bytes + text.len > INBOX_BYTES_MAX;
    if (inbox->count == INBOX_TEXTS_MAX || too_long)
        return PARLEY_ERR_FULL;
    struct inbox_text *added = malloc(sizeof *added + text.len);
    if (!added)
        return PARLEY_ERR_NO_MEMORY;
    *added = (struct inbox_text){.number = number, .len = text.len};
    memcpy(added->bytes, text.bytes, text.len);
    if (inbox->last)
        inbox->last->next = added;
    else
        inbox->first = added;
    inbox->last = added;
    inbox->count++;
    inbox->bytes += text.len;
    return PARLEY_OK;
}

bool inbox_first(const struct inbox *inbox, uint32_t *number, struct slice *text) {
    if (!inbox->first)
        return false;
    *number = inbox->first->number;
    *text = (struct slice){inbox->first->bytes, inbox->first->len};
    return true;
}

bool inbox_take(struct inbox *inbox, uint64_t now_ms) {
    if (!inbox->first)
        return false;
    uint64_t cost_ms = INBOX_TEXT_MS + inbox->first->len / INBOX_BYTES_IN_MS;
    return rate_spend(&inbox->rate, now_ms, cost_ms, INBOX_BURST_MS);
}

uint64_t inbox_due_ms(const struct inbox *inbox) {
    return inbox->first ? rate_spend_due(&inbox->rate, INBOX_BURST_MS) : NO_DEADLINE;
}
