/* hub_model.h - a model of the rooms and their members, built from the hub's actions. The fuzzer
 * compares it with the hub's own answers and with what each member was told. */
#ifndef PARLEY_FUZZ_HUB_MODEL_H
#define PARLEY_FUZZ_HUB_MODEL_H

#include "hub.h"

#include <stdbool.h>
#include <stdint.h>

#define MODEL_CONNECTIONS_MAX 8
#define MODEL_ROOMS_MAX 4
#define MODEL_HANDLES (2 * MODEL_CONNECTIONS_MAX)

/* An ordered list of distinct ids. */
struct model_list {
    struct member_id ids[WIRE_ROOM_MEMBERS_MAX];
    uint32_t count;
};

struct model_connection {
    bool connected;
    bool closed;             /* HUB_CLOSE came: nothing may follow */
    bool in_room;            /* it got a welcome, and was not closed since */
    struct model_list heard; /* the others in the room, as far as it was told */
    struct member_id id;
    uintptr_t transport;
};

/* The other facts about a room's member. */
struct model_place {
    hub_handle handle;
    uint32_t number; /* of its join */
    bool absent, leaving;
    uint64_t absent_ms; /* since when */
};

struct model_room {
    struct room_id id; /* none: not used */
    struct model_list members;
    struct model_place places[WIRE_ROOM_MEMBERS_MAX];
    uint64_t joins_heard, joins_since_ms; /* joins that others were told of, and since when */
};

struct model {
    struct hub *hub;
    struct hub_config config;
    struct model_connection connections[MODEL_HANDLES];
    struct model_room rooms[MODEL_ROOMS_MAX + 1]; /* one can end while another begins */
    struct model_room *entered;                   /* by this input; NULL once others were told */
    bool draining;   /* nobody can join, and nobody is told who leaves */
    uint32_t number; /* of the join being received */
    bool leaving;    /* the message being received is a leave with back */
    uint64_t now_ms;
    uintptr_t last_transport;
};

/* Takes all actions, and compares. Call it after each input. */
void model_follow(struct model *model);

/* |handle| sends |bytes|, which can be anything. */
void model_receive(struct model *model, hub_handle handle, struct slice bytes);

/* Checks that nobody waits longer than allowed. Call it when nothing is due. */
void model_check_waiting(const struct model *model);

/* Give the hub an input, and check its result. */
void model_connect(struct model *model, const uint8_t random[HUB_RANDOM_BYTES]);
void model_disconnect(struct model *model, hub_handle handle);

/* True if hub.h allows the transport to report something about |handle|. */
bool model_is_connected(const struct model *model, hub_handle handle);

/* The id of member number |index|, counted through all rooms; none if the rooms are empty. */
struct member_id model_some_member(const struct model *model, uint32_t index);

#endif
