/* X25519: the vectors, and points that give no secret. */
#include "exchange.h"

#include "error.h"
#include "slices.h"
#include "vectors.h"

static const struct hash_key zeros;

static void check_exchange(const cJSON *vector) {
    uint8_t seed[EXCHANGE_SEED_BYTES];
    struct exchange_public_key public_key, theirs;
    struct exchange_secret_key secret_key;
    struct hash_key shared;
    vector_copy(vector, "seed", seed, sizeof seed);
    vector_copy(vector, "theirs", theirs.bytes, sizeof theirs.bytes);
    exchange_key_pair(seed, &public_key, &secret_key);
    assert_vector_bytes(vector, "publicKey", public_key.bytes, sizeof public_key.bytes);
    assert_int_equal(exchange_agree(&secret_key, &theirs, &shared), PARLEY_OK);
    assert_vector_bytes(vector, "shared", shared.secret, sizeof shared.secret);
}

static void secrets_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("exchange", check_exchange);
}

static void check_refused(const cJSON *vector) {
    static const uint8_t seed[EXCHANGE_SEED_BYTES] = {1, 2, 3};
    struct exchange_public_key public_key, theirs;
    struct exchange_secret_key secret_key;
    struct hash_key shared;
    vector_copy(vector, "theirs", theirs.bytes, sizeof theirs.bytes);
    exchange_key_pair(seed, &public_key, &secret_key);
    memset(&shared, 0xA5, sizeof shared);
    assert_int_equal(exchange_agree(&secret_key, &theirs, &shared), PARLEY_ERR_KEY);
    assert_memory_equal(&shared, &zeros, sizeof shared);
}

static void points_of_small_order_are_refused(void **state) {
    (void)state;
    for_each_vector("exchangeRefused", check_refused);
}

static void both_sides_share_one_secret(void **state) {
    (void)state;
    struct exchange_public_key public_keys[4];
    struct exchange_secret_key secret_keys[4];
    for (uint8_t i = 0; i < 4; i++) {
        uint8_t seed[EXCHANGE_SEED_BYTES] = {0, i}; /* X25519 ignores three bits of byte 0 */
        exchange_key_pair(seed, &public_keys[i], &secret_keys[i]);
    }
    struct hash_key there, back, other;
    assert_int_equal(exchange_agree(&secret_keys[0], &public_keys[1], &there), PARLEY_OK);
    assert_int_equal(exchange_agree(&secret_keys[1], &public_keys[0], &back), PARLEY_OK);
    assert_int_equal(exchange_agree(&secret_keys[2], &public_keys[3], &other), PARLEY_OK);
    assert_memory_equal(&there, &back, sizeof there);
    assert_memory_not_equal(&there, &other, sizeof there);
}

static void a_wiped_key_is_zeros(void **state) {
    (void)state;
    struct exchange_secret_key key;
    memset(&key, 0xA5, sizeof key);
    exchange_secret_key_wipe(&key);
    assert_memory_equal(&key, &zeros, sizeof key);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_those_of_the_vectors),
        cmocka_unit_test(points_of_small_order_are_refused),
        cmocka_unit_test(both_sides_share_one_secret),
        cmocka_unit_test(a_wiped_key_is_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
