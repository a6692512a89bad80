#include "members.h"

#include "link_proof.h"

void members_log(const struct mesh_env *env, struct member *member, enum connection_log_kind kind) {
    connection_log_add(&member->link.log, env->link.now_ms, kind);
    actions_show(env->link.actions, ACTION_SHOW_MEMBERS);
}

void members_show(const struct mesh_env *env) {
    actions_show(env->link.actions, ACTION_SHOW_MEMBERS);
    actions_show(env->link.actions, ACTION_SHOW_STATUS);
}

void members_check_mesh_soon(struct mesh *mesh, const struct mesh_env *env) {
    mesh->check_due_ms = deadline_earlier(mesh->check_due_ms, env->link.now_ms + MESH_CHECK_MS);
}

/* Everybody is told soon. */
static void change_reachability(struct mesh *mesh, const struct mesh_env *env) {
    mesh->reached.count = 0;
    for (uint32_t i = 0; i < mesh->room.member_count; i++)
        if (member_connected(mesh->room.members[i]))
            reachability_add(&mesh->reached, &mesh->room.members[i]->link.member_id);
    mesh->reachability_due_ms =
        deadline_earlier(mesh->reachability_due_ms, env->link.now_ms + MESH_REACHABILITY_MS);
    members_check_mesh_soon(mesh, env);
}

/* The paths */

void members_open_session(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                          bool answer) {
    const struct proof proof = link_proof_make(&member->link, &mesh->keyring);
    session_opened(&member->session, &env->session, &proof, answer);
    if (member->server_path.is_open) /* the server may lose it */
        member->server_path.due_ms = env->link.now_ms + SERVER_PATH_AFTER_MS;
}

static void follow_path(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    change_reachability(mesh, env);
    presence_follow(&member->presence, member_connected(member), env->link.now_ms);
    members_show(env);
}

void members_open_server_path(struct mesh *mesh, const struct mesh_env *env,
                              struct member *member) {
    server_path_open(&member->server_path, env->link.now_ms);
    members_log(env, member, CONNECTION_LOG_SERVER_PATH);
    members_open_session(mesh, env, member, false);
}

void members_close_server_path(struct mesh *mesh, const struct mesh_env *env,
                               struct member *member) {
    bool was_up = path_is_up(member_path(member));
    server_path_close(&member->server_path, env->link.now_ms);
    session_lost(&member->session);
    if (was_up)
        follow_path(mesh, env, member);
}

void members_follow_answer(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    member->server_path.repeats = 0;
    if (member->server_path.is_answered)
        return;
    member->server_path.is_answered = true;
    follow_path(mesh, env, member);
}

/* The link is up: it is the path from now on. */
static void return_to_link(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    server_path_close(&member->server_path, env->link.now_ms);
    member->server_path.due_ms = NO_DEADLINE;
    if (member->session.by_server)
        members_open_session(mesh, env, member, false);
    else
        session_regained(&member->session, &env->session);
}

static void lose_link(const struct mesh_env *env, struct member *member) {
    if (!member->server_path.is_open)
        session_lost(&member->session);
    member->server_path.due_ms = env->link.now_ms + SERVER_PATH_AFTER_MS;
}

/* We are connected to them now, or no longer, or will never be again. */
static void follow_reachability(struct mesh *mesh, const struct mesh_env *env,
                                struct member *member, enum link_state before) {
    if (link_state_is_up(member->link.state))
        return_to_link(mesh, env, member);
    else if (link_state_is_up(before))
        lose_link(env, member);
    if (member->link.state == LINK_CLOSED) {
        server_path_close(&member->server_path, env->link.now_ms);
        member->server_path.due_ms = NO_DEADLINE;
    }
    follow_path(mesh, env, member);
}

void members_follow_link(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                         enum link_state before) {
    enum link_state now = member->link.state;
    bool closed = now != before && now == LINK_CLOSED;
    if (link_state_is_up(before) && !link_state_is_well(closed ? before : now))
        outcomes_push(env->session.outcomes,
                      OUTCOME_SERVER_DOUBTED); /* that way may have broken, too */
    if (member->link.reason == LINK_REASON_RELAY_SILENT)
        outcomes_push(env->session.outcomes, OUTCOME_RELAY_SILENT);
    struct outcome *changed = outcomes_push(env->session.outcomes, OUTCOME_LINK_CHANGED);
    changed->member = member->number;
    changed->closed = closed;
    members_show(env);
    if (closed || link_state_is_up(now) != link_state_is_up(before))
        follow_reachability(mesh, env, member, before);
}

void members_hang_up(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                     enum link_reason reason) {
    enum link_state before = member->link.state;
    link_close(&member->link, &env->link, reason);
    members_follow_link(mesh, env, member, before);
}

void members_rest(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    enum link_state before = member->link.state;
    if (member->server_path.is_open)
        members_close_server_path(mesh, env, member);
    link_rest(&member->link, &env->link);
    members_follow_link(mesh, env, member, before);
}

void members_expect_back(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    /* The server may have lost what went through it. */
    presence_leave(&member->presence, link_state_is_up(member->link.state), env->link.now_ms);
    if (member->presence.was_well)
        session_give_all(&member->session, &mesh->outbox);
    members_rest(mesh, env, member);
}

/* Confirmations come only now and then. A member who was connected until their goodbye has
 * everything that was sent before it. */
static bool misses_texts(const struct mesh *mesh, const struct member *member) {
    const struct presence *presence = &member->presence;
    const struct session *session = &member->session;
    if (link_state_is_up(member->link.state))
        return false;
    bool was_well = presence->leaving && presence->was_well;
    return (was_well ? session->next_out : session->confirmed) != mesh->outbox.end;
}

void members_depart(struct mesh *mesh, const struct mesh_env *env, struct member *member) {
    bool unread = misses_texts(mesh, member);
    session_show_all(&member->session, &env->session);
    link_close(&member->link, &env->link, LINK_REASON_GONE);
    if (!unread)
        session_give_all(&member->session, &mesh->outbox);
    struct outcome *gone = outcomes_push(env->session.outcomes, OUTCOME_MEMBER_GONE);
    gone->member = member->number;
    gone->unread = unread;
    room_remove(&mesh->room, member);
    change_reachability(mesh, env);
    members_show(env);
}
