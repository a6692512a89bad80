/* Envelopes: the vectors, the window's edges and its salt, and the verdict for each kind of
 * tampering. */
#include "envelope.h"

#include "error.h"
#include "slices.h"
#include "vectors.h"

#define ROOM "our-room"
#define SENDER "AAECAwQFBgcICQoLDA0ODw"
#define RECEIVER "BAECAwQFBgcICQoLDA0ODw"
#define OTHER "CAECAwQFBgcICQoLDA0ODw"

static const struct seal_key pair_key = {{7}};
static const uint8_t usual_salt[ENVELOPE_SALT_BYTES] = {1, [ENVELOPE_SALT_BYTES - 1] = 2};
static const uint8_t other_salt[ENVELOPE_SALT_BYTES] = {1, [ENVELOPE_SALT_BYTES - 1] = 3};

static struct envelope_address address_of(const char *room, const char *sender,
                                          const char *receiver, const char *type) {
    struct envelope_address address = {.type = slice_of(type)};
    assert_true(room_id_read(slice_of(room), &address.room));
    assert_true(member_id_read(slice_of(sender), &address.sender));
    assert_true(member_id_read(slice_of(receiver), &address.receiver));
    return address;
}

static struct envelope_address usual(void) {
    return address_of(ROOM, SENDER, RECEIVER, "sealed");
}

/* A sender whose next envelope has |counter|. */
static struct envelope_sender sender_at(const uint8_t salt[ENVELOPE_SALT_BYTES], uint64_t counter) {
    struct envelope_sender sender;
    envelope_sender_init(&sender, salt);
    sender.counter = counter - 1;
    return sender;
}

/* An envelope for the default address. */
static struct buffer written_by(struct envelope_sender *sender, struct slice text) {
    struct envelope_address address = usual();
    struct buffer bytes;
    buffer_init(&bytes, ENVELOPE_BYTES_MAX);
    assert_int_equal(envelope_write(&pair_key, sender, &address, text, &bytes), PARLEY_OK);
    return bytes;
}

static struct buffer written(uint64_t counter, struct slice text) {
    struct envelope_sender sender = sender_at(usual_salt, counter);
    return written_by(&sender, text);
}

/* Opens a copy of |bytes|, as if the server had passed it on. */
static enum envelope_verdict open_as(struct envelope_window *window,
                                     const struct envelope_address *address, struct slice bytes,
                                     const char *expected) {
    struct buffer copy;
    struct slice text;
    struct envelope_window before = *window;
    buffer_init(&copy, bytes.len);
    assert_int_equal(buffer_append(&copy, bytes), PARLEY_OK);
    enum envelope_verdict verdict = envelope_open(&pair_key, window, address, &copy, &text);
    assert_slice(text, verdict == ENVELOPE_OPENED ? expected : "");
    if (verdict != ENVELOPE_OPENED)
        assert_memory_equal(window, &before, sizeof before);
    buffer_deinit(&copy);
    return verdict;
}

static enum envelope_verdict open_salted(struct envelope_window *window,
                                         const uint8_t salt[ENVELOPE_SALT_BYTES],
                                         uint64_t counter) {
    struct envelope_address address = usual();
    struct envelope_sender sender = sender_at(salt, counter);
    struct buffer bytes = written_by(&sender, BYTES("v=0"));
    enum envelope_verdict verdict = open_as(window, &address, buffer_slice(&bytes), "v=0");
    buffer_deinit(&bytes);
    return verdict;
}

static enum envelope_verdict open_number(struct envelope_window *window, uint64_t counter) {
    return open_salted(window, usual_salt, counter);
}

static void check_envelope(const cJSON *vector) {
    struct seal_key key;
    struct envelope_window window = {0};
    uint8_t salt[ENVELOPE_SALT_BYTES];
    struct slice said = vector_bytes(vector, "text"), text;
    struct envelope_address address =
        address_of(vector_text(vector, "roomId"), vector_text(vector, "sender"),
                   vector_text(vector, "receiver"), vector_text(vector, "type"));
    struct buffer bytes;
    vector_copy(vector, "key", key.secret, sizeof key.secret);
    vector_copy(vector, "salt", salt, sizeof salt);
    struct envelope_sender sender = sender_at(salt, vector_number(vector, "counter"));
    buffer_init(&bytes, ENVELOPE_BYTES_MAX);
    assert_int_equal(envelope_write(&key, &sender, &address, said, &bytes), PARLEY_OK);
    assert_vector_bytes(vector, "envelope", (const uint8_t *)bytes.bytes, bytes.len);
    assert_int_equal(envelope_open(&key, &window, &address, &bytes, &text), ENVELOPE_OPENED);
    assert_true(slice_equal(text, said));
    buffer_deinit(&bytes);
}

