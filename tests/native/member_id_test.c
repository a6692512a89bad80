/* The id of a member: the vectors, and rooms in another case. */
#include "member_id.h"

#include "made_ids.h"
#include "vectors.h"

static struct member_id id_of(const char *room, const char *token) {
    struct room_id room_id = room_id_of(room);
    struct token_secret secret = token_secret_of(token);
    struct member_id id;
    member_id_of(&room_id, &secret, &id);
    return id;
}

static void check_member(const cJSON *vector) {
    struct member_id id = id_of(vector_text(vector, "roomId"), vector_text(vector, "token"));
    assert_true(member_id_is(&id, vector_text(vector, "member")));
    assert_true(member_id_valid(member_id_text(&id)));
}

static void ids_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("member", check_member);
}

static void a_room_is_the_same_in_any_case(void **state) {
    (void)state;
    struct member_id one = id_of("lobby", "AAAAAAAAAAAAAAAAAAAAAA");
    struct member_id other = id_of("LOBBY", "AAAAAAAAAAAAAAAAAAAAAA");
    assert_true(member_id_equal(&one, &other));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_those_of_the_vectors),
        cmocka_unit_test(a_room_is_the_same_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
