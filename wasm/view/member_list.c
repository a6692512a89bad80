#include "member_list.h"

#include "error.h"
#include "room.h"

#define LOG_ENTRY_BYTES_MAX 256

void member_list_init(struct member_list *list) {
    buffer_init(&list->log_entry, LOG_ENTRY_BYTES_MAX);
}

void member_list_deinit(struct member_list *list) {
    buffer_deinit(&list->log_entry);
}

static void read_self(const struct room *room, struct member_view *view) {
    *view = (struct member_view){.state = CONTACT_SELF,
                                 .colour = room->self_colour,
                                 .name = name_shown(&room->self_name),
                                 .state_text = slice_of("you"),
                                 .reason = slice_of("")};
}

static enum contact state_of(const struct member *member) {
    if (member_connected(member))
        return CONTACT_CONNECTED;
    switch (member->link.state) {
    case LINK_CONNECTING:
    case LINK_CONNECTING_PAUSED:
        return CONTACT_CONNECTING;
    case LINK_CONNECTED:
    case LINK_SETTLED:
    case LINK_GRACE:
        return CONTACT_CONNECTED;
    case LINK_RECONNECTING:
    case LINK_RECONNECTING_PAUSED:
        return CONTACT_RECONNECTING;
    case LINK_CLOSED:
        break;
    }
    return CONTACT_LOST;
}

static const char *connected_text(const struct member *member) {
    if (member->server_path.is_open)
        return member->server_path.keyring->is_sealed ? "through the server (sealed)"
                                                      : "through the server";
    switch (member->link.route) {
    case ROUTE_DIRECT:
        return "connected directly";
    case ROUTE_RELAYED:
        return "connected through a relay";
    case ROUTE_UNKNOWN:
        break;
    }
    return "connected";
}

static const char *state_text(enum contact state, const struct member *member) {
    switch (state) {
    case CONTACT_CONNECTING:
        return member->link.failures ? "no connection yet, trying…" : "connecting…";
    case CONTACT_RECONNECTING:
        return "reconnecting…";
    case CONTACT_CONNECTED:
        return connected_text(member);
    case CONTACT_SELF:
    case CONTACT_LOST:
        break;
    }
    return "connection closed";
}

int member_list_read(const struct room *room, uint32_t index, struct member_view *view) {
    if (index > room->member_count)
        return PARLEY_ERR_ARGUMENT;
    if (index == 0) {
        read_self(room, view);
        return PARLEY_OK;
    }
    const struct member *member = room->members[index - 1];
    enum contact state = state_of(member);
    *view = (struct member_view){.peer = member->number,
                                 .connection = link_peer(&member->link),
                                 .state = state,
                                 .colour = member->colour,
                                 .name = member_name(member),
                                 .state_text = slice_of(state_text(state, member)),
                                 .reason = slice_of(link_reason_text(member->link.reason)),
                                 .connection_log_count = member->link.log.count};
    return PARLEY_OK;
}

int member_list_read_connection_log(struct member_list *list, const struct room *room,
                                    uint32_t index, uint32_t entry,
                                    struct connection_log_view *view) {
    if (index == 0 || index > room->member_count)
        return PARLEY_ERR_ARGUMENT;
    const struct connection_log *log = &room->members[index - 1]->link.log;
    if (entry >= log->count)
        return PARLEY_ERR_ARGUMENT;
    buffer_clear(&list->log_entry);
    PARLEY_CHECK(connection_log_entry_text(&log->entries[entry], &list->log_entry) == PARLEY_OK);
    *view = (struct connection_log_view){log->entries[entry].at_ms, buffer_slice(&list->log_entry)};
    return PARLEY_OK;
}