static void envelopes_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("envelope", check_envelope);
}

static void a_changed_bit_anywhere_is_refused(void **state) {
    (void)state;
    struct envelope_address address = usual();
    struct envelope_window window = {0};
    struct buffer bytes = written(1, BYTES("v=0"));
    for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
        bool is_counter_none = bit == 8 * ENVELOPE_HEAD_BYTES - 8; /* 1 becomes 0 */
        bytes.bytes[bit / 8] = (char)(bytes.bytes[bit / 8] ^ 1 << bit % 8);
        assert_int_equal(open_as(&window, &address, buffer_slice(&bytes), "v=0"),
                         is_counter_none ? ENVELOPE_MALFORMED : ENVELOPE_FORGED);
        bytes.bytes[bit / 8] = (char)(bytes.bytes[bit / 8] ^ 1 << bit % 8);
    }
    assert_int_equal(open_as(&window, &address, buffer_slice(&bytes), "v=0"), ENVELOPE_OPENED);
    buffer_deinit(&bytes);
}

static void assert_redirected_is_refused(const struct envelope_address *address) {
    struct envelope_window window = {0};
    struct buffer bytes = written(1, BYTES("v=0"));
    assert_int_equal(open_as(&window, address, buffer_slice(&bytes), "v=0"), ENVELOPE_FORGED);
    buffer_deinit(&bytes);
}

/* Reflected, for somebody else, in another room, as another type. */
static void one_for_another_address_is_refused(void **state) {
    (void)state;
    struct envelope_address others[] = {address_of(ROOM, RECEIVER, SENDER, "sealed"),
                                        address_of(ROOM, SENDER, OTHER, "sealed"),
                                        address_of(ROOM, OTHER, RECEIVER, "sealed"),
                                        address_of("our-roon", SENDER, RECEIVER, "sealed"),
                                        address_of(ROOM, SENDER, RECEIVER, "relay"),
                                        address_of(ROOM, SENDER, RECEIVER, "seale")};
    for (size_t i = 0; i < COUNT(others); i++)
        assert_redirected_is_refused(&others[i]);
}

static void one_under_the_other_directions_key_is_refused(void **state) {
    (void)state;
    const struct seal_key other = {{8}};
    struct envelope_address address = usual();
    struct envelope_window window = {0};
    struct buffer bytes = written(1, BYTES("v=0"));
    struct slice text;
    assert_int_equal(envelope_open(&other, &window, &address, &bytes, &text), ENVELOPE_FORGED);
    assert_int_equal(window.highest, 0);
    buffer_deinit(&bytes);
}

static void each_opens_once_in_any_order_within_the_window(void **state) {
    (void)state;
    struct envelope_window window = {0};
    for (uint64_t counter = ENVELOPE_WINDOW; counter >= 1; counter--)
        assert_int_equal(open_number(&window, counter), ENVELOPE_OPENED);
    for (uint64_t counter = 1; counter <= ENVELOPE_WINDOW; counter++)
        assert_int_equal(open_number(&window, counter), ENVELOPE_REPLAYED);
}

static void the_windows_edge_is_where_it_is_said(void **state) {
    (void)state;
    struct envelope_window window = {0};
    assert_int_equal(open_number(&window, 1), ENVELOPE_OPENED);
    assert_int_equal(open_number(&window, ENVELOPE_WINDOW), ENVELOPE_OPENED);
    assert_int_equal(open_number(&window, 1), ENVELOPE_REPLAYED); /* the lowest inside */
    assert_int_equal(open_number(&window, ENVELOPE_WINDOW + 2), ENVELOPE_OPENED);
    assert_int_equal(open_number(&window, 2), ENVELOPE_LATE); /* never opened, and never will be */
    assert_int_equal(open_number(&window, 3), ENVELOPE_OPENED);
    assert_int_equal(open_number(&window, 3), ENVELOPE_REPLAYED);
    assert_int_equal(open_number(&window, ENVELOPE_WINDOW), ENVELOPE_REPLAYED);
    assert_int_equal(open_number(&window, ENVELOPE_WINDOW + 1), ENVELOPE_OPENED);
}

