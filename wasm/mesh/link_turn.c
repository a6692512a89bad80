#include "error.h"
#include "link_internal.h"

bool link_waits(const struct link *link) {
    return link_has_connection(link) && link->negotiation.state == NEGOTIATION_WAITING;
}

void link_take_turn(struct link *link, const struct link_env *env) {
    link->turn_ms = env->now_ms;
    link->turn_ends_ms = env->now_ms + LINK_TURN_MS;
    link->opened_ms = env->now_ms;
    if (!env->hide_address)
        link->exposure = LINK_EXPOSED;
    struct negotiation_env inner = link_negotiation_env(link, env);
    uint32_t peer = ++*env->last_peer;
    actions_push_text(env->actions, ACTION_PEER_OPEN, peer, 0, env->configuration);
    negotiation_begin(&link->negotiation, &inner, peer);
    if (link_is_trying(link))
        link_extend_attempt(link, env);
}

void link_follow_closing(struct link *link, const struct link_env *env) {
    if (!link_waits(link))
        return;
    PARLEY_CHECK(link_afford(link, env, false));
    link_take_turn(link, env);
}

uint64_t link_turn_ends_ms(const struct link *link) {
    bool set_up = link->connection == LINK_CONNECTION_OPEN && !link_waits(link);
    return set_up && link_is_trying(link) ? link->turn_ends_ms : 0;
}

/* A link that waits for an answer gives up its turn. */
static void follow_turn(struct link *link, const struct link_env *env) {
    uint64_t last_ms = link->turn_ms + LINK_TURN_MAX_MS;
    uint64_t ends_ms = env->now_ms + LINK_TURN_MS;
    if (link->negotiation.state == NEGOTIATION_OFFERED)
        ends_ms = env->now_ms;
    link->turn_ends_ms = ends_ms < last_ms ? ends_ms : last_ms;
}

void link_note_progress(struct link *link, const struct link_env *env) {
    if (!link_is_trying(link) || link->again || !link_has_connection(link))
        return;
    follow_turn(link, env);
    link_extend_attempt(link, env);
}
