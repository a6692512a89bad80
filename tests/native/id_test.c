/* Ids made of random bytes and of secrets. */
#include "cmocka_all.h"
#include "id.h"
#include "room_words.h"

#include <stdio.h>
#include <string.h>

static struct slice make(const uint8_t random[ID_ROOM_RANDOM_BYTES],
                         char id[WIRE_ROOM_ID_BYTES_MAX]) {
    struct slice made = {id, id_make_room(random, id)};
    assert_true(wire_room_id_valid(made));
    return made;
}

/* The number's digits to the base of ROOM_WORDS, the lowest first. */
static void room_ids_are_words(void **state) {
    (void)state;
    static const struct {
        uint8_t random[ID_ROOM_RANDOM_BYTES];
        size_t words[ID_ROOM_WORDS];
    } rows[] = {{{0}, {0, 0, 0, 0}},
                {{0, 0, 0, 0, 0, 0, 5, 255}, {1535, 0, 0, 0}},
                {{0, 0, 0, 0, 0, 0, 6, 0}, {0, 1, 0, 0}},
                {{0, 0, 0, 0, 0, 36, 0, 1}, {1, 0, 1, 0}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char id[WIRE_ROOM_ID_BYTES_MAX], expected[WIRE_ROOM_ID_BYTES_MAX];
        const size_t *words = rows[i].words;
        snprintf(expected, sizeof expected, "%s-%s-%s-%s", room_words[words[0]],
                 room_words[words[1]], room_words[words[2]], room_words[words[3]]);
        assert_true(slice_equal(make(rows[i].random, id), slice_of(expected)));
    }
}

static void the_next_id_is_tried_if_one_is_taken(void **state) {
    (void)state;
    uint8_t random[ID_ROOM_RANDOM_BYTES] = {1, 255, 255, 255, 255, 255, 255, 255};
    char first[WIRE_ROOM_ID_BYTES_MAX], second[WIRE_ROOM_ID_BYTES_MAX];
    struct slice before = make(random, first);
    id_try_another_room(random);
    assert_int_equal(random[0], 2);
    assert_int_equal(random[ID_ROOM_RANDOM_BYTES - 1], 0);
    assert_false(slice_equal(before, make(random, second)));
    memset(random, 255, sizeof random);
    id_try_another_room(random); /* round and round */
    assert_int_equal(random[0], 0);
}

/* In order, so no two are the same, and none is another in another case. */
static void words_can_be_said_and_spelled(void **state) {
    (void)state;
    for (size_t i = 0; i < ROOM_WORDS; i++) {
        const char *word = room_words[i];
        assert_in_range(strlen(word), 3, ROOM_WORD_BYTES_MAX);
        assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz"), strlen(word));
        assert_true(i == 0 || strcmp(room_words[i - 1], word) < 0);
    }
}

struct known {
    const char *room, *token, *id;
};

/* The ids are node's: crypto.createHash("sha256") over the bytes that id.h names. */
static const struct known known_ids[] = {
    {"lobby", "AAAAAAAAAAAAAAAAAAAAAA", "L7YkRmRWEp6eroE2SVsnhg"},
    {"cellar", "AAAAAAAAAAAAAAAAAAAAAA", "zg5M8PjMRgYpIQIdoT9iCA"},
    {"lobby", "BAAAAAAAAAAAAAAAAAAAAA", "_Y-2dkUfPYObj-q-RM2JgQ"},
    {"lobbyA", "AAAAAAAAAAAAAAAAAAAAA_", "f7rzwaMweA8cNnBlvMyf9g"},
    {"LOBBY", "AAAAAAAAAAAAAAAAAAAAAA", "L7YkRmRWEp6eroE2SVsnhg"}, /* the first one's room */
    {"abcd", "0123456789ABCDEFabcd_-", "2K-Q9EEBcVYCBWDpTwFGhg"},
    {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "zzzzzzzzzzzzzzzzzzzz-_",
     "IDihm-ZuivyhKxQyqjyL6Q"},
};

static void member_ids_are_the_hash_that_the_header_names(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof known_ids / sizeof *known_ids; i++) {
        char id[WIRE_MEMBER_ID_BYTES];
        id_make_member(slice_of(known_ids[i].room), slice_of(known_ids[i].token), id);
        assert_memory_equal(id, known_ids[i].id, sizeof id);
        assert_true(wire_member_id_valid((struct slice){id, sizeof id}));
    }
}

/* The length between the two is necessary: without it these would be equal. */
static void room_and_token_cannot_be_cut_elsewhere(void **state) {
    (void)state;
    char one[WIRE_MEMBER_ID_BYTES], other[WIRE_MEMBER_ID_BYTES];
    static const char text[] = "lobbyAAAAAAAAAAAAAAAAAAAAAAAA";
    id_make_member((struct slice){text, 5}, (struct slice){text + 5, 22}, one);
    id_make_member((struct slice){text, 6}, (struct slice){text + 6, 22}, other);
    assert_memory_not_equal(one, other, sizeof one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_ids_are_words),
        cmocka_unit_test(the_next_id_is_tried_if_one_is_taken),
        cmocka_unit_test(words_can_be_said_and_spelled),
        cmocka_unit_test(member_ids_are_the_hash_that_the_header_names),
        cmocka_unit_test(room_and_token_cannot_be_cut_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