static void a_leap_empties_the_window_and_keeps_its_top(void **state) {
    (void)state;
    const uint64_t leaps[] = {ENVELOPE_WINDOW - 1, ENVELOPE_WINDOW, ENVELOPE_WINDOW + 1,
                              (uint64_t)1 << 40};
    for (size_t i = 0; i < COUNT(leaps); i++) {
        struct envelope_window window = {0};
        uint64_t top = 100 + leaps[i];
        assert_int_equal(open_number(&window, 100), ENVELOPE_OPENED);
        assert_int_equal(open_number(&window, top), ENVELOPE_OPENED);
        assert_int_equal(open_number(&window, top), ENVELOPE_REPLAYED);
        assert_int_equal(open_number(&window, top - 1), ENVELOPE_OPENED);
        assert_int_equal(open_number(&window, 100),
                         leaps[i] < ENVELOPE_WINDOW ? ENVELOPE_REPLAYED : ENVELOPE_LATE);
    }
}

/* A caller that starts a sender anew must not seal two texts under one nonce. */
static void senders_with_the_same_key_never_have_the_same_nonce(void **state) {
    (void)state;
    enum { EACH = 100 };
    uint8_t nonces[2 * EACH][SEAL_NONCE_BYTES];
    struct envelope_sender senders[2];
    envelope_sender_init(&senders[0], usual_salt);
    envelope_sender_init(&senders[1], other_salt);
    for (size_t i = 0; i < COUNT(nonces); i++) {
        struct buffer bytes = written_by(&senders[i % 2], BYTES("v=0"));
        memcpy(nonces[i], bytes.bytes, sizeof nonces[i]);
        buffer_deinit(&bytes);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(nonces[i], nonces[j], SEAL_NONCE_BYTES);
    }
}

static void a_window_opens_one_salt_only(void **state) {
    (void)state;
    struct envelope_window window = {0};
    assert_int_equal(open_number(&window, 5), ENVELOPE_OPENED);
    assert_int_equal(open_salted(&window, other_salt, 1), ENVELOPE_OTHER_SALT);
    assert_int_equal(open_salted(&window, other_salt, 5), ENVELOPE_OTHER_SALT);
    assert_int_equal(open_salted(&window, other_salt, 6), ENVELOPE_OTHER_SALT);
    assert_int_equal(open_number(&window, 6), ENVELOPE_OPENED);
}

/* They could be replays: the window has not seen the earlier sender's counters. */
static void an_earlier_salts_envelopes_are_refused(void **state) {
    (void)state;
    struct envelope_address address = usual();
    struct envelope_window window = {0};
    struct buffer earlier[] = {written(1, BYTES("v=0")), written(2, BYTES("v=0")),
                               written(1000, BYTES("v=0"))};
    assert_int_equal(open_salted(&window, other_salt, 1), ENVELOPE_OPENED);
    for (size_t i = 0; i < COUNT(earlier); i++) {
        assert_int_equal(open_as(&window, &address, buffer_slice(&earlier[i]), "v=0"),
                         ENVELOPE_OTHER_SALT);
        buffer_deinit(&earlier[i]);
    }
    assert_int_equal(open_salted(&window, other_salt, 2), ENVELOPE_OPENED);
}

/* Otherwise anybody could choose the salt of a fresh window, and so close it to the sender. */
static void a_forged_one_does_not_choose_the_salt(void **state) {
    (void)state;
    struct envelope_address address = usual();
    struct envelope_window window = {0};
    struct buffer bytes = written(1, BYTES("v=0"));
    bytes.bytes[0] = (char)(bytes.bytes[0] ^ 1);
    assert_int_equal(open_as(&window, &address, buffer_slice(&bytes), "v=0"), ENVELOPE_FORGED);
    assert_int_equal(open_number(&window, 1), ENVELOPE_OPENED);
    assert_int_equal(open_as(&window, &address, buffer_slice(&bytes), "v=0"), ENVELOPE_OTHER_SALT);
    buffer_deinit(&bytes);
}

/* Otherwise anybody could make all envelopes in transit too old. */
static void a_forged_one_does_not_move_the_window(void **state) {
    (void)state;
    struct envelope_address address = usual();
    struct envelope_window window = {0};
    struct buffer bytes = written(1000, BYTES("v=0"));
    assert_int_equal(open_number(&window, 1), ENVELOPE_OPENED);
    bytes.bytes[bytes.len - 1] = (char)(bytes.bytes[bytes.len - 1] ^ 1);
    assert_int_equal(open_as(&window, &address, buffer_slice(&bytes), "v=0"), ENVELOPE_FORGED);
    assert_int_equal(open_number(&window, 2), ENVELOPE_OPENED);
    buffer_deinit(&bytes);
}

