#include "mesh.h"

#include "error.h"
#include "link_proof.h"
#include "members.h"
#include "signaling.h"

#include <stdlib.h>

_Static_assert(ROOM_COLOURS <= TOKEN_NO_COLOUR, "a page loaded anew keeps its colour");
#define MEMBER_OUTCOMES_MAX (INBOX_TEXTS_MAX + 16) /* all that they said is shown, and they go */

_Static_assert(WIRE_ROOM_MEMBERS_MAX *MEMBER_OUTCOMES_MAX <= OUTCOMES_MAX,
               "one event may concern everybody");
_Static_assert(PRESENCE_ASKED_MS > SIGNALING_ANSWER_MS, "a slow answer is no absence");

int mesh_init(struct mesh *mesh) {
    *mesh = (struct mesh){0};
    mesh->turns_due_ms = mesh->reachability_due_ms = mesh->check_due_ms = NO_DEADLINE;
    room_init(&mesh->room);
    return outbox_init(&mesh->outbox);
}

void mesh_deinit(struct mesh *mesh) {
    mesh_forget_heard(mesh);
    room_deinit(&mesh->room);
    outbox_deinit(&mesh->outbox);
    reachability_deinit(&mesh->reached);
    keyring_deinit(&mesh->keyring);
}

void mesh_lend(struct mesh *mesh, const struct env *env, struct mesh_env *out) {
    out->link.actions = out->session.actions = env->actions;
    out->link.now_ms = out->session.now_ms = env->now_ms;
    out->link.random = env->random;
    out->link.keyring = &mesh->keyring;
    out->link.budget = &mesh->budget;
    out->link.operation_ms = &mesh->operation_ms;
    out->link.last_peer = &mesh->room.last_peer;
    out->session.outcomes = env->outcomes;
    out->session.outbox = &mesh->outbox;
    out->session.own = mesh->session;
    out->session.own_name = &mesh->room.self_name;
    out->session.reached = &mesh->reached;
}

void mesh_begin(struct mesh *mesh, const struct mesh_env *env, struct slice name) {
    mesh->session = random_name(env->link.random);
    mesh->budget = (struct budget){0};
    mesh->operation_ms = 0;
    mesh->check_due_ms = mesh->reachability_due_ms = NO_DEADLINE;
    room_set_name(&mesh->room, NULL, name);
    members_show(env);
}

/* Kept messages */

uint32_t mesh_needed_from(const struct mesh *mesh) {
    uint32_t needed = mesh->outbox.end;
    for (uint32_t i = 0; i < mesh->room.member_count; i++) {
        const struct member *member = mesh->room.members[i];
        uint32_t confirmed = member->session.confirmed;
        if (!path_is_closed(member_path(member)) && (int32_t)(confirmed - needed) < 0)
            needed = confirmed;
    }
    return needed;
}

void mesh_forget_sent(struct mesh *mesh) {
    outbox_drop_before(&mesh->outbox, mesh_needed_from(mesh));
}

void mesh_forget_heard(struct mesh *mesh) {
    for (uint32_t i = 0; i < mesh->room.member_count; i++)
        inbox_forget_dropped(&mesh->room.members[i]->session.inbox);
    room_forget_departed(&mesh->room);
    peer_message_deinit(&mesh->heard);
}

/* Saying something to everybody */

static void pump_all(struct mesh *mesh, const struct mesh_env *env) {
    for (uint32_t i = 0; i < mesh->room.member_count; i++) {
        session_pump(&mesh->room.members[i]->session, &env->session);
    }
}

static int queue_text(struct mesh *mesh, struct slice text) {
    struct buffer bytes;
    struct peer_message message = {
        .type = PEER_MESSAGE_TEXT, .number = mesh->outbox.end, .text = text};
    buffer_init(&bytes, PEER_MESSAGE_BYTES_MAX);
    int error = peer_message_write(&message, &bytes);
    if (!error)
        error = outbox_add(&mesh->outbox, buffer_slice(&bytes));
    buffer_deinit(&bytes);
    return error;
}

int mesh_say(struct mesh *mesh, const struct mesh_env *env, struct slice text) {
    uint32_t number = mesh->outbox.end;
    int error = queue_text(mesh, text);
    if (error)
        return error;
    pump_all(mesh, env);
    struct outcome *said = outcomes_push(env->session.outcomes, OUTCOME_TEXT_SAID);
    said->number = number;
    said->text = text;
    return PARLEY_OK;
}

