#include "entry_set.h"

#include "error.h"
#include "hash.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

void entry_set_deinit(struct entry_set *set) {
    for (uint32_t i = 0; i < set->count; i++)
        free(set->entries[i]);
    free(set->entries);
    *set = (struct entry_set){0};
}

uint32_t entry_set_place(const struct entry_set *set, uint32_t first, const struct sync_end *end) {
    uint32_t low = first, high = set->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (sync_is_before(&set->entries[middle]->key, end))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The first place whose key is |key| or greater. */
static uint32_t place_of(const struct entry_set *set, const struct entry_key *key) {
    struct sync_end end = {.len = sizeof key->bytes};
    memcpy(end.bytes, key->bytes, sizeof key->bytes);
    return entry_set_place(set, 0, &end);
}

static size_t entry_bytes(const struct entry *entry) {
    return ENTRY_HEADER_BYTES + SIGNATURE_BYTES + entry->body_bytes;
}

/* Without its id and key. NULL: no memory. */
static struct kept_entry *copy_of(const struct entry *entry) {
    struct kept_entry *kept = malloc(sizeof *kept + entry->body.len);
    if (kept == NULL)
        return NULL;
    kept->entry = *entry;
    if (entry->body.bytes != NULL) {
        memcpy(kept->body, entry->body.bytes, entry->body.len);
        kept->entry.body.bytes = kept->body;
    }
    return kept;
}

static int insert(struct entry_set *set, struct kept_entry *kept, uint32_t place) {
    struct kept_entry **entries =
        table_reserve(set->entries, set->count, &set->capacity, sizeof(struct kept_entry *));
    if (entries == NULL)
        return PARLEY_ERR_NO_MEMORY;
    set->entries = entries;
    memmove(&entries[place + 1], &entries[place],
            (set->count - place) * sizeof(struct kept_entry *));
    entries[place] = kept;
    set->count++;
    set->bytes += entry_bytes(&kept->entry);
    return PARLEY_OK;
}

int entry_set_add(struct entry_set *set, const struct entry *entry, uint32_t *at) {
    struct entry_id id = entry_id(entry);
    struct entry_key key = entry_key(entry, &id);
    uint32_t place = place_of(set, &key);
    if (place < set->count && memcmp(&set->entries[place]->key, &key, sizeof key) == 0)
        return PARLEY_ERR_STATE;
    if (set->count == ENTRY_SET_ENTRIES_MAX ||
        entry_bytes(entry) > ENTRY_SET_BYTES_MAX - set->bytes)
        return PARLEY_ERR_FULL;
    struct kept_entry *kept = copy_of(entry);
    if (kept == NULL)
        return PARLEY_ERR_NO_MEMORY;
    kept->id = id;
    kept->key = key;
    int error = insert(set, kept, place);
    if (error)
        free(kept);
    *at = place;
    return error;
}

struct sync_fingerprint entry_set_fingerprint(const struct entry_set *set, uint32_t first,
                                              uint32_t end) {
    struct sync_fingerprint fingerprint;
    struct hash hash;
    hash_init(&hash, NULL, sizeof fingerprint.bytes);
    for (uint32_t i = first; i < end; i++) {
        const struct entry_hash *id = &set->entries[i]->id.hash;
        hash_add(&hash, (struct slice){(const char *)id->bytes, sizeof id->bytes});
    }
    hash_end(&hash, fingerprint.bytes, sizeof fingerprint.bytes);
    return fingerprint;
}
