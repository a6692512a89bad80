#include "audit.h"

static bool is_settled(uint64_t since_ms, uint64_t now_ms, uint64_t *due_ms) {
    if (now_ms >= since_ms + AUDIT_SETTLE_MS)
        return true;
    if (since_ms + AUDIT_SETTLE_MS < *due_ms)
        *due_ms = since_ms + AUDIT_SETTLE_MS;
    return false;
}

/* We hear them, and they have told us whom they reach. */
static bool is_witness(const struct member *member) {
    return member_connected(member) && member->reach_known;
}

static void find(struct audit *audit, const struct member *one, const struct member *other) {
    audit->count++;
    if (audit->one)
        return;
    audit->one = one;
    audit->other = other;
}

static void check_pair(struct audit *audit, const struct member *one, const struct member *other,
                       uint64_t now_ms) {
    if (!is_witness(one) || !is_witness(other) || member_reaches(one, member_id(other)) ||
        member_reaches(other, member_id(one)))
        return;
    bool settled = is_settled(one->reach_ms, now_ms, &audit->due_ms);
    settled = is_settled(other->reach_ms, now_ms, &audit->due_ms) && settled;
    if (settled)
        find(audit, one, other);
}

/* Somebody whom we do not know. */
static void check_strangers(struct audit *audit, const struct room *room,
                            const struct member *member, uint64_t now_ms) {
    if (!is_witness(member))
        return;
    for (size_t at = 0; at < member->reach.len; at += WIRE_MEMBER_ID_BYTES) {
        struct slice id = {member->reach.bytes + at, WIRE_MEMBER_ID_BYTES};
        if (!slice_equal(id, room_self_id(room)) && !room_find_id(room, id) &&
            is_settled(member->reach_ms, now_ms, &audit->due_ms))
            find(audit, member, NULL);
    }
}

struct audit audit_room(const struct room *room, uint64_t now_ms) {
    struct audit audit = {.due_ms = LINK_NO_DEADLINE};
    for (uint32_t i = 0; i < room->member_count; i++) {
        for (uint32_t k = 0; k < i; k++)
            check_pair(&audit, room->members[k], room->members[i], now_ms);
        check_strangers(&audit, room, room->members[i], now_ms);
    }
    return audit;
}
