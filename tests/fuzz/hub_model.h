/* hub_model.h - a model of the rooms and their members, built from the hub's actions, and compared
 * with the hub's own answers and with what each member was told. */
#ifndef PARLEY_FUZZ_HUB_MODEL_H
#define PARLEY_FUZZ_HUB_MODEL_H

#include "hub.h"

#include <stdbool.h>
#include <stdint.h>

#define MODEL_CONNECTIONS_MAX 8
#define MODEL_ROOMS_MAX 4
#define MODEL_HANDLES (2 * MODEL_CONNECTIONS_MAX)

/* Ids, in an order, no two the same. */
struct model_list {
    struct member_id ids[WIRE_ROOM_MEMBERS_MAX];
    uint32_t count;
};

struct model_connection {
    bool connected;
    bool closed;             /* HUB_CLOSE came: nothing may follow */
    bool in_room;            /* it heard a welcome, and was not closed since */
    struct model_list heard; /* whom it was told of and not seen leave; without itself */
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
    struct model_room rooms[MODEL_ROOMS_MAX + 1]; /* one goes while another comes */
    struct model_room *entered;                   /* by this input; NULL once others were told */
    bool draining;   /* nobody comes, and those who go are not told of */
    uint32_t number; /* of the join that is received */
    bool leaving;    /* a leave with back is received */
    uint64_t now_ms;
    uintptr_t last_transport;
};

/* After each input: takes all actions, and compares. */
void model_follow(struct model *model);

/* |handle| sends |bytes|, whatever they are. */
void model_receive(struct model *model, hub_handle handle, struct slice bytes);

/* Nothing is due any more: checks that nobody waits longer than allowed. */
void model_check_waiting(const struct model *model);

/* Inputs whose own results are checked. */
void model_connect(struct model *model, const uint8_t random[HUB_RANDOM_BYTES]);
void model_disconnect(struct model *model, hub_handle handle);

/* True where hub.h lets the transport say something of |handle|. */
bool model_is_connected(const struct model *model, hub_handle handle);

/* The id of some member of some room, counted through; none where there is nobody. */
struct member_id model_some_member(const struct model *model, uint32_t index);

#endif
