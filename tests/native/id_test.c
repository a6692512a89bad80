/* Ids made of random bytes. */
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

static void member_ids_are_base64url(void **state) {
    (void)state;
    static const struct {
        uint8_t random[ID_MEMBER_RANDOM_BYTES];
        const char *id;
    } cases[] = {
        {{0}, "AAAAAAAAAAAAAAAAAAAAAA"},
        {{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
         "_____________________w"},
        {"Parley for all!!", "UGFybGV5IGZvciBhbGwhIQ"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char id[WIRE_MEMBER_ID_BYTES];
        id_make_member(cases[i].random, id);
        assert_memory_equal(id, cases[i].id, sizeof id);
        assert_true(wire_member_id_valid((struct slice){id, sizeof id}));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_ids_are_proquints),
        cmocka_unit_test(member_ids_are_base64url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
