/* lobby.h - where a new socket waits until the head of its first request is here, or the first
 * record of TLS, which hides all heads, so that who says nothing, or says it slowly, costs a file
 * descriptor and little more: libwebsockets gives each connection 8 KiB for headers before a byte
 * has come.
 *
 * Bytes are looked at and left in the socket (MSG_PEEK); a waiting one wakes up for new bytes only
 * (SO_RCVLOWAT). Who waits too long, or for longest when its place is needed, is hung up on.
 *
 * A TLS handshake is the most that a stranger can ask for (0.7 ms with RSA of 2,048 bits). So those
 * that are ready for one wait for their turn here (fair_queue.h), and few begin in one turn of the
 * loop: whatever else the loop has to do comes between.
 */
#ifndef PARLEY_LOBBY_H
#define PARLEY_LOBBY_H

#include "chain.h"
#include "fair_queue.h"

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#define LOBBY_HEAD_BYTES_MAX 4096 /* with so many it need not wait any more */
#define LOBBY_HANDSHAKES_A_TURN 2 /* of the loop */

struct lobby_guest;

/* What becomes of a socket; |visitor| is what lobby_enter was given. */
struct lobby_door {
    void *user;
    void (*on_ready)(void *user, int fd, void *visitor); /* owns |fd| from now on */
    void (*on_gone)(void *user, void *visitor);          /* the socket is closed */
};

/* All fields are the module's. */
struct lobby {
    struct lobby_door door;
    uv_loop_t *loop;
    uv_timer_t timer; /* for the one that has waited longest */
    uint64_t wait_ms;
    struct chain guests;     /* the first who came first */
    struct fair_queue ready; /* for TLS */
    uv_idle_t turns;         /* while somebody is */
};

/* Each may wait for |wait_ms|. |loop| must outlive it. */
void lobby_init(struct lobby *lobby, uv_loop_t *loop, uint64_t wait_ms,
                const struct lobby_door *door);

/* Hangs up on everybody; the handles close in the loop. Harmless when repeated. */
void lobby_deinit(struct lobby *lobby);

/* Takes in a non-blocking socket, where HTTP is spoken; the door may open for it at once, and does
 * for who speaks TLS. With |tls_line| TLS is spoken; there it waits for its turn once it is ready,
 * and the door opens later. |place| is where it says who waits, for as long as it does; then it is
 * NULL. */
void lobby_enter(struct lobby *lobby, int fd, struct fair_line *tls_line, void *visitor,
                 struct lobby_guest **place);

/* Hangs up on one that waits. */
void lobby_hang_up(struct lobby_guest *guest);

/* Hangs up on who has waited longest; false when nobody waits. */
bool lobby_turn_out(struct lobby *lobby);

#endif
