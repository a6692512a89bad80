#include "hub_state.h"

#include "error.h"

#include <stdlib.h>

/* NULL: it never joined. */
static const struct member_id *id_of(const struct hub_member *member) {
    return member->state != NEW && member->id.bytes[0] ? &member->id : NULL;
}

static void push(struct hub *hub, const struct hub_action *action, size_t bytes_at) {
    PARLEY_CHECK(action->kind == HUB_NOTE || hub->members[action->to].connected);
    if (hub->queue_len == hub->queue_capacity) {
        size_t capacity = hub->queue_capacity ? 2 * hub->queue_capacity : 64;
        struct queued *queue = realloc(hub->queue, capacity * sizeof *queue);
        PARLEY_CHECK(queue); /* otherwise members would lose messages unnoticed */
        hub->queue = queue;
        hub->queue_capacity = capacity;
    }
    hub->queue[hub->queue_len++] = (struct queued){*action, bytes_at};
}

static struct hub_action action_for(const struct hub *hub, enum hub_action_kind kind,
                                    uint32_t index) {
    const struct hub_member *member = &hub->members[index];
    return (struct hub_action){.kind = kind,
                               .to = index,
                               .transport = member->connected ? member->transport : NULL,
                               .member = id_of(member),
                               .error = WIRE_ERROR_COUNT};
}

/* Messages */

int hub_store_foreign(struct hub *hub, const struct wire_message *message, uint32_t from,
                      struct hub_message *stored) {
    *stored = (struct hub_message){.at = hub->arena.len, .type = message->type, .from = from};
    int error = wire_write(message, WIRE_TO_PAGE, &hub->arena);
    stored->len = hub->arena.len - stored->at;
    return error;
}

struct hub_message hub_store(struct hub *hub, const struct wire_message *message) {
    struct hub_message stored;
    PARLEY_CHECK(hub_store_foreign(hub, message, HUB_NONE, &stored) == PARLEY_OK);
    return stored;
}

struct hub_message hub_store_relay(struct hub *hub, const struct wire_relay *signal,
                                   uint32_t from) {
    struct hub_message stored = {.at = hub->arena.len, .type = signal->type, .from = from};
    PARLEY_CHECK(wire_relay_write(signal, &hub->members[from].id, &hub->arena) == PARLEY_OK);
    stored.len = hub->arena.len - stored.at;
    return stored;
}

static void note_sent(struct hub *hub, uint32_t to, struct hub_message stored) {
    struct hub_action note = action_for(hub, HUB_NOTE, to);
    note.note = HUB_NOTE_SENT;
    note.type = stored.type;
    note.bytes_len = stored.len;
    push(hub, &note, 0);
}

void hub_send_stored(struct hub *hub, uint32_t to, struct hub_message stored) {
    struct hub_action action = action_for(hub, HUB_SEND, to);
    action.bytes.len = stored.len;
    action.from = stored.from;
    action.type = stored.type;
    push(hub, &action, stored.at);
    if (hub->config.trace)
        note_sent(hub, to, stored);
}

void hub_send_to_room(struct hub *hub, const struct hub_room *room, uint32_t except,
                      const struct wire_message *message) {
    struct hub_message stored = hub_store(hub, message);
    for (uint32_t i = room->members.first; i != HUB_NONE; i = hub->members[i].arrival.next)
        if (i != except && hub->members[i].state == IN_ROOM)
            hub_send_stored(hub, i, stored);
}

void hub_send_error(struct hub *hub, uint32_t to, enum wire_error error) {
    struct wire_message message = wire_error_message(error);
    hub_send_stored(hub, to, hub_store(hub, &message));
}

void hub_push_close(struct hub *hub, uint32_t to, uint16_t code, enum wire_error error) {
    struct hub_action action = action_for(hub, HUB_CLOSE, to);
    action.close_code = code;
    action.error = error;
    push(hub, &action, 0);
}

/* Notes */

void hub_note_room(struct hub *hub, enum hub_note note, uint32_t index,
                   const struct hub_room *room) {
    struct hub_action action = action_for(hub, HUB_NOTE, index);
    action.note = note;
    action.room = &room->id;
    action.members = room->member_count;
    push(hub, &action, 0);
}

void hub_note_refused(struct hub *hub, uint32_t index, enum wire_error error) {
    struct hub_action action = action_for(hub, HUB_NOTE, index);
    action.note = HUB_NOTE_REFUSED;
    action.error = error;
    push(hub, &action, 0);
}

void hub_note_relay_failed(struct hub *hub, uint32_t index, uint32_t status) {
    struct hub_action action = action_for(hub, HUB_NOTE, index);
    action.note = HUB_NOTE_RELAY_FAILED;
    action.status = status;
    push(hub, &action, 0);
}

/* The target is kept in the arena, where hub_next_action finds it: the message that names it is
 * gone when the note is read. */
void hub_note_message(struct hub *hub, uint32_t index, enum wire_type type,
                      const struct member_id *target, size_t bytes_len) {
    struct hub_action action = action_for(hub, HUB_NOTE, index);
    size_t target_at = hub->arena.len;
    struct slice text = member_id_text(target);
    PARLEY_CHECK(buffer_append(&hub->arena, text) == PARLEY_OK);
    action.note = HUB_NOTE_MESSAGE;
    action.type = type;
    action.bytes_len = bytes_len;
    action.target = text.len > 0 ? target : NULL;
    push(hub, &action, target_at);
}
