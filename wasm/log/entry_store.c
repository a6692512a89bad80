#include "entry_store.h"

#include "error.h"

#include <string.h>

void entry_store_deinit(struct entry_store *store) {
    entry_set_deinit(&store->set);
    entry_authors_deinit(&store->authors);
}

/* Limits */

static bool is_before(const struct entry_key *key, const struct kept_entry *kept) {
    return memcmp(key, &kept->key, sizeof *key) < 0;
}

bool entry_store_refuses(const struct entry_store *store, const struct sign_public_key *author,
                         const struct entry_key *key) {
    const struct entry_author *known = entry_authors_find(&store->authors, author);
    if (store->set.refuses_older && is_before(key, store->set.order.items[0]))
        return true;
    return entry_author_is_full(known) && is_before(key, known->oldest);
}

bool entry_store_is_crowded(const struct entry_store *store, const struct sign_public_key *author) {
    return store->set.refuses_older ||
           entry_author_is_full(entry_authors_find(&store->authors, author));
}

/* Without its first entry the room would still be full. */
static bool first_is_excess(const struct entry_store *store) {
    if (store->set.order.count == 0)
        return false;
    const struct entry *first = &store->set.order.items[0]->entry;
    const struct entry_author *author = entry_authors_find(&store->authors, &first->author);
    uint32_t rest = author->weight - entry_weight(first);
    return entry_authors_weight_with(&store->authors, author, rest) > ENTRY_STORE_WEIGHT;
}

const struct kept_entry *entry_store_excess(const struct entry_store *store,
                                            const struct sign_public_key *author) {
    const struct entry_author *known = entry_authors_find(&store->authors, author);
    if (entry_author_has_excess(known))
        return known->oldest;
    return first_is_excess(store) ? store->set.order.items[0] : NULL;
}

static void update(struct entry_store *store) {
    store->set.refuses_older = store->authors.weight > ENTRY_STORE_WEIGHT;
}

int entry_store_add(struct entry_store *store, const struct entry *entry, const struct entry_id *id,
                    uint32_t *place) {
    int error = entry_set_add(&store->set, entry, id, place);
    if (error)
        return error;
    error = entry_authors_add(&store->authors, store->set.order.items[*place]);
    if (error)
        entry_set_remove(&store->set, *place);
    update(store);
    return error;
}

void entry_store_remove(struct entry_store *store, uint32_t place) {
    entry_authors_remove(&store->authors, store->set.order.items[place]);
    entry_set_remove(&store->set, place);
    update(store);
}

/* Marks */

static struct kept_entry *const *numbered(const struct entry_store *store,
                                          const struct entry *entry, uint32_t sequence,
                                          uint32_t *count) {
    const struct entry_author *author = entry_authors_find(&store->authors, &entry->author);
    *count = 0;
    return author != NULL ? entry_author_numbered(author, &entry->run, sequence, count) : NULL;
}

static bool is_contradicted(const struct entry_store *store, const struct entry *entry) {
    uint32_t count;
    (void)numbered(store, entry, entry->sequence, &count);
    return count > 1;
}

/* |entry| is the one after |previous| in its run. */
static bool follows(const struct entry *entry, const struct entry *previous) {
    return memcmp(&entry->author, &previous->author, sizeof entry->author) == 0 &&
           memcmp(&entry->run, &previous->run, sizeof entry->run) == 0 &&
           entry->sequence - 1 == previous->sequence && entry->time > previous->time;
}

static struct kept_entry *find(const struct entry_store *store, const struct entry_id *id) {
    return entry_id_is_none(id) ? NULL : entry_set_find(&store->set, id->hash.bytes);
}

/* If |entry| names an entry that is not held, none that is held can have its number: there are two
 * of that number then, and the author knows. */
static bool is_chained(const struct entry_store *store, const struct entry *entry) {
    const struct kept_entry *previous = find(store, &entry->previous);
    const struct kept_entry *seen = find(store, &entry->seen);
    uint32_t count = 0;
    if (seen != NULL && entry->time <= seen->entry.time)
        return false;
    if (previous != NULL)
        return follows(entry, &previous->entry);
    if (entry->sequence > 1)
        (void)numbered(store, entry, entry->sequence - 1, &count);
    return count == 0;
}

uint8_t entry_store_marks(const struct entry_store *store, const struct kept_entry *kept) {
    unsigned marks = is_contradicted(store, &kept->entry) ? ENTRY_MARK_CONTRADICTED : 0;
    if (!is_chained(store, &kept->entry))
        marks |= ENTRY_MARK_UNCHAINED;
    return (uint8_t)marks;
}

void entry_store_visit_related(const struct entry_store *store, const struct entry *entry,
                               const struct entry_id *id, entry_store_visitor *visit,
                               void *context) {
    uint32_t same, next;
    struct kept_entry *const *items = numbered(store, entry, entry->sequence, &same);
    for (uint32_t i = 0; i < same && same <= 2; i++) /* more of them have their mark already */
        visit(context, items[i]);
    items = numbered(store, entry, entry->sequence + 1, &next);
    for (uint32_t i = 0; i < next && same <= 1; i++) /* nothing was wrong without |entry| */
        visit(context, items[i]);
    const struct entry_list *list = &store->set.by_previous;
    for (uint32_t i = entry_set_previous_place(&store->set, id);
         i < list->count && entry_id_equal(&list->items[i]->entry.previous, id); i++)
        visit(context, list->items[i]);
    list = &store->set.by_seen;
    for (uint32_t i = entry_set_seen_place(&store->set, id);
         i < list->count && entry_id_equal(&list->items[i]->entry.seen, id); i++)
        visit(context, list->items[i]);
}
