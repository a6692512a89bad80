#include "dialect.h"

#include "error.h"
#include "measure.h"
#include "wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_BYTES_MAX 512
#define SIGNAL_BUFFER_BYTES_MAX (2 * WIRE_MESSAGE_BYTES_MAX)

/* --- what all share --------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void say(struct client *client, const char *format,
                                                      ...) {
    char text[TEXT_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    client_say(client, (struct slice){text, (size_t)len});
}

static bool begins_with(struct slice text, const char *start) {
    return text.len >= strlen(start) && memcmp(text.bytes, start, strlen(start)) == 0;
}

/* Writes lines as in a session description. In JSON they take |json_bytes|, since each line end
 * becomes four characters there. An incomplete last line fills the rest. Returns the length of the
 * lines before JSON's escapes. */
static size_t write_sdp(char *out, size_t json_bytes) {
    static const char line[] = "a=candidate:1 1 udp 2122260223 192.168.1.20 54321 typ host\r\n";
    const size_t len = sizeof line - 1;
    size_t at = 0, left = json_bytes;
    for (; left >= len + 2; left -= len + 2, at += len)
        memcpy(out + at, line, len);
    memset(out + at, 'x', left);
    return at + left;
}

/* The same with JSON's escapes; |out| has room for exactly |json_bytes|. */
static void write_json_sdp(char *out, size_t json_bytes) {
    char sdp[CLIENT_SIGNAL_BYTES];
    size_t len = write_sdp(sdp, json_bytes), at = 0;
    for (size_t i = 0; i < len; i++) {
        bool escaped = sdp[i] == '\r' || sdp[i] == '\n';
        if (escaped)
            out[at++] = '\\';
        out[at++] = sdp[i] == '\r' ? 'r' : sdp[i] == '\n' ? 'n' : sdp[i];
    }
    PARLEY_CHECK(at == json_bytes);
}

/* Writes |head|, a session description and |tail|. */
static void write_signal(char out[CLIENT_SIGNAL_BYTES], const char *head, const char *tail) {
    size_t head_len = strlen(head), tail_len = strlen(tail);
    PARLEY_CHECK(head_len + tail_len < CLIENT_SIGNAL_BYTES);
    memcpy(out, head, head_len);
    write_json_sdp(out + head_len, CLIENT_SIGNAL_BYTES - head_len - tail_len);
    memcpy(out + CLIENT_SIGNAL_BYTES - tail_len, tail, tail_len);
}

static void keep_id(struct client *client, struct slice id) {
    if (id.len == 0 || id.len > CLIENT_ID_BYTES_MAX)
        die("client %u got an id of %zu bytes", client->number, id.len);
    memcpy(client->id, id.bytes, id.len);
    client->id[id.len] = '\0';
}

/* --- Parley ----------------------------------------------------------------------------------- */

static void parley_path(const struct client *client, char *out, size_t size) {
    (void)client;
    snprintf(out, size, "/signal");
}

static void parley_say(struct client *client, const struct wire_message *message) {
    struct buffer text;
    buffer_init(&text, SIGNAL_BUFFER_BYTES_MAX);
    PARLEY_CHECK(wire_write(message, WIRE_TO_SERVER, &text) == PARLEY_OK);
    client_say(client, buffer_slice(&text));
    buffer_deinit(&text);
}

static void parley_open(struct client *client) {
    char room[WIRE_ROOM_ID_BYTES_MAX], token[WIRE_TOKEN_BYTES + 1];
    snprintf(room, sizeof room, "room-%u", client->room);
    snprintf(token, sizeof token, "%0*u", WIRE_TOKEN_BYTES, client->number);
    struct wire_message join = {.type = WIRE_JOIN, .version = WIRE_VERSION};
    PARLEY_CHECK(room_id_read(slice_of(room), &join.room) &&
                 token_secret_read(slice_of(token), &join.token));
    parley_say(client, &join);
}

static bool parley_hear(struct client *client, struct slice text) {
    struct wire_message message;
    if (wire_read(text, WIRE_TO_PAGE, &message) != PARLEY_OK)
        die("client %u cannot read: %.*s", client->number, (int)text.len, text.bytes);
    if (message.type == WIRE_ERROR)
        die("client %u was told: %.*s", client->number, (int)text.len, text.bytes);
    bool entered = message.type == WIRE_WELCOME;
    if (entered)
        keep_id(client, member_id_text(&message.member));
    wire_message_deinit(&message);
    return entered;
}