void mesh_rename(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                 struct slice name) {
    if (member && member->name.chosen_bytes)
        members_check_mesh_soon(mesh, env); /* its sentence may name them */
    room_set_name(&mesh->room, member, name);
    members_show(env);
    if (member)
        return;
    for (uint32_t i = 0; i < mesh->room.member_count; i++)
        mesh->room.members[i]->session.name_due = true;
    pump_all(mesh, env);
}

static void tell_reachability(struct mesh *mesh, const struct mesh_env *env) {
    mesh->reachability_due_ms = NO_DEADLINE;
    for (uint32_t i = 0; i < mesh->room.member_count; i++)
        mesh->room.members[i]->session.reachability_due = true;
    pump_all(mesh, env);
}

void mesh_forget(struct mesh *mesh, const struct mesh_env *env) {
    for (uint32_t i = 0; i < mesh->room.member_count; i++)
        link_close(&mesh->room.members[i]->link, &env->link, LINK_REASON_GONE);
    room_clear(&mesh->room);
    mesh->reached.count = 0;
    mesh->check = (struct mesh_check){0};
    mesh->check_due_ms = mesh->reachability_due_ms = NO_DEADLINE;
    outcomes_push(env->session.outcomes, OUTCOME_FORGOTTEN);
    members_show(env);
}

void mesh_leave(struct mesh *mesh, const struct mesh_env *env, bool back) {
    for (uint32_t i = 0; i < mesh->room.member_count; i++) {
        session_say_bye(&mesh->room.members[i]->session, &env->session, back);
    }
    mesh_forget(mesh, env);
}

/* Events of a link */

static void handle(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                   const struct event *event) {
    enum link_state before = member->link.state;
    bool was_open = member->link.connection == LINK_CONNECTION_CHANNEL;
    link_handle(&member->link, &env->link, event);
    if (!was_open && member->link.connection == LINK_CONNECTION_CHANNEL) {
        server_path_close(&member->server_path, env->link.now_ms);
        session_connected(&member->session, env->link.now_ms);
        members_open_session(mesh, env, member, false);
    }
    members_follow_link(mesh, env, member, before);
}

static void handle_link_event(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                              const struct event *event) {
    if (event->kind == EVENT_PEER_ROUTE &&
        session_is_overloaded(&member->session, env->link.now_ms, event->code))
        members_hang_up(mesh, env, member, LINK_REASON_MISBEHAVED);
    else
        handle(mesh, env, member, event);
}

/* Messages of a member */

static void hear_route(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    if (mesh->heard.route == CANDIDATE_UNKNOWN || mesh->heard.route == member->link.ends.word)
        return;
    link_hear_route(&member->link, &env->link, mesh->heard.route);
    actions_show(env->link.actions, ACTION_SHOW_MEMBERS);
}

static void hear_reachability(struct mesh *mesh, const struct mesh_env *env,
                              struct member *member) {
    member->reachability.count = 0;
    for (size_t i = 0; i < mesh->heard.member_count; i++)
        reachability_add(&member->reachability, &mesh->heard.members[i]);
    member->reachability_known = true;
    members_check_mesh_soon(mesh, env);
}

static void hear_bye(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    if (mesh->heard.back)
        members_expect_back(mesh, env, member);
    else
        members_depart(mesh, env, member);
}

/* Passes on what concerns more than the session. */
static void hear(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    switch (mesh->heard.type) {
    case PEER_MESSAGE_HELLO:
        if (member->server_path.is_open)
            members_follow_answer(mesh, env, member);
        else if (mesh->keyring.is_sealed)
            members_log(env, member, CONNECTION_LOG_PROVED);
        members_show(env);
        break;
    case PEER_MESSAGE_PING:
    case PEER_MESSAGE_PONG:
        hear_route(mesh, env, member);
        break;
    case PEER_MESSAGE_REACH:
        hear_reachability(mesh, env, member);
        break;
    case PEER_MESSAGE_BYE:
        hear_bye(mesh, env, member);
        break;
    case PEER_MESSAGE_TEXT: /* these are the session's own */
    case PEER_MESSAGE_NAME:
    case PEER_MESSAGE_TYPE_COUNT:
        break;
    }
}

