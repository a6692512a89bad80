#include "chat_views.h"

#include "chat_debug.h"
#include "error.h"
#include "script.h"

static uint64_t mix(uint64_t hash, uint64_t number) {
    hash = (hash ^ number) * 0x100000001b3u; /* FNV-1a, 8 bytes at a time */
    return hash ^ hash >> 29;
}

/* Mixes in a text that is shown. Reads all of it, and checks that it is UTF-8. */
static uint64_t mix_text(uint64_t hash, struct slice text) {
    FUZZ_CHECK(text_utf8_valid(text));
    for (size_t i = 0; i < text.len; i++)
        hash = mix(hash, (unsigned char)text.bytes[i]);
    return mix(hash, text.len);
}

/* Checks the places of people's names in a sentence. */
static void check_names(struct slice text, const struct span *names, uint32_t count) {
    uint32_t from = 0;
    FUZZ_CHECK(count <= SPAN_NAMES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        FUZZ_CHECK(names[i].start >= from && names[i].end > names[i].start);
        from = names[i].end;
    }
    FUZZ_CHECK(from <= text.len);
}

bool views_is_address(struct slice room) {
    struct slice link = room;
    return room_id_valid(room) || (slice_skip(&link, "#") && link.len == ROOM_LINK_CHARACTERS);
}

/* --- status ----------------------------------------------------------------------------------- */

static uint64_t read_status(struct chat *chat, struct status_view *view) {
    chat_status_view(chat, view);
    FUZZ_CHECK((unsigned)view->server <= JOIN_STATE_REFUSED);
    FUZZ_CHECK((unsigned)view->tone <= STATUS_TONE_WARNING);
    check_names(view->text, view->names, view->name_count);
    FUZZ_CHECK(view->room.len == 0 || views_is_address(view->room));
    FUZZ_CHECK(view->name_generated <= 1 && view->alone <= 1);
    FUZZ_CHECK(view->draft_left <= PEER_TEXT_CHARACTERS_MAX);
    FUZZ_CHECK(view->member_count <= WIRE_ROOM_MEMBERS_MAX + 1);
    uint64_t hash = mix((uint64_t)view->server << 8 | (uint64_t)view->tone, view->alone);
    hash = mix_text(mix_text(mix_text(hash, view->text), view->room), view->name);
    hash = mix_text(mix_text(hash, view->room_name), view->room_kind);
    hash = mix(mix(hash, view->name_generated), view->member_count);
    hash = mix_text(mix(mix(hash, view->hide_address), view->can_hide_address),
                    view->hide_address_text);
    return hash;
}

/* --- members ---------------------------------------------------------------------------------- */

static uint64_t read_log(struct chat *chat, uint32_t index, uint32_t count, uint64_t hash) {
    struct connection_log_view view;
    for (uint32_t i = 0; i < count; i++) {
        FUZZ_CHECK(chat_connection_log_view(chat, index, i, &view) == PARLEY_OK);
        hash = mix_text(mix(hash, view.at_ms), view.text);
    }
    FUZZ_CHECK(chat_connection_log_view(chat, index, count, &view) == PARLEY_ERR_ARGUMENT);
    return hash;
}

static uint64_t read_member(struct chat *chat, uint32_t index, uint64_t hash) {
    struct member_view view;
    FUZZ_CHECK(chat_member_view(chat, index, &view) == PARLEY_OK);
    FUZZ_CHECK((index == 0) == (view.state == CONTACT_SELF));
    FUZZ_CHECK((index == 0) == (view.peer == 0));
    FUZZ_CHECK((unsigned)view.state <= CONTACT_LOST && view.colour < ROOM_COLOURS);
    FUZZ_CHECK(view.connection_log_count <= CONNECTION_LOG_ENTRIES_MAX);
    hash = mix(mix(mix(hash, view.peer), (uint64_t)view.state), view.colour);
    hash = mix_text(mix_text(mix_text(hash, view.name), view.state_text), view.reason);
    return read_log(chat, index, view.connection_log_count, hash);
}

/* Checks that no two people are shown under the same name. */
static void check_told_apart(const struct room *room) {
    for (uint32_t i = 0; i < room->member_count; i++) {
        const struct name *name = &room->members[i]->name;
        FUZZ_CHECK(name->chosen_bytes == 0 || name->skeleton != room->self_name.skeleton);
        for (uint32_t j = 0; j < i && name->chosen_bytes; j++)
            FUZZ_CHECK(room->members[j]->name.skeleton != name->skeleton ||
                       room->members[j]->name.chosen_bytes == 0);
    }
}

