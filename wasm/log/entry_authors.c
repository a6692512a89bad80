#include "entry_authors.h"

#include "error.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

static void destroy(struct entry_author *author) {
    entry_list_deinit(&author->by_number);
    free(author);
}

void entry_authors_deinit(struct entry_authors *authors) {
    for (uint32_t i = 0; i < authors->count; i++)
        destroy(authors->items[i]);
    free(authors->items);
    *authors = (struct entry_authors){0};
}

/* Finding */

/* The first place whose key is |key| or greater. */
static uint32_t place_of(const struct entry_authors *authors, const struct sign_public_key *key) {
    uint32_t low = 0, high = authors->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (memcmp(&authors->items[middle]->key, key, sizeof *key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct entry_authors *authors, uint32_t place,
                  const struct sign_public_key *key) {
    return place < authors->count && memcmp(&authors->items[place]->key, key, sizeof *key) == 0;
}

struct entry_author *entry_authors_find(const struct entry_authors *authors,
                                        const struct sign_public_key *key) {
    uint32_t place = place_of(authors, key);
    return is_at(authors, place, key) ? authors->items[place] : NULL;
}

/* Numbers */

struct number {
    struct entry_run run;
    uint32_t sequence;
};

static int compare_number(const struct kept_entry *kept, const void *number) {
    const struct number *sought = number;
    int order = memcmp(&kept->entry.run, &sought->run, sizeof sought->run);
    if (order != 0)
        return order;
    return (kept->entry.sequence > sought->sequence) - (kept->entry.sequence < sought->sequence);
}

static int compare_number_and_key(const struct kept_entry *kept, const void *other) {
    const struct kept_entry *sought = other;
    struct number number = {sought->entry.run, sought->entry.sequence};
    int order = compare_number(kept, &number);
    return order ? order : memcmp(&kept->key, &sought->key, sizeof kept->key);
}

struct kept_entry *const *entry_author_numbered(const struct entry_author *author,
                                                const struct entry_run *run, uint32_t sequence,
                                                uint32_t *count) {
    struct number number = {*run, sequence};
    const struct entry_list *list = &author->by_number;
    uint32_t first = entry_list_place(list, 0, &number, compare_number), end = first;
    while (end < list->count && compare_number(list->items[end], &number) == 0)
        end++;
    *count = end - first;
    return list->items + first;
}

/* Weights */

uint32_t entry_weight(const struct entry *entry) {
    uint32_t bytes = ENTRY_HEADER_BYTES + SIGNATURE_BYTES + entry->body_bytes;
    return bytes > ENTRY_WEIGHT_MIN ? bytes : ENTRY_WEIGHT_MIN;
}

static uint32_t counted(uint32_t weight) {
    return weight <= ENTRY_AUTHOR_WEIGHT ? weight : ENTRY_AUTHOR_ENTRIES_MAX * ENTRY_WEIGHT_MIN;
}

bool entry_author_is_full(const struct entry_author *author) {
    return author != NULL && author->weight > ENTRY_AUTHOR_WEIGHT;
}

bool entry_author_has_excess(const struct entry_author *author) {
    return author != NULL &&
           author->weight - entry_weight(&author->oldest->entry) > ENTRY_AUTHOR_WEIGHT;
}

uint32_t entry_authors_weight_with(const struct entry_authors *authors,
                                   const struct entry_author *author, uint32_t weight) {
    return authors->weight - counted(author->weight) + counted(weight);
}

static void set_weight(struct entry_authors *authors, struct entry_author *author,
                       uint32_t weight) {
    authors->weight = entry_authors_weight_with(authors, author, weight);
    author->weight = weight;
}

/* Adding and removing */

static bool is_older(const struct kept_entry *kept, const struct kept_entry *other) {
    return memcmp(&kept->key, &other->key, sizeof kept->key) < 0;
}

static void find_oldest(struct entry_author *author) {
    const struct entry_list *list = &author->by_number;
    author->oldest = list->count > 0 ? list->items[0] : NULL;
    for (uint32_t i = 1; i < list->count; i++)
        if (is_older(list->items[i], author->oldest))
            author->oldest = list->items[i];
}

static struct entry_author *create(struct entry_authors *authors, uint32_t place,
                                   const struct sign_public_key *key) {
    struct entry_author **items = table_reserve(authors->items, authors->count, &authors->capacity,
                                                sizeof(struct entry_author *));
    if (items == NULL)
        return NULL;
    authors->items = items;
    struct entry_author *author = calloc(1, sizeof *author);
    if (author == NULL)
        return NULL;
    author->key = *key;
    memmove(items + place + 1, items + place,
            (authors->count - place) * sizeof(struct entry_author *));
    items[place] = author;
    authors->count++;
    return author;
}

static void forget_if_empty(struct entry_authors *authors, uint32_t place) {
    struct entry_author *author = authors->items[place];
    if (author->by_number.count > 0)
        return;
    destroy(author);
    authors->count--;
    memmove(authors->items + place, authors->items + place + 1,
            (authors->count - place) * sizeof(struct entry_author *));
}

int entry_authors_add(struct entry_authors *authors, struct kept_entry *kept) {
    const struct sign_public_key *key = &kept->entry.author;
    uint32_t place = place_of(authors, key);
    struct entry_author *author =
        is_at(authors, place, key) ? authors->items[place] : create(authors, place, key);
    if (author == NULL)
        return PARLEY_ERR_NO_MEMORY;
    struct entry_list *list = &author->by_number;
    if (entry_list_reserve(list) != PARLEY_OK) {
        forget_if_empty(authors, place);
        return PARLEY_ERR_NO_MEMORY;
    }
    entry_list_insert(list, entry_list_place(list, 0, kept, compare_number_and_key), kept);
    if (author->oldest == NULL || is_older(kept, author->oldest))
        author->oldest = kept;
    set_weight(authors, author, author->weight + entry_weight(&kept->entry));
    return PARLEY_OK;
}

void entry_authors_remove(struct entry_authors *authors, const struct kept_entry *kept) {
    uint32_t place = place_of(authors, &kept->entry.author);
    PARLEY_CHECK(is_at(authors, place, &kept->entry.author));
    struct entry_author *author = authors->items[place];
    struct entry_list *list = &author->by_number;
    uint32_t at = entry_list_place(list, 0, kept, compare_number_and_key);
    PARLEY_CHECK(at < list->count && list->items[at] == kept);
    entry_list_remove(list, at);
    if (author->oldest == kept)
        find_oldest(author);
    set_weight(authors, author, author->weight - entry_weight(&kept->entry));
    forget_if_empty(authors, place);
}