static void hear_garbage(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    members_log(env, member, CONNECTION_LOG_GARBAGE);
    if (!session_count_garbage(&member->session, &env->session))
        members_hang_up(mesh, env, member, LINK_REASON_MISBEHAVED);
}

/* Any message shows that somebody is there. */
static void note_sign_of_life(struct mesh *mesh, const struct mesh_env *env,
                              struct member *member) {
    enum link_state before = member->link.state;
    link_heard(&member->link, &env->link);
    if (link_state_is_up(member->link.state) != link_state_is_up(before))
        members_follow_link(mesh, env, member, before);
    session_ask_load(&member->session, &env->session);
}

/* Only a hello has a proof, and through the server none is needed: the envelope is one. Until it is
 * checked, nothing of the message counts. */
static bool is_proved(const struct mesh *mesh, const struct member *member) {
    return mesh->heard.type != PEER_MESSAGE_HELLO || member->server_path.is_open ||
           link_proof_holds(&member->link, &mesh->keyring, &mesh->heard.proof);
}

/* Reads a message and takes it. */
static enum session_verdict take(struct mesh *mesh, const struct mesh_env *env,
                                 struct member *member, struct slice text, bool binary) {
    struct session *session = &member->session;
    enum session_verdict verdict = session_read(session, text, binary, &mesh->heard);
    if ((verdict == SESSION_SENSE || verdict == SESSION_AGAIN) && !is_proved(mesh, member))
        return SESSION_UNPROVED;
    if (verdict == SESSION_AGAIN && !session_count_hello(session, env->link.now_ms))
        return SESSION_LATE;
    if (verdict == SESSION_AGAIN && !mesh->heard.answer)
        members_open_session(mesh, env, member, true);
    return verdict == SESSION_SENSE || verdict == SESSION_AGAIN
               ? session_take(session, &env->session, &mesh->heard)
               : verdict;
}

static void receive(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                    struct slice text, bool binary) {
    peer_message_deinit(&mesh->heard);
    switch (take(mesh, env, member, text, binary)) {
    case SESSION_SENSE:
    case SESSION_AGAIN: /* it was taken */
        hear(mesh, env, member);
        break;
    case SESSION_LATE:
        break;
    case SESSION_GAP:
        if (session_count_hello(&member->session, env->link.now_ms))
            members_open_session(mesh, env, member, false);
        break;
    case SESSION_NONSENSE:
        hear_garbage(mesh, env, member);
        break;
    case SESSION_FLOOD:
        members_hang_up(mesh, env, member, LINK_REASON_MISBEHAVED);
        break;
    case SESSION_UNPROVED:
        members_log(env, member, CONNECTION_LOG_UNPROVED);
        members_hang_up(mesh, env, member, LINK_REASON_UNPROVED);
        break;
    }
}

static void hear_message(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                         const struct event *event) {
    if (!session_hear(&member->session, env->link.now_ms, event->a.len)) {
        members_hang_up(mesh, env, member, LINK_REASON_MISBEHAVED);
        return;
    }
    note_sign_of_life(mesh, env, member);
    if (!member->server_path.is_open)
        receive(mesh, env, member, event->a, event->code != 0);
}

/* Messages through the server */

/* They need this path, though our link seems to be up: we find out whether it is. */
static void doubt_link(const struct mesh_env *env, struct member *member) {
    heartbeat_doubt(&member->session.heartbeat, env->link.now_ms);
}

/* The path through the server is of use, and can be opened. */
static bool needs_server_path(const struct mesh *mesh, const struct mesh_env *env,
                              const struct member *member) {
    return env->link.server_up && mesh->room.relays && !link_state_is_up(member->link.state) &&
           member->link.state != LINK_CLOSED && !member->presence.leaving &&
           server_path_exists(&member->server_path);
}

static void hear_relayed(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                         struct slice text) {
    if (!session_hear(&member->session, env->link.now_ms, text.len)) {
        members_hang_up(mesh, env, member, LINK_REASON_MISBEHAVED);
        return;
    }
    if (!member->server_path.is_open) {
        if (!needs_server_path(mesh, env, member))
            return;
        members_open_server_path(mesh, env, member);
    }
    member->session.moved = true;
    receive(mesh, env, member, text, false);
}

