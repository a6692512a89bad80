/* Proofs of a connection's ends: the vectors, and that each input counts. */
#include "proof.h"

#include "slices.h"
#include "vectors.h"

static void check(const cJSON *vector) {
    struct hash_key key;
    vector_copy(vector, "key", key.secret, sizeof key.secret);
    const struct proof_end prover = {proof_fingerprint_of(vector_bytes(vector, "prover")),
                                     vector_number(vector, "proverConnection")};
    const struct proof_end checker = {proof_fingerprint_of(vector_bytes(vector, "checker")),
                                      vector_number(vector, "checkerConnection")};
    const struct proof proof = proof_of(&key, &prover, &checker);
    assert_slice(((struct slice){proof.text, sizeof proof.text}), vector_text(vector, "proof"));
}

static void proofs_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("proof", check);
}

static struct proof_end end_of(const char *fingerprint, uint32_t connection) {
    return (struct proof_end){proof_fingerprint_of(slice_of(fingerprint)), connection};
}

static void every_input_counts(void **state) {
    (void)state;
    const struct hash_key key = {{1}}, other_key = {{2}};
    const struct proof_end one = end_of("sha-256 AA", 1), two = end_of("sha-256 BB", 2);
    const struct proof_end others[] = {end_of("sha-256 AB", 1), end_of("sha-256 AA", 3)};
    const struct proof proof = proof_of(&key, &one, &two);
    struct proof other = proof_of(&key, &one, &two);
    assert_true(proof_equal(&proof, &other));
    other = proof_of(&other_key, &one, &two);
    assert_false(proof_equal(&proof, &other));
    other = proof_of(&key, &two, &one);
    assert_false(proof_equal(&proof, &other));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        other = proof_of(&key, &others[i], &two);
        assert_false(proof_equal(&proof, &other));
        const struct proof back = proof_of(&key, &two, &one);
        other = proof_of(&key, &two, &others[i]);
        assert_false(proof_equal(&back, &other));
    }
    other = (struct proof){{0}};
    assert_false(proof_equal(&proof, &other));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proofs_are_those_of_the_vectors),
        cmocka_unit_test(every_input_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
