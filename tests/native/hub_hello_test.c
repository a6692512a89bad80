/* The hub: what pages say of themselves when they join (wire.h, hello), and who has met whom where
 * all signals are sealed. */
#include "hub_driver.h"

#include "error.h"
#include "made_ids.h"
#include "slices.h"

#include <stdio.h>

#define GRACE_MS 30000

static int setup(void **state) {
    (void)state;
    all_meet = false;
    return start_hub(2 * WIRE_ROOM_MEMBERS_MAX, 3, WIRE_ROOM_MEMBERS_MAX, GRACE_MS);
}

/* Connects and joins the room with |hello|; NULL: none. */
static hub_handle come(unsigned token, const char *hello, bool back) {
    hub_handle handle = must_connect();
    char text[256 + WIRE_HELLO_BYTES_MAX], said[16 + WIRE_HELLO_BYTES_MAX] = "";
    if (hello)
        snprintf(said, sizeof said, ",\"hello\":\"%s\"", hello);
    snprintf(text, sizeof text,
             "{\"type\":\"join\",\"version\":%d,\"room\":\"lobby\",\"token\":\"token-%016u\"%s%s}",
             WIRE_VERSION, token, said, back ? ",\"back\":true" : "");
    say(handle, text);
    return handle;
}

/* The hellos in the welcome that |to| just got, each followed by a comma. */
static const char *welcomed_with(hub_handle to) {
    static char text[1024];
    struct wire_message welcome = message_at(0, to);
    size_t len = 0;
    assert_int_equal(welcome.type, WIRE_WELCOME);
    assert_true(welcome.hello_count == 0 || welcome.hello_count == welcome.member_count);
    text[0] = '\0';
    for (size_t i = 0; i < welcome.hello_count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%.*s,", (int)welcome.hellos[i].len,
                                welcome.hellos[i].bytes);
    wire_message_deinit(&welcome);
    return text;
}

static void assert_joined_with(int index, hub_handle to, const char *hello, bool back) {
    struct wire_message joined = message_at(index, to);
    assert_int_equal(joined.type, WIRE_JOINED);
    assert_slice(joined.hello, hello);
    assert_int_equal(joined.back, back);
    wire_message_deinit(&joined);
}

static void everybody_gets_the_hellos_of_the_others(void **state) {
    (void)state;
    hub_handle ann = come(1, "ann", false);
    assert_string_equal(welcomed_with(ann), "");
    hub_handle bea = come(2, NULL, false);
    assert_joined_with(1, ann, "", false);
    hub_handle cai = come(3, "cai", false);
    assert_string_equal(welcomed_with(cai), "ann,,");
    assert_joined_with(1, ann, "cai", false);
    assert_joined_with(2, bea, "cai", false);
}

/* Such a page may be an older one, which reads no welcome of that length. */
static void a_page_without_a_hello_is_welcomed_without_them(void **state) {
    (void)state;
    come(1, "ann", false);
    assert_string_equal(welcomed_with(come(2, NULL, false)), "");
}

static void without_any_there_is_no_list(void **state) {
    (void)state;
    come(1, NULL, false);
    hub_handle bea = come(2, "bea", false);
    assert_null(strstr(sent[0].text, "hellos"));
    assert_string_equal(welcomed_with(bea), "");
}

static void the_hello_of_the_last_join_counts(void **state) {
    (void)state;
    hub_handle ann = come(1, "ann", false);
    come(2, "bea", false);
    come(2, "bea-again", true);
    assert_joined_with(3, ann, "bea-again", true); /* the old connection was told and closed */
    assert_string_equal(welcomed_with(come(3, "cai", false)), "ann,bea-again,");
    come(2, NULL, true);
    assert_string_equal(welcomed_with(come(4, "dan", false)), "ann,,cai,");
    come(2, "bea-anew", false);
    assert_string_equal(welcomed_with(come(5, "eve", false)), "ann,cai,dan,bea-anew,");
}

static void a_place_that_is_free_again_has_no_hello(void **state) {
    (void)state;
    come(1, "ann", false);
    hub_handle bea = come(2, "bea", false);
    say(bea, LEAVE);
    disconnect_at(bea, 0);
    assert_int_equal(come(3, NULL, false), bea);
    come(4, "dan", false);
    assert_string_equal(welcomed_with(come(5, "eve", false)), "ann,,dan,");
}

