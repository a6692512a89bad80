/* Ids of rooms, made of random bytes. */
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_ids_are_words),
        cmocka_unit_test(the_next_id_is_tried_if_one_is_taken),
        cmocka_unit_test(words_can_be_said_and_spelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
