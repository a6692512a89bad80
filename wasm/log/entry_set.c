#include "entry_set.h"

#include "error.h"
#include "hash.h"

#include <stdlib.h>
#include <string.h>

void entry_set_deinit(struct entry_set *set) {
    for (uint32_t i = 0; i < set->order.count; i++)
        free(set->order.items[i]);
    entry_list_deinit(&set->order);
    entry_list_deinit(&set->by_id);
    entry_list_deinit(&set->by_previous);
    entry_list_deinit(&set->by_seen);
    *set = (struct entry_set){0};
}

/* The orders */

static int compare_end(const struct kept_entry *kept, const void *end) {
    return sync_is_before(&kept->key, end) ? -1 : 0;
}

static int compare_key(const struct kept_entry *kept, const void *key) {
    return memcmp(&kept->key, key, sizeof kept->key);
}

static int compare_short_id(const struct kept_entry *kept, const void *short_id) {
    return memcmp(&kept->id, short_id, ENTRY_SHORT_ID_BYTES);
}

static int compare_previous(const struct kept_entry *kept, const void *id) {
    return memcmp(&kept->entry.previous, id, sizeof kept->entry.previous);
}

static int compare_previous_and_key(const struct kept_entry *kept, const void *other) {
    const struct kept_entry *sought = other;
    int order = compare_previous(kept, &sought->entry.previous);
    return order ? order : compare_key(kept, &sought->key);
}

static int compare_seen(const struct kept_entry *kept, const void *id) {
    return memcmp(&kept->entry.seen, id, sizeof kept->entry.seen);
}

static int compare_seen_and_key(const struct kept_entry *kept, const void *other) {
    const struct kept_entry *sought = other;
    int order = compare_seen(kept, &sought->entry.seen);
    return order ? order : compare_key(kept, &sought->key);
}

uint32_t entry_set_place(const struct entry_set *set, uint32_t first, const struct sync_end *end) {
    return entry_list_place(&set->order, first, end, compare_end);
}

static uint32_t key_place(const struct entry_set *set, const struct entry_key *key) {
    return entry_list_place(&set->order, 0, key, compare_key);
}

uint32_t entry_set_place_of(const struct entry_set *set, const struct kept_entry *kept) {
    uint32_t place = key_place(set, &kept->key);
    PARLEY_CHECK(place < set->order.count && set->order.items[place] == kept);
    return place;
}

static uint32_t short_id_place(const struct entry_set *set, const uint8_t *short_id) {
    return entry_list_place(&set->by_id, 0, short_id, compare_short_id);
}

struct kept_entry *entry_set_find(const struct entry_set *set, const uint8_t *short_id) {
    uint32_t place = short_id_place(set, short_id);
    if (place == set->by_id.count || compare_short_id(set->by_id.items[place], short_id) != 0)
        return NULL;
    return set->by_id.items[place];
}

uint32_t entry_set_previous_place(const struct entry_set *set, const struct entry_id *id) {
    return entry_list_place(&set->by_previous, 0, id, compare_previous);
}

uint32_t entry_set_seen_place(const struct entry_set *set, const struct entry_id *id) {
    return entry_list_place(&set->by_seen, 0, id, compare_seen);
}

static uint32_t own_previous_place(const struct entry_set *set, const struct kept_entry *kept) {
    return entry_list_place(&set->by_previous, 0, kept, compare_previous_and_key);
}

static uint32_t own_seen_place(const struct entry_set *set, const struct kept_entry *kept) {
    return entry_list_place(&set->by_seen, 0, kept, compare_seen_and_key);
}

/* Adding and removing */

static struct kept_entry *copy_of(const struct entry *entry, const struct entry_id *id) {
    struct kept_entry *kept = malloc(sizeof *kept + entry->body.len);
    if (kept == NULL)
        return NULL;
    *kept = (struct kept_entry){.entry = *entry, .id = *id, .key = entry_key(entry, id)};
    if (entry->body.bytes != NULL) {
        memcpy(kept->body, entry->body.bytes, entry->body.len);
        kept->entry.body.bytes = kept->body;
    }
    return kept;
}

static int reserve(struct entry_set *set) {
    int error = entry_list_reserve(&set->order);
    if (!error)
        error = entry_list_reserve(&set->by_id);
    if (!error)
        error = entry_list_reserve(&set->by_previous);
    return error ? error : entry_list_reserve(&set->by_seen);
}

int entry_set_add(struct entry_set *set, const struct entry *entry, const struct entry_id *id,
                  uint32_t *place) {
    if (entry_set_find(set, id->hash.bytes) != NULL)
        return PARLEY_ERR_STATE;
    struct kept_entry *kept = reserve(set) == PARLEY_OK ? copy_of(entry, id) : NULL;
    if (kept == NULL)
        return PARLEY_ERR_NO_MEMORY;
    *place = key_place(set, &kept->key);
    entry_list_insert(&set->order, *place, kept);
    entry_list_insert(&set->by_id, short_id_place(set, id->hash.bytes), kept);
    entry_list_insert(&set->by_previous, own_previous_place(set, kept), kept);
    entry_list_insert(&set->by_seen, own_seen_place(set, kept), kept);
    return PARLEY_OK;
}

void entry_set_remove(struct entry_set *set, uint32_t place) {
    struct kept_entry *kept = set->order.items[place];
    entry_list_remove(&set->order, place);
    entry_list_remove(&set->by_id, short_id_place(set, kept->id.hash.bytes));
    entry_list_remove(&set->by_previous, own_previous_place(set, kept));
    entry_list_remove(&set->by_seen, own_seen_place(set, kept));
    free(kept);
}

struct sync_fingerprint entry_set_fingerprint(const struct entry_set *set, uint32_t first,
                                              uint32_t end) {
    struct sync_fingerprint fingerprint;
    struct hash hash;
    hash_init(&hash, NULL, sizeof fingerprint.bytes);
    for (uint32_t i = first; i < end; i++) {
        const struct entry_hash *id = &set->order.items[i]->id.hash;
        hash_add(&hash, (struct slice){(const char *)id->bytes, sizeof id->bytes});
    }
    hash_end(&hash, fingerprint.bytes, sizeof fingerprint.bytes);
    return fingerprint;
}