static void the_absent_keep_theirs(void **state) {
    (void)state;
    come(1, "ann", false);
    hub_handle bea = come(2, "bea", true); /* with back, so that the hub waits */
    disconnect_at(bea, 0);
    assert_string_equal(welcomed_with(come(3, "cai", false)), "ann,bea,");
    hub_handle bea_again = come(2, "bea", true);
    say(bea_again, UNLOAD);
    assert_string_equal(welcomed_with(come(4, "dan", false)), "ann,cai,");
}

static void a_full_room_of_long_hellos_is_welcomed(void **state) {
    (void)state;
    char hello[WIRE_HELLO_BYTES_MAX + 1] = "";
    hub_handle last = HUB_NOBODY;
    memset(hello, 'h', WIRE_HELLO_BYTES_MAX);
    for (unsigned i = 0; i < WIRE_ROOM_MEMBERS_MAX; i++)
        last = come(i, hello, false);
    struct wire_message welcome = message_at(0, last);
    assert_int_equal(welcome.hello_count, WIRE_ROOM_MEMBERS_MAX - 1);
    assert_slice(welcome.hellos[WIRE_ROOM_MEMBERS_MAX - 2], hello);
    wire_message_deinit(&welcome);
}

static void refuses(const char *hello) {
    hub_handle handle = come(1, hello, false);
    assert_refused(handle, WIRE_ERROR_BAD_MESSAGE);
    disconnect_at(handle, 0);
}

static void a_hello_that_is_not_base64url_is_not_understood(void **state) {
    (void)state;
    char longer[WIRE_HELLO_BYTES_MAX + 2] = "";
    memset(longer, 'h', WIRE_HELLO_BYTES_MAX + 1);
    refuses("");
    refuses("an n");
    refuses("ann=");
    refuses("\\u0001");
    refuses(longer);
}

/* --- sealed signals --------------------------------------------------------------------------- */

struct two {
    hub_handle ann, bea;
    char ann_id[WIRE_MEMBER_ID_BYTES + 1], bea_id[WIRE_MEMBER_ID_BYTES + 1];
};

static struct two two_members(void) {
    struct two two;
    two.ann = member_with("lobby", 1, false, 0, two.ann_id);
    two.bea = member_with("lobby", 2, false, 0, two.bea_id);
    return two;
}

static void say_sealed(hub_handle from, const char *to) {
    char text[128];
    snprintf(text, sizeof text, "{\"type\":\"sealed\",\"to\":\"%s\",\"sealed\":\"x-_0\"}", to);
    say(from, text);
}

static void a_sealed_signal_reaches_its_target_with_the_true_sender(void **state) {
    (void)state;
    struct two two = two_members();
    say_sealed(two.ann, two.bea_id);
    struct wire_message message = message_at(0, two.bea);
    assert_int_equal(message.type, WIRE_SEALED);
    assert_true(member_id_is(&message.member, two.ann_id));
    assert_slice(message.sealed, "x-_0");
    assert_int_equal(sent_count, 1);
    wire_message_deinit(&message);
}

/* Their places are kept from then on. */
static void members_who_sealed_for_each_other_have_met(void **state) {
    (void)state;
    struct two two = two_members();
    say_sealed(two.ann, two.bea_id);
    say_sealed(two.bea, two.ann_id);
    disconnect_at(two.bea, 0);
    assert_int_equal(sent_count, 0);
    assert_int_equal(notes[HUB_NOTE_AWAY], 1);
    disconnect_at(two.ann, 0);
    assert_int_equal(notes[HUB_NOTE_AWAY], 1);
}

static void one_who_never_answered_has_met_nobody(void **state) {
    (void)state;
    struct two two = two_members();
    say_sealed(two.ann, two.bea_id);
    say_sealed(two.ann, two.bea_id);
    disconnect_at(two.bea, 0);
    assert_hears_left(0, two.ann, two.bea_id, false);
    disconnect_at(two.ann, 0);
    assert_int_equal(notes[HUB_NOTE_LEFT], 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stop_hub)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(everybody_gets_the_hellos_of_the_others),
        TEST(a_page_without_a_hello_is_welcomed_without_them),
        TEST(without_any_there_is_no_list),
        TEST(the_hello_of_the_last_join_counts),
        TEST(a_place_that_is_free_again_has_no_hello),
        TEST(the_absent_keep_theirs),
        TEST(a_full_room_of_long_hellos_is_welcomed),
        TEST(a_hello_that_is_not_base64url_is_not_understood),
        TEST(a_sealed_signal_reaches_its_target_with_the_true_sender),
        TEST(members_who_sealed_for_each_other_have_met),
        TEST(one_who_never_answered_has_met_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
