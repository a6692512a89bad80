#include "entry_set.h"

#include "error.h"
#include "hash.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

#define WORDS (ENTRY_HASH_BYTES / 4)

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
    return ENTRY_HEADER_BYTES + SIGNATURE_BYTES + entry->body.len;
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

/* |sum| += |id|, both little-endian. */
static void add_id(uint32_t sum[WORDS], const struct entry_id *id) {
    uint64_t carry = 0;
    for (unsigned i = 0; i < WORDS; i++) {
        const uint8_t *at = &id->hash.bytes[(size_t)4 * i];
        uint32_t word =
            (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
        carry += (uint64_t)sum[i] + word;
        sum[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static void put_word(uint8_t *at, uint32_t word) {
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(word >> 8 * i);
}

struct sync_fingerprint entry_set_fingerprint(const struct entry_set *set, uint32_t first,
                                              uint32_t end) {
    struct sync_fingerprint fingerprint;
    uint32_t sum[WORDS] = {0};
    uint8_t bytes[ENTRY_HASH_BYTES + 4];
    for (uint32_t i = first; i < end; i++)
        add_id(sum, &set->entries[i]->id);
    for (unsigned i = 0; i < WORDS; i++)
        put_word(&bytes[(size_t)4 * i], sum[i]);
    put_word(&bytes[ENTRY_HASH_BYTES], end - first);
    hash_of(NULL, (struct slice){(const char *)bytes, sizeof bytes}, fingerprint.bytes,
            sizeof fingerprint.bytes);
    return fingerprint;
}
