#include "audit.h"

#include <string.h>

_Static_assert(AUDIT_GAPS_MAX <= AUDIT_PAIRS_MAX, "each gap that is followed has an account");
_Static_assert(AUDIT_TURN_MS <= AUDIT_BELIEVED_MS, "a turn is used up");

/* One look. */
struct look {
    struct audit *audit;
    struct audit_gap before[AUDIT_GAPS_MAX];
    uint32_t before_count;
    uint32_t at; /* in |before|: gaps come in the same order each time */
    uint64_t now_ms;
    struct audit_finding finding;
    uint64_t told_ms; /* what was found, until now */
};

/* For how long each pair was told */

/* |other| empty: strangers. */
static struct audit_pair pair_of(struct slice one, struct slice other) {
    static const char nobody[WIRE_MEMBER_ID_BYTES];
    struct audit_pair pair;
    const char *with = other.len ? other.bytes : nobody;
    bool smaller = memcmp(one.bytes, with, WIRE_MEMBER_ID_BYTES) < 0;
    memcpy(pair.ids[0], smaller ? one.bytes : with, WIRE_MEMBER_ID_BYTES);
    memcpy(pair.ids[1], smaller ? with : one.bytes, WIRE_MEMBER_ID_BYTES);
    return pair;
}

static uint32_t find_account(const struct audit *audit, const struct audit_pair *pair) {
    uint32_t at = 0;
    while (at < audit->account_count && memcmp(&audit->accounts[at].pair, pair, sizeof *pair) != 0)
        at++;
    return at;
}

uint64_t audit_told_ms(const struct audit *audit, struct slice one, struct slice other) {
    struct audit_pair pair = pair_of(one, other);
    uint32_t at = find_account(audit, &pair);
    return at < audit->account_count ? audit->accounts[at].told_ms : 0;
}

static void forget_least(struct audit *audit) {
    uint32_t least = 0;
    for (uint32_t i = 1; i < audit->account_count; i++)
        if (audit->accounts[i].told_ms < audit->accounts[least].told_ms)
            least = i;
    audit->account_count--;
    memmove(&audit->accounts[least], &audit->accounts[least + 1],
            (audit->account_count - least) * sizeof *audit->accounts);
}

/* Counts for how long it was told what the last look found. */
static void charge(struct audit *audit, uint64_t now_ms) {
    if (!audit->telling)
        return;
    uint32_t at = find_account(audit, &audit->told);
    if (at == AUDIT_PAIRS_MAX)
        forget_least(audit);
    if (at >= audit->account_count) {
        at = audit->account_count++;
        audit->accounts[at] = (struct audit_account){.pair = audit->told};
    }
    audit->accounts[at].told_ms += now_ms - audit->told_since_ms;
    audit->telling = false;
}

/* Gaps */

/* NULL: it is new. */
static const struct audit_gap *recall(struct look *look, uint32_t one, struct slice other) {
    for (uint32_t i = 0; i < look->before_count; i++) {
        uint32_t at = (look->at + i) % look->before_count;
        const struct audit_gap *gap = &look->before[at];
        if (gap->one == one && memcmp(gap->other, other.bytes, WIRE_MEMBER_ID_BYTES) == 0) {
            look->at = at + 1;
            return gap;
        }
    }
    return NULL;
}

static void keep(struct look *look, uint32_t one, struct slice other, uint64_t since_ms) {
    struct audit *audit = look->audit;
    if (audit->gap_count == AUDIT_GAPS_MAX)
        return;
    struct audit_gap *gap = &audit->gaps[audit->gap_count++];
    *gap = (struct audit_gap){.one = one, .since_ms = since_ms};
    memcpy(gap->other, other.bytes, WIRE_MEMBER_ID_BYTES);
}

