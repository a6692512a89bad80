#include "replication.h"

#include "error.h"
#include "reconcile.h"

#include <string.h>

#define RECEIPTS_AT_ONCE SYNC_IDS_MAX
#define WANTED_MANY 64 /* entries that are still to be sent: it is too early to ask again */

static uint64_t bit_of(uint32_t member) {
    return UINT64_C(1) << member;
}

static bool is_same_identity(const struct sign_public_key *one,
                             const struct sign_public_key *other) {
    return memcmp(one, other, sizeof *one) == 0;
}

static bool is_known(const struct sign_public_key *identity) {
    static const struct sign_public_key unknown;
    return !is_same_identity(identity, &unknown);
}

static struct replica *get(struct replication *replication, uint32_t member) {
    PARLEY_CHECK(member < REPLICATION_MEMBERS_MAX && replication->members[member].is_present);
    return &replication->members[member];
}

/* Members */

void replication_init(struct replication *replication, const struct sign_public_key *own) {
    *replication = (struct replication){.own = *own};
}

void replication_deinit(struct replication *replication) {
    for (uint32_t i = 0; i < REPLICATION_MEMBERS_MAX; i++)
        buffer_deinit(&replication->members[i].reply);
}

uint32_t replication_join(struct replication *replication, const struct sign_public_key *identity) {
    for (uint32_t i = 0; i < REPLICATION_MEMBERS_MAX; i++) {
        struct replica *replica = &replication->members[i];
        if (replica->is_present)
            continue;
        *replica = (struct replica){.is_present = true, .ask_due_ms = NO_DEADLINE};
        buffer_init(&replica->reply, REPLICATION_SYNC_BYTES_MAX);
        if (identity != NULL)
            replica->identity = *identity;
        return i;
    }
    return REPLICATION_NOBODY;
}

void replication_leave(struct replication *replication, struct entry_set *set, uint32_t member) {
    struct replica *replica = get(replication, member);
    uint64_t others = ~bit_of(member);
    replication_down(replication, set, member);
    for (uint32_t i = 0; i < set->order.count; i++) {
        set->order.items[i]->holders &= others;
        set->order.items[i]->told &= others;
        set->order.items[i]->given &= others;
    }
    for (uint32_t i = 0; i < REPLICATION_MEMBERS_MAX; i++)
        replication->members[i].reached &= others;
    replica->is_present = false;
}

void replication_up(struct replication *replication, const struct env *env, uint32_t member,
                    bool asks_first) {
    struct replica *replica = get(replication, member);
    replica->is_up = true;
    replica->asks_first = asks_first;
    replica->ask_due_ms = env->now_ms + (asks_first ? 0 : REPLICATION_SECOND_MS);
}

void replication_down(struct replication *replication, struct entry_set *set, uint32_t member) {
    struct replica *replica = get(replication, member);
    uint64_t others = ~bit_of(member);
    for (uint32_t i = 0; i < set->order.count; i++) {
        set->order.items[i]->wanted &= others;
        set->order.items[i]->owed &= others;
    }
    replica->wanted_count = replica->owed_count = 0;
    replica->is_up = replica->asked = replica->differed = false;
    replica->awaited_until_ms = 0;
    replica->ask_due_ms = NO_DEADLINE;
    buffer_deinit(&replica->reply);
}

uint32_t replication_find(const struct replication *replication,
                          const struct sign_public_key *identity) {
    for (uint32_t i = 0; i < REPLICATION_MEMBERS_MAX; i++) {
        const struct replica *replica = &replication->members[i];
        if (replica->is_present && is_known(identity) &&
            is_same_identity(&replica->identity, identity))
            return i;
    }
    return REPLICATION_NOBODY;
}

/* Who has what */

void replication_hold(struct replication *replication, struct kept_entry *kept, uint32_t member) {
    uint64_t bit = bit_of(member);
    if (kept->wanted & bit)
        get(replication, member)->wanted_count--;
    kept->wanted &= ~bit;
    kept->holders |= bit;
}

