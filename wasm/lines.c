#include "lines.h"

#include <string.h>

/* The first own text that somebody here will still be given. */
static uint32_t promised_from(const struct chat *chat) {
    uint32_t from = chat->outbox.end;
    for (uint32_t i = 0; i < chat->room.member_count; i++) {
        const struct member *member = chat->room.members[i];
        if (member->link.phase != LINK_CLOSED && (int32_t)(from - member->confirmed) > 0)
            from = member->confirmed;
    }
    return from;
}

void lines_mark_unread(struct chat *chat) {
    uint32_t promised = promised_from(chat);
    for (uint32_t i = chat->transcript.count; i-- > 0;) {
        struct line *line = chat->transcript.lines[i];
        if (line->kind != LINE_TEXT || line->peer != 0)
            continue;
        if ((int32_t)(line->number - chat->given_end) < 0)
            break;
        line->unread = (int32_t)(promised - line->number) > 0;
        if (line->unread)
            actions_push(&chat->actions, ACTION_LINE_CHANGED, 0, line->sequence);
    }
    if ((int32_t)(promised - chat->given_end) > 0)
        chat->given_end = promised;
}

bool lines_is_open(const struct chat *chat, uint32_t sequence) {
    for (uint32_t i = 0; i < CHAT_OPEN_LINES_MAX; i++)
        if (chat->opened[i] == sequence + 1)
            return true;
    return false;
}

void lines_fold(struct chat *chat, uint32_t sequence) {
    uint32_t last = CHAT_OPEN_LINES_MAX - 1;
    for (uint32_t i = 0; i < last; i++)
        if (chat->opened[i] == sequence + 1)
            last = i;
    uint32_t left = chat->opened[last];
    memmove(&chat->opened[1], &chat->opened[0], last * sizeof *chat->opened);
    chat->opened[0] = left == sequence + 1 ? 0 : sequence + 1;
    actions_push(&chat->actions, ACTION_LINE_CHANGED, 0, sequence);
    if (left && left != sequence + 1)
        actions_push(&chat->actions, ACTION_LINE_CHANGED, 0, left - 1);
}
