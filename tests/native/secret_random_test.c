/* Secret random bytes: the vectors, and that no two draws are the same. */
#include "secret_random.h"

#include "secret.h"
#include "vectors.h"

#include "cmocka_all.h"

#include <string.h>

static void check(const cJSON *vector) {
    struct secret_random random;
    uint8_t seed[SECRET_RANDOM_SEED_BYTES], bytes[HASH_BYTES_MAX];
    vector_copy(vector, "seed", seed, sizeof seed);
    secret_random_init(&random, seed);
    for (uint32_t i = 1; i < vector_number(vector, "draw"); i++)
        secret_random_draw(&random, bytes, HASH_BYTES_MIN);
    size_t len = vector_bytes(vector, "bytes").len;
    secret_random_draw(&random, bytes, len);
    assert_vector_bytes(vector, "bytes", bytes, len);
}

static void draws_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("random", check);
}

static void nothing_is_left_of_it(void **state) {
    (void)state;
    static const struct secret_random zeros;
    static const uint8_t seed[SECRET_RANDOM_SEED_BYTES] = {1};
    struct secret_random random;
    uint8_t bytes[HASH_BYTES_MIN];
    secret_random_init(&random, seed);
    secret_random_draw(&random, bytes, sizeof bytes);
    secret_random_wipe(&random);
    assert_memory_equal(&random, &zeros, sizeof random);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_are_those_of_the_vectors),
        cmocka_unit_test(nothing_is_left_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