static void parley_write_offer(const struct client *partner, struct slice sdp, struct buffer *out) {
    struct wire_message offer = {.type = WIRE_OFFER, .sdp = sdp, .connection = 1};
    buffer_clear(out);
    PARLEY_CHECK(member_id_read(slice_of(partner->id), &offer.member) &&
                 wire_write(&offer, WIRE_TO_SERVER, out) == PARLEY_OK);
}

static void parley_compose(const struct client *partner, char out[CLIENT_SIGNAL_BYTES]) {
    struct buffer text;
    char sdp[CLIENT_SIGNAL_BYTES];
    buffer_init(&text, SIGNAL_BUFFER_BYTES_MAX);
    parley_write_offer(partner, slice_of("x"), &text);
    size_t len = write_sdp(sdp, CLIENT_SIGNAL_BYTES + 1 - text.len);
    parley_write_offer(partner, (struct slice){sdp, len}, &text);
    PARLEY_CHECK(text.len == CLIENT_SIGNAL_BYTES);
    memcpy(out, text.bytes, text.len);
    buffer_deinit(&text);
}

static void parley_leave(struct client *client) {
    parley_say(client, &(struct wire_message){.type = WIRE_LEAVE});
}

/* --- Socket.IO (protocol 5 over Engine.IO 4, WebSocket from the start) ------------------------ */

static void socketio_path(const struct client *client, char *out, size_t size) {
    (void)client;
    snprintf(out, size, "/socket.io/?EIO=4&transport=websocket");
}

static void socketio_open(struct client *client) {
    (void)client; /* the server speaks first */
}

static bool socketio_hear(struct client *client, struct slice text) {
    static const char id_starts[] = "40{\"sid\":\"";
    if (begins_with(text, "0{")) {
        say(client, "40");
    } else if (begins_with(text, "2")) {
        say(client, "3");
    } else if (begins_with(text, id_starts)) {
        struct slice id = {text.bytes + strlen(id_starts), text.len - strlen(id_starts)};
        const char *quote = memchr(id.bytes, '"', id.len);
        id.len = quote ? (size_t)(quote - id.bytes) : 0;
        keep_id(client, id);
        say(client, "42[\"join\",\"room-%u\"]", client->room);
    }
    return begins_with(text, "42[\"members\"");
}

static void socketio_compose(const struct client *partner, char out[CLIENT_SIGNAL_BYTES]) {
    char head[TEXT_BYTES_MAX];
    snprintf(head, sizeof head, "42[\"offer\",{\"target\":\"%s\",\"sdp\":\"", partner->id);
    write_signal(out, head, "\"}]");
}

/* --- PeerServer: it has clients, but no rooms ------------------------------------------------- */

static void peerserver_path(const struct client *client, char *out, size_t size) {
    snprintf(out, size, "/peerjs?key=peerjs&id=client-%u&token=token-%u", client->number,
             client->number);
}

static void peerserver_open(struct client *client) {
    snprintf(client->id, sizeof client->id, "client-%u", client->number);
}

static bool peerserver_hear(struct client *client, struct slice text) {
    if (!begins_with(text, "{\"type\":\"OPEN\""))
        die("client %u was told: %.*s", client->number, (int)text.len, text.bytes);
    return true;
}

static void peerserver_compose(const struct client *partner, char out[CLIENT_SIGNAL_BYTES]) {
    char tail[TEXT_BYTES_MAX];
    snprintf(tail, sizeof tail, "\"},\"dst\":\"%s\"}", partner->id);
    write_signal(out, "{\"type\":\"OFFER\",\"payload\":{\"sdp\":\"", tail);
}

/* --- the floor -------------------------------------------------------------------------------- */

static void floor_path(const struct client *client, char *out, size_t size) {
    (void)client;
    snprintf(out, size, "/");
}

static void floor_open(struct client *client) {
    say(client, "%u", client->room);
}

static bool floor_hear(struct client *client, struct slice text) {
    keep_id(client, text);
    return true;
}

static void floor_compose(const struct client *partner, char out[CLIENT_SIGNAL_BYTES]) {
    (void)partner;
    write_signal(out, "", "");
}

/* ---------------------------------------------------------------------------------------------- */

static const struct dialect dialects[] = {
    {"parley", parley_path, parley_open, parley_hear, parley_compose, parley_leave, true},
    {"socketio", socketio_path, socketio_open, socketio_hear, socketio_compose, client_close,
     false},
    {"peerserver", peerserver_path, peerserver_open, peerserver_hear, peerserver_compose,
     client_close, false},
    {"floor", floor_path, floor_open, floor_hear, floor_compose, client_close, false}};

const struct dialect *dialect_find(const char *name) {
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
        if (strcmp(dialects[i].name, name) == 0)
            return &dialects[i];
    return NULL;
}
