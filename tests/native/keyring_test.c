/* The keys of a page: who shares keys with whom, and who is refused. */
#include "keyring.h"

#include "error.h"
#include "made_ids.h"
#include "slices.h"

#include <stdio.h>
#include <string.h>

#define SEALED "#1AAECAwQFBgcICQoLDA0ODw"
#define TOO_LONG "#1AAECAwQFBgcICQoLDA0ODwA"
#define OTHER_SEALED "#1BBECAwQFBgcICQoLDA0ODw"

static struct keyring ada, bea;

static struct token_secret token_of(char letter) {
    struct token_secret token;
    memset(token.bytes, letter, sizeof token.bytes);
    return token;
}

/* Another life of the page of |letter|, in the room of |address|. */
static void begin(struct keyring *keyring, char letter, uint8_t life, const char *address) {
    uint8_t seed[SECRET_RANDOM_SEED_BYTES];
    const struct token_secret token = token_of(letter);
    memset(seed, letter, sizeof seed);
    seed[0] = life;
    keyring_begin(keyring, seed, slice_of(""));
    assert_int_equal(keyring_enter(keyring, slice_of(address), &token), PARLEY_OK);
}

/* The same device and tab with another page. */
static void load_anew(struct keyring *keyring, uint8_t life) {
    uint8_t seed[SECRET_RANDOM_SEED_BYTES] = {life};
    char device[KEYRING_DEVICE_CHARACTERS];
    const struct token_secret token = token_of('B');
    keyring_device(keyring, device);
    keyring_begin(keyring, seed, (struct slice){device, sizeof device});
    assert_int_equal(keyring_enter(keyring, slice_of(SEALED), &token), PARLEY_OK);
}

static int setup(void **state) {
    (void)state;
    begin(&ada, 'A', 1, SEALED);
    begin(&bea, 'B', 1, SEALED);
    load_anew(&bea, 1);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    keyring_deinit(&ada);
    keyring_deinit(&bea);
    return 0;
}

/* |one| is told of the hello of |other|'s join |number|. */
static int meet_join(struct keyring *one, struct keyring *other, uint32_t number) {
    return keyring_meet(one, &other->self.id, keyring_hello(other, number));
}

static int meet(struct keyring *one, struct keyring *other) {
    return meet_join(one, other, 1);
}

static const struct pair_keys *keys_for(const struct keyring *one, const struct keyring *other) {
    const struct keyring_pair *pair = keyring_find(one, &other->self.id);
    return pair ? &pair->keys : NULL;
}

static void assert_share(void) {
    assert_int_equal(meet(&ada, &bea), PARLEY_OK);
    assert_int_equal(meet(&bea, &ada), PARLEY_OK);
    const struct pair_keys *of_ada = keys_for(&ada, &bea), *of_bea = keys_for(&bea, &ada);
    assert_memory_equal(&of_ada->send, &of_bea->receive, sizeof of_ada->send);
    assert_memory_equal(&of_ada->receive, &of_bea->send, sizeof of_ada->send);
    assert_memory_equal(&of_ada->prove, &of_bea->check, sizeof of_ada->prove);
    assert_memory_not_equal(&of_ada->send, &of_ada->receive, sizeof of_ada->send);
}

static void two_share_keys_in_a_sealed_room(void **state) {
    (void)state;
    assert_share();
}

static void two_share_keys_in_an_open_room(void **state) {
    (void)state;
    begin(&ada, 'A', 1, "The-Room");
    begin(&bea, 'B', 1, "the-room");
    assert_share();
    keyring_spell(&bea, &ada.room);
    assert_slice(keyring_address(&bea), "The-Room");
}

static void an_address_leads_to_its_room(void **state) {
    (void)state;
    const struct token_secret token = token_of('A');
    static const char *const wrong[] = {"#",   "#1",    "#2AAECAwQFBgcICQoLDA0ODw",
                                        "abc", "a b c", TOO_LONG};
    assert_slice(keyring_address(&ada), SEALED);
    assert_true(ada.is_sealed);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(keyring_enter(&ada, slice_of(wrong[i]), &token), PARLEY_ERR_ROOM);
        assert_int_equal(ada.room.len, 0);
        assert_int_equal(keyring_address(&ada).len, 0);
    }
}

static void every_new_room_is_another(void **state) {
    (void)state;
    begin(&ada, 'A', 1, "");
    begin(&bea, 'B', 1, "");
    assert_true(ada.is_sealed && bea.is_sealed);
    assert_int_not_equal(room_id_compare(&ada.room, &bea.room), 0);
    struct room_id first = ada.room;
    const struct token_secret token = token_of('A');
    assert_int_equal(keyring_enter(&ada, slice_of(""), &token), PARLEY_OK);
    assert_int_not_equal(room_id_compare(&ada.room, &first), 0);
}

