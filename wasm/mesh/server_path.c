#include "server_path.h"

#include "error.h"

#include <string.h>

#define PIECE_LAST 128u /* beside its number */
#define COST_MS(bytes) ((bytes) / SERVER_PATH_BYTES_PER_MS)
#define BURST_MS COST_MS(SERVER_PATH_BURST_BYTES)

_Static_assert(1 + SERVER_PATH_PIECE_BYTES <= ENVELOPE_TEXT_BYTES_MAX, "an envelope has place");

void server_path_init(struct server_path *path, const struct member_id *member,
                      struct keyring *keyring, struct rate *sent, uint64_t now_ms) {
    *path = (struct server_path){.member = member,
                                 .keyring = keyring,
                                 .sent = sent,
                                 .due_ms = now_ms + SERVER_PATH_AFTER_MS};
    buffer_init(&path->message, PEER_MESSAGE_BYTES_MAX + 1);
}

void server_path_deinit(struct server_path *path) {
    buffer_deinit(&path->message);
}

bool server_path_exists(const struct server_path *path) {
    return keyring_find(path->keyring, path->member) != NULL;
}

void server_path_open(struct server_path *path, uint64_t now_ms) {
    path->is_open = true;
    path->is_answered = false;
    path->due_ms = now_ms + SERVER_PATH_AFTER_MS;
}

static void drop_pieces(struct server_path *path) {
    buffer_clear(&path->message);
    path->pieces = 0;
    path->is_whole = false;
}

void server_path_close(struct server_path *path, uint64_t now_ms) {
    path->is_open = path->is_answered = false;
    path->repeats = 0;
    path->due_ms = now_ms + SERVER_PATH_AFTER_MS;
    drop_pieces(path);
}

bool server_path_has_room(const struct server_path *path, uint64_t now_ms) {
    return rate_spend_due(path->sent, BURST_MS) <= now_ms;
}

uint64_t server_path_room_ms(const struct server_path *path) {
    return rate_spend_due(path->sent, BURST_MS);
}

/* Sending */

static void send_piece(const struct server_path *path, struct actions *actions, unsigned head,
                       struct slice piece) {
    char text[1 + SERVER_PATH_PIECE_BYTES];
    text[0] = (char)head;
    memcpy(text + 1, piece.bytes, piece.len);
    const struct slice plain = {text, 1 + piece.len};
    PARLEY_CHECK(signals_seal(actions, path->keyring, 0, WIRE_RELAY, path->member, plain) ==
                 PARLEY_OK);
}

void server_path_send(const struct server_path *path, struct actions *actions, struct slice message,
                      uint64_t now_ms) {
    unsigned number = 0;
    size_t pieces = message.len / SERVER_PATH_PIECE_BYTES + 1;
    size_t bytes = message.len * 4 / 3 + pieces * SERVER_PATH_FRAME_BYTES;
    rate_spend(path->sent, now_ms, COST_MS(bytes), UINT64_MAX / 2);
    while (message.len > SERVER_PATH_PIECE_BYTES) {
        send_piece(path, actions, number++, (struct slice){message.bytes, SERVER_PATH_PIECE_BYTES});
        message = slice_drop(message, SERVER_PATH_PIECE_BYTES);
    }
    send_piece(path, actions, number | PIECE_LAST, message);
}

/* Receiving */

/* Adds a piece. PARLEY_OK: it was the last. */
static int add_piece(struct server_path *path, struct slice text) {
    unsigned head = text.len ? (unsigned char)text.bytes[0] : 0, number = head & ~PIECE_LAST;
    if (path->is_whole || number == 0)
        drop_pieces(path);
    if (text.len == 0 || number != path->pieces ||
        buffer_append(&path->message, slice_drop(text, 1)) != PARLEY_OK) {
        drop_pieces(path);
        return PARLEY_ERR_EMPTY;
    }
    path->pieces++;
    path->is_whole = (head & PIECE_LAST) != 0;
    return path->is_whole ? PARLEY_OK : PARLEY_ERR_EMPTY;
}

int server_path_receive(struct server_path *path, struct signals_refused *refused,
                        struct slice sealed, struct slice *message) {
    struct buffer memory;
    struct slice text;
    int error = PARLEY_ERR_FORGED;
    buffer_init(&memory, ENVELOPE_BYTES_MAX);
    if (signals_unseal(path->keyring, refused, WIRE_RELAY, path->member, sealed, &memory, &text))
        error = add_piece(path, text);
    *message = buffer_slice(&path->message);
    buffer_deinit(&memory);
    return error;
}