static void counters_end_before_one_comes_twice(void **state) {
    (void)state;
    struct envelope_address address = usual();
    struct envelope_window window = {0};
    struct envelope_sender sender = sender_at(usual_salt, 0); /* the last was UINT64_MAX */
    struct buffer bytes;
    buffer_init(&bytes, ENVELOPE_BYTES_MAX);
    assert_int_equal(envelope_write(&pair_key, &sender, &address, BYTES("v=0"), &bytes),
                     PARLEY_ERR_STATE);
    assert_int_equal(sender.counter, UINT64_MAX);
    assert_int_equal(bytes.len, 0);
    assert_int_equal(open_number(&window, UINT64_MAX), ENVELOPE_OPENED);
    assert_int_equal(open_number(&window, UINT64_MAX - 63), ENVELOPE_OPENED);
    assert_int_equal(open_number(&window, UINT64_MAX - 64), ENVELOPE_LATE);
    buffer_deinit(&bytes);
}

static void what_is_too_long_is_neither_written_nor_read(void **state) {
    (void)state;
    struct envelope_address address = usual();
    struct envelope_window window = {0};
    struct slice longest = filled("", "x", ENVELOPE_TEXT_BYTES_MAX, ""), text;
    struct envelope_sender sender = sender_at(usual_salt, 1);
    struct buffer bytes = written(1, longest);
    assert_int_equal(bytes.len, ENVELOPE_BYTES_MAX);
    bytes.bytes_max++;
    assert_int_equal(envelope_open(&pair_key, &window, &address, &bytes, &text), ENVELOPE_OPENED);
    assert_int_equal(buffer_append(&bytes, BYTES("x")), PARLEY_OK);
    assert_int_equal(envelope_open(&pair_key, &window, &address, &bytes, &text),
                     ENVELOPE_MALFORMED);
    longest = filled("", "x", ENVELOPE_TEXT_BYTES_MAX + 1, "");
    assert_int_equal(envelope_write(&pair_key, &sender, &address, longest, &bytes),
                     PARLEY_ERR_TOO_BIG);
    assert_int_equal(sender.counter, 0);
    buffer_deinit(&bytes);
}

static void a_cut_one_is_refused(void **state) {
    (void)state;
    struct envelope_address address = usual();
    struct envelope_window window = {0};
    struct buffer bytes = written(1, BYTES("v=0"));
    for (size_t len = 0; len < bytes.len; len++)
        assert_int_equal(open_as(&window, &address, slice_first(buffer_slice(&bytes), len), "v=0"),
                         len < ENVELOPE_HEAD_BYTES + SEAL_TAG_BYTES ? ENVELOPE_MALFORMED
                                                                    : ENVELOPE_FORGED);
    buffer_deinit(&bytes);
}

static void a_full_buffer_costs_no_counter(void **state) {
    (void)state;
    struct envelope_address address = usual();
    struct envelope_sender sender = sender_at(usual_salt, 6);
    struct buffer bytes;
    buffer_init(&bytes, ENVELOPE_HEAD_BYTES + 3 + SEAL_TAG_BYTES - 1);
    assert_int_equal(envelope_write(&pair_key, &sender, &address, BYTES("v=0"), &bytes),
                     PARLEY_ERR_FULL);
    assert_int_equal(sender.counter, 5);
    assert_int_equal(bytes.len, 0);
    buffer_deinit(&bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(envelopes_are_those_of_the_vectors),
        cmocka_unit_test(a_changed_bit_anywhere_is_refused),
        cmocka_unit_test(one_for_another_address_is_refused),
        cmocka_unit_test(one_under_the_other_directions_key_is_refused),
        cmocka_unit_test(each_opens_once_in_any_order_within_the_window),
        cmocka_unit_test(the_windows_edge_is_where_it_is_said),
        cmocka_unit_test(a_leap_empties_the_window_and_keeps_its_top),
        cmocka_unit_test(senders_with_the_same_key_never_have_the_same_nonce),
        cmocka_unit_test(a_window_opens_one_salt_only),
        cmocka_unit_test(an_earlier_salts_envelopes_are_refused),
        cmocka_unit_test(a_forged_one_does_not_choose_the_salt),
        cmocka_unit_test(a_forged_one_does_not_move_the_window),
        cmocka_unit_test(counters_end_before_one_comes_twice),
        cmocka_unit_test(what_is_too_long_is_neither_written_nor_read),
        cmocka_unit_test(a_cut_one_is_refused),
        cmocka_unit_test(a_full_buffer_costs_no_counter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
