/* Signals between two members who share keys: what opens, and what is refused and counted. */
#include "signals.h"

#include "error.h"
#include "made_ids.h"
#include "slices.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

static struct keyring ada, bea;
static struct signals_refused refused;
static char sealed[WIRE_SEALED_BYTES_MAX]; /* of the last signal, as Ada sent it */
static size_t sealed_len;

static void begin(struct keyring *keyring, char letter, const char *address) {
    uint8_t seed[SECRET_RANDOM_SEED_BYTES];
    struct token_secret token;
    memset(seed, letter, sizeof seed);
    memset(token.bytes, letter, sizeof token.bytes);
    keyring_begin(keyring, seed, slice_of(""));
    assert_int_equal(keyring_enter(keyring, slice_of(address), &token), PARLEY_OK);
}

static void meet(struct keyring *one, struct keyring *other) {
    assert_int_equal(keyring_meet(one, &other->self.id, keyring_hello(other, 1)), PARLEY_OK);
}

static void enter(const char *address) {
    begin(&ada, 'A', address);
    begin(&bea, 'B', address);
    meet(&ada, &bea);
    meet(&bea, &ada);
}

static int setup(void **state) {
    (void)state;
    refused = (struct signals_refused){{0}};
    enter("#1AAECAwQFBgcICQoLDA0ODw");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    keyring_deinit(&ada);
    keyring_deinit(&bea);
    return 0;
}

/* What Ada hands to the server. PARLEY_ERR_EMPTY: nothing. */
static int send_to(const struct member_id *to, enum wire_type *type) {
    struct actions actions;
    struct wire_message message = {0};
    const struct wire_message offer = {
        .type = WIRE_OFFER, .member = *to, .connection = 7, .sdp = slice_of("v=0")};
    actions_init(&actions);
    assert_int_equal(signals_send(&actions, &ada, 0, &offer), PARLEY_OK);
    const struct action *action = actions_next(&actions);
    int error = action ? wire_read(action->a, WIRE_TO_SERVER, &message) : PARLEY_ERR_EMPTY;
    if (!error) {
        assert_true(member_id_equal(&message.member, to));
        *type = message.type;
        sealed_len = message.sealed.len;
        if (sealed_len)
            memcpy(sealed, message.sealed.bytes, sealed_len);
        wire_message_deinit(&message);
    }
    actions_deinit(&actions);
    return error;
}

static void send_offer(void) {
    enum wire_type type = WIRE_TYPE_COUNT;
    assert_int_equal(send_to(&bea.self.id, &type), PARLEY_OK);
    assert_int_equal(type, WIRE_SEALED);
}

/* Bea hears it, from |sender| according to the server. True: it opened. */
static bool hear(const struct member_id *sender) {
    struct signals_opened opened = {0};
    const struct wire_message message = {
        .type = WIRE_SEALED, .member = *sender, .sealed = {sealed, sealed_len}};
    const struct wire_message *signal = signals_open(&bea, &refused, &message, &opened);
    if (signal) {
        assert_int_equal(signal->type, WIRE_OFFER);
        assert_int_equal(signal->connection, 7);
        assert_slice(signal->sdp, "v=0");
        assert_true(member_id_equal(&signal->member, sender));
    }
    bool is_opened = signal != NULL;
    signals_close(&opened);
    return is_opened;
}

static uint32_t count_refused(void) {
    uint32_t count = 0;
    for (unsigned i = 0; i < SIGNALS_REFUSAL_COUNT; i++)
        count += refused.count[i];
    return count;
}

static void assert_refused(unsigned reason) {
    assert_false(hear(&ada.self.id));
    assert_int_equal(refused.count[reason], 1);
    assert_int_equal(count_refused(), 1);
}

static void a_signal_opens_once(void **state) {
    (void)state;
    send_offer();
    assert_true(hear(&ada.self.id));
    assert_int_equal(count_refused(), 0);
    assert_refused(ENVELOPE_REPLAYED);
}

static void the_server_sees_neither_type_nor_text(void **state) {
    (void)state;
    send_offer();
    struct slice seen = {sealed, sealed_len};
    assert_true(seen.len > 0);
    for (size_t i = 0; i + 5 <= seen.len; i++)
        assert_memory_not_equal(seen.bytes + i, "offer", 5);
}

static void a_changed_signal_is_forged(void **state) {
    (void)state;
    send_offer();
    sealed[sealed_len / 2] = sealed[sealed_len / 2] == 'A' ? 'B' : 'A';
    assert_refused(ENVELOPE_FORGED);
}

static void what_is_no_envelope_is_malformed(void **state) {
    (void)state;
    send_offer();
    sealed_len = 7;
    assert_refused(ENVELOPE_MALFORMED);
    refused = (struct signals_refused){{0}};
    sealed[0] = '!';
    sealed_len = 200;
    assert_refused(ENVELOPE_MALFORMED);
}

