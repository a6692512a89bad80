/* Argon2id: the vectors, and costs that are out of bounds. */
#include "password.h"

#include "error.h"
#include "slices.h"
#include "vectors.h"

static void check_password(const cJSON *vector) {
    uint8_t salt[PASSWORD_SALT_BYTES];
    struct password_cost cost = {.memory_kib = vector_number(vector, "memoryKib"),
                                 .passes = vector_number(vector, "passes")};
    struct hash_key key;
    vector_copy(vector, "salt", salt, sizeof salt);
    assert_int_equal(password_key(vector_bytes(vector, "password"), salt, &cost, &key), PARLEY_OK);
    assert_vector_bytes(vector, "key", key.secret, sizeof key.secret);
}

static void keys_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("password", check_password);
}

static void what_is_out_of_bounds_is_refused(void **state) {
    (void)state;
    static const uint8_t salt[PASSWORD_SALT_BYTES];
    static const struct hash_key zeros;
    static const struct password_cost costs[] = {{PASSWORD_MEMORY_KIB_MIN - 1, 1},
                                                 {PASSWORD_MEMORY_KIB_MAX + 1, 1},
                                                 {UINT32_MAX, 1},
                                                 {PASSWORD_MEMORY_KIB_MIN, 0},
                                                 {PASSWORD_MEMORY_KIB_MIN, PASSWORD_PASSES_MAX + 1},
                                                 {PASSWORD_MEMORY_KIB_MIN, UINT32_MAX}};
    static const struct password_cost least = {PASSWORD_MEMORY_KIB_MIN, 1};
    static const char long_password[PASSWORD_BYTES_MAX + 1];
    struct hash_key key;
    for (size_t i = 0; i < COUNT(costs); i++) {
        memset(&key, 0xA5, sizeof key);
        assert_int_equal(password_key(slice_of("secret"), salt, &costs[i], &key),
                         PARLEY_ERR_ARGUMENT);
        assert_memory_equal(&key, &zeros, sizeof key);
    }
    struct slice password = {long_password, PASSWORD_BYTES_MAX};
    assert_int_equal(password_key(password, salt, &least, &key), PARLEY_OK);
    password.len++;
    assert_int_equal(password_key(password, salt, &least, &key), PARLEY_ERR_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_those_of_the_vectors),
        cmocka_unit_test(what_is_out_of_bounds_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
