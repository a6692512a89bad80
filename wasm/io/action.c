#include "action.h"

#include "error.h"
#include "event.h"
#include "table.h"

#include <stdlib.h>

/* The texts of one event: at most a hello and an ICE server list for each member, or the candidates
 * of one link. */
#define BYTES_MAX (4u << 20)
#define KEPT_BYTES_MAX (256u << 10)

struct queued_action {
    enum action_kind kind;
    uint32_t peer, code;
    struct action_bytes a, b, c;
    struct slice kept; /* in place of |a|, where its bytes are not NULL */
};

static const struct action_bytes nothing = {0, 0};

void actions_init(struct actions *actions) {
    *actions = (struct actions){0};
    buffer_init(&actions->bytes, BYTES_MAX);
    buffer_init(&actions->lines, BYTES_MAX);
}

void actions_deinit(struct actions *actions) {
    buffer_deinit(&actions->bytes);
    buffer_deinit(&actions->lines);
    free(actions->items);
    actions_init(actions);
}

bool actions_drained(const struct actions *actions) {
    return actions->head == actions->len && !actions->shown;
}

void actions_begin(struct actions *actions) {
    PARLEY_CHECK(actions_drained(actions));
    actions->head = actions->len = 0;
    buffer_clear(&actions->bytes);
    if (actions->bytes.capacity > KEPT_BYTES_MAX)
        buffer_deinit(&actions->bytes);
}

struct action_bytes actions_stored(const struct actions *actions, size_t at) {
    return (struct action_bytes){at, actions->bytes.len - at};
}

struct buffer *actions_bytes(struct actions *actions) {
    return &actions->bytes;
}

struct action_bytes actions_store(struct actions *actions, struct slice bytes) {
    size_t at = actions->bytes.len;
    PARLEY_CHECK(buffer_append(&actions->bytes, bytes) == PARLEY_OK);
    return actions_stored(actions, at);
}

static void push(struct actions *actions, struct queued_action action) {
    actions->items =
        table_reserve(actions->items, actions->len, &actions->capacity, sizeof *actions->items);
    PARLEY_CHECK(actions->items);
    actions->items[actions->len++] = action;
}

void actions_push_stored(struct actions *actions, enum action_kind kind, uint32_t peer,
                         uint32_t code, struct action_bytes a) {
    push(actions, (struct queued_action){kind, peer, code, a, nothing, nothing, {0}});
}

void actions_push(struct actions *actions, enum action_kind kind, uint32_t peer, uint32_t code) {
    actions_push_stored(actions, kind, peer, code, nothing);
}

void actions_push_text(struct actions *actions, enum action_kind kind, uint32_t peer, uint32_t code,
                       struct slice a) {
    actions_push_stored(actions, kind, peer, code, actions_store(actions, a));
}

void actions_push_texts(struct actions *actions, enum action_kind kind, uint32_t peer,
                        uint32_t code, struct slice a, struct slice b, struct slice c) {
    struct action_bytes stored_a = actions_store(actions, a);
    struct action_bytes stored_b = actions_store(actions, b);
    struct action_bytes stored_c = actions_store(actions, c);
    push(actions, (struct queued_action){kind, peer, code, stored_a, stored_b, stored_c, {0}});
}

void actions_send_by(struct actions *actions, enum event_transport transport) {
    actions->transport = transport;
}

/* A message contains no line end. */
static int add_line(struct actions *actions, const struct wire_message *message) {
    struct buffer *lines = &actions->lines;
    size_t len = lines->len;
    int error = wire_write(message, WIRE_TO_SERVER, lines);
    if (!error)
        error = buffer_append(lines, slice_of("\n"));
    if (error)
        lines->len = len;
    return error;
}

static int send_message(struct actions *actions, uint32_t peer,
                        const struct wire_message *message) {
    size_t at = actions->bytes.len;
    int error = wire_write(message, WIRE_TO_SERVER, &actions->bytes);
    if (!error)
        actions_push_stored(actions, ACTION_SERVER_SEND, peer, 0, actions_stored(actions, at));
    return error;
}

int actions_push_message(struct actions *actions, uint32_t peer,
                         const struct wire_message *message) {
    switch (actions->transport) {
    case EVENT_TRANSPORT_WEBSOCKET:
        return send_message(actions, peer, message);
    case EVENT_TRANSPORT_POLLING:
        return add_line(actions, message);
    case EVENT_TRANSPORT_COUNT:
        break; /* no transport */
    }
    return PARLEY_ERR_ARGUMENT;
}

void actions_push_kept(struct actions *actions, enum action_kind kind, uint32_t peer,
                       struct slice a) {
    push(actions, (struct queued_action){kind, peer, 0, nothing, nothing, nothing, a});
}

void actions_show(struct actions *actions, enum action_kind show) {
    actions->shown |= 1u << show;
}

static struct slice text_of(const struct actions *actions, struct action_bytes stored) {
    const char *bytes = actions->bytes.bytes ? actions->bytes.bytes + stored.at : "";
    return (struct slice){bytes, stored.len};
}

/* Moves the waiting SHOW_... actions into the queue, once the rest is done. */
static void flush_shown(struct actions *actions) {
    for (int kind = 0; kind < ACTION_COUNT; kind++)
        if (actions->shown & 1u << kind)
            actions_push(actions, (enum action_kind)kind, 0, 0);
    actions->shown = 0;
}

const struct action *actions_next(struct actions *actions) {
    if (actions->head == actions->len)
        flush_shown(actions);
    if (actions->head == actions->len)
        return NULL;
    const struct queued_action *next = &actions->items[actions->head++];
    actions->current = (struct action){next->kind,
                                       next->peer,
                                       next->code,
                                       next->kept.bytes ? next->kept : text_of(actions, next->a),
                                       text_of(actions, next->b),
                                       text_of(actions, next->c)};
    return &actions->current;
}
