#include "reconcile.h"

#include "error.h"

#include <string.h>

#define REST_BYTES (2 + SYNC_FINGERPRINT_BYTES) /* of the part that asks for the rest again */

/* An answer in progress. */
struct answer {
    const struct entry_set *set;
    struct buffer *out;
    uint64_t member;
    bool asks; /* it says more than "the same" */
    bool full; /* no room for the rest: one last part asks for it again */
    bool same; /* the ranges up to |same_end| are the same, and that is not written yet */
    uint32_t same_first;
    struct sync_end same_end;
};

static struct sync_part fingerprint_part(const struct entry_set *set, uint32_t first, uint32_t end,
                                         const struct sync_end *until) {
    return (struct sync_part){.kind = SYNC_FINGERPRINT,
                              .end = *until,
                              .fingerprint = entry_set_fingerprint(set, first, end)};
}

int reconcile_ask(const struct entry_set *set, struct buffer *out) {
    struct sync_part all = fingerprint_part(set, 0, set->order.count, &(struct sync_end){0});
    int error = sync_begin(out);
    return error ? error : sync_put(out, &all);
}

bool reconcile_is_ask(struct slice message) {
    struct sync_reader reader;
    struct sync_part part;
    return sync_read(message, &reader) == PARLEY_OK && sync_next(&reader, &part) == PARLEY_OK &&
           part.kind == SYNC_FINGERPRINT && part.end.len == 0;
}

static int write_same(struct answer *answer) {
    if (!answer->same)
        return PARLEY_OK;
    answer->same = false;
    return sync_put(answer->out, &(struct sync_part){.kind = SYNC_SAME, .end = answer->same_end});
}

static bool has_room(const struct answer *answer, const struct sync_part *part) {
    size_t same_bytes = answer->same ? 2 + (size_t)answer->same_end.len : 0;
    return answer->out->bytes_max - answer->out->len >=
           same_bytes + sync_part_bytes(part) + REST_BYTES;
}

/* Asks again for everything from the place |first| on. There is always room for this. */
static int write_rest(struct answer *answer, uint32_t first) {
    struct sync_part rest =
        fingerprint_part(answer->set, first, answer->set->order.count, &(struct sync_end){0});
    answer->full = true;
    return sync_put(answer->out, &rest);
}

/* Writes |part|, whose range begins at the place |first|. If it does not fit, asks again for all
 * that was not written. */
static int write_part(struct answer *answer, const struct sync_part *part, uint32_t first) {
    if (answer->full)
        return PARLEY_OK;
    answer->asks = true;
    if (!has_room(answer, part))
        return write_rest(answer, answer->same ? answer->same_first : first);
    int error = write_same(answer);
    return error ? error : sync_put(answer->out, part);
}

/* The range from the place |first| to |end| needs no answer. */
static void skip(struct answer *answer, uint32_t first, const struct sync_end *end) {
    if (!answer->same)
        answer->same_first = first;
    answer->same = true;
    answer->same_end = *end;
}

static void note_one(const struct answer *answer, struct kept_entry *kept, bool holds) {
    if (holds) {
        kept->holders |= answer->member;
        kept->wanted &= ~answer->member;
    } else {
        kept->wanted |= answer->member;
    }
}

/* The other side holds the entries from |first| up to |end|; or else it wants them. */
static void note_range(const struct answer *answer, uint32_t first, uint32_t end, bool holds) {
    for (uint32_t at = first; at < end; at++)
        note_one(answer, answer->set->order.items[at], holds);
}

/* Removes the ids from |part| that the set has. The set lacks those that are left. */
static void remove_held(const struct entry_set *set, struct sync_part *part) {
    unsigned left = 0;
    for (unsigned i = 0; i < part->count; i++)
        if (entry_set_find(set, part->ids[i]) == NULL)
            memmove(part->ids[left++], part->ids[i], ENTRY_SHORT_ID_BYTES);
    part->count = (uint8_t)left;
}

/* The other side holds the entries that |part| lists; or else it wants them. */
static void note_ids(const struct answer *answer, const struct sync_part *part, bool holds) {
    for (unsigned i = 0; i < part->count; i++) {
        struct kept_entry *kept = entry_set_find(answer->set, part->ids[i]);
        if (kept != NULL)
            note_one(answer, kept, holds);
    }
}