/* The members who said |kept|, or sent it to us. */
static uint64_t origins(const struct replication *replication, const struct kept_entry *kept,
                        uint32_t source) {
    uint64_t origin = source == REPLICATION_NOBODY ? 0 : bit_of(source);
    for (uint32_t i = 0; i < REPLICATION_MEMBERS_MAX; i++)
        if (replication->members[i].is_present &&
            is_same_identity(&replication->members[i].identity, &kept->entry.author))
            origin |= bit_of(i);
    return origin;
}

static void owe_receipt(struct replication *replication, struct kept_entry *kept, uint32_t member) {
    struct replica *replica = &replication->members[member];
    if (!replica->is_up || !is_known(&replica->identity) ||
        !is_same_identity(&replica->identity, &kept->entry.author) ||
        is_same_identity(&replica->identity, &replication->own))
        return;
    kept->owed |= bit_of(member);
    replica->owed_count++;
}

void replication_offer(struct replication *replication, const struct env *env,
                       struct kept_entry *kept, uint32_t source, bool is_live) {
    uint64_t origin = origins(replication, kept, source);
    for (uint32_t i = 0; i < REPLICATION_MEMBERS_MAX; i++) {
        struct replica *replica = &replication->members[i];
        owe_receipt(replication, kept, i);
        if (!replica->is_up || i == source || (kept->holders & bit_of(i)) != 0 ||
            (replica->reached & origin) != 0)
            continue;
        if (!is_live) {
            replication_ask_at(replication, i, env->now_ms + REPLICATION_NEWS_MS);
        } else if ((kept->wanted & bit_of(i)) == 0) {
            kept->wanted |= bit_of(i);
            replica->wanted_count++;
        }
    }
    if (source != REPLICATION_NOBODY && !is_live)
        get(replication, source)->filled_ms = env->now_ms;
}

void replication_forget(struct replication *replication, const struct kept_entry *kept) {
    for (uint32_t i = 0; i < REPLICATION_MEMBERS_MAX; i++) {
        replication->members[i].wanted_count -= (kept->wanted >> i & 1) != 0;
        replication->members[i].owed_count -= (kept->owed >> i & 1) != 0;
    }
}

struct delivery replication_delivery(const struct replication *replication,
                                     const struct kept_entry *kept) {
    struct delivery delivery = {0};
    for (uint32_t i = 0; i < REPLICATION_MEMBERS_MAX; i++) {
        const struct replica *replica = &replication->members[i];
        bool holds = false;
        if (!replica->is_present || is_same_identity(&replica->identity, &replication->own))
            continue;
        uint32_t first = replication_find(replication, &replica->identity);
        if (first < i)
            continue; /* another page of somebody who was counted */
        for (uint32_t j = i; j < REPLICATION_MEMBERS_MAX; j++)
            if (j == i || (first == i &&
                           is_same_identity(&replication->members[j].identity, &replica->identity)))
                holds |= (kept->holders >> j & 1) != 0;
        delivery.held += holds;
        delivery.of++;
    }
    return delivery;
}

/* Reconciling */

void replication_ask_at(struct replication *replication, uint32_t member, uint64_t due_ms) {
    struct replica *replica = get(replication, member);
    if (replica->is_up)
        replica->ask_due_ms = deadline_earlier(replica->ask_due_ms, due_ms);
}

static void count_wanted(struct replica *replica, const struct entry_set *set, uint64_t bit) {
    replica->wanted_count = 0;
    for (uint32_t i = 0; i < set->order.count; i++)
        replica->wanted_count += (set->order.items[i]->wanted & bit) != 0;
}

static void end_exchange(struct replica *replica, const struct env *env) {
    replica->awaited_until_ms = 0;
    replica->asked = false;
    replica->ask_due_ms =
        env->now_ms + random_between(env->random, REPLICATION_ASK_MS / 2, REPLICATION_ASK_MS);
}

