#include "mesh_check.h"

#include <string.h>

_Static_assert(MESH_CHECK_GAPS_MAX <= MESH_CHECK_PAIRS_MAX,
               "each gap that is followed has an account");
_Static_assert(MESH_CHECK_TURN_MS <= MESH_CHECK_REPORT_MS, "a turn is used up");

/* One run of the check. */
struct check_run {
    struct mesh_check *check;
    struct mesh_check_gap before[MESH_CHECK_GAPS_MAX];
    uint32_t before_count;
    uint32_t at; /* in |before|: gaps come in the same order each time */
    uint64_t now_ms;
    struct mesh_check_finding finding;
    uint64_t reported_ms; /* what was found, until now */
};

/* For how long each pair was reported */

static const struct member_id strangers; /* none */

static struct mesh_check_pair pair_of(const struct member_id *one, const struct member_id *other) {
    bool smaller = member_id_compare(one, other) < 0;
    return (struct mesh_check_pair){{smaller ? *one : *other, smaller ? *other : *one}};
}

static uint32_t find_account(const struct mesh_check *check, const struct mesh_check_pair *pair) {
    uint32_t at = 0;
    while (at < check->account_count && memcmp(&check->accounts[at].pair, pair, sizeof *pair) != 0)
        at++;
    return at;
}

uint64_t mesh_check_reported_ms(const struct mesh_check *check, const struct member_id *one,
                                const struct member_id *other) {
    struct mesh_check_pair pair = pair_of(one, other);
    uint32_t at = find_account(check, &pair);
    return at < check->account_count ? check->accounts[at].reported_ms : 0;
}

static void forget_least(struct mesh_check *check) {
    uint32_t least = 0;
    for (uint32_t i = 1; i < check->account_count; i++)
        if (check->accounts[i].reported_ms < check->accounts[least].reported_ms)
            least = i;
    check->account_count--;
    memmove(&check->accounts[least], &check->accounts[least + 1],
            (check->account_count - least) * sizeof *check->accounts);
}

/* Adds the time since the last check to the account of the pair that it found. */
static void charge(struct mesh_check *check, uint64_t now_ms) {
    if (!check->reporting)
        return;
    uint32_t at = find_account(check, &check->reported);
    if (at == MESH_CHECK_PAIRS_MAX)
        forget_least(check);
    if (at >= check->account_count) {
        at = check->account_count++;
        check->accounts[at] = (struct mesh_check_account){.pair = check->reported};
    }
    check->accounts[at].reported_ms += now_ms - check->reported_since_ms;
    check->reporting = false;
}

/* Gaps */

/* NULL: it is new. */
static const struct mesh_check_gap *recall(struct check_run *run, uint32_t one,
                                           const struct member_id *other) {
    for (uint32_t i = 0; i < run->before_count; i++) {
        uint32_t at = (run->at + i) % run->before_count;
        const struct mesh_check_gap *gap = &run->before[at];
        if (gap->one == one && member_id_equal(&gap->other, other)) {
            run->at = at + 1;
            return gap;
        }
    }
    return NULL;
}

static void keep(struct check_run *run, uint32_t one, const struct member_id *other,
                 uint64_t since_ms) {
    struct mesh_check *check = run->check;
    if (check->gap_count < MESH_CHECK_GAPS_MAX)
        check->gaps[check->gap_count++] =
            (struct mesh_check_gap){.one = one, .other = *other, .since_ms = since_ms};
}

/* When the gap between |one| and |other|, which is there now, is old enough to be reported. */
static uint64_t settled_ms(struct check_run *run, const struct member *one,
                           const struct member_id *other) {
    const struct mesh_check_gap *before = recall(run, one->number, other);
    uint64_t since_ms = before ? before->since_ms : run->now_ms;
    keep(run, one->number, other, since_ms);
    return since_ms + MESH_CHECK_SETTLE_MS;
}

