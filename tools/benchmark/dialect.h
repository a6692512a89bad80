/* dialect.h - how each server's own protocol enters a room, passes a signal and leaves. The rivals
 * are in rivals/, the floor in floor.c. */
#ifndef PARLEY_BENCH_DIALECT_H
#define PARLEY_BENCH_DIALECT_H

#include "client.h"

struct dialect {
    const char *name;

    /* Writes the path of the upgrade request, NUL-terminated, to |out| of |size| bytes. */
    void (*write_path)(const struct client *client, char *out, size_t size);

    /* Sends the first message, once the WebSocket is open. */
    void (*open)(struct client *client);

    /* Handles |text|, which is not a signal, and answers it if necessary. True: the client is now
     * in its room, and client->id is set. */
    bool (*hear)(struct client *client, struct slice text);

    /* Writes a signal to |partner|. A text like an SDP makes it CLIENT_SIGNAL_BYTES long. */
    void (*compose)(const struct client *partner, char out[CLIENT_SIGNAL_BYTES]);

    /* Says goodbye. */
    void (*leave)(struct client *client);

    bool server_closes; /* the server begins the closing handshake, not the client */
};

/* "parley", "socketio", "peerserver" or "floor"; NULL: no such dialect. */
const struct dialect *dialect_find(const char *name);

#endif