static void a_signal_to_another_is_forged_here(void **state) {
    (void)state;
    struct keyring cyd = {0};
    enum wire_type type = WIRE_TYPE_COUNT;
    begin(&cyd, 'C', "#1AAECAwQFBgcICQoLDA0ODw");
    meet(&ada, &cyd);
    assert_int_equal(send_to(&cyd.self.id, &type), PARLEY_OK);
    assert_refused(ENVELOPE_FORGED);
    keyring_deinit(&cyd);
}

static void nobody_unknown_is_heard(void **state) {
    (void)state;
    const struct member_id mallory = member_id_from("AAAAAAAAAAAAAAAAAAAAAA");
    send_offer();
    assert_false(hear(&mallory));
    assert_int_equal(refused.count[SIGNALS_NO_KEYS], 1);
}

/* Seals |text| as Ada's next envelope to Bea. */
static void seal_text(const char *text) {
    struct keyring_pair *pair = keyring_find(&ada, &bea.self.id);
    const struct envelope_address address = {.room = ada.room,
                                             .sender = ada.self.id,
                                             .receiver = bea.self.id,
                                             .type = slice_of("sealed")};
    struct buffer out;
    buffer_init(&out, ENVELOPE_BYTES_MAX);
    assert_int_equal(
        envelope_write(&pair->keys.send, &pair->sender, &address, slice_of(text), &out), PARLEY_OK);
    sealed_len = (8 * out.len + 5) / 6;
    text_base64url((const uint8_t *)out.bytes, out.len, sealed);
    buffer_deinit(&out);
}

static void only_signals_to_us_count(void **state) {
    (void)state;
    char text[256];
    static const struct {
        const char *before, *after; /* Bea's id */
    } wrong[] = {
        {"{\"type\":\"leave\",\"x\":\"", "\"}"},
        {"{\"type\":\"ask\",\"from\":\"", "\"}"},
        {"{\"type\":\"sealed\",\"to\":\"", "\",\"sealed\":\"AAAA\"}"},
        {"{\"type\":\"ask\",\"to\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"x\":\"", "\"}"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        refused = (struct signals_refused){{0}};
        snprintf(text, sizeof text, "%s%.22s%s", wrong[i].before, bea.self.id.bytes,
                 wrong[i].after);
        seal_text(text);
        assert_refused(SIGNALS_NO_SIGNAL);
    }
}

static bool hear_plain(const struct member_id *sender) {
    struct signals_opened opened = {0};
    const struct wire_message offer = {
        .type = WIRE_OFFER, .member = *sender, .connection = 7, .sdp = slice_of("v=0")};
    bool taken = signals_open(&bea, &refused, &offer, &opened) == &offer;
    signals_close(&opened);
    return taken;
}

static void a_signal_in_plain_counts_only_without_keys_in_an_open_room(void **state) {
    (void)state;
    const struct member_id keyless = member_id_from("AAAAAAAAAAAAAAAAAAAAAA");
    enum wire_type type = WIRE_TYPE_COUNT;
    assert_false(hear_plain(&ada.self.id));
    assert_false(hear_plain(&keyless));
    assert_int_equal(refused.count[SIGNALS_PLAIN], 2);
    assert_int_equal(send_to(&keyless, &type), PARLEY_ERR_EMPTY);
    enter("the-room");
    assert_false(hear_plain(&ada.self.id));
    assert_true(hear_plain(&keyless));
    assert_int_equal(refused.count[SIGNALS_PLAIN], 3);
    assert_int_equal(send_to(&keyless, &type), PARLEY_OK);
    assert_int_equal(type, WIRE_OFFER);
}

static void a_signal_that_fits_into_no_envelope_is_not_sent(void **state) {
    (void)state;
    static char sdp[ENVELOPE_TEXT_BYTES_MAX + 1];
    struct actions actions;
    memset(sdp, 'x', sizeof sdp);
    const struct wire_message offer = {
        .type = WIRE_OFFER, .member = bea.self.id, .connection = 7, .sdp = {sdp, sizeof sdp}};
    actions_init(&actions);
    assert_int_equal(signals_send(&actions, &ada, 0, &offer), PARLEY_ERR_TOO_BIG);
    assert_null(actions_next(&actions));
    actions_deinit(&actions);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_signal_opens_once),
        TEST(the_server_sees_neither_type_nor_text),
        TEST(a_changed_signal_is_forged),
        TEST(what_is_no_envelope_is_malformed),
        TEST(a_signal_to_another_is_forged_here),
        TEST(nobody_unknown_is_heard),
        TEST(only_signals_to_us_count),
        TEST(a_signal_in_plain_counts_only_without_keys_in_an_open_room),
        TEST(a_signal_that_fits_into_no_envelope_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