static void check_again(struct check_run *run, uint64_t at_ms) {
    if (at_ms < run->finding.due_ms)
        run->finding.due_ms = at_ms;
}

/* |other| NULL: somebody unknown. */
static void consider(struct check_run *run, const struct member *one, const struct member *other,
                     uint64_t reported_ms) {
    if (run->finding.one &&
        run->reported_ms / MESH_CHECK_TURN_MS <= reported_ms / MESH_CHECK_TURN_MS)
        return;
    run->finding.one = one;
    run->finding.other = other;
    run->reported_ms = reported_ms;
}

/* Reports the gap until its turn ends. */
static void report(struct check_run *run) {
    const struct member *one = run->finding.one, *other = run->finding.other;
    if (!one)
        return;
    run->check->reporting = true;
    run->check->reported =
        pair_of(&one->link.member_id, other ? &other->link.member_id : &strangers);
    run->check->reported_since_ms = run->now_ms;
    check_again(run, run->now_ms + MESH_CHECK_TURN_MS - run->reported_ms % MESH_CHECK_TURN_MS);
}

/* We are connected to them, and they have told us whom they reach. */
static bool is_witness(const struct member *member) {
    return member_connected(member) && member->reachability_known;
}

/* If we lose the connection to one of the two, their gap keeps its age but is not reported. */
static void check_pair(struct check_run *run, const struct member *one,
                       const struct member *other) {
    if (member_reaches(one, &other->link.member_id) || member_reaches(other, &one->link.member_id))
        return;
    uint64_t reported_ms =
        mesh_check_reported_ms(run->check, &one->link.member_id, &other->link.member_id);
    if (reported_ms >= MESH_CHECK_REPORT_MS)
        return;
    if (is_witness(one) && is_witness(other)) {
        uint64_t due_ms = settled_ms(run, one, &other->link.member_id);
        if (run->now_ms < due_ms)
            check_again(run, due_ms);
        else
            consider(run, one, other, reported_ms);
        return;
    }
    const struct mesh_check_gap *before = recall(run, one->number, &other->link.member_id);
    if (before)
        keep(run, before->one, &other->link.member_id, before->since_ms);
}

static void find_stranger(struct check_run *run, const struct member *member,
                          const struct member_id *id, uint64_t reported_ms) {
    uint64_t due_ms = settled_ms(run, member, id);
    if (run->now_ms < due_ms)
        check_again(run, due_ms);
    else
        consider(run, member, NULL, reported_ms);
}

/* One stranger for each member is enough: a member may name any number of them. */
static void check_strangers(struct check_run *run, const struct room *room,
                            const struct member *member) {
    uint64_t reported_ms = mesh_check_reported_ms(run->check, &member->link.member_id, &strangers);
    if (!is_witness(member) || reported_ms >= MESH_CHECK_REPORT_MS)
        return;
    for (uint32_t i = 0; i < member->reachability.count; i++) {
        const struct member_id *id = &member->reachability.ids[i];
        if (!member_id_equal(id, &room->self_id) && !room_find_id(room, id)) {
            find_stranger(run, member, id, reported_ms);
            return;
        }
    }
}

struct mesh_check_finding mesh_check_run(struct mesh_check *check, const struct room *room,
                                         uint64_t now_ms) {
    struct check_run run = {.check = check,
                            .before_count = check->gap_count,
                            .now_ms = now_ms,
                            .finding = {.due_ms = NO_DEADLINE}};
    memcpy(run.before, check->gaps, sizeof run.before);
    check->gap_count = 0;
    charge(check, now_ms);
    for (uint32_t i = 0; i < room->member_count; i++)
        for (uint32_t k = 0; k < i; k++)
            check_pair(&run, room->members[k], room->members[i]);
    for (uint32_t i = 0; i < room->member_count; i++)
        check_strangers(&run, room, room->members[i]);
    report(&run);
    return run.finding;
}
