#include "roster.h"

#include "error.h"
#include "members.h"
#include "signals.h"

/* If the room is full here, somebody whom the server lists takes the place of a member who is
 * neither listed nor connected. If there is none, the newcomer waits and goes on offering or
 * asking. */
static void make_place(struct mesh *mesh, const struct mesh_env *env) {
    struct member *dispensable = room_find_dispensable(&mesh->room);
    if (mesh->room.member_count == WIRE_ROOM_MEMBERS_MAX && dispensable)
        members_depart(mesh, env, dispensable);
}

enum meeting {
    MEETING_STRANGER, /* they did not show that they know this room: not to be connected to */
    MEETING_OLD,      /* an old hello of theirs, which says nothing */
    MEETING_SAME,     /* the page that we knew, or somebody without a hello */
    MEETING_NEW       /* a page of theirs that we did not know */
};

/* Takes the keys that |hello| gives. */
static enum meeting meet(struct mesh *mesh, const struct mesh_env *env, const struct member_id *id,
                         struct slice hello) {
    if (keyring_is_full(&mesh->keyring))
        for (uint32_t i = 0; i < mesh->room.member_count; i++)
            keyring_renew(&mesh->keyring, &mesh->room.members[i]->link.member_id);
    const struct keyring_pair *before = keyring_find(&mesh->keyring, id);
    int error = keyring_meet(&mesh->keyring, id, hello);
    if (error == PARLEY_ERR_STATE)
        return MEETING_OLD;
    if (!error)
        return keyring_find(&mesh->keyring, id) == before ? MEETING_SAME : MEETING_NEW;
    if (mesh->strangers++ == 0)
        outcomes_push(env->session.outcomes, OUTCOME_STRANGER);
    return MEETING_STRANGER;
}

static struct member *add(struct mesh *mesh, const struct mesh_env *env,
                          const struct member_id *id) {
    struct member *member;
    make_place(mesh, env);
    if (room_add(&mesh->room, id, mesh->outbox.end, env->link.now_ms, &mesh->keyring, &member) !=
        PARLEY_OK)
        return NULL;
    members_show(env);
    return member;
}

/* The welcome */

/* Of the |i|-th member in a welcome; empty: they have none. */
static struct slice hello_of(const struct wire_message *message, size_t i) {
    return i < message->hello_count ? message->hellos[i] : (struct slice){0};
}

/* Our id. In a sealed room it is what our hello is bound to, whatever the server says. */
static const struct member_id *own_id(const struct mesh *mesh, const struct wire_message *message) {
    return mesh->keyring.is_sealed ? &mesh->keyring.self.id : &message->member;
}

static void enter(struct mesh *mesh, const struct mesh_env *env, const struct wire_message *message,
                  const struct token *token) {
    room_enter(&mesh->room, &message->room, own_id(mesh, message));
    room_keep_own_colour(&mesh->room, token->wished, token->colour);
    keyring_spell(&mesh->keyring, &message->room);
    actions_push_text(env->link.actions, ACTION_ROOM_NAMED, 0, 0, keyring_address(&mesh->keyring));
    for (size_t i = 0; i < message->member_count; i++) {
        struct member *member = NULL;
        if (meet(mesh, env, &message->members[i], hello_of(message, i)) != MEETING_STRANGER)
            member = add(mesh, env, &message->members[i]);
        if (member)
            member->was_here = true; /* they offer: those already in the room do */
    }
    room_choose_own_colour(&mesh->room);
    outcomes_push(env->session.outcomes, OUTCOME_ENTERED);
    actions_show(env->link.actions, ACTION_SHOW_MEMBERS);
}

/* Somebody came while we were away and waits for an offer. */
static void meet_latecomer(struct mesh *mesh, const struct mesh_env *env,
                           const struct member_id *id) {
    struct member *member = add(mesh, env, id);
    if (member)
        link_begin(&member->link, &env->link);
}

/* The signals that we sent before were lost, so tries again. */
static void retry(const struct mesh_env *env, struct member *member) {
    presence_list(&member->presence);
    link_retry(&member->link, &env->link, true);
}

/* The server's list lacks them, but they may be reconnecting, as we did. */
static void doubt(struct member *member, uint64_t now_ms) {
    if (member->presence.leaving)
        return;
    presence_list(&member->presence);
    presence_unlist(&member->presence, member_connected(member), now_ms);
}

/* A new page of somebody whose link is closed for good begins anew. */
static void return_to_member(struct mesh *mesh, const struct mesh_env *env, struct member *known,
                             enum meeting meeting) {
    const struct member_id id = known->link.member_id;
    switch (meeting) {
    case MEETING_STRANGER:
        break;
    case MEETING_NEW:
        if (known->link.state == LINK_CLOSED) {
            members_depart(mesh, env, known);
            meet_latecomer(mesh, env, &id);
            break;
        }
        members_rest(mesh, env, known);
        retry(env, known);
        break;
    case MEETING_OLD:
    case MEETING_SAME:
        retry(env, known);
        break;
    }
}

/* Known members keep their places, so newcomers come after them. */
static void return_to(struct mesh *mesh, const struct mesh_env *env,
                      const struct wire_message *message) {
    for (uint32_t i = 0; i < mesh->room.member_count; i++)
        doubt(mesh->room.members[i], env->link.now_ms);
    for (size_t i = 0; i < message->member_count; i++) {
        struct member *known = room_find_id(&mesh->room, &message->members[i]);
        if (known)
            return_to_member(mesh, env, known,
                             meet(mesh, env, &message->members[i], hello_of(message, i)));
    }
    for (size_t i = 0; i < message->member_count; i++)
        if (!room_find_id(&mesh->room, &message->members[i]) &&
            meet(mesh, env, &message->members[i], hello_of(message, i)) != MEETING_STRANGER)
            meet_latecomer(mesh, env, &message->members[i]);
    actions_show(env->link.actions, ACTION_SHOW_MEMBERS);
}