/* Both have asked at the same time, and their sets differ: they answer our question, and we need
 * not answer theirs. */
static bool is_crossed(const struct replica *replica, const struct entry_set *set,
                       struct slice ask) {
    struct sync_reader reader;
    struct sync_part part;
    struct sync_fingerprint ours = entry_set_fingerprint(set, 0, set->order.count);
    return replica->asked && replica->asks_first && sync_read(ask, &reader) == PARLEY_OK &&
           sync_next(&reader, &part) == PARLEY_OK &&
           memcmp(&ours, &part.fingerprint, sizeof ours) != 0;
}

int replication_hear_sync(struct replication *replication, const struct env *env,
                          const struct entry_set *set, uint32_t member, struct slice message) {
    struct replica *replica = get(replication, member);
    bool is_ask = reconcile_is_ask(message);
    if (replica->reply.len > 0) /* nobody writes a second one before the answer to the first */
        return PARLEY_OK;
    if (is_ask && env->now_ms < replica->awaited_until_ms && is_crossed(replica, set, message))
        return PARLEY_OK;
    int error = reconcile_answer(set, message, &replica->reply, bit_of(member));
    count_wanted(replica, set, bit_of(member));
    if (!error && replica->reply.len == 0 && is_ask && !replica->asked)
        error = reconcile_ask(set, &replica->reply); /* it is the same: so that they know it too */
    end_exchange(replica, env);
    return error;
}

void replication_hear_fingerprint(struct replication *replication, const struct env *env,
                                  const struct entry_set *set, uint32_t member,
                                  const struct sync_fingerprint *fingerprint) {
    struct replica *replica = get(replication, member);
    struct sync_fingerprint ours = entry_set_fingerprint(set, 0, set->order.count);
    bool differs = memcmp(&ours, fingerprint, sizeof ours) != 0;
    for (uint32_t i = 0; i < set->order.count && !differs; i++)
        replication_hold(replication, set->order.items[i], member);
    if (differs && replica->differed)
        replication_ask_at(replication, member, env->now_ms);
    replica->differed = differs;
}

/* The next message */

static bool put_receipt(struct replica *replica, const struct entry_set *set, uint64_t bit,
                        struct buffer *out) {
    struct sync_receipt receipt = {0};
    for (uint32_t i = set->order.count;
         i > 0 && receipt.count < RECEIPTS_AT_ONCE && receipt.count < replica->owed_count; i--) {
        struct kept_entry *kept = set->order.items[i - 1];
        if ((kept->owed & bit) == 0)
            continue;
        memcpy(receipt.ids[receipt.count++], kept->id.hash.bytes, ENTRY_SHORT_ID_BYTES);
        kept->owed &= ~bit;
    }
    replica->owed_count -= receipt.count;
    return receipt.count > 0 && sync_put_receipt(out, &receipt) == PARLEY_OK;
}

static bool put_reply(struct replica *replica, const struct env *env, struct buffer *out) {
    if (replica->reply.len == 0 ||
        !rate_take(&replica->replies, env->now_ms, REPLICATION_REPLY_MS,
                   REPLICATION_REPLIES_AT_ONCE) ||
        buffer_append(out, buffer_slice(&replica->reply)) != PARLEY_OK)
        return false;
    buffer_deinit(&replica->reply);
    replica->awaited_until_ms = env->now_ms + REPLICATION_ANSWER_MS;
    return true;
}

static bool put_ask(struct replica *replica, const struct env *env, const struct entry_set *set,
                    struct buffer *out) {
    if (env->now_ms < replica->ask_due_ms || env->now_ms < replica->awaited_until_ms)
        return false;
    if (replica->wanted_count > WANTED_MANY ||
        (replica->filled_ms > 0 && env->now_ms < replica->filled_ms + REPLICATION_NEWS_MS)) {
        replica->ask_due_ms = env->now_ms + REPLICATION_NEWS_MS;
        return false;
    }
    end_exchange(replica, env);
    replica->asked = true;
    replica->awaited_until_ms = env->now_ms + REPLICATION_ANSWER_MS;
    return reconcile_ask(set, out) == PARLEY_OK;
}