/* Expects that Ada, in |room|, shares no keys with Bea, in |other|. */
static void assert_strangers(const char *room, const char *other) {
    begin(&ada, 'A', 1, room);
    begin(&bea, 'B', 1, other);
    assert_int_equal(meet(&ada, &bea), PARLEY_ERR_FORGED);
    assert_null(keys_for(&ada, &bea));
}

static void another_rooms_hello_is_refused(void **state) {
    (void)state;
    assert_strangers(SEALED, OTHER_SEALED);
    assert_strangers("the-room", "another-room");
    begin(&bea, 'B', 1, SEALED); /* somebody who knows only the id that the server sees */
    struct room_id id = bea.room;
    char name[SEALED_ROOM_ID_CHARACTERS + 1] = {0};
    memcpy(name, id.bytes, SEALED_ROOM_ID_CHARACTERS);
    assert_strangers(SEALED, name);
}

static void a_hello_in_anothers_name_is_refused(void **state) {
    (void)state;
    const struct member_id mallory = member_id_from("AAAAAAAAAAAAAAAAAAAAAA");
    assert_int_equal(keyring_meet(&ada, &mallory, keyring_hello(&bea, 1)), PARLEY_ERR_FORGED);
    assert_null(keyring_find(&ada, &mallory));
}

static void a_changed_hello_is_refused(void **state) {
    (void)state;
    char changed[HELLO_CHARACTERS];
    for (size_t i = 0; i < HELLO_CHARACTERS; i += 13) {
        memcpy(changed, keyring_hello(&bea, 1).bytes, sizeof changed);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        assert_int_not_equal(
            keyring_meet(&ada, &bea.self.id, (struct slice){changed, sizeof changed}), PARLEY_OK);
    }
    assert_null(keys_for(&ada, &bea));
}

static void only_an_open_room_takes_somebody_without_a_hello(void **state) {
    (void)state;
    assert_int_equal(keyring_meet(&ada, &bea.self.id, slice_of("")), PARLEY_ERR_FORGED);
    begin(&ada, 'A', 1, "the-room");
    assert_int_equal(keyring_meet(&ada, &bea.self.id, slice_of("")), PARLEY_OK);
    assert_null(keyring_find(&ada, &bea.self.id));
}

/* Otherwise the server could take the hello away, and listen. */
static void keys_are_not_taken_back(void **state) {
    (void)state;
    begin(&ada, 'A', 1, "the-room");
    begin(&bea, 'B', 1, "the-room");
    assert_share();
    assert_int_equal(keyring_meet(&ada, &bea.self.id, slice_of("")), PARLEY_OK);
    assert_non_null(keys_for(&ada, &bea));
}

static void a_device_has_one_identity_in_a_room_and_another_in_the_next(void **state) {
    (void)state;
    char device[KEYRING_DEVICE_CHARACTERS];
    static const uint8_t seed[SECRET_RANDOM_SEED_BYTES] = {9};
    const struct token_secret token = token_of('T');
    keyring_device(&ada, device);
    struct sign_public_key here = ada.self.hello.identity;
    struct exchange_public_key exchange = ada.self.hello.exchange;
    keyring_begin(&ada, seed, (struct slice){device, sizeof device});
    assert_int_equal(keyring_enter(&ada, slice_of(SEALED), &token), PARLEY_OK);
    assert_memory_equal(&ada.self.hello.identity, &here, sizeof here);
    assert_memory_not_equal(&ada.self.hello.exchange, &exchange, sizeof exchange);
    assert_int_equal(keyring_enter(&ada, slice_of("the-room"), &token), PARLEY_OK);
    assert_memory_not_equal(&ada.self.hello.identity, &here, sizeof here);
    assert_memory_not_equal(&bea.self.hello.identity, &here, sizeof here);
}