static int answer_list(struct answer *answer, uint32_t first, uint32_t end,
                       struct sync_part *part) {
    note_range(answer, first, end, false);
    note_ids(answer, part, true);
    remove_held(answer->set, part);
    if (part->count == 0) {
        skip(answer, first, &part->end);
        return PARLEY_OK;
    }
    part->kind = SYNC_WANT;
    return write_part(answer, part, first);
}

static int write_list(struct answer *answer, uint32_t first, uint32_t end,
                      const struct sync_end *until) {
    struct sync_part list = {.kind = SYNC_LIST, .end = *until, .count = (uint8_t)(end - first)};
    for (uint32_t at = first; at < end; at++)
        memcpy(list.ids[at - first], answer->set->order.items[at]->id.hash.bytes,
               ENTRY_SHORT_ID_BYTES);
    return write_part(answer, &list, first);
}

/* Divides the range so that each part has about as many entries. There are more of them than
 * RECONCILE_LIST_MAX. */
static int write_ranges(struct answer *answer, uint32_t first, uint32_t end,
                        const struct sync_end *until) {
    struct kept_entry *const *entries = answer->set->order.items;
    uint32_t count = end - first;
    int error = PARLEY_OK;
    for (uint32_t i = 0; i < RECONCILE_RANGES && !error; i++) {
        uint32_t low = first + count * i / RECONCILE_RANGES;
        uint32_t high = first + count * (i + 1) / RECONCILE_RANGES;
        struct sync_end border = *until;
        if (high < end)
            border = sync_end_between(&entries[high - 1]->key, &entries[high]->key);
        struct sync_part part = fingerprint_part(answer->set, low, high, &border);
        error = write_part(answer, &part, low);
    }
    return error;
}

static int answer_fingerprint(struct answer *answer, uint32_t first, uint32_t end,
                              const struct sync_part *part) {
    struct sync_fingerprint ours = entry_set_fingerprint(answer->set, first, end);
    if (memcmp(&ours, &part->fingerprint, sizeof ours) == 0) {
        note_range(answer, first, end, true);
        skip(answer, first, &part->end);
        return PARLEY_OK;
    }
    return end - first <= RECONCILE_LIST_MAX ? write_list(answer, first, end, &part->end)
                                             : write_ranges(answer, first, end, &part->end);
}

/* The range comes before our first entry, where we refuse entries. */
static bool is_refused(const struct answer *answer, uint32_t end, const struct sync_part *part) {
    return answer->set->refuses_older && end == 0 && part->end.len != 0;
}

/* Our entries in the range of |part| are those from |first| up to |end|. */
static int answer_part(struct answer *answer, uint32_t first, uint32_t end,
                       struct sync_part *part) {
    switch (part->kind) {
    case SYNC_FINGERPRINT:
        if (!is_refused(answer, end, part))
            return answer_fingerprint(answer, first, end, part);
        break;
    case SYNC_LIST:
        if (!is_refused(answer, end, part))
            return answer_list(answer, first, end, part);
        break;
    case SYNC_WANT:
        note_ids(answer, part, false);
        break;
    case SYNC_SAME:
    case SYNC_KIND_COUNT:
        break;
    }
    skip(answer, first, &part->end);
    return PARLEY_OK;
}

static int answer_parts(struct answer *answer, struct sync_reader *reader) {
    struct sync_part part;
    uint32_t first = 0;
    int error;
    while ((error = sync_next(reader, &part)) == PARLEY_OK) {
        uint32_t end = entry_set_place(answer->set, first, &part.end);
        error = answer_part(answer, first, end, &part);
        if (error)
            return error;
        first = end;
    }
    return error == PARLEY_ERR_EMPTY ? PARLEY_OK : error;
}

int reconcile_answer(const struct entry_set *set, struct slice message, struct buffer *out,
                     uint64_t member) {
    struct answer answer = {.set = set, .out = out, .member = member};
    struct sync_reader reader;
    PARLEY_CHECK(out->bytes_max >= RECONCILE_BYTES_MIN);
    int error = sync_read(message, &reader);
    if (!error)
        error = sync_begin(out);
    if (!error)
        error = answer_parts(&answer, &reader);
    if (!answer.asks)
        buffer_clear(out);
    return error;
}
