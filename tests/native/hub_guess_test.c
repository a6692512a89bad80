/* Guesses of members and rooms, at random and as close as possible: none is right, and no answer
 * reveals which was close. */
#include "cmocka_all.h"
#include "hub_driver.h"
#include "id.h"
#include "random.h"

#include <stdio.h>
#include <string.h>

#define GUESSES 20000 /* of each kind */
#define ROOMS 50
#define TOKENS_FROM 100000 /* others are below */
#define ID_BYTES (WIRE_MEMBER_ID_BYTES + 1)

static char known_ids[ROOMS][ID_BYTES]; /* members of other rooms */
static char known_rooms[ROOMS][WIRE_ROOM_ID_BYTES_MAX + 1];
static struct random source;

/* Somebody in a room that the hub made. */
static void make_room(int number) {
    char text[128];
    hub_handle handle = must_connect();
    snprintf(text, sizeof text, "{\"type\":\"join\",\"version\":%d,\"token\":\"known-%016d\"}",
             WIRE_VERSION, number);
    say(handle, text);
    struct wire_message welcome = message_at(0, handle);
    snprintf(known_ids[number], ID_BYTES, "%.*s", WIRE_MEMBER_ID_BYTES, welcome.member.bytes);
    snprintf(known_rooms[number], sizeof known_rooms[0], "%.*s", welcome.room.len,
             welcome.room.bytes);
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

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The |number|-th guess of a member: a random id, or a known one with one other digit. */
static void guess_member(int number, char out[ID_BYTES]) {
    const char *known = known_ids[number / 2 % ROOMS];
    for (size_t i = 0; i < WIRE_MEMBER_ID_BYTES; i++)
        out[i] = number % 2 == 0 ? digits[random_next(&source) % 64] : known[i];
    char *digit = &out[number / 2 / ROOMS % WIRE_MEMBER_ID_BYTES];
    char kept = *digit;
    do
        *digit = digits[random_next(&source) % 64];
    while (*digit == kept);
    out[WIRE_MEMBER_ID_BYTES] = '\0';
}

/* The answer has the same bytes for an id that nobody has, for one of another room, for the
 * guesser's own, and for a former member's. */
static void nobody_finds_a_member(void **state) {
    (void)state;
    char own[ID_BYTES], former[ID_BYTES], id[ID_BYTES], text[128];
    static char answer[sizeof sent->text];
    hub_handle guesser = member_of("guessers", own);
    disconnect_at(member_of("guessers", former), 0);
    for (int i = 0; i < GUESSES; i++) {
        guess_member(i, id);
        const char *guess = i % 100 == 0   ? own
                            : i % 100 == 1 ? former
                            : i % 100 == 2 ? known_ids[i / 100 % ROOMS]
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

/* The beginning of the |number|-th word. */
static const char *word_at(const char *room, int number) {
    for (; number > 0; number--)
        room = strchr(room, '-') + 1;
    return room;
}

/* A name that the hub could make; with |known|, that one with another |number|-th word. False: it
 * is the known one itself. */
static bool guess_room(const char *known, int number, char out[WIRE_ROOM_ID_BYTES_MAX + 1]) {
    uint8_t random[ID_ROOM_RANDOM_BYTES];
    struct room_id made;
    for (size_t i = 0; i < sizeof random; i++)
        random[i] = (uint8_t)(random_next(&source) >> 8);
    id_make_room(random, &made);
    snprintf(out, WIRE_ROOM_ID_BYTES_MAX + 1, "%.*s", made.len, made.bytes);
    if (known == NULL)
        return true;
    char other[WIRE_ROOM_ID_BYTES_MAX + 1];
    snprintf(other, sizeof other, "%s", word_at(out, number));
    other[strcspn(other, "-")] = '\0';
    const char *rest = strchr(word_at(known, number), '-');
    int len = (int)(word_at(known, number) - known);
    len = snprintf(out, WIRE_ROOM_ID_BYTES_MAX + 1, "%.*s%s%s", len, known, other,
                   rest == NULL ? "" : rest);
    assert_in_range(len, 1, WIRE_ROOM_ID_BYTES_MAX);
    return strcmp(out, known) != 0;
}

/* A wrong guess leads to an empty room of that name. The hub's names are one of 2^42 (id.h). */
static void nobody_finds_a_room(void **state) {
    (void)state;
    char room[WIRE_ROOM_ID_BYTES_MAX + 1];
    for (int i = 0; i < GUESSES; i++) {
        const char *known = i % 2 == 0 ? NULL : known_rooms[i / 2 % ROOMS];
        if (!guess_room(known, i / 2 / ROOMS % ID_ROOM_WORDS, room))
            continue;
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
