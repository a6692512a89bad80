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

/* The first place whose key is |key| or greater. */
static uint32_t place_of(const struct entry_set *set, const struct entry_key *key) {
    uint32_t low = 0, high = set->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (memcmp(&set->entries[middle]->key, key, sizeof *key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t entry_bytes(const struct entry *entry) {
    return ENTRY_HEADER_BYTES + SIGNATURE_BYTES + entry->body_bytes;
}

/* NULL: no memory. */
static struct kept_entry *copy_of(const struct entry *entry) {
    struct kept_entry *kept = malloc(sizeof *kept + entry->body.len);
    if (kept == NULL)
        return NULL;
    kept->entry = *entry;
    if (entry->body.bytes != NULL) {
        memcpy(kept->body, entry->body.bytes, entry->body.len);
        kept->entry.body.bytes = kept->body;
    }
    kept->id = entry_id(entry);
    kept->key = entry_key(entry, &kept->id);
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
    int error = kept == NULL ? PARLEY_ERR_NO_MEMORY : insert(set, kept, place);
    if (error)
        free(kept);
    *at = place;
    return error;
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
