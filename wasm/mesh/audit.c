#include "audit.h"

#include <string.h>

/* One look. */
struct look {
    const struct audit *before;
    struct audit *after;
    uint32_t at; /* in |before|: gaps come in the same order each time */
    uint64_t now_ms;
    struct audit_finding finding;
};

/* NULL: it is new. */
static const struct audit_gap *recall(struct look *look, uint32_t one, struct slice other) {
    for (uint32_t i = 0; i < look->before->gap_count; i++) {
        uint32_t at = (look->at + i) % look->before->gap_count;
        const struct audit_gap *gap = &look->before->gaps[at];
        if (gap->one == one && memcmp(gap->other, other.bytes, WIRE_MEMBER_ID_BYTES) == 0) {
            look->at = at + 1;
            return gap;
        }
    }
    return NULL;
}

static void keep(struct look *look, uint32_t one, struct slice other, uint64_t since_ms) {
    struct audit *after = look->after;
    if (after->gap_count == AUDIT_GAPS_MAX)
        return;
    struct audit_gap *gap = &after->gaps[after->gap_count++];
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

/* For how long their word is passed on yet. */
static uint64_t believed_left_ms(const struct member *member) {
    return member->believed_ms < AUDIT_BELIEVED_MS ? AUDIT_BELIEVED_MS - member->believed_ms : 0;
}

static void look_again(struct look *look, uint64_t at_ms) {
    if (at_ms < look->finding.due_ms)
        look->finding.due_ms = at_ms;
}

/* |other| NULL: somebody unknown. */
static void find(struct look *look, const struct member *one, const struct member *other) {
    if (look->finding.one)
        return;
    look->finding.one = one;
    look->finding.other = other;
    uint64_t left_ms = believed_left_ms(one);
    if (other && believed_left_ms(other) < left_ms)
        left_ms = believed_left_ms(other);
    look->after->told = (struct audit_told){one->number, other ? other->number : 0, look->now_ms};
    look_again(look, look->now_ms + left_ms);
}

/* We hear them, and they have told us whom they reach. */
static bool is_witness(const struct member *member) {
    return member_connected(member) && member->reach_known;
}

/* What two said who are out of our reach for a while is not forgotten, but not repeated either. */
static void look_at_pair(struct look *look, const struct member *one, const struct member *other) {
    if (member_reaches(one, member_id(other)) || member_reaches(other, member_id(one)))
        return;
    if (believed_left_ms(one) == 0 || believed_left_ms(other) == 0)
        return;
    if (is_witness(one) && is_witness(other)) {
        uint64_t due_ms = settled_ms(look, one, member_id(other));
        if (look->now_ms < due_ms)
            look_again(look, due_ms);
        else
            find(look, one, other);
        return;
    }
    const struct audit_gap *before = recall(look, one->number, member_id(other));
    if (before)
        keep(look, before->one, member_id(other), before->since_ms);
}

static void find_stranger(struct look *look, const struct member *member, struct slice id) {
    uint64_t due_ms = settled_ms(look, member, id);
    if (look->now_ms < due_ms)
        look_again(look, due_ms);
    else
        find(look, member, NULL);
}

/* One for each member will do: they may name as many as they like. */
static void look_for_stranger(struct look *look, const struct room *room,
                              const struct member *member) {
    if (!is_witness(member) || believed_left_ms(member) == 0)
        return;
    for (size_t at = 0; at < member->reach.len; at += WIRE_MEMBER_ID_BYTES) {
        struct slice id = {member->reach.bytes + at, WIRE_MEMBER_ID_BYTES};
        if (!slice_equal(id, room_self_id(room)) && !room_find_id(room, id)) {
            find_stranger(look, member, id);
            return;
        }
    }
}

void audit_charge(struct audit *audit, const struct room *room, uint64_t now_ms) {
    struct audit_told *told = &audit->told;
    for (uint32_t i = 0; i < room->member_count; i++) {
        struct member *member = room->members[i];
        if (member->number == told->one || member->number == told->other)
            member->believed_ms += now_ms - told->since_ms;
    }
    told->since_ms = now_ms;
}

struct audit_finding audit_look(struct audit *audit, const struct room *room, uint64_t now_ms) {
    audit_charge(audit, room, now_ms);
    const struct audit before = *audit;
    struct look look = {.before = &before,
                        .after = audit,
                        .now_ms = now_ms,
                        .finding = {.due_ms = LINK_NO_DEADLINE}};
    *audit = (struct audit){0};
    for (uint32_t i = 0; i < room->member_count; i++)
        for (uint32_t k = 0; k < i; k++)
            look_at_pair(&look, room->members[k], room->members[i]);
    for (uint32_t i = 0; i < room->member_count; i++)
        look_for_stranger(&look, room, room->members[i]);
    return look.finding;
}
