/* A connection whose first message does not prove its two ends is closed, in open rooms and in
 * sealed ones: real cores and the real hub (world.h). */
#include "link_proof.h"

#include "chat_debug.h"
#include "people.h"

#include <string.h>

#define SEALED "#1AAAAAAAAAAAAAAAAAAAAAA"
#define KEY "\"proof\":\""

enum lie {
    LIE_NONE,
    LIE_NO_PROOF,
    LIE_OTHER,     /* one character differs */
    LIE_OTHER_WAY, /* the listener's own proof */
    LIE_EARLIER    /* that of their connection before */
};

static enum lie lie; /* in what Bea says first */
static char proofs[2][PROOF_CHARACTERS + 1];
static char earlier[PROOF_CHARACTERS + 1];
static char passed[PEER_MESSAGE_BYTES_MAX];

static void alter(char *proof) {
    if (lie == LIE_OTHER)
        proof[0] = proof[0] == 'A' ? 'B' : 'A';
    else if (lie == LIE_OTHER_WAY)
        memcpy(proof, proofs[0], PROOF_CHARACTERS);
    else if (lie == LIE_EARLIER)
        memcpy(proof, earlier, PROOF_CHARACTERS);
}

static struct slice remove_proof(char *proof, size_t len) {
    char *from = proof - strlen("," KEY), *to = proof + PROOF_CHARACTERS + 1;
    memmove(from, to, (size_t)(passed + len - to));
    return (struct slice){passed, len - (size_t)(to - from)};
}

static struct slice altered(int page, struct slice bytes) {
    memcpy(passed, bytes.bytes, bytes.len);
    passed[bytes.len] = '\0';
    char *proof = strstr(passed, KEY);
    if (!proof)
        return bytes;
    proof += strlen(KEY);
    memcpy(proofs[page], proof, PROOF_CHARACTERS);
    if (page == 1 && lie == LIE_NO_PROOF)
        return remove_proof(proof, bytes.len);
    if (page == 1)
        alter(proof);
    return (struct slice){passed, bytes.len};
}

static void come(int page, const char *name, const char *room) {
    world_start(world, page, name, room);
    world_run(world);
}

/* Ada and Bea meet in |room|, and then on another connection, where Bea's first message lies. */
static void meet_again(enum lie what, const char *room) {
    world->altered = altered;
    lie = LIE_NONE;
    come(0, "Ada", room);
    come(1, "Bea", room);
    assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
    memcpy(earlier, proofs[1], sizeof earlier);
    lie = what;
    world_do_peer(world, 0, world_peer(world, 0, 1), EVENT_CHANNEL_CLOSED, 0, (struct slice){0});
}

static void assert_closed(void) {
    assert_int_equal(member(0, 1).state, CONTACT_LOST);
    assert_int_equal(member(0, 1).connection, 0);
    assert_same(
        member(0, 1).reason,
        "Their end of the connection is not the one that the two of you agreed on. Somebody "
        "may be between you.");
    assert_int_equal(lines(0, LINE_LOST,
                           "The connection to Bea was closed. Their end of the connection is not "
                           "the one that the two of you agreed on. Somebody may be between you."),
                     1);
}

static void expect_closed(void **state, enum lie what) {
    static const char *const rooms[] = {SEALED, "lobby"};
    for (int i = 0; i < 2; i++) {
        meet_again(what, rooms[i]);
        assert_closed();
        say(1, "psst");
        assert_int_equal(lines(0, LINE_TEXT, "psst"), 0);
        people_teardown(state);
        people_setup(state);
    }
}

static void without_a_proof(void **state) {
    expect_closed(state, LIE_NO_PROOF);
}

static void with_a_proof_that_differs(void **state) {
    expect_closed(state, LIE_OTHER);
}

static void with_our_own_proof(void **state) {
    expect_closed(state, LIE_OTHER_WAY);
}

static void with_the_proof_of_an_earlier_connection(void **state) {
    expect_closed(state, LIE_EARLIER);
}

static void with_the_right_proof_it_stays(void **state) {
    (void)state;
    meet_again(LIE_NONE, SEALED);
    assert_memory_not_equal(earlier, proofs[1], PROOF_CHARACTERS);
    assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
    say(1, "here");
    assert_int_equal(lines(0, LINE_TEXT, "here"), 1);
}

/* A person who was never heard of is not named: their message did not count. */
static void the_first_connection_of_all(void **state) {
    (void)state;
    world->altered = altered;
    lie = LIE_OTHER;
    come(0, "Ada", SEALED);
    come(1, "Bea", SEALED);
    assert_int_equal(member(0, 1).state, CONTACT_LOST);
    assert_same(
        member(0, 1).reason,
        "Their end of the connection is not the one that the two of you agreed on. Somebody "
        "may be between you.");
    assert_false(slice_equal(member(0, 1).name, slice_of("Bea")));
}

/* Then Bea loads her page anew, and nobody is between them any more. */
static void a_new_page_is_met_as_usual(void **state) {
    (void)state;
    meet_again(LIE_OTHER, SEALED);
    assert_closed();
    lie = LIE_NONE;
    world_do(world, 1, EVENT_UNLOAD, "");
    come(1, "Bea", SEALED);
    assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(without_a_proof),
        TEST(with_a_proof_that_differs),
        TEST(with_our_own_proof),
        TEST(with_the_proof_of_an_earlier_connection),
        TEST(with_the_right_proof_it_stays),
        TEST(the_first_connection_of_all),
        TEST(a_new_page_is_met_as_usual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
