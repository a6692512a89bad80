#include "chat_state.h"

#include "error.h"

/* Status */

static const char *joined_text(const struct chat *chat) {
    if (chat->room.member_count == 0)
        return "Nobody else is here yet. Share the link to invite people.";
    bool full = chat->room.member_count + 1 >= chat->room_members_max;
    return full ? "The room is full: nobody else can join." : "";
}

static struct slice status_text(const struct chat *chat) {
    switch (chat->server) {
    case CHAT_SERVER_CONNECTING:
        return slice_of("Connecting to the server…");
    case CHAT_SERVER_JOINED:
        return slice_of(joined_text(chat));
    case CHAT_SERVER_LOST:
        return slice_of(chat->room.member_count
                            ? "The server is out of reach. People you are connected to stay "
                              "connected; reload the page to let new people find you."
                            : "The server is out of reach. Reload the page to try again.");
    case CHAT_SERVER_REFUSED:
        return buffer_slice(&chat->refusal);
    case CHAT_SERVER_IDLE:
        break;
    }
    return slice_of(chat->no_webrtc ? "This browser cannot connect to people: WebRTC is missing or "
                                      "switched off. Try another browser."
                                    : "");
}

static enum chat_tone status_tone(const struct chat *chat) {
    if (chat->server == CHAT_SERVER_CONNECTING)
        return CHAT_TONE_BUSY;
    bool bad = chat->server == CHAT_SERVER_LOST || chat->server == CHAT_SERVER_REFUSED;
    return bad || chat->no_webrtc ? CHAT_TONE_WARNING : CHAT_TONE_QUIET;
}

void chat_status_view(struct chat *chat, struct chat_status_view *view) {
    bool in_room = chat->room.id_len > 0;
    *view = (struct chat_status_view){.server = chat->server,
                                      .tone = status_tone(chat),
                                      .text = status_text(chat),
                                      .room = room_id(&chat->room),
                                      .name = buffer_slice(&chat->name),
                                      .name_generated = chat->name_generated,
                                      .member_count = chat->room.member_count + 1,
                                      .line_first = chat->transcript.first,
                                      .line_end = chat->transcript.end,
                                      .draft_left = chat->draft_left,
                                      .alone = in_room && chat->server == CHAT_SERVER_JOINED &&
                                               chat->room.member_count == 0};
}

/* Members */

static void view_self(const struct chat *chat, struct chat_member_view *view) {
    *view = (struct chat_member_view){.state = CHAT_MEMBER_SELF,
                                      .colour = chat->room.self_colour,
                                      .name = buffer_slice(&chat->name),
                                      .state_text = slice_of("you"),
                                      .reason = slice_of("")};
}

static enum chat_member_state state_of(const struct link *link) {
    return link->phase == LINK_CONNECTING  ? CHAT_MEMBER_CONNECTING
           : link->phase == LINK_CONNECTED ? CHAT_MEMBER_CONNECTED
                                           : CHAT_MEMBER_LOST;
}

static bool has_step(const struct link *link, enum link_step_kind kind) {
    for (uint32_t i = 0; i < link->step_count; i++)
        if (link->steps[i].kind == kind)
            return true;
    return false;
}

static const char *state_text(const struct link *link) {
    if (link->phase == LINK_CONNECTING)
        return "connecting…";
    if (link->phase == LINK_CLOSED)
        return has_step(link, LINK_STEP_CHANNEL_OPEN) ? "connection lost" : "no connection";
    if (has_step(link, LINK_STEP_ROUTE_RELAYED) || has_step(link, LINK_STEP_ROUTE_DIRECT))
        return link->relayed ? "connected through a relay" : "connected directly";
    return "connected";
}

int chat_member_view(struct chat *chat, uint32_t index, struct chat_member_view *view) {
    if (index > chat->room.member_count)
        return PARLEY_ERR_ARGUMENT;
    if (index == 0) {
        view_self(chat, view);
        return PARLEY_OK;
    }
    const struct member *member = chat->room.members[index - 1];
    *view = (struct chat_member_view){.peer = member->link.peer,
                                      .state = state_of(&member->link),
                                      .colour = member->colour,
                                      .name = member_name(member),
                                      .state_text = slice_of(state_text(&member->link)),
                                      .reason = slice_of(link_reason_text(member->link.reason)),
                                      .step_count = member->link.step_count};
    return PARLEY_OK;
}

int chat_step_view(struct chat *chat, uint32_t index, uint32_t step, struct chat_step_view *view) {
    if (index == 0 || index > chat->room.member_count)
        return PARLEY_ERR_ARGUMENT;
    const struct link *link = &chat->room.members[index - 1]->link;
    if (step >= link->step_count)
        return PARLEY_ERR_ARGUMENT;
    buffer_clear(&chat->view.text);
    PARLEY_CHECK(link_step_text(&link->steps[step], &chat->view.text) == PARLEY_OK);
    *view = (struct chat_step_view){link->steps[step].at_ms, buffer_slice(&chat->view.text)};
    return PARLEY_OK;
}

/* Lines */

static uint32_t find_links(struct slice text, struct chat_span links[CHAT_LINKS_IN_LINE_MAX]) {
    uint32_t count = 0;
    size_t start, end;
    for (size_t from = 0; count < CHAT_LINKS_IN_LINE_MAX; from = end) {
        if (!text_find_link(text, from, &start, &end))
            break;
        links[count++] = (struct chat_span){(uint32_t)start, (uint32_t)end};
    }
    return count;
}

int chat_line_view(struct chat *chat, uint32_t sequence, struct chat_line_view *view) {
    const struct line *line = transcript_find(&chat->transcript, sequence);
    if (!line)
        return PARLEY_ERR_ARGUMENT;
    struct chat_view_memory *memory = &chat->view;
    text_format_time(line->wall_ms, line->utc_offset_min, memory->time);
    text_format_iso(line->wall_ms, line->utc_offset_min, memory->iso);
    bool said = line->kind == LINE_TEXT;
    *view =
        (struct chat_line_view){.sequence = sequence,
                                .kind = line->kind,
                                .own = said && line->peer == 0,
                                .continues = line->continues && sequence != chat->transcript.first,
                                .colour = line->colour,
                                .author = line->author,
                                .text = line->text,
                                .time = slice_of(memory->time),
                                .iso = slice_of(memory->iso),
                                .links = memory->links,
                                .link_count = said ? find_links(line->text, memory->links) : 0};
    return PARLEY_OK;
}
