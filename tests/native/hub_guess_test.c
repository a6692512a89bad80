/* A million guesses at members and rooms: none is right, and no answer tells which was near. */
#include "cmocka_all.h"
#include "hub_driver.h"
#include "id.h"
#include "random.h"

#include <stdio.h>
#include <string.h>

#define GUESSES 500000 /* of each kind */
#define ROOMS 50
#define TOKENS_FROM 100000 /* others are below */
#define ID_BYTES (WIRE_MEMBER_ID_BYTES + 1)

static char known_ids[ROOMS][ID_BYTES]; /* members of other rooms */
static struct random source;

/* Somebody in a room that the hub made. */
static void make_room(int number) {
    char text[128];
    hub_handle handle = must_connect();
    snprintf(text, sizeof text, "{\"type\":\"join\",\"version\":%d,\"token\":\"known-%016d\"}",
             WIRE_VERSION, number);
    say(handle, text);
    struct wire_message welcome = message_at(0, handle);
    snprintf(known_ids[number], ID_BYTES, "%.*s", (int)welcome.member.len, welcome.member.bytes);
    wire_message_deinit(&welcome);
}

static int setup(void **state) {
    (void)state;
    static const uint8_t seed[8] = {9};
    random_init(&source, seed);
    assert_int_equal(start_hub(1000, 1000, 32, 0), 0);
    for (int i = 0; i < ROOMS; i++)
        make_room(i);
    return 0;
}

/* Evenly from |digits|. */
static void fill(char *out, size_t len, const char *digits, uint32_t count) {
    for (size_t i = 0; i < len; i++)
        out[i] = digits[random_next(&source) % count];
    out[len] = '\0';
}

/* The very bytes of the answer are the same for an id that nobody has, for one of another room, for
 * the guesser's own, and for a former member's. */
static void nobody_finds_a_member(void **state) {
    (void)state;
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char own[ID_BYTES], former[ID_BYTES], id[ID_BYTES], text[128];
    static char answer[sizeof sent->text];
    hub_handle guesser = member_of("guessers", own);
    disconnect_at(member_of("guessers", former), 0);
    for (int i = 0; i < GUESSES; i++) {
        fill(id, WIRE_MEMBER_ID_BYTES, digits, 64);
        const char *guess = i % 1000 == 0   ? own
                            : i % 1000 == 1 ? former
                            : i % 1000 == 2 ? known_ids[i / 1000 % ROOMS]
                                            : id;
        snprintf(text, sizeof text, "{\"type\":\"ask\",\"to\":\"%s\"}", guess);
        say(guesser, text);
        assert_int_equal(sent_count, 1); /* nobody else hears of it */
        assert_int_equal(sent[0].to, guesser);
        if (i == 0)
            memcpy(answer, sent[0].text, sizeof answer);
        assert_string_equal(sent[0].text, answer);
    }
    assert_non_null(strstr(answer, "\"no_such_member\""));
    disconnect_at(guesser, 0);
}

/* Whoever guesses a room's name is alone in a room of that name, and a name that the hub makes is
 * one of 2^42 (id.h). */
static void nobody_finds_a_room(void **state) {
    (void)state;
    char room[WIRE_ROOM_ID_BYTES_MAX + 1];
    uint8_t random[ID_ROOM_RANDOM_BYTES];
    for (int i = 0; i < GUESSES; i++) {
        for (size_t k = 0; k < sizeof random; k++)
            random[k] = (uint8_t)(random_next(&source) >> 8);
        room[id_make_room(random, room)] = '\0';
        hub_handle guesser = must_connect();
        join_with(guesser, 0, room, (unsigned)i + TOKENS_FROM, false);
        assert_int_equal(sent_count, 1);
        assert_non_null(strstr(sent[0].text, "\"members\":[]"));
        disconnect_at(guesser, 0);
    }
    assert_int_equal(hub_stats(hub).rooms, ROOMS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nobody_finds_a_member, setup, stop_hub),
        cmocka_unit_test_setup_teardown(nobody_finds_a_room, setup, stop_hub),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