/* When the gap between |one| and |other|, which is there now, is old enough to be told. */
static uint64_t settled_ms(struct look *look, const struct member *one, struct slice other) {
    const struct audit_gap *before = recall(look, one->number, other);
    uint64_t since_ms = before ? before->since_ms : look->now_ms;
    keep(look, one->number, other, since_ms);
    return since_ms + AUDIT_SETTLE_MS;
}

static void look_again(struct look *look, uint64_t at_ms) {
    if (at_ms < look->finding.due_ms)
        look->finding.due_ms = at_ms;
}

/* |other| NULL: somebody unknown. */
static void find(struct look *look, const struct member *one, const struct member *other,
                 uint64_t told_ms) {
    if (look->finding.one && look->told_ms / AUDIT_TURN_MS <= told_ms / AUDIT_TURN_MS)
        return;
    look->finding.one = one;
    look->finding.other = other;
    look->told_ms = told_ms;
}

/* Tells what was found, until its turn ends. */
static void tell(struct look *look) {
    const struct member *one = look->finding.one, *other = look->finding.other;
    if (!one)
        return;
    look->audit->telling = true;
    look->audit->told = pair_of(member_id(one), other ? member_id(other) : (struct slice){0});
    look->audit->told_since_ms = look->now_ms;
    look_again(look, look->now_ms + AUDIT_TURN_MS - look->told_ms % AUDIT_TURN_MS);
}

/* We hear them, and they have told us whom they reach. */
static bool is_witness(const struct member *member) {
    return member_connected(member) && member->reach_known;
}

/* What two said who are out of our reach for a while is not forgotten, but not repeated either. */
static void look_at_pair(struct look *look, const struct member *one, const struct member *other) {
    if (member_reaches(one, member_id(other)) || member_reaches(other, member_id(one)))
        return;
    uint64_t told_ms = audit_told_ms(look->audit, member_id(one), member_id(other));
    if (told_ms >= AUDIT_BELIEVED_MS)
        return;
    if (is_witness(one) && is_witness(other)) {
        uint64_t due_ms = settled_ms(look, one, member_id(other));
        if (look->now_ms < due_ms)
            look_again(look, due_ms);
        else
            find(look, one, other, told_ms);
        return;
    }
    const struct audit_gap *before = recall(look, one->number, member_id(other));
    if (before)
        keep(look, before->one, member_id(other), before->since_ms);
}

static void find_stranger(struct look *look, const struct member *member, struct slice id,
                          uint64_t told_ms) {
    uint64_t due_ms = settled_ms(look, member, id);
    if (look->now_ms < due_ms)
        look_again(look, due_ms);
    else
        find(look, member, NULL, told_ms);
}

/* One for each member will do: they may name as many as they like. */
static void look_for_stranger(struct look *look, const struct room *room,
                              const struct member *member) {
    uint64_t told_ms = audit_told_ms(look->audit, member_id(member), (struct slice){0});
    if (!is_witness(member) || told_ms >= AUDIT_BELIEVED_MS)
        return;
    for (size_t at = 0; at < member->reach.len; at += WIRE_MEMBER_ID_BYTES) {
        struct slice id = {member->reach.bytes + at, WIRE_MEMBER_ID_BYTES};
        if (!slice_equal(id, room_self_id(room)) && !room_find_id(room, id)) {
            find_stranger(look, member, id, told_ms);
            return;
        }
    }
}

struct audit_finding audit_look(struct audit *audit, const struct room *room, uint64_t now_ms) {
    struct look look = {.audit = audit,
                        .before_count = audit->gap_count,
                        .now_ms = now_ms,
                        .finding = {.due_ms = NO_DEADLINE}};
    memcpy(look.before, audit->gaps, sizeof look.before);
    audit->gap_count = 0;
    charge(audit, now_ms);
    for (uint32_t i = 0; i < room->member_count; i++)
        for (uint32_t k = 0; k < i; k++)
            look_at_pair(&look, room->members[k], room->members[i]);
    for (uint32_t i = 0; i < room->member_count; i++)
        look_for_stranger(&look, room, room->members[i]);
    tell(&look);
    return look.finding;
}
