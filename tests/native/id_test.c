/* Ids made of random bytes and of secrets. */
#include "cmocka_all.h"
#include "id.h"
#include "made_ids.h"
#include "room_words.h"

#include <stdio.h>
#include <string.h>

static struct room_id make(const uint8_t random[ID_ROOM_RANDOM_BYTES]) {
    struct room_id made;
    id_make_room(random, &made);
    assert_true(room_id_valid(room_id_text(&made)));
    return made;
}

/* The words are the number's digits in base ROOM_WORDS, lowest first. */
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
        char expected[WIRE_ROOM_ID_BYTES_MAX];
        const size_t *words = rows[i].words;
        snprintf(expected, sizeof expected, "%s-%s-%s-%s", room_words[words[0]],
                 room_words[words[1]], room_words[words[2]], room_words[words[3]]);
        struct room_id id = make(rows[i].random);
        assert_true(room_id_is(&id, expected));
    }
}

static void the_next_id_is_tried_if_one_is_taken(void **state) {
    (void)state;
    uint8_t random[ID_ROOM_RANDOM_BYTES] = {1, 255, 255, 255, 255, 255, 255, 255};
    struct room_id first = make(random);
    id_try_another_room(random);
    assert_int_equal(random[0], 2);
    assert_int_equal(random[ID_ROOM_RANDOM_BYTES - 1], 0);
    struct room_id second = make(random);
    assert_int_not_equal(room_id_compare(&first, &second), 0);
    memset(random, 255, sizeof random);
    id_try_another_room(random); /* wraps around */
    assert_int_equal(random[0], 0);
}

/* The words are in order, so no two are the same, not even in another case. */
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

static struct member_id id_of(const char *room, const char *token) {
    struct room_id room_id = room_id_of(room);
    struct token_secret secret = token_secret_of(token);
    struct member_id id;
    id_make_member(&room_id, &secret, &id);
    return id;
}

static void member_ids_are_the_hash_that_the_header_names(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof known_ids / sizeof *known_ids; i++) {
        struct member_id id = id_of(known_ids[i].room, known_ids[i].token);
        assert_true(member_id_is(&id, known_ids[i].id));
        assert_true(member_id_valid(member_id_text(&id)));
    }
}

/* Without the length between the two, these would be equal. */
static void room_and_token_cannot_be_cut_elsewhere(void **state) {
    (void)state;
    struct member_id one = id_of("lobby", "AAAAAAAAAAAAAAAAAAAAAA");
    struct member_id other = id_of("lobbyA", "AAAAAAAAAAAAAAAAAAAAAA");
    assert_false(member_id_equal(&one, &other));
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
