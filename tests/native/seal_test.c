/* XChaCha20-Poly1305: the vectors. A text that was changed cannot be opened, or read in part. */
#include "seal.h"

#include "error.h"
#include "slices.h"
#include "vectors.h"

#define TEXT "What nobody else can read."
#define TEXT_BYTES (sizeof TEXT - 1)
#define ASSOCIATED_BYTES 5
#define SEALED_BYTES (TEXT_BYTES + SEAL_TAG_BYTES)

/* Everything on which opening depends. */
struct sealed {
    struct seal_key key;
    struct seal_nonce nonce;
    char associated[ASSOCIATED_BYTES];
    uint8_t bytes[SEALED_BYTES];
};

static void check_seal(const cJSON *vector) {
    struct seal_key key;
    struct seal_nonce nonce;
    vector_copy(vector, "key", key.secret, sizeof key.secret);
    vector_copy(vector, "nonce", nonce.bytes, sizeof nonce.bytes);
    struct slice associated = vector_bytes(vector, "associated");
    struct slice text = vector_bytes(vector, "text");
    size_t len = text.len + SEAL_TAG_BYTES;
    uint8_t *bytes = malloc(len);
    assert_non_null(bytes);
    memcpy(bytes, text.bytes, text.len);
    seal(&key, &nonce, associated, bytes, text.len);
    assert_vector_bytes(vector, "sealed", bytes, len);
    assert_int_equal(seal_open(&key, &nonce, associated, bytes, len), PARLEY_OK);
    assert_vector_bytes(vector, "text", bytes, text.len);
    free(bytes);
}

static void sealed_texts_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("seal", check_seal);
}

static struct sealed sealed_text(void) {
    struct sealed sealed = {.key = {{1, 2, 3}}, .nonce = {{4, 5, 6}}, .associated = "about"};
    memcpy(sealed.bytes, TEXT, TEXT_BYTES);
    seal(&sealed.key, &sealed.nonce, (struct slice){sealed.associated, ASSOCIATED_BYTES},
         sealed.bytes, TEXT_BYTES);
    return sealed;
}

static int open_text(struct sealed *sealed, size_t associated_len, size_t len) {
    return seal_open(&sealed->key, &sealed->nonce,
                     (struct slice){sealed->associated, associated_len}, sealed->bytes, len);
}

static void assert_refused(struct sealed *sealed, size_t associated_len, size_t len) {
    static const uint8_t zeros[SEALED_BYTES];
    assert_int_equal(open_text(sealed, associated_len, len), PARLEY_ERR_FORGED);
    assert_memory_equal(sealed->bytes, zeros, len);
}

static void what_was_sealed_is_opened(void **state) {
    (void)state;
    struct sealed sealed = sealed_text();
    assert_memory_not_equal(sealed.bytes, TEXT, TEXT_BYTES);
    assert_int_equal(open_text(&sealed, ASSOCIATED_BYTES, SEALED_BYTES), PARLEY_OK);
    assert_memory_equal(sealed.bytes, TEXT, TEXT_BYTES);
}

static void a_changed_bit_anywhere_is_refused_and_leaves_nothing(void **state) {
    (void)state;
    for (size_t bit = 0; bit < 8 * sizeof(struct sealed); bit++) {
        struct sealed sealed = sealed_text();
        ((uint8_t *)&sealed)[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_refused(&sealed, ASSOCIATED_BYTES, SEALED_BYTES);
    }
}

static void a_part_is_refused(void **state) {
    (void)state;
    for (size_t len = 0; len < SEALED_BYTES; len++) {
        struct sealed sealed = sealed_text();
        assert_refused(&sealed, ASSOCIATED_BYTES, len);
    }
    for (size_t len = 0; len < ASSOCIATED_BYTES; len++) {
        struct sealed sealed = sealed_text();
        assert_refused(&sealed, len, SEALED_BYTES);
    }
}

static void a_wiped_key_is_zeros(void **state) {
    (void)state;
    static const struct seal_key zeros;
    struct seal_key key;
    memset(&key, 0xA5, sizeof key);
    seal_key_wipe(&key);
    assert_memory_equal(&key, &zeros, sizeof key);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealed_texts_are_those_of_the_vectors),
        cmocka_unit_test(what_was_sealed_is_opened),
        cmocka_unit_test(a_changed_bit_anywhere_is_refused_and_leaves_nothing),
        cmocka_unit_test(a_part_is_refused),
        cmocka_unit_test(a_wiped_key_is_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
