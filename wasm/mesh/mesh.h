/* mesh.h - the people in the room and the links to them: the interface of this folder. Its inputs
 * are what the server says about people, what the browser does for connections, and what people
 * say. It pushes its results as outcomes (outcome.h).
 *
 *      roster (the server's word) ---> mesh ---> members (what becomes of one) ---> room
 *                                                                                    |
 *                                                              link, session, presence
 */
#ifndef PARLEY_MESH_H
#define PARLEY_MESH_H

#include "env.h"
#include "event.h"
#include "keyring.h"
#include "mesh_check.h"
#include "outbox.h"
#include "room.h"
#include "signals.h"

#define MESH_REACHABILITY_MS 1000 /* at most so often everybody is told whom we reach, */
#define MESH_CHECK_MS 1000        /* and the mesh check runs as often */

struct mesh {
    struct room room;
    struct keyring keyring;
    struct signals_refused refused; /* signals that did not count */
    uint32_t strangers;             /* who could not show that they know the room */
    struct outbox outbox;
    struct mesh_check check;
    struct reachability reached;  /* whom we reach */
    uint32_t session;             /* names this page's life to the others (peer_message.h) */
    struct budget budget;         /* of connections */
    uint64_t operation_ms;        /* see link.h */
    uint64_t turns_due_ms;        /* when somebody has waited long enough for a connection's turn */
    uint64_t reachability_due_ms; /* when to tell everybody whom we reach */
    uint64_t check_due_ms;
    struct peer_message heard; /* what outcomes point to */
};

/* The mesh borrows these for one call, and passes them on to its parts. */
struct mesh_env {
    struct link_env link;       /* has the actions, chance and the time, */
    struct session_env session; /* and the outcomes */
};

/* Fills in |out| for one event, except |out|->link's server_up, configuration, no_path and
 * hide_address, which the caller sets. */
void mesh_lend(struct mesh *mesh, const struct env *env, struct mesh_env *out);

/* Makes an empty one. Free it with mesh_deinit. PARLEY_ERR_NO_MEMORY. */
int mesh_init(struct mesh *mesh);
void mesh_deinit(struct mesh *mesh);

/* At START: another life of the page. |name|: our own, cleaned. */
void mesh_begin(struct mesh *mesh, const struct mesh_env *env, struct slice name);

/* Frees the texts that everybody has confirmed. Call it at the start of an event: the actions of
 * the last event point to them. */
void mesh_forget_sent(struct mesh *mesh);

/* Frees what outcomes point to, once all outcomes of the event are taken. */
void mesh_forget_heard(struct mesh *mesh);

/* Handles one of EVENTS_OF_LINK or EVENTS_OF_MEMBER, of |member|'s connection; PEER_ICE_ERROR only
 * of a relay. */
void mesh_handle(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                 const struct event *event);

/* |member| sent a piece of a message through the server (server_path.h). */
void mesh_receive_relayed(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                          struct slice sealed);

/* The number of the first own text that somebody here still needs. */
uint32_t mesh_needed_from(const struct mesh *mesh);

/* Queues a cleaned text for everybody in the room. The caller keeps |text| until all outcomes are
 * taken. PARLEY_ERR_TOO_BIG, PARLEY_ERR_NO_MEMORY. */
int mesh_say(struct mesh *mesh, const struct mesh_env *env, struct slice text);

/* Gives |member|, or ourselves when NULL, another, cleaned name. */
void mesh_rename(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                 struct slice name);

/* Says goodbye to everybody and forgets them. |back|: the page is closed or reloaded. */
void mesh_leave(struct mesh *mesh, const struct mesh_env *env, bool back);

/* Closes all links without a word, and forgets everybody. */
void mesh_forget(struct mesh *mesh, const struct mesh_env *env);

/* The server carries nothing any more. */
void mesh_lose_server(struct mesh *mesh, const struct mesh_env *env);

/* The RTCConfiguration has changed. */
void mesh_configure(struct mesh *mesh, const struct mesh_env *env);

/* Our address is to be hidden from now on. */
void mesh_hide_address(struct mesh *mesh, const struct mesh_env *env);

/* Something happened that may end a pause. */
void mesh_wake(struct mesh *mesh, const struct mesh_env *env);

/* Time has passed for member |index| of the room: their link and what they said; then their
 * presence. False: they are gone. */
void mesh_tick_member(struct mesh *mesh, const struct mesh_env *env, uint32_t index);
bool mesh_tick_presence(struct mesh *mesh, const struct mesh_env *env, uint32_t index);

/* Time has passed for all of them together. */
void mesh_tick(struct mesh *mesh, const struct mesh_env *env);

/* Gives turns to links that wait: first to people we have talked to, then in the order of arrival.
 * Call it at the end of each event. */
void mesh_give_turns(struct mesh *mesh, const struct mesh_env *env);

/* When the ticks are due; NO_DEADLINE for never. */
uint64_t mesh_deadline_ms(const struct mesh *mesh, bool server_up);

#endif
