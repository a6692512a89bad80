/* The secret of a link and what is derived from it: the vectors, and links that are refused. */
#include "room_secret.h"

#include "error.h"
#include "made_ids.h"
#include "slices.h"
#include "vectors.h"

#define LINK "1AAECAwQFBgcICQoLDA0ODw"

static struct room_root root_of(const char *fragment) {
    struct room_secret secret;
    struct room_root root;
    assert_int_equal(room_secret_read(slice_of(fragment), &secret), PARLEY_OK);
    room_root_of(&secret, &root);
    return root;
}

static void check_keys(const cJSON *vector, const struct room_root *root) {
    struct room_keys keys;
    struct hash_key password;
    if (vector_has(vector, "password"))
        vector_copy(vector, "password", password.secret, sizeof password.secret);
    room_root_keys(root, vector_has(vector, "password") ? &password : NULL, &keys);
    assert_vector_bytes(vector, "helloKey", keys.hello.secret, sizeof keys.hello.secret);
    assert_vector_bytes(vector, "pairKey", keys.pair.secret, sizeof keys.pair.secret);
}

static void check_room(const cJSON *vector) {
    struct room_secret secret;
    char fragment[ROOM_LINK_CHARACTERS];
    uint8_t salt[PASSWORD_SALT_BYTES];
    vector_copy(vector, "secret", secret.secret, sizeof secret.secret);
    room_secret_write(&secret, fragment);
    assert_slice(((struct slice){fragment, sizeof fragment}), vector_text(vector, "fragment"));
    struct room_root root = root_of(vector_text(vector, "fragment"));
    assert_vector_bytes(vector, "root", root.secret.secret, sizeof root.secret.secret);
    struct room_id id = room_root_id(&root);
    assert_slice(room_id_text(&id), vector_text(vector, "roomId"));
    room_root_salt(&root, salt);
    assert_vector_bytes(vector, "salt", salt, sizeof salt);
    check_keys(vector, &root);
}

static void rooms_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("room", check_room);
}

static void check_open_room(const cJSON *vector) {
    const struct room_id id = room_id_of(vector_text(vector, "roomId"));
    struct room_root root;
    room_root_of_open(&id, &root);
    assert_vector_bytes(vector, "root", root.secret.secret, sizeof root.secret.secret);
    check_keys(vector, &root);
}

static void open_rooms_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("openRoom", check_open_room);
}

static void check_identity(const cJSON *vector) {
    struct room_root root;
    struct hash_key device;
    uint8_t seed[SIGN_SEED_BYTES];
    vector_copy(vector, "root", root.secret.secret, sizeof root.secret.secret);
    vector_copy(vector, "device", device.secret, sizeof device.secret);
    room_root_identity(&root, &device, seed);
    assert_vector_bytes(vector, "seed", seed, sizeof seed);
}

static void identities_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("identity", check_identity);
}

static bool refused(struct slice fragment) {
    static const struct room_secret zeros;
    struct room_secret secret;
    memset(&secret, 0xA5, sizeof secret);
    if (room_secret_read(fragment, &secret) == PARLEY_OK)
        return false;
    assert_int_equal(room_secret_read(fragment, &secret), PARLEY_ERR_FIELD);
    assert_memory_equal(&secret, &zeros, sizeof secret);
    return true;
}

static void check_beginning(struct slice beginning) {
    assert_int_equal(refused(beginning), beginning.len != ROOM_LINK_CHARACTERS);
}

static void a_link_of_another_length_is_refused(void **state) {
    (void)state;
    for_each_beginning(LINK "A==", check_beginning);
}

static bool is_base64url(int byte) {
    return slice_is_letter((char)byte) || slice_is_digit((char)byte) || byte == '-' || byte == '_';
}

/* Each secret has exactly one link: writing it gives the link that was read. */
static void a_link_with_another_character_is_another_secret_or_refused(void **state) {
    (void)state;
    for (size_t place = 0; place < ROOM_LINK_CHARACTERS; place++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[] = LINK;
            bool is_last = place == ROOM_LINK_CHARACTERS - 1;
            text[place] = (char)byte;
            bool valid = place == 0 ? byte == '1'
                         : is_last  ? byte == 'A' || byte == 'Q' || byte == 'g' || byte == 'w'
                                    : is_base64url(byte);
            assert_int_equal(refused((struct slice){text, ROOM_LINK_CHARACTERS}), !valid);
        }
    }
}

static void the_id_is_one_for_the_server(void **state) {
    (void)state;
    struct room_root root = root_of(LINK);
    struct room_id id = room_root_id(&root), read;
    assert_true(room_id_read(room_id_text(&id), &read));
    assert_memory_equal(&read, &id, sizeof id);
}

/* So a wrong password leads to the right room, and a wrong link does not. */
static void a_password_changes_every_key_and_not_the_id(void **state) {
    (void)state;
    struct room_root root = root_of(LINK);
    struct room_keys keys[3];
    const struct hash_key none_known = {{0}}, password = {{1}};
    room_root_keys(&root, NULL, &keys[0]);
    room_root_keys(&root, &none_known, &keys[1]);
    room_root_keys(&root, &password, &keys[2]);
    for (int i = 0; i < 3; i++) {
        const struct room_keys *next = &keys[(i + 1) % 3];
        assert_memory_not_equal(&keys[i].hello, &next->hello, sizeof next->hello);
        assert_memory_not_equal(&keys[i].pair, &next->pair, sizeof next->pair);
        assert_memory_not_equal(&keys[i].hello, &keys[i].pair, sizeof next->pair);
    }
}

static void what_is_wiped_is_zeros(void **state) {
    (void)state;
    static const uint8_t zeros[sizeof(struct room_keys)];
    struct room_secret secret;
    struct room_root root;
    struct room_keys keys;
    memset(&secret, 0xA5, sizeof secret);
    memset(&root, 0xA5, sizeof root);
    memset(&keys, 0xA5, sizeof keys);
    room_secret_wipe(&secret);
    room_root_wipe(&root);
    room_keys_wipe(&keys);
    assert_memory_equal(&secret, zeros, sizeof secret);
    assert_memory_equal(&root, zeros, sizeof root);
    assert_memory_equal(&keys, zeros, sizeof keys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rooms_are_those_of_the_vectors),
        cmocka_unit_test(open_rooms_are_those_of_the_vectors),
        cmocka_unit_test(identities_are_those_of_the_vectors),
        cmocka_unit_test(a_link_of_another_length_is_refused),
        cmocka_unit_test(a_link_with_another_character_is_another_secret_or_refused),
        cmocka_unit_test(the_id_is_one_for_the_server),
        cmocka_unit_test(a_password_changes_every_key_and_not_the_id),
        cmocka_unit_test(what_is_wiped_is_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
