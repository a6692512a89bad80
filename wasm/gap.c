#include "gap.h"

#include "error.h"

static void append(struct buffer *out, const char *piece) {
    PARLEY_CHECK(buffer_append(out, slice_of(piece)) == PARLEY_OK);
}

static void describe_gap(struct buffer *out, const struct audit_finding *gap) {
    buffer_clear(out);
    if (!gap->one)
        return;
    chat_append_name(out, member_name(gap->one));
    if (gap->other) {
        append(out, " and ");
        chat_append_name(out, member_name(gap->other));
        append(out, " do not reach each other: neither reads the other.");
    } else {
        append(out, " is connected to somebody who is not connected to you.");
    }
    append(out, " Parley keeps trying.");
}

void gap_look(struct chat *chat) {
    struct audit_finding found = audit_look(&chat->audit, &chat->room, chat->now_ms);
    chat->audit_due_ms = found.due_ms;
    describe_gap(&chat->gap, &found);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}
