#include "draft.h"

#include "error.h"
#include "event.h"
#include "peer_message.h"
#include "text.h"

static void set_characters(struct draft *draft, struct actions *actions, size_t characters) {
    int32_t left = PEER_TEXT_CHARACTERS_MAX - (int32_t)characters;
    if (left == draft->left)
        return;
    draft->left = left;
    actions_show(actions, ACTION_SHOW_DRAFT);
}

void draft_clear(struct draft *draft, struct actions *actions) {
    set_characters(draft, actions, 0);
}

/* The part of |text| that would be sent. */
static size_t sent_characters(struct slice text) {
    struct buffer clean;
    buffer_init(&clean, 4 * EVENT_BYTES_MAX);
    bool left = text_clean_message(text, EVENT_BYTES_MAX, &clean) == PARLEY_OK;
    size_t characters = left ? text_characters(buffer_slice(&clean)) : 0;
    buffer_deinit(&clean);
    return characters;
}

void draft_set(struct draft *draft, struct actions *actions, struct slice text, uint32_t more) {
    size_t beyond = more < DRAFT_MORE_MAX ? more : DRAFT_MORE_MAX;
    set_characters(draft, actions, more ? text_characters(text) + beyond : sent_characters(text));
}