static uint64_t read_members(struct chat *chat, uint32_t count) {
    uint64_t hash = count;
    struct member_view view;
    check_told_apart(chat_debug(chat).room);
    for (uint32_t i = 0; i < count; i++)
        hash = read_member(chat, i, hash);
    FUZZ_CHECK(chat_member_view(chat, count, &view) == PARLEY_ERR_ARGUMENT);
    return hash;
}

/* --- lines ------------------------------------------------------------------------------------ */

static void check_links(const struct line_view *view) {
    uint32_t from = 0;
    FUZZ_CHECK(view->link_count <= TIMELINE_LINKS_MAX);
    for (uint32_t i = 0; i < view->link_count; i++) {
        FUZZ_CHECK(view->links[i].start >= from && view->links[i].end > view->links[i].start);
        from = view->links[i].end;
    }
    FUZZ_CHECK(from <= view->text.len);
}

static void read_line(struct chat *chat, uint32_t sequence) {
    struct line_view view;
    if (chat_line_view(chat, sequence, &view) != PARLEY_OK)
        return; /* dropped: the transcript was full */
    FUZZ_CHECK(view.sequence == sequence && (unsigned)view.kind < LINE_KIND_COUNT);
    FUZZ_CHECK(view.colour < ROOM_COLOURS && view.own <= 1 && view.continues <= 1);
    FUZZ_CHECK((view.kind == LINE_TEXT) == (view.author.len > 0) && view.text.len > 0);
    FUZZ_CHECK(view.iso.len < TEXT_ISO_BYTES);
    mix_text(mix_text(mix_text(0, view.author), view.text), view.iso);
    mix_text(mix_text(0, view.mark), view.run_text);
    FUZZ_CHECK(view.folded <= view.foldable && view.run <= sequence);
    FUZZ_CHECK(view.folded ? view.shown < view.text.len : view.shown == view.text.len);
    check_links(&view);
    check_names(view.text, view.names, view.name_count);
    FUZZ_CHECK(view.name_count == 0 || view.kind != LINE_TEXT);
}

static void check_ends(struct chat *chat, const struct status_view *status) {
    struct line_view view;
    FUZZ_CHECK(chat_line_view(chat, status->line_end, &view) == PARLEY_ERR_ARGUMENT);
    FUZZ_CHECK(chat_line_view(chat, status->line_first - 1, &view) == PARLEY_ERR_ARGUMENT);
}

void views_read_lines(struct chat *chat) {
    struct status_view status;
    chat_status_view(chat, &status);
    for (uint32_t i = status.line_first; i != status.line_end; i++)
        read_line(chat, i);
}

/* --- limits ----------------------------------------------------------------------------------- */

static void check_limits(const struct chat *chat) {
    const struct outbox *outbox = chat_debug(chat).outbox;
    FUZZ_CHECK(outbox->end - outbox->first <= OUTBOX_MESSAGES_MAX);
    FUZZ_CHECK(outbox->bytes <= OUTBOX_BYTES_MAX);
    FUZZ_CHECK((outbox->bytes == 0) == (outbox->end == outbox->first));
    FUZZ_CHECK(chat_debug(chat).transcript->bytes <= TRANSCRIPT_BYTES_MAX);
    FUZZ_CHECK(chat_debug(chat).transcript->count <= TRANSCRIPT_LINES_MAX);
    for (uint32_t i = 0; i < chat_debug(chat).room->member_count; i++) {
        const struct member *member = chat_debug(chat).room->members[i];
        FUZZ_CHECK(member->link.negotiation.remote.count <= CANDIDATE_QUEUE_MAX);
        FUZZ_CHECK(member->link.negotiation.local.count <= CANDIDATE_QUEUE_MAX);
        FUZZ_CHECK((int32_t)(member->session.next_out - member->session.confirmed) >= 0);
        FUZZ_CHECK((int32_t)(outbox->end - member->session.next_out) >= 0);
    }
}

struct views views_read(struct chat *chat) {
    struct status_view status;
    struct views views;
    check_limits(chat);
    views.status = read_status(chat, &status);
    views.members = read_members(chat, status.member_count);
    views.draft = status.draft_left;
    views.lines = (uint64_t)status.line_first << 32 | status.line_end;
    check_ends(chat, &status);
    return views;
}