void mesh_receive_relayed(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                          struct slice sealed) {
    struct slice text;
    int error = server_path_receive(&member->server_path, &mesh->refused, sealed, &text);
    if (error == PARLEY_ERR_FORGED)
        members_log(env, member, CONNECTION_LOG_REFUSED);
    if (error || member->link.state == LINK_CLOSED)
        return;
    if (link_state_is_up(member->link.state))
        doubt_link(env, member);
    else
        hear_relayed(mesh, env, member, text);
}

/* Events of a connection */

void mesh_handle(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                 const struct event *event) {
    switch (event->kind) {
        EVENTS_OF_LINK(EVENT_CASE)
        handle_link_event(mesh, env, member, event);
        break;
    case EVENT_CHANNEL_MESSAGE:
        hear_message(mesh, env, member, event);
        break;
    case EVENT_CHANNEL_BUFFERED:
        if (!member->server_path.is_open)
            session_buffered(&member->session, &env->session, event->code);
        break;
    case EVENT_PEER_UNASKED:
        members_hang_up(mesh, env, member, LINK_REASON_MISBEHAVED);
        break;
    case EVENT_PEER_ICE_ERROR:
        members_log(env, member,
                    event->code == WIRE_STATUS_NO_ANSWER ? CONNECTION_LOG_RELAY_SILENT
                                                         : CONNECTION_LOG_RELAY_REFUSED);
        break;
    case EVENT_PEER_SERVER_REFUSED:
        members_log(env, member, CONNECTION_LOG_SERVER_LEFT_OUT);
        break;
    case EVENT_COUNT:
        EVENTS_OF_PAGE(EVENT_CASE)
        EVENTS_OF_SERVER(EVENT_CASE)
        break;
    }
}

/* Events for all links */

void mesh_lose_server(struct mesh *mesh, const struct mesh_env *env) {
    for (uint32_t i = 0; i < mesh->room.member_count; i++)
        if (mesh->room.members[i]->server_path.is_open)
            members_close_server_path(mesh, env, mesh->room.members[i]);
}

void mesh_configure(struct mesh *mesh, const struct mesh_env *env) {
    for (uint32_t i = 0; i < mesh->room.member_count; i++)
        link_configure(&mesh->room.members[i]->link, &env->link);
}

void mesh_hide_address(struct mesh *mesh, const struct mesh_env *env) {
    for (uint32_t i = 0; i < mesh->room.member_count; i++) {
        struct member *member = mesh->room.members[i];
        enum link_state before = member->link.state;
        link_hide_address(&member->link, &env->link);
        members_follow_link(mesh, env, member, before);
    }
}

void mesh_wake(struct mesh *mesh, const struct mesh_env *env) {
    actions_show(env->link.actions, ACTION_SHOW_MEMBERS);
    for (uint32_t i = 0; i < mesh->room.member_count; i++) {
        struct member *member = mesh->room.members[i];
        heartbeat_doubt(&member->session.heartbeat, env->link.now_ms);
        link_retry(&member->link, &env->link, false);
    }
}

/* Turns */

static struct member *next_waiting(const struct room *room) {
    struct member *next = NULL;
    for (uint32_t i = 0; i < room->member_count; i++) {
        struct member *member = room->members[i];
        if (link_waits(&member->link) &&
            (!next || (member->link.expense.talked && !next->link.expense.talked)))
            next = member;
    }
    return next;
}

/* How many have their turn, and when the first of these is over. */
static uint32_t count_turns(const struct room *room, uint64_t now_ms, uint64_t *ends_ms) {
    uint32_t count = 0;
    *ends_ms = NO_DEADLINE;
    for (uint32_t i = 0; i < room->member_count; i++) {
        uint64_t member_ms = link_turn_ends_ms(&room->members[i]->link);
        count += member_ms > now_ms;
        if (member_ms > now_ms && member_ms < *ends_ms)
            *ends_ms = member_ms;
    }
    return count;
}

void mesh_give_turns(struct mesh *mesh, const struct mesh_env *env) {
    struct member *member;
    mesh->turns_due_ms = NO_DEADLINE;
    while ((member = next_waiting(&mesh->room))) {
        uint64_t ends_ms;
        if (count_turns(&mesh->room, env->link.now_ms, &ends_ms) >= LINK_TURNS) {
            mesh->turns_due_ms = ends_ms;
            return;
        }
        link_take_turn(&member->link, &env->link);
    }
}

