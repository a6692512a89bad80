/* Entries and reconciliation. The first byte of an input says what the rest is. If it is an entry,
 * writing it gives the bytes that were read. If it is another member's reconciliation message, the
 * answer can be read, and keeps its limit. */
#include "entry.h"
#include "error.h"
#include "reconcile.h"
#include "script.h"

#include <stdlib.h>
#include <string.h>

#define HELD 200
#define ANSWER_BYTES_MAX 4096
#define OTHER (UINT64_C(1) << 63)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct entry_room room = {.id = {.bytes = "lobby", .len = 5}};

static void check_entry(struct slice bytes) {
    struct entry entry;
    struct buffer out;
    if (entry_read(bytes, &entry) != PARLEY_OK)
        return;
    (void)entry_verify(&entry, &room);
    buffer_init(&out, ENTRY_BYTES_MAX);
    FUZZ_CHECK(entry_write(&entry, &out) == PARLEY_OK);
    FUZZ_CHECK(slice_equal(buffer_slice(&out), bytes));
    buffer_deinit(&out);
}

static const struct entry_set *held(void) {
    static struct entry_set set;
    for (uint32_t number = set.order.count; number < HELD; number++) {
        struct entry entry = {.kind = ENTRY_TEXT, .time = number / 3, .sequence = 1};
        uint32_t at;
        memcpy(entry.author.bytes, &number, sizeof number);
        struct entry_id id = entry_id(&entry);
        FUZZ_CHECK(entry_set_add(&set, &entry, &id, &at) == PARLEY_OK);
    }
    return &set;
}

static void check_readable(struct slice message) {
    struct sync_reader reader;
    struct sync_part part;
    int error = PARLEY_OK;
    FUZZ_CHECK(message.len <= ANSWER_BYTES_MAX);
    if (message.len == 0)
        return;
    FUZZ_CHECK(sync_read(message, &reader) == PARLEY_OK);
    while (error == PARLEY_OK)
        error = sync_next(&reader, &part);
    FUZZ_CHECK(error == PARLEY_ERR_EMPTY);
}

/* Only the member that wrote the message is noted. */
static void check_noted(const struct entry_set *set) {
    for (uint32_t i = 0; i < set->order.count; i++) {
        FUZZ_CHECK(((set->order.items[i]->wanted | set->order.items[i]->holders) & ~OTHER) == 0);
        set->order.items[i]->wanted = set->order.items[i]->holders = 0;
    }
}

static void check_answer(struct slice message) {
    struct buffer out;
    buffer_init(&out, ANSWER_BYTES_MAX);
    int error = reconcile_answer(held(), message, &out, OTHER);
    FUZZ_CHECK(error == PARLEY_OK || error == PARLEY_ERR_FIELD);
    check_readable(buffer_slice(&out));
    check_noted(held());
    buffer_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct script script = script_of(bytes, len);
    bool is_entry = script_byte(&script) % 2 == 0;
    struct slice rest = script_rest(&script);
    if (is_entry)
        check_entry(rest);
    else
        check_answer(rest);
    script_free_texts(&script);
    return 0;
}
