#include "early_entries.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

void early_entries_deinit(struct early_entries *early) {
    while (early->count > 0)
        early_entries_drop_first(early);
}

bool early_entries_has(const struct early_entries *early, const struct entry_id *id) {
    for (uint32_t i = 0; i < early->count; i++)
        if (entry_id_equal(&early->items[i]->id, id))
            return true;
    return false;
}

static void drop(struct early_entries *early, uint32_t place) {
    free(early->items[place]);
    early->count--;
    memmove(early->items + place, early->items + place + 1,
            (early->count - place) * sizeof(struct early_entry *));
}

/* Makes room for an entry of |author| with |time|. False: all that could go are earlier. */
static bool make_room(struct early_entries *early, const struct sign_public_key *author,
                      uint64_t time) {
    uint32_t of_author = 0, last = early->count;
    for (uint32_t i = 0; i < early->count; i++)
        if (memcmp(&early->items[i]->entry.author, author, sizeof *author) == 0) {
            of_author++;
            last = i;
        }
    if (of_author < EARLY_AUTHOR_MAX) {
        if (early->count < EARLY_ENTRIES_MAX)
            return true;
        last = early->count - 1;
    }
    if (early->items[last]->entry.time <= time)
        return false;
    drop(early, last);
    return true;
}

int early_entries_add(struct early_entries *early, const struct entry *entry,
                      const struct entry_id *id) {
    if (!make_room(early, &entry->author, entry->time))
        return PARLEY_ERR_FULL;
    struct early_entry *copy = malloc(sizeof *copy + entry->body.len);
    if (copy == NULL)
        return PARLEY_ERR_NO_MEMORY;
    *copy = (struct early_entry){.entry = *entry, .id = *id};
    if (entry->body.len > 0)
        memcpy(copy->body, entry->body.bytes, entry->body.len);
    copy->entry.body.bytes = copy->body;
    uint32_t at = early->count++;
    for (; at > 0 && early->items[at - 1]->entry.time > entry->time; at--)
        early->items[at] = early->items[at - 1];
    early->items[at] = copy;
    return PARLEY_OK;
}

const struct early_entry *early_entries_first(const struct early_entries *early) {
    return early->count > 0 ? early->items[0] : NULL;
}

void early_entries_drop_first(struct early_entries *early) {
    drop(early, 0);
}