void roster_welcome(struct mesh *mesh, const struct mesh_env *env,
                    const struct wire_message *message, const struct token *token) {
    mesh->room.members_max = message->room_members_max;
    mesh->room.relays = message->relays;
    if (mesh->room.id.len && member_id_equal(&mesh->room.self_id, own_id(mesh, message))) {
        return_to(mesh, env, message);
        return;
    }
    mesh->strangers = 0;
    mesh->refused = (struct signals_refused){0};
    mesh_forget(mesh, env); /* for the others we are somebody else now */
    enter(mesh, env, message, token);
}

/* Members that come and go */

/* A known member has a new page. It is the same person, so no line announces it. */
static void meet_again(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    members_rest(mesh, env, member);
    presence_list(&member->presence);
    budget_arrive(&member->link.expense);
}

static void receive_back(const struct mesh_env *env, struct member *member) {
    retry(env, member);
    actions_show(env->link.actions, ACTION_SHOW_MEMBERS);
}

/* |member|: NULL where they are not known. */
static void receive_joined(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                           const struct wire_message *message) {
    enum meeting meeting = meet(mesh, env, &message->member, message->hello);
    if (meeting == MEETING_STRANGER || meeting == MEETING_OLD)
        return;
    if (member && message->back && meeting == MEETING_SAME) {
        receive_back(env, member);
        return;
    }
    if (member && member->link.state == LINK_CLOSED) {
        members_depart(mesh, env, member); /* for good; a new page begins anew */
        member = NULL;
    }
    if (member)
        meet_again(mesh, env, member);
    else
        member = add(mesh, env, &message->member);
    if (member)
        link_offer(&member->link, &env->link);
}

/* A member who only lost the server stays, as long as we are connected. */
static void receive_left(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                         const struct wire_message *message) {
    if (member->server_path.is_open)
        members_close_server_path(mesh, env, member);
    if (message->back)
        members_expect_back(mesh, env, member);
    else if (message->goodbye || !member_connected(member))
        members_depart(mesh, env, member);
    else
        presence_unlist(&member->presence, true, env->link.now_ms);
}

/* Signals */

static void pass_on(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                    const struct wire_message *message) {
    enum link_state before = member->link.state;
    if (member->presence.leaving)
        presence_list(&member->presence); /* they are back, and the server forgot to say so */
    link_receive(&member->link, &env->link, message);
    members_follow_link(mesh, env, member, before);
}

static void note_hostile(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    members_log(env, member, CONNECTION_LOG_GARBAGE);
    members_hang_up(mesh, env, member, LINK_REASON_MISBEHAVED);
}

/* |member|: NULL where they are not known, and have no place. */
static void receive_signal(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                           const struct wire_message *message) {
    struct signals_heard heard;
    if (!member || member->link.state == LINK_CLOSED)
        return;
    switch (signals_read(&heard, message, &member->link.candidates, env->link.hide_address,
                         env->link.now_ms)) {
    case SIGNALS_TAKEN:
        pass_on(mesh, env, member, &heard.message);
        break;
    case SIGNALS_DROPPED:
        break;
    case SIGNALS_UNSAFE:
        members_log(env, member, CONNECTION_LOG_CANDIDATE_UNSAFE);
        break;
    case SIGNALS_HOSTILE:
        note_hostile(mesh, env, member);
        break;
    }
    signals_deinit(&heard);
}

/* The server passes on signals only of those who are here: somebody unknown gets a place. */
static bool may_introduce(const struct wire_message *signal) {
    return signal->type == WIRE_OFFER || signal->type == WIRE_ASK;
}

static void receive_sealed(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                           const struct wire_message *message) {
    struct signals_opened opened = {0};
    const struct wire_message *signal =
        signals_open(&mesh->keyring, &mesh->refused, message, &opened);
    if (!signal && member)
        members_log(env, member, CONNECTION_LOG_REFUSED);
    if (signal && !member && may_introduce(signal))
        member = add(mesh, env, &message->member);
    if (signal)
        receive_signal(mesh, env, member, signal);
    signals_close(&opened);
}

void roster_receive(struct mesh *mesh, const struct mesh_env *env,
                    const struct wire_message *message) {
    struct member *member = room_find_id(&mesh->room, &message->member);
    switch (message->type) {
    case WIRE_JOINED:
        receive_joined(mesh, env, member, message);
        break;
    case WIRE_LEFT:
        if (member)
            receive_left(mesh, env, member, message);
        break;
    case WIRE_OFFER:
    case WIRE_ANSWER:
    case WIRE_CANDIDATE:
    case WIRE_ASK:
    case WIRE_SEALED:
        receive_sealed(mesh, env, member, message);
        break;
    case WIRE_RELAY:
        if (member)
            mesh_receive_relayed(mesh, env, member, message->sealed);
        break;
    case WIRE_PONG:
        break;
    case WIRE_WELCOME: /* these three are taken before */
    case WIRE_CREDENTIALS:
    case WIRE_ERROR:
    case WIRE_JOIN: /* and these never come to a page */
    case WIRE_LEAVE:
    case WIRE_PING:
    case WIRE_RELAY_FAILED:
    case WIRE_TYPE_COUNT:
        break;
    }
}
