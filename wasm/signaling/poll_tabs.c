#include "poll_tabs.h"

static void tell(const struct poll_tabs *tabs, const struct env *env, bool polls) {
    actions_push(env->actions, ACTION_TAB_TELL, tabs->self, polls);
}

static void say_again(struct poll_tabs *tabs, const struct env *env) {
    tabs->due_ms = env->now_ms + POLL_TABS_AGAIN_MS;
    tell(tabs, env, true);
}

void poll_tabs_enter(struct poll_tabs *tabs, const struct env *env) {
    if (tabs->self != 0)
        return;
    tabs->self = random_name(env->random);
    say_again(tabs, env);
}

void poll_tabs_leave(struct poll_tabs *tabs, const struct env *env) {
    if (tabs->self != 0)
        tell(tabs, env, false);
    *tabs = (struct poll_tabs){0};
}

static void forget(struct poll_tabs *tabs, uint32_t at) {
    tabs->others[at] = tabs->others[--tabs->other_count];
}

static void forget_gone(struct poll_tabs *tabs, uint64_t now_ms) {
    for (uint32_t i = 0; i < tabs->other_count;)
        if (now_ms > tabs->others[i].heard_ms + POLL_TABS_GONE_MS)
            forget(tabs, i);
        else
            i++;
}

/* The page's index in the list, or where it would be. */
static uint32_t place_of(const struct poll_tabs *tabs, uint32_t number) {
    uint32_t at = 0;
    while (at < tabs->other_count && tabs->others[at].number != number)
        at++;
    return at;
}

void poll_tabs_hear(struct poll_tabs *tabs, const struct env *env, uint32_t number, bool polls) {
    if (tabs->self == 0 || number == 0)
        return;
    uint32_t at = place_of(tabs, number);
    bool is_new = at == tabs->other_count;
    if (!polls && !is_new)
        forget(tabs, at);
    if (!polls || at == POLL_TABS_MAX - 1)
        return;
    tabs->others[at].number = number;
    tabs->others[at].heard_ms = env->now_ms;
    if (!is_new)
        return;
    tabs->other_count++;
    say_again(tabs, env);
}

void poll_tabs_tick(struct poll_tabs *tabs, const struct env *env) {
    if (env->now_ms < poll_tabs_deadline_ms(tabs))
        return;
    say_again(tabs, env);
    forget_gone(tabs, env->now_ms);
}

uint64_t poll_tabs_deadline_ms(const struct poll_tabs *tabs) {
    return tabs->self == 0 ? NO_DEADLINE : tabs->due_ms;
}

uint32_t poll_tabs_count(const struct poll_tabs *tabs) {
    return tabs->other_count + 1;
}