/* Time */

static void tick_link(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    enum link_state before = member->link.state;
    if (env->link.now_ms < link_deadline_ms(&member->link))
        return;
    link_tick(&member->link, &env->link);
    members_follow_link(mesh, env, member, before);
}

static void take_for_dead(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    enum link_state before = member->link.state;
    link_silent(&member->link, &env->link);
    members_follow_link(mesh, env, member, before);
}

static void check_session(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    if (session_check(&member->session, &env->session))
        return;
    if (member->server_path.is_open)
        members_close_server_path(mesh, env, member);
    else
        take_for_dead(mesh, env, member);
}

/* Nobody may be there to answer: so the pauses grow. */
static void repeat_hello(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    struct server_path *path = &member->server_path;
    members_open_session(mesh, env, member, false);
    if (path->repeats < SERVER_PATH_REPEATS)
        path->repeats++;
    path->due_ms = env->link.now_ms + ((uint64_t)SERVER_PATH_AFTER_MS << path->repeats);
}

static void tick_server_path(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    struct server_path *path = &member->server_path;
    if (path->is_open && server_path_has_room(path, env->link.now_ms))
        session_buffered(&member->session, &env->session, 0);
    if (env->link.now_ms < path->due_ms)
        return;
    path->due_ms = env->link.now_ms + SERVER_PATH_AFTER_MS;
    if (path->is_open && member->session.greeted)
        path->due_ms = NO_DEADLINE;
    else if (path->is_open)
        repeat_hello(mesh, env, member);
    else if (needs_server_path(mesh, env, member))
        members_open_server_path(mesh, env, member);
}

static uint64_t server_path_deadline_ms(const struct member *member) {
    const struct server_path *path = &member->server_path;
    if (path->is_open && !member->session.may_send)
        return deadline_earlier(server_path_room_ms(path), path->due_ms);
    return path->due_ms;
}

void mesh_tick_member(struct mesh *mesh, const struct mesh_env *env, uint32_t index) {
    struct member *member = mesh->room.members[index];
    tick_link(mesh, env, member);
    check_session(mesh, env, member);
    tick_server_path(mesh, env, member);
    session_tick(&member->session, &env->session);
}

bool mesh_tick_presence(struct mesh *mesh, const struct mesh_env *env, uint32_t index) {
    struct member *member = mesh->room.members[index];
    switch (presence_tick(&member->presence, env->link.server_up, env->link.now_ms)) {
    case PRESENCE_FINE:
        break;
    case PRESENCE_ASK:
        outcomes_push(env->session.outcomes, OUTCOME_SERVER_DOUBTED);
        break;
    case PRESENCE_GONE:
        members_depart(mesh, env, member);
        return false;
    }
    return true;
}

static void check_mesh(struct mesh *mesh, const struct mesh_env *env) {
    struct mesh_check_finding found = mesh_check_run(&mesh->check, &mesh->room, env->link.now_ms);
    mesh->check_due_ms = found.due_ms;
    struct outcome *gap = outcomes_push(env->session.outcomes, OUTCOME_GAP_CHANGED);
    gap->member = found.one ? found.one->number : 0;
    gap->other = found.other ? found.other->number : 0;
}

void mesh_tick(struct mesh *mesh, const struct mesh_env *env) {
    if (env->link.now_ms >= mesh->reachability_due_ms)
        tell_reachability(mesh, env);
    if (env->link.now_ms >= mesh->check_due_ms)
        check_mesh(mesh, env);
}

uint64_t mesh_deadline_ms(const struct mesh *mesh, bool server_up) {
    uint64_t deadline_ms = deadline_earlier(
        mesh->turns_due_ms, deadline_earlier(mesh->reachability_due_ms, mesh->check_due_ms));
    for (uint32_t i = 0; i < mesh->room.member_count; i++) {
        const struct member *member = mesh->room.members[i];
        deadline_ms = deadline_earlier(deadline_ms, link_deadline_ms(&member->link));
        deadline_ms = deadline_earlier(deadline_ms, session_deadline_ms(&member->session));
        deadline_ms = deadline_earlier(deadline_ms, server_path_deadline_ms(member));
        deadline_ms = deadline_earlier(deadline_ms, presence_due_ms(&member->presence, server_up));
    }
    return deadline_ms;
}
