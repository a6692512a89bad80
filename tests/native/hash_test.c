/* BLAKE2b: the vectors, hashed in every way; and comparing and wiping secrets. */
#include "hash.h"

#include "secret.h"
#include "slices.h"
#include "vectors.h"

static void check_hash(const cJSON *vector) {
    struct hash_key key;
    if (vector_has(vector, "key"))
        vector_copy(vector, "key", key.secret, sizeof key.secret);
    const struct hash_key *used = vector_has(vector, "key") ? &key : NULL;
    struct slice data = vector_bytes(vector, "data");
    size_t len = vector_bytes(vector, "hash").len;
    uint8_t out[HASH_BYTES_MAX];
    hash_of(used, data, out, len);
    assert_vector_bytes(vector, "hash", out, len);

    static const size_t piece_lens[] = {1, 63, 128, 129};
    for (size_t i = 0; i < COUNT(piece_lens); i++) {
        struct hash hash;
        struct slice rest = data;
        hash_init(&hash, used, len);
        while (rest.len > 0) {
            size_t piece = rest.len < piece_lens[i] ? rest.len : piece_lens[i];
            hash_add(&hash, slice_first(rest, piece));
            hash_add(&hash, slice_of(""));
            rest = slice_drop(rest, piece);
        }
        hash_end(&hash, out, len);
        assert_vector_bytes(vector, "hash", out, len);
    }
}

static void hashes_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("hash", check_hash);
}

static void check_derivation(const cJSON *vector) {
    struct hash_key key;
    uint8_t out[HASH_BYTES_MAX];
    vector_copy(vector, "key", key.secret, sizeof key.secret);
    size_t len = vector_bytes(vector, "derived").len;
    hash_derive(&key, vector_text(vector, "label"), vector_bytes(vector, "context"), out, len);
    assert_vector_bytes(vector, "derived", out, len);
}

static void derived_keys_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("derive", check_derivation);
}

static void another_label_context_or_length_gives_another_key(void **state) {
    (void)state;
    static const struct hash_key key = {{1}}, other_key = {{2}};
    static const struct {
        const struct hash_key *key;
        const char *label, *context;
        size_t len;
    } inputs[] = {{&key, "room id", "", 32},  {&key, "room ie", "", 32},
                  {&key, "room i", "d", 32},  {&key, "room id", "x", 32},
                  {&key, "room idx", "", 32}, {&key, "room id", "", 16},
                  {&key, "room id", "", 64},  {&other_key, "room id", "", 32}};
    uint8_t out[COUNT(inputs)][HASH_BYTES_MAX];
    for (size_t i = 0; i < COUNT(inputs); i++) {
        hash_derive(inputs[i].key, inputs[i].label, slice_of(inputs[i].context), out[i],
                    inputs[i].len);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(out[i], out[j], HASH_BYTES_MIN);
    }
}

static void a_hash_that_ended_keeps_nothing(void **state) {
    (void)state;
    static const struct hash_key key = {{1}};
    static const struct hash zeros;
    struct hash hash;
    uint8_t out[HASH_BYTES_MAX];
    hash_init(&hash, &key, sizeof out);
    hash_add(&hash, slice_of("a secret"));
    hash_end(&hash, out, sizeof out);
    assert_memory_equal(&hash, &zeros, sizeof hash);
}

static void a_wiped_key_is_zeros(void **state) {
    (void)state;
    static const struct hash_key zeros;
    struct hash_key key;
    memset(&key, 0xA5, sizeof key);
    hash_key_wipe(&key);
    assert_memory_equal(&key, &zeros, sizeof key);
}

static void equal_is_equal_in_every_byte(void **state) {
    (void)state;
    uint8_t left[40] = {1, 2, 3}, right[40] = {1, 2, 3};
    assert_true(secret_equal(left, right, sizeof left));
    assert_true(secret_equal(left, right, 0));
    for (size_t bit = 0; bit < 8 * sizeof right; bit++) {
        right[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(secret_equal(left, right, sizeof left));
        assert_true(secret_equal(left, right, bit / 8));
        right[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_those_of_the_vectors),
        cmocka_unit_test(derived_keys_are_those_of_the_vectors),
        cmocka_unit_test(another_label_context_or_length_gives_another_key),
        cmocka_unit_test(a_hash_that_ended_keeps_nothing),
        cmocka_unit_test(a_wiped_key_is_zeros),
        cmocka_unit_test(equal_is_equal_in_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
