/* dialect.h - how each server's own protocol enters a room, passes a signal and leaves. The rivals
 * are in rivals/, the floor in floor.c. */
#ifndef PARLEY_BENCH_DIALECT_H
#define PARLEY_BENCH_DIALECT_H

#include "client.h"

struct dialect {
    const char *name;

    /* Writes the path of the upgrade request, NUL-terminated, to |out| of |size| bytes. */
    void (*write_path)(const struct client *client, char *out, size_t size);

    /* The WebSocket is open: sends the first message. */
    void (*open)(struct client *client);

    /* |text| came, no signal: answers where an answer is due. True: it says that the client is in
     * its room; then client->id is set. */
    bool (*hear)(struct client *client, struct slice text);

    /* Writes a signal to |partner|, CLIENT_SIGNAL_BYTES long by an SDP-like text. */
    void (*compose)(const struct client *partner, char out[CLIENT_SIGNAL_BYTES]);

    /* Says goodbye. */
    void (*leave)(struct client *client);

    bool server_closes; /* its close frame is to be answered, not the answer to ours */
};

/* "parley", "socketio", "peerserver" or "floor"; NULL: no such dialect. */
const struct dialect *dialect_find(const char *name);

#endif