/* A window that began again would open old envelopes once more. */
static void a_page_met_again_keeps_its_counters(void **state) {
    (void)state;
    assert_share();
    keyring_find(&ada, &bea.self.id)->sender.counter = 7;
    assert_int_equal(meet(&ada, &bea), PARLEY_OK);
    assert_int_equal(keyring_find(&ada, &bea.self.id)->sender.counter, 7);
    struct pair_keys before = *keys_for(&ada, &bea);
    load_anew(&bea, 2);
    assert_int_equal(meet_join(&ada, &bea, 2), PARLEY_OK);
    assert_int_equal(keyring_find(&ada, &bea.self.id)->sender.counter, 0);
    assert_memory_not_equal(keys_for(&ada, &bea), &before, sizeof before);
    load_anew(&bea, 1); /* as a frozen page does that goes on */
    assert_int_equal(meet_join(&ada, &bea, 3), PARLEY_OK);
    assert_int_equal(keyring_find(&ada, &bea.self.id)->sender.counter, 7);
}

/* Otherwise the server could set two members against each other by an old hello. */
static void an_old_hello_says_nothing(void **state) {
    (void)state;
    char old[HELLO_CHARACTERS];
    struct slice text = {old, sizeof old};
    memcpy(old, keyring_hello(&bea, 5).bytes, sizeof old);
    assert_int_equal(keyring_meet(&ada, &bea.self.id, text), PARLEY_OK);
    load_anew(&bea, 2);
    assert_int_equal(meet_join(&ada, &bea, 6), PARLEY_OK);
    struct pair_keys now = *keys_for(&ada, &bea);
    assert_int_equal(keyring_meet(&ada, &bea.self.id, text), PARLEY_ERR_STATE);
    assert_int_equal(meet_join(&ada, &bea, 4), PARLEY_ERR_STATE);
    assert_memory_equal(keys_for(&ada, &bea), &now, sizeof now);
    assert_int_equal(meet_join(&ada, &bea, 6), PARLEY_OK);
}

/* Somebody who has the room's key, and the server, cannot take a member's place unseen. */
static void a_members_id_keeps_its_identity(void **state) {
    (void)state;
    char hello[HELLO_CHARACTERS];
    struct keyring cyd = {0};
    begin(&cyd, 'C', 1, SEALED);
    const struct hello_place place = {bea.room, bea.self.id};
    const struct seal_nonce nonce = {{1}};
    cyd.self.hello.number = 9;
    hello_write(&cyd.self.hello, &place, &cyd.identity, &cyd.room_keys.hello, &nonce, hello);
    assert_int_equal(meet(&ada, &bea), PARLEY_OK);
    struct pair_keys now = *keys_for(&ada, &bea);
    assert_int_equal(keyring_meet(&ada, &bea.self.id, (struct slice){hello, sizeof hello}),
                     PARLEY_ERR_SIGNATURE);
    assert_memory_equal(keys_for(&ada, &bea), &now, sizeof now);
    keyring_deinit(&cyd);
}

static void the_pair_met_longest_ago_is_forgotten_first(void **state) {
    (void)state;
    struct keyring passer = {0};
    struct member_id second = {{0}};
    assert_int_equal(meet(&ada, &bea), PARLEY_OK);
    for (uint32_t i = 0; !keyring_is_full(&ada); i++) {
        begin(&passer, 'a', 1, SEALED);
        snprintf(passer.self.id.bytes, sizeof passer.self.id.bytes, "passer-%014u", (unsigned)i);
        passer.self.id.bytes[WIRE_MEMBER_ID_BYTES - 1] = '0';
        assert_int_equal(meet(&ada, &passer), PARLEY_OK);
        if (i == 0)
            second = passer.self.id;
    }
    assert_int_equal(ada.pair_count, KEYRING_PAIRS_MAX);
    keyring_renew(&ada, &bea.self.id);
    begin(&passer, 'Z', 200, SEALED);
    assert_int_equal(meet(&ada, &passer), PARLEY_OK);
    assert_int_equal(ada.pair_count, KEYRING_PAIRS_MAX);
    assert_non_null(keys_for(&ada, &bea));
    assert_non_null(keys_for(&ada, &passer));
    assert_null(keyring_find(&ada, &second));
    keyring_deinit(&passer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(two_share_keys_in_a_sealed_room),
        TEST(two_share_keys_in_an_open_room),
        TEST(an_address_leads_to_its_room),
        TEST(every_new_room_is_another),
        TEST(another_rooms_hello_is_refused),
        TEST(a_hello_in_anothers_name_is_refused),
        TEST(a_changed_hello_is_refused),
        TEST(only_an_open_room_takes_somebody_without_a_hello),
        TEST(keys_are_not_taken_back),
        TEST(a_device_has_one_identity_in_a_room_and_another_in_the_next),
        TEST(a_page_met_again_keeps_its_counters),
        TEST(an_old_hello_says_nothing),
        TEST(a_members_id_keeps_its_identity),
        TEST(the_pair_met_longest_ago_is_forgotten_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
