/* Hellos: the vectors, writing and reading, and that each check refuses on its own. */
#include "hello.h"

#include "error.h"
#include "slices.h"
#include "text.h"
#include "vectors.h"

#define ROOM "oh4zgpgf4b7fq2i5afad7iiqja"
#define MEMBER "AAECAwQFBgcICQoLDA0ODw"
#define OTHER "BAECAwQFBgcICQoLDA0ODw"
#define SEALED_AT SEAL_NONCE_BYTES

struct speaker {
    struct hello hello;
    struct sign_secret_key identity;
};

static const struct seal_key room_key = {{7}};
static const struct seal_nonce nonce = {{9}};

static struct speaker speaker_of(const uint8_t exchange_seed[EXCHANGE_SEED_BYTES],
                                 const uint8_t identity_seed[SIGN_SEED_BYTES], uint32_t features) {
    struct speaker speaker = {.hello.features = features};
    struct exchange_secret_key unused;
    exchange_key_pair(exchange_seed, &speaker.hello.exchange, &unused);
    sign_key_pair(identity_seed, &speaker.hello.identity, &speaker.identity);
    return speaker;
}

static struct speaker somebody(void) {
    const uint8_t exchange_seed[EXCHANGE_SEED_BYTES] = {1}, identity_seed[SIGN_SEED_BYTES] = {2};
    return speaker_of(exchange_seed, identity_seed, 0x80000001);
}

static struct hello_place place_of(const char *room, const char *member) {
    struct hello_place place;
    assert_true(room_id_read(slice_of(room), &place.room));
    assert_true(member_id_read(slice_of(member), &place.member));
    return place;
}

static int read_text(const char *text, const char *room, const char *member, struct hello *hello) {
    struct hello_place place = place_of(room, member);
    return hello_read((struct slice){text, HELLO_CHARACTERS}, &place, &room_key, hello);
}

static void write_for(const struct speaker *speaker, const char *room, char *out) {
    struct hello_place place = place_of(room, MEMBER);
    hello_write(&speaker->hello, &place, &speaker->identity, &room_key, &nonce, out);
}

static void assert_refused(const char *text, const char *room, const char *member, int expected) {
    static const struct hello zeros;
    struct hello hello;
    memset(&hello, 0xA5, sizeof hello);
    assert_int_equal(read_text(text, room, member, &hello), expected);
    assert_memory_equal(&hello, &zeros, sizeof hello);
}

static void check_hello(const cJSON *vector) {
    uint8_t exchange_seed[EXCHANGE_SEED_BYTES], identity_seed[SIGN_SEED_BYTES];
    struct seal_key key;
    struct seal_nonce given;
    struct hello hello;
    char text[HELLO_CHARACTERS];
    vector_copy(vector, "exchangeSeed", exchange_seed, sizeof exchange_seed);
    vector_copy(vector, "identitySeed", identity_seed, sizeof identity_seed);
    vector_copy(vector, "key", key.secret, sizeof key.secret);
    vector_copy(vector, "nonce", given.bytes, sizeof given.bytes);
    struct speaker speaker =
        speaker_of(exchange_seed, identity_seed, vector_number(vector, "features"));
    speaker.hello.number = vector_number(vector, "number");
    struct hello_place place =
        place_of(vector_text(vector, "roomId"), vector_text(vector, "member"));
    hello_write(&speaker.hello, &place, &speaker.identity, &key, &given, text);
    assert_slice(((struct slice){text, sizeof text}), vector_text(vector, "hello"));
    assert_int_equal(hello_read((struct slice){text, sizeof text}, &place, &key, &hello),
                     PARLEY_OK);
    assert_memory_equal(&hello, &speaker.hello, sizeof hello);
}

static void hellos_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("hello", check_hello);
}

/* Ids of rooms are compared without case, and each member has the spelling that they typed. */
static void one_comes_back_as_it_was_in_either_case(void **state) {
    (void)state;
    struct speaker speaker = somebody();
    struct hello hello;
    char text[HELLO_CHARACTERS];
    write_for(&speaker, "Our-Room", text);
    assert_int_equal(read_text(text, "our-rooM", MEMBER, &hello), PARLEY_OK);
    assert_memory_equal(&hello, &speaker.hello, sizeof hello);
}

