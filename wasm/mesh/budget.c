#include "budget.h"

#include "deadline.h"
#include "error.h"
#include "wire.h"

#define OTHERS_MAX (WIRE_ROOM_MEMBERS_MAX - 1)

/* All shares together stay below a browser's limit. */
_Static_assert(BUDGET_FIRSTS_AT_ONCE + BUDGET_STRANGERS_AT_ONCE + BUDGET_KNOWN_AT_ONCE +
                       OTHERS_MAX * (BUDGET_OWN_AT_ONCE + 1) <
                   500,
               "a page may open more connections than its browser has");
_Static_assert(BUDGET_FIRSTS_AT_ONCE >= OTHERS_MAX, "everybody can be met at once");
_Static_assert(BUDGET_KNOWN_RESERVE < BUDGET_KNOWN_AT_ONCE &&
                   BUDGET_WAITING_RESERVE < BUDGET_STRANGERS_AT_ONCE,
               "a reserve leaves something");

static uint32_t own_at_once(const struct expense *expense) {
    return expense->talked ? BUDGET_OWN_AT_ONCE : BUDGET_OWN_AT_ONCE - 1;
}

static uint64_t own_due_ms(const struct expense *expense) {
    return rate_due(&expense->own, BUDGET_OWN_MS, own_at_once(expense));
}

static uint32_t each_at_once(const struct expense *expense) {
    return expense->talked ? BUDGET_EACH_AT_ONCE : BUDGET_EACH_STRANGER_AT_ONCE;
}

static uint64_t common_due_ms(const struct budget *budget, const struct expense *expense,
                              bool yields) {
    uint32_t known_at_once = BUDGET_KNOWN_AT_ONCE - (yields ? BUDGET_KNOWN_RESERVE : 0);
    uint32_t strangers_at_once = BUDGET_STRANGERS_AT_ONCE - (yields ? BUDGET_WAITING_RESERVE : 0);
    uint64_t all_ms = expense->talked
                          ? rate_due(&budget->known, BUDGET_KNOWN_MS, known_at_once)
                          : rate_due(&budget->strangers, BUDGET_STRANGERS_MS, strangers_at_once);
    uint64_t each_ms = rate_due(&expense->common, BUDGET_EACH_MS, each_at_once(expense));
    return all_ms > each_ms ? all_ms : each_ms;
}

/* NO_DEADLINE: the next connection is not a first one. */
static uint64_t first_due_ms(const struct budget *budget, const struct expense *expense,
                             bool yields) {
    if (expense->met)
        return NO_DEADLINE;
    return rate_due(&budget->firsts, BUDGET_FIRST_MS,
                    BUDGET_FIRSTS_AT_ONCE - (yields ? BUDGET_WAITING_RESERVE : 0));
}

uint64_t budget_due_ms(const struct budget *budget, const struct expense *expense, bool yields) {
    uint64_t first_ms = first_due_ms(budget, expense, yields);
    if (!expense->met && !expense->talked)
        return first_ms;
    return deadline_earlier(
        first_ms, deadline_earlier(own_due_ms(expense), common_due_ms(budget, expense, yields)));
}

static bool take_common(struct budget *budget, struct expense *expense, uint64_t now_ms) {
    return rate_take(&expense->common, now_ms, BUDGET_EACH_MS, each_at_once(expense)) &&
           (expense->talked
                ? rate_take(&budget->known, now_ms, BUDGET_KNOWN_MS, BUDGET_KNOWN_AT_ONCE)
                : rate_take(&budget->strangers, now_ms, BUDGET_STRANGERS_MS,
                            BUDGET_STRANGERS_AT_ONCE));
}

bool budget_take(struct budget *budget, struct expense *expense, bool yields, uint64_t now_ms) {
    if (now_ms < budget_due_ms(budget, expense, yields))
        return false;
    if (now_ms >= first_due_ms(budget, expense, yields))
        PARLEY_CHECK(rate_take(&budget->firsts, now_ms, BUDGET_FIRST_MS, BUDGET_FIRSTS_AT_ONCE));
    else if (!rate_take(&expense->own, now_ms, BUDGET_OWN_MS, own_at_once(expense)))
        PARLEY_CHECK(take_common(budget, expense, now_ms));
    expense->met = true;
    return true;
}

void budget_arrive(struct expense *expense) {
    expense->met = false;
}

void budget_forgive(struct expense *expense) {
    expense->common = (struct rate){0};
}
