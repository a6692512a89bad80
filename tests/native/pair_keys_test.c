/* The keys of a pair: the vectors, and that only the two sides have them. */
#include "pair_keys.h"

#include "error.h"
#include "slices.h"
#include "vectors.h"

#define LOWER "AAECAwQFBgcICQoLDA0ODw"
#define HIGHER "_AECAwQFBgcICQoLDA0ODw"
#define THIRD "aAECAwQFBgcICQoLDA0ODw"

/* A page with its secret. */
struct page {
    struct exchange_secret_key secret;
    struct pair_member member;
};

/* All inputs of one side. */
struct side {
    struct hash_key room_key;
    struct room_id room;
    struct page ours, theirs;
};

static struct page page_of(const char *id, const uint8_t exchange_seed[EXCHANGE_SEED_BYTES],
                           const uint8_t identity_seed[SIGN_SEED_BYTES], uint32_t features) {
    struct page page = {.member.hello.features = features};
    struct sign_secret_key unused;
    assert_true(member_id_read(slice_of(id), &page.member.id));
    exchange_key_pair(exchange_seed, &page.member.hello.exchange, &page.secret);
    sign_key_pair(identity_seed, &page.member.hello.identity, &unused);
    return page;
}

static struct page page_from(const char *id, uint8_t first) {
    uint8_t seed[EXCHANGE_SEED_BYTES];
    memset(seed, first, sizeof seed); /* X25519 ignores the lowest three bits of the first byte */
    return page_of(id, seed, seed, 0);
}

static struct side lower_side(void) {
    struct side side = {.room_key = {{5}}, .ours = page_from(LOWER, 1)};
    side.theirs = page_from(HIGHER, 2);
    assert_true(room_id_read(slice_of("our-room"), &side.room));
    return side;
}

static struct side across(const struct side *side) {
    struct side other = *side;
    other.ours = side->theirs;
    other.theirs = side->ours;
    return other;
}

static struct pair_keys keys_of(const struct side *side) {
    struct pair_keys keys;
    assert_int_equal(pair_keys_of(&side->room_key, &side->room, &side->ours.secret,
                                  &side->ours.member, &side->theirs.member, &keys),
                     PARLEY_OK);
    return keys;
}

static struct page vector_page(const cJSON *vector, const char *id, const char *exchange,
                               const char *identity, const char *features) {
    uint8_t exchange_seed[EXCHANGE_SEED_BYTES], identity_seed[SIGN_SEED_BYTES];
    vector_copy(vector, exchange, exchange_seed, sizeof exchange_seed);
    vector_copy(vector, identity, identity_seed, sizeof identity_seed);
    return page_of(vector_text(vector, id), exchange_seed, identity_seed,
                   vector_number(vector, features));
}

static void check_pair(const cJSON *vector) {
    struct side side;
    vector_copy(vector, "roomKey", side.room_key.secret, sizeof side.room_key.secret);
    assert_true(room_id_read(slice_of(vector_text(vector, "roomId")), &side.room));
    side.ours = vector_page(vector, "member", "exchangeSeed", "identitySeed", "features");
    side.theirs =
        vector_page(vector, "other", "otherExchangeSeed", "otherIdentitySeed", "otherFeatures");
    struct pair_keys keys = keys_of(&side);
    assert_vector_bytes(vector, "send", keys.send.secret, sizeof keys.send.secret);
    assert_vector_bytes(vector, "receive", keys.receive.secret, sizeof keys.receive.secret);
    assert_vector_bytes(vector, "prove", keys.prove.secret, sizeof keys.prove.secret);
    assert_vector_bytes(vector, "check", keys.check.secret, sizeof keys.check.secret);
    assert_vector_bytes(vector, "safety", keys.safety.secret, sizeof keys.safety.secret);
}

static void keys_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("pair", check_pair);
}

static void both_sides_have_the_same(void **state) {
    (void)state;
    struct side side = lower_side(), other = across(&side);
    struct pair_keys ours = keys_of(&side), theirs = keys_of(&other);
    assert_memory_equal(&ours.send, &theirs.receive, sizeof ours.send);
    assert_memory_equal(&ours.receive, &theirs.send, sizeof ours.receive);
    assert_memory_equal(&ours.prove, &theirs.check, sizeof ours.prove);
    assert_memory_equal(&ours.check, &theirs.prove, sizeof ours.check);
    assert_memory_equal(&ours.safety, &theirs.safety, sizeof ours.safety);
}