static void a_changed_bit_anywhere_is_not_opened(void **state) {
    (void)state;
    struct speaker speaker = somebody();
    char text[HELLO_CHARACTERS];
    uint8_t bytes[HELLO_BYTES];
    write_for(&speaker, ROOM, text);
    assert_true(text_base64url_read((struct slice){text, sizeof text}, bytes, sizeof bytes));
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        text_base64url(bytes, sizeof bytes, text);
        assert_refused(text, ROOM, MEMBER, PARLEY_ERR_FORGED);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

/* This includes a page's own hello that the server sends back as another member's. */
static void one_of_another_place_is_not_opened(void **state) {
    (void)state;
    struct speaker speaker = somebody();
    char text[HELLO_CHARACTERS];
    write_for(&speaker, ROOM, text);
    assert_refused(text, ROOM, OTHER, PARLEY_ERR_FORGED);
    assert_refused(text, "another-room", MEMBER, PARLEY_ERR_FORGED);
    assert_refused(text, ROOM "a", MEMBER, PARLEY_ERR_FORGED);
}

static void one_under_another_password_is_not_opened(void **state) {
    (void)state;
    const struct seal_key other = {{8}};
    struct speaker speaker = somebody();
    struct hello_place place = place_of(ROOM, MEMBER);
    char text[HELLO_CHARACTERS];
    hello_write(&speaker.hello, &place, &speaker.identity, &other, &nonce, text);
    assert_refused(text, ROOM, MEMBER, PARLEY_ERR_FORGED);
}

/* Anyone who has the room's key can seal, but not sign for others. */
static void one_signed_by_another_member_is_refused(void **state) {
    (void)state;
    const uint8_t seed[SIGN_SEED_BYTES] = {3};
    struct speaker speaker = somebody();
    struct sign_public_key other;
    char text[HELLO_CHARACTERS];
    sign_key_pair(seed, &other, &speaker.identity);
    write_for(&speaker, ROOM, text);
    assert_refused(text, ROOM, MEMBER, PARLEY_ERR_SIGNATURE);
}

/* Opens |text|, which is for |written_for|, flips |bit| of its content, and seals it again for
 * |sealed_for|. */
static void reseal(char *text, const char *written_for, const char *sealed_for, size_t bit) {
    uint8_t bytes[HELLO_BYTES];
    const size_t inside = HELLO_BYTES - SEALED_AT - SEAL_TAG_BYTES;
    struct buffer from, to;
    buffer_init(&from, 100);
    buffer_init(&to, 100);
    append_times(&from, "plh1\x1A" ROOM, 1);
    append_times(&to, "plh1\x1A" ROOM, 1);
    append_times(&from, written_for, 1);
    append_times(&to, sealed_for, 1);
    assert_true(text_base64url_read((struct slice){text, HELLO_CHARACTERS}, bytes, sizeof bytes));
    assert_int_equal(seal_open(&room_key, &nonce, buffer_slice(&from), bytes + SEALED_AT,
                               inside + SEAL_TAG_BYTES),
                     PARLEY_OK);
    if (bit < 8 * inside)
        bytes[SEALED_AT + bit / 8] ^= (uint8_t)(1 << bit % 8);
    seal(&room_key, &nonce, buffer_slice(&to), bytes + SEALED_AT, inside);
    text_base64url(bytes, sizeof bytes, text);
    buffer_deinit(&from);
    buffer_deinit(&to);
}

static void a_bit_that_a_member_changes_is_not_what_was_signed(void **state) {
    (void)state;
    enum { LABEL_BITS = 32, INSIDE_BITS = 8 * (HELLO_BYTES - SEAL_NONCE_BYTES - SEAL_TAG_BYTES) };
    struct speaker speaker = somebody();
    for (size_t bit = 0; bit < INSIDE_BITS; bit++) {
        char text[HELLO_CHARACTERS];
        write_for(&speaker, ROOM, text);
        reseal(text, MEMBER, MEMBER, bit);
        assert_refused(text, ROOM, MEMBER,
                       bit < LABEL_BITS ? PARLEY_ERR_FIELD : PARLEY_ERR_SIGNATURE);
    }
}

static void a_member_cannot_say_what_another_said(void **state) {
    (void)state;
    struct speaker speaker = somebody();
    char text[HELLO_CHARACTERS];
    write_for(&speaker, ROOM, text);
    reseal(text, MEMBER, OTHER, SIZE_MAX);
    assert_refused(text, ROOM, OTHER, PARLEY_ERR_SIGNATURE);
}

static char written[HELLO_CHARACTERS + 2];

static void check_beginning(struct slice beginning) {
    struct hello_place place = place_of(ROOM, MEMBER);
    struct hello hello;
    assert_int_equal(hello_read(beginning, &place, &room_key, &hello),
                     beginning.len == HELLO_CHARACTERS ? PARLEY_OK : PARLEY_ERR_FIELD);
}

static void another_length_is_no_hello(void **state) {
    (void)state;
    struct speaker speaker = somebody();
    write_for(&speaker, ROOM, written);
    written[HELLO_CHARACTERS] = 'A';
    for_each_beginning(written, check_beginning);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hellos_are_those_of_the_vectors),
        cmocka_unit_test(one_comes_back_as_it_was_in_either_case),
        cmocka_unit_test(a_changed_bit_anywhere_is_not_opened),
        cmocka_unit_test(one_of_another_place_is_not_opened),
        cmocka_unit_test(one_under_another_password_is_not_opened),
        cmocka_unit_test(one_signed_by_another_member_is_refused),
        cmocka_unit_test(a_bit_that_a_member_changes_is_not_what_was_signed),
        cmocka_unit_test(a_member_cannot_say_what_another_said),
        cmocka_unit_test(another_length_is_no_hello),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
