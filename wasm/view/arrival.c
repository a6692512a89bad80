#include "arrival.h"

void arrival_begin(struct arrival *arrival, const struct env *env) {
    *arrival = (struct arrival){true, env->now_ms + ARRIVAL_MS_MAX};
}

static void end(struct arrival *arrival, const struct env *env) {
    *arrival = (struct arrival){0};
    actions_show(env->actions, ACTION_SHOW_STATUS);
}

static bool is_stopped(const struct outcome *outcome) {
    return outcome->kind == OUTCOME_JOIN_STATE && outcome->state != JOIN_STATE_CONNECTING &&
           outcome->state != JOIN_STATE_JOINED;
}

void arrival_follow(struct arrival *arrival, const struct env *env, const struct outcome *outcome,
                    uint32_t others) {
    bool entered = outcome->kind == OUTCOME_ENTERED;
    if (!arrival->lasts)
        return;
    if (entered && others > 0)
        arrival_begin(arrival, env);
    else if (entered || outcome->kind == OUTCOME_GREETED || is_stopped(outcome))
        end(arrival, env);
}

void arrival_tick(struct arrival *arrival, const struct env *env) {
    if (env->now_ms >= arrival_deadline_ms(arrival))
        end(arrival, env);
}

uint64_t arrival_deadline_ms(const struct arrival *arrival) {
    return arrival->lasts ? arrival->due_ms : NO_DEADLINE;
}
