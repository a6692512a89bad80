#include "chat_state.h"

#include "error.h"

static void add_line(struct chat *chat, enum line_kind kind, const struct member *member,
                     struct slice author, uint32_t number, struct slice text) {
    struct line line = {.kind = kind,
                        .number = number,
                        .peer = member ? member->number : 0,
                        .colour = member ? member->colour : chat->room.self_colour,
                        .wall_ms = chat->wall_ms,
                        .utc_offset_min = chat->utc_offset_min,
                        .author = author,
                        .text = text};
    for (uint32_t gone; transcript_make_place(&chat->transcript, author.len + text.len, &gone);)
        actions_push(&chat->actions, ACTION_LINE_CHANGED, 0, gone);
    PARLEY_CHECK(transcript_add(&chat->transcript, &line) == PARLEY_OK);
    actions_show(&chat->actions, ACTION_SHOW_LINES);
}

static void append(struct buffer *out, const char *piece) {
    PARLEY_CHECK(buffer_append(out, slice_of(piece)) == PARLEY_OK);
}

void chat_append_name(struct buffer *out, struct slice name) {
    append(out, ISOLATE_START);
    PARLEY_CHECK(buffer_append(out, name) == PARLEY_OK);
    append(out, ISOLATE_END);
}

void chat_note_because(struct chat *chat, enum line_kind kind, const struct member *member,
                       const char *before, const char *after, const char *reason) {
    struct buffer *sentence = &chat->scratch;
    buffer_clear(sentence);
    append(sentence, before);
    if (member)
        chat_append_name(sentence, member_name(member));
    append(sentence, after);
    append(sentence, reason);
    add_line(chat, kind, member, (struct slice){0}, 0, buffer_slice(sentence));
}

void chat_note(struct chat *chat, enum line_kind kind, const struct member *member,
               const char *before, const char *after) {
    chat_note_because(chat, kind, member, before, after, "");
}

static struct slice shown_name(const struct chat *chat, const struct member *member) {
    return member ? member_name(member) : name_shown(&chat->room.self_name);
}

void chat_rename(struct chat *chat, struct member *member, struct slice name) {
    struct buffer *sentence = &chat->scratch;
    bool told = member ? member->announced : chat->room.id_len > 0;
    buffer_clear(sentence);
    if (member)
        chat_append_name(sentence, member_name(member));
    append(sentence, member ? " is now " : "You are now ");
    room_set_name(&chat->room, member, name);
    chat_append_name(sentence, shown_name(chat, member));
    if (told)
        add_line(chat, LINE_RENAMED, member, (struct slice){0}, 0, buffer_slice(sentence));
}

void chat_add_text(struct chat *chat, const struct member *member, uint32_t number,
                   struct slice text) {
    add_line(chat, LINE_TEXT, member, shown_name(chat, member), number, text);
}