/* May |kept| be sent now? A second time only at a limited rate. */
static bool may_send(struct replica *replica, const struct env *env, struct kept_entry *kept,
                     uint64_t bit, size_t bytes) {
    if ((kept->given & bit) != 0 &&
        !rate_spend(&replica->repeats, env->now_ms, bytes / REPLICATION_REPEAT_BYTES_IN_MS + 1,
                    REPLICATION_REPEAT_BURST_MS))
        return false;
    kept->given |= bit;
    return true;
}

/* The newest entries that they want, as many as fit into a message, in order: somebody who comes
 * reads first what is said now. */
static bool put_entries(struct replica *replica, const struct env *env, const struct entry_set *set,
                        uint64_t bit, struct buffer *out) {
    enum { ENTRIES_MAX = REPLICATION_MESSAGE_BYTES_MAX / (ENTRY_HEADER_BYTES + SIGNATURE_BYTES) };
    struct kept_entry *chosen[ENTRIES_MAX];
    size_t bytes = 0;
    uint32_t count = 0, left = replica->wanted_count;
    for (uint32_t i = set->order.count; i > 0 && left > 0; i--) {
        struct kept_entry *kept = set->order.items[i - 1];
        size_t len = ENTRY_HEADER_BYTES + SIGNATURE_BYTES + kept->entry.body.len;
        if ((kept->wanted & bit) == 0)
            continue;
        left--;
        if (bytes + len > REPLICATION_MESSAGE_BYTES_MAX)
            break;
        if (!may_send(replica, env, kept, bit, len))
            continue;
        chosen[count++] = kept;
        bytes += len;
    }
    while (count > 0) {
        struct kept_entry *kept = chosen[--count];
        PARLEY_CHECK(entry_write(&kept->entry, out) == PARLEY_OK);
        kept->wanted &= ~bit;
        replica->wanted_count--;
    }
    return bytes > 0;
}

bool replication_next(struct replication *replication, const struct env *env,
                      const struct entry_set *set, uint32_t member, struct buffer *out) {
    struct replica *replica = get(replication, member);
    if (!replica->is_up || buffer_reserve(out, REPLICATION_MESSAGE_BYTES_MAX) != PARLEY_OK)
        return false;
    return put_receipt(replica, set, bit_of(member), out) || put_reply(replica, env, out) ||
           put_ask(replica, env, set, out) || put_entries(replica, env, set, bit_of(member), out);
}

static uint64_t after(uint64_t due_ms, uint64_t now_ms) {
    return due_ms > now_ms ? due_ms : NO_DEADLINE;
}

static uint64_t deadline_of(const struct replica *replica, uint64_t now_ms) {
    bool waits = replica->ask_due_ms < replica->awaited_until_ms;
    uint64_t ask_ms = waits ? replica->awaited_until_ms : replica->ask_due_ms;
    uint64_t reply_ms =
        rate_due(&replica->replies, REPLICATION_REPLY_MS, REPLICATION_REPLIES_AT_ONCE);
    uint64_t repeat_ms = rate_spend_due(&replica->repeats, REPLICATION_REPEAT_BURST_MS);
    uint64_t earliest = after(ask_ms, now_ms);
    if (replica->reply.len > 0)
        earliest = deadline_earlier(earliest, after(reply_ms, now_ms));
    if (replica->wanted_count > 0)
        earliest = deadline_earlier(earliest, after(repeat_ms, now_ms));
    return earliest;
}

uint64_t replication_deadline_ms(const struct replication *replication, uint64_t now_ms) {
    uint64_t earliest = NO_DEADLINE;
    for (uint32_t i = 0; i < REPLICATION_MEMBERS_MAX; i++)
        if (replication->members[i].is_up)
            earliest = deadline_earlier(earliest, deadline_of(&replication->members[i], now_ms));
    return earliest;
}
