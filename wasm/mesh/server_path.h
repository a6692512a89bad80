/* server_path.h - the path to a member through the server, for as long as there is none between the
 * two browsers: what one would send over the data channel, sealed under the pair's key.
 *
 * The server passes on a "relay" message (wire.h). It is an envelope (wire/envelope.h) whose text
 * is one byte and a piece of a message, at most SERVER_PATH_PIECE_BYTES. The byte is the number of
 * the piece in its message, from 0 on, and 128 more for the last. A message has at most
 * PEER_MESSAGE_BYTES_MAX; one of which a piece is missing is dropped. The server can lose pieces,
 * and loses all with a connection. So whoever opens this path begins with a hello, as on a channel,
 * and repeats it until the other's came; a reader who notices that something is missing does the
 * same (session.h).
 *
 * A page sends less by this path than the server's limits allow.
 */
#ifndef PARLEY_SERVER_PATH_H
#define PARLEY_SERVER_PATH_H

#include "action.h"
#include "deadline.h"
#include "keyring.h"
#include "peer_message.h"
#include "rate.h"
#include "signals.h"

#define SERVER_PATH_PIECE_BYTES 6000
#define SERVER_PATH_REPEATS 3 /* so often the pause between two hellos doubles */
#define SERVER_PATH_AFTER_MS                                                                       \
    5000 /* without a channel, and it opens; a hello is repeated as often */
/* Of the messages to the server, which takes 4 KiB a second on average, and 64 KiB at once. */
#define SERVER_PATH_BYTES_PER_MS 4
#define SERVER_PATH_BURST_BYTES 32768
#define SERVER_PATH_FRAME_BYTES 160 /* of one piece, at most, beside four thirds of it */
#define SERVER_PATH_TURN_BYTES 4096 /* sent, perhaps with one more text, before we look again */

struct server_path {
    bool is_open;          /* messages go this way */
    bool is_answered;      /* and theirs came */
    uint64_t due_ms;       /* when it opens, or its hello is repeated; NO_DEADLINE for never */
    struct buffer message; /* the pieces of the one that is coming, */
    uint8_t pieces;        /* so many, */
    bool is_whole;         /* or that came */
    uint8_t repeats;       /* of a hello that nobody has answered */
    const struct member_id *member; /* the owner's, as these two */
    struct keyring *keyring;
    struct rate *sent; /* of all members together */
};

/* Makes one that is closed, and opens SERVER_PATH_AFTER_MS after |now_ms|. */
void server_path_init(struct server_path *path, const struct member_id *member,
                      struct keyring *keyring, struct rate *sent, uint64_t now_ms);
void server_path_deinit(struct server_path *path);

/* True if the path leads anywhere: we share keys with the member. */
bool server_path_exists(const struct server_path *path);

void server_path_open(struct server_path *path, uint64_t now_ms);

/* Closes it. It opens again SERVER_PATH_AFTER_MS later, unless due_ms is changed. */
void server_path_close(struct server_path *path, uint64_t now_ms);

/* True if a message may be sent now; and when that is so again. */
bool server_path_has_room(const struct server_path *path, uint64_t now_ms);
uint64_t server_path_room_ms(const struct server_path *path);

/* Sends |message|, at most PEER_MESSAGE_BYTES_MAX. */
void server_path_send(const struct server_path *path, struct actions *actions, struct slice message,
                      uint64_t now_ms);

/* Opens |sealed|, of a "relay" message of the member. PARLEY_OK: |message| is complete, and valid
 * until the next call. PARLEY_ERR_EMPTY: more pieces must follow. PARLEY_ERR_FORGED: it is refused,
 * and counted in |refused|. */
int server_path_receive(struct server_path *path, struct signals_refused *refused,
                        struct slice sealed, struct slice *message);

#endif
