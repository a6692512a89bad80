/* Ed25519: the vectors, and the signatures that are refused. */
#include "sign.h"

#include "error.h"
#include "slices.h"
#include "vectors.h"

static void check_signature(const cJSON *vector) {
    struct sign_public_key public_key;
    struct sign_secret_key secret_key;
    struct signature signature;
    uint8_t seed[SIGN_SEED_BYTES];
    struct slice message = vector_bytes(vector, "message");
    vector_copy(vector, "seed", seed, sizeof seed);
    sign_key_pair(seed, &public_key, &secret_key);
    assert_vector_bytes(vector, "publicKey", public_key.bytes, sizeof public_key.bytes);
    sign(&secret_key, message, &signature);
    assert_vector_bytes(vector, "signature", signature.bytes, sizeof signature.bytes);
    assert_int_equal(sign_verify(&public_key, message, &signature), PARLEY_OK);
}

static void signatures_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("sign", check_signature);
}

static void check_refused(const cJSON *vector) {
    struct sign_public_key public_key;
    struct signature signature;
    vector_copy(vector, "publicKey", public_key.bytes, sizeof public_key.bytes);
    vector_copy(vector, "signature", signature.bytes, sizeof signature.bytes);
    assert_int_equal(sign_verify(&public_key, vector_bytes(vector, "message"), &signature),
                     PARLEY_ERR_FORGED);
}

static void malleable_small_and_not_canonical_ones_are_refused(void **state) {
    (void)state;
    for_each_vector("signRefused", check_refused);
}

static void a_changed_bit_anywhere_is_refused(void **state) {
    (void)state;
    static const uint8_t seed[SIGN_SEED_BYTES] = {7};
    struct {
        struct sign_public_key key;
        struct signature signature;
        char message[9];
    } all;
    struct sign_secret_key secret_key;
    memcpy(all.message, "a message", sizeof all.message);
    sign_key_pair(seed, &all.key, &secret_key);
    struct slice message = {all.message, sizeof all.message};
    sign(&secret_key, message, &all.signature);
    for (size_t bit = 0; bit < 8 * sizeof all; bit++) {
        ((uint8_t *)&all)[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(sign_verify(&all.key, message, &all.signature), PARLEY_ERR_FORGED);
        ((uint8_t *)&all)[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(sign_verify(&all.key, message, &all.signature), PARLEY_OK);
    for (size_t len = 0; len < message.len; len++)
        assert_int_equal(sign_verify(&all.key, slice_first(message, len), &all.signature),
                         PARLEY_ERR_FORGED);
}

static void a_wiped_key_is_zeros(void **state) {
    (void)state;
    static const struct sign_secret_key zeros;
    struct sign_secret_key key;
    memset(&key, 0xA5, sizeof key);
    sign_secret_key_wipe(&key);
    assert_memory_equal(&key, &zeros, sizeof key);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_those_of_the_vectors),
        cmocka_unit_test(malleable_small_and_not_canonical_ones_are_refused),
        cmocka_unit_test(a_changed_bit_anywhere_is_refused),
        cmocka_unit_test(a_wiped_key_is_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
