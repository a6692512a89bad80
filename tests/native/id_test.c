/* Ids made of random bytes and of secrets. */
#include "cmocka_all.h"
#include "id.h"

#include <string.h>

static void room_ids_are_proquints(void **state) {
    (void)state;
    /* the example of their author: 127.0.0.1 and 63.84.220.193 */
    static const uint8_t random[ID_ROOM_RANDOM_BYTES] = {127, 0, 0, 1, 63, 84, 220, 193, 255, 255};
    char id[WIRE_ROOM_ID_BYTES_MAX];
    size_t len = id_make_room(random, id);
    assert_int_equal(len, strlen("lusab-babad-gutih-tugad-zuzuz"));
    assert_memory_equal(id, "lusab-babad-gutih-tugad-zuzuz", len);
    assert_true(wire_room_id_valid((struct slice){id, len}));
}

struct known {
    const char *room, *token, *id;
};

/* The ids are node's: crypto.createHash("sha256") over the bytes that id.h names. */
static const struct known known_ids[] = {
    {"lobby", "AAAAAAAAAAAAAAAAAAAAAA", "L7YkRmRWEp6eroE2SVsnhg"},
    {"cellar", "AAAAAAAAAAAAAAAAAAAAAA", "zg5M8PjMRgYpIQIdoT9iCA"},
    {"lobby", "BAAAAAAAAAAAAAAAAAAAAA", "_Y-2dkUfPYObj-q-RM2JgQ"},
    {"lobbyA", "AAAAAAAAAAAAAAAAAAAAA_", "64mwC2NhyhKGlYM6R_FoIA"},
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

/* What stands between the two is no matter of taste: without the length these would be one. */
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
        cmocka_unit_test(room_ids_are_proquints),
        cmocka_unit_test(member_ids_are_the_hash_that_the_header_names),
        cmocka_unit_test(room_and_token_cannot_be_cut_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