/* With one key for two purposes or directions, a result for one could pass as one for the other. */
static void no_two_keys_are_the_same(void **state) {
    (void)state;
    struct side side = lower_side();
    struct pair_keys keys = keys_of(&side);
    const uint8_t *all[] = {keys.send.secret, keys.receive.secret, keys.prove.secret,
                            keys.check.secret, keys.safety.secret};
    for (size_t i = 0; i < COUNT(all); i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(all[i], all[j], HASH_KEY_BYTES);
}

static void assert_all_differ(const struct side *side) {
    struct side before = lower_side();
    struct pair_keys keys = keys_of(&before), changed = keys_of(side);
    assert_memory_not_equal(&keys.send, &changed.send, sizeof keys.send);
    assert_memory_not_equal(&keys.receive, &changed.receive, sizeof keys.receive);
    assert_memory_not_equal(&keys.send, &changed.receive, sizeof keys.send);
    assert_memory_not_equal(&keys.prove, &changed.prove, sizeof keys.prove);
    assert_memory_not_equal(&keys.check, &changed.check, sizeof keys.check);
    assert_memory_not_equal(&keys.prove, &changed.check, sizeof keys.prove);
    assert_memory_not_equal(&keys.safety, &changed.safety, sizeof keys.safety);
}

/* Above all, with the room's secret and all messages, but without either page's secret. */
static void everything_must_be_known(void **state) {
    (void)state;
    struct side side = lower_side();
    side.room_key.secret[31] ^= 1;
    assert_all_differ(&side);
    side = lower_side();
    side.ours.secret.secret[1] ^= 1;
    assert_all_differ(&side);
    side = lower_side();
    side.ours.member.hello.exchange.bytes[0] ^= 1;
    assert_all_differ(&side);
    side = lower_side();
    side.theirs.member.hello.exchange = page_from(HIGHER, 3).member.hello.exchange;
    assert_all_differ(&side);
}

static void identities_features_and_the_room_are_bound(void **state) {
    (void)state;
    struct side side = lower_side();
    side.ours.member.hello.identity.bytes[0] ^= 1;
    assert_all_differ(&side);
    side = lower_side();
    side.theirs.member.hello.identity.bytes[31] ^= 1;
    assert_all_differ(&side);
    side = lower_side();
    side.theirs.member.hello.features ^= 1;
    assert_all_differ(&side);
    side = lower_side();
    assert_true(room_id_read(BYTES("another-room"), &side.room));
    assert_all_differ(&side);
}

static void swapped_and_mixed_members_have_other_keys(void **state) {
    (void)state;
    struct side side = lower_side();
    side.ours.member.id = lower_side().theirs.member.id; /* each under the other's id */
    side.theirs.member.id = lower_side().ours.member.id;
    assert_all_differ(&side);
    side = lower_side();
    assert_true(member_id_read(BYTES(THIRD), &side.theirs.member.id));
    assert_all_differ(&side);
    side = lower_side();
    side.theirs.member.hello.identity = side.ours.member.hello.identity;
    assert_all_differ(&side);
}

/* A page's own hello that comes back under another id gives a key that the sender does not have. */
static void one_reflected_hello_gives_other_keys(void **state) {
    (void)state;
    struct side side = lower_side();
    side.theirs.member.hello = side.ours.member.hello;
    assert_all_differ(&side);
}

static void assert_refused(const struct side *side, int expected) {
    static const struct pair_keys zeros;
    struct pair_keys keys;
    memset(&keys, 0xA5, sizeof keys);
    assert_int_equal(pair_keys_of(&side->room_key, &side->room, &side->ours.secret,
                                  &side->ours.member, &side->theirs.member, &keys),
                     expected);
    assert_memory_equal(&keys, &zeros, sizeof keys);
}

static void one_member_is_no_pair(void **state) {
    (void)state;
    struct side side = lower_side();
    side.theirs.member.id = side.ours.member.id;
    assert_refused(&side, PARLEY_ERR_ARGUMENT);
}

/* It would give a pair key that anyone with the room's secret can compute. */
static void a_point_of_small_order_gives_no_keys(void **state) {
    (void)state;
    struct side side = lower_side();
    side.theirs.member.hello.exchange = (struct exchange_public_key){{1}};
    assert_refused(&side, PARLEY_ERR_KEY);
}

static void ids_of_rooms_are_read_without_case(void **state) {
    (void)state;
    struct side side = lower_side();
    struct pair_keys keys = keys_of(&side);
    assert_true(room_id_read(BYTES("Our-ROOM"), &side.room));
    struct pair_keys same = keys_of(&side);
    assert_memory_equal(&keys, &same, sizeof keys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_those_of_the_vectors),
        cmocka_unit_test(both_sides_have_the_same),
        cmocka_unit_test(no_two_keys_are_the_same),
        cmocka_unit_test(everything_must_be_known),
        cmocka_unit_test(identities_features_and_the_room_are_bound),
        cmocka_unit_test(swapped_and_mixed_members_have_other_keys),
        cmocka_unit_test(one_reflected_hello_gives_other_keys),
        cmocka_unit_test(one_member_is_no_pair),
        cmocka_unit_test(a_point_of_small_order_gives_no_keys),
        cmocka_unit_test(ids_of_rooms_are_read_without_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
