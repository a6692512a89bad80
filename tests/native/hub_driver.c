#include "hub_driver.h"

#include "error.h"
#include "made_ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_TOKEN_OF_ITS_OWN 1000000

struct hub *hub;
struct sent *sent;
int sent_count, notes[NOTE_COUNT];
char last_target[WIRE_MEMBER_ID_BYTES + 1];
char last_room[WIRE_ROOM_ID_BYTES_MAX + 1];
bool all_meet;
static bool unseen; /* actions are not kept */
static uint8_t next_random;
static unsigned next_token;

static void keep_note(const struct hub_action *action) {
    notes[action->note]++;
    if (action->note == HUB_NOTE_MESSAGE)
        snprintf(last_target, sizeof last_target, "%.*s", WIRE_MEMBER_ID_BYTES,
                 action->target ? action->target->bytes : "");
    if (action->room)
        snprintf(last_room, sizeof last_room, "%.*s", action->room->len, action->room->bytes);
}

void collect(void) {
    struct hub_action action;
    while (unseen && hub_next_action(hub, &action)) {
    }
    if (unseen)
        return;
    sent_count = 0;
    memset(notes, 0, sizeof notes);
    while (hub_next_action(hub, &action)) {
        if (action.kind == HUB_NOTE) {
            keep_note(&action);
            continue;
        }
        assert_true(sent_count < SENT_MAX);
        struct sent *one = &sent[sent_count++];
        one->kind = action.kind;
        one->to = action.to;
        one->close_code = action.close_code;
        one->error = action.error;
        if (action.kind == HUB_SEND)
            memcpy(one->text, action.bytes.bytes, action.bytes.len);
        one->text[action.kind == HUB_SEND ? action.bytes.len : 0] = '\0';
    }
}

int start_hub(uint32_t connections, uint32_t rooms, uint32_t members, uint32_t grace_ms) {
    return start_hub_with(connections, rooms, members, grace_ms, NULL);
}

int start_hub_with(uint32_t connections, uint32_t rooms, uint32_t members, uint32_t grace_ms,
                   const struct turn *turn) {
    static const struct wire_ice_server stun = {.url = {"stun:stun.example.org:3478", 26}};
    struct hub_config config = {.connections_max = connections,
                                .rooms_max = rooms,
                                .room_members_max = members,
                                .join_timeout_ms = TIMEOUT_MS,
                                .grace_ms = grace_ms,
                                .relay = true,
                                .trace = true,
                                .ice_servers = &stun,
                                .ice_server_count = 1,
                                .turn = turn};
    next_random = 0;
    next_token = FIRST_TOKEN_OF_ITS_OWN;
    sent = calloc(SENT_MAX, sizeof *sent);
    return sent ? hub_create(&hub, &config) : PARLEY_ERR_NO_MEMORY;
}

int stop_hub(void **state) {
    (void)state;
    hub_destroy(hub);
    free(sent);
    return 0;
}

int connect_one(hub_handle *handle, uint64_t now_ms) {
    uint8_t random[HUB_RANDOM_BYTES];
    memset(random, ++next_random, sizeof random);
    int error = hub_connect(hub, now_ms, NULL, random, handle);
    collect();
    return error;
}

static hub_handle must_connect_at(uint64_t now_ms) {
    hub_handle handle = UINT32_MAX;
    assert_int_equal(connect_one(&handle, now_ms), PARLEY_OK);
    return handle;
}

hub_handle must_connect(void) {
    return must_connect_at(0);
}

void disconnect_at(hub_handle handle, uint64_t now_ms) {
    hub_disconnect(hub, now_ms, handle);
    collect();
}

void tick(uint64_t now_ms) {
    hub_tick(hub, now_ms);
    collect();
}

void say_at(hub_handle from, uint64_t now_ms, const char *text) {
    hub_receive(hub, now_ms, from, slice_of(text));
    collect();
}

void say(hub_handle from, const char *text) {
    say_at(from, 0, text);
}

void join_with(hub_handle handle, uint64_t now_ms, const char *room, unsigned token, bool back) {
    char text[256], named[128] = "";
    if (*room)
        snprintf(named, sizeof named, "\"room\":\"%s\",", room);
    snprintf(text, sizeof text,
             "{\"type\":\"join\",\"version\":%d,%s\"token\":\"token-%016u\",\"back\":%s}",
             WIRE_VERSION, named, token, back ? "true" : "false");
    say_at(handle, now_ms, text);
}

void join(hub_handle handle, const char *room) {
    join_with(handle, 0, room, next_token++, false);
}

static void answer_to(hub_handle from, uint64_t now_ms, const struct member_id *id) {
    char text[128];
    snprintf(text, sizeof text,
             "{\"type\":\"answer\",\"to\":\"%.*s\",\"sdp\":\"v\",\"connection\":1,\"for\":1}",
             WIRE_MEMBER_ID_BYTES, id->bytes);
    say_at(from, now_ms, text);
}

static void receive_visitor(uint64_t now_ms, const struct wire_message *welcome) {
    char room[WIRE_ROOM_ID_BYTES_MAX + 1];
    snprintf(room, sizeof room, "%.*s", welcome->room.len, welcome->room.bytes);
    hub_handle visitor = must_connect_at(now_ms);
    join_with(visitor, now_ms, room, next_token++, false);
    answer_to(visitor, now_ms, &welcome->member);
    say_at(visitor, now_ms, LEAVE);
    disconnect_at(visitor, now_ms);
}

/* The welcome of |handle|, which must be among the last input's actions. */
static struct wire_message welcome_of(hub_handle handle) {
    int at = 0;
    while (at < sent_count && (sent[at].to != handle || sent[at].kind != HUB_SEND))
        at++;
    struct wire_message welcome = message_at(at, handle);
    assert_int_equal(welcome.type, WIRE_WELCOME);
    return welcome;
}

void make_acquainted(hub_handle handle, uint64_t now_ms) {
    struct wire_message welcome = welcome_of(handle);
    unseen = true;
    if (welcome.member_count > 0)
        answer_to(handle, now_ms, &welcome.members[0]);
    else
        receive_visitor(now_ms, &welcome);
    unseen = false;
    wire_message_deinit(&welcome);
}

hub_handle member_with(const char *room, unsigned token, bool back, uint64_t now_ms,
                       char id[WIRE_MEMBER_ID_BYTES + 1]) {
    hub_handle handle = must_connect_at(now_ms);
    join_with(handle, now_ms, room, token, back);
    struct wire_message welcome = welcome_of(handle);
    memcpy(id, welcome.member.bytes, WIRE_MEMBER_ID_BYTES);
    id[WIRE_MEMBER_ID_BYTES] = '\0';
    wire_message_deinit(&welcome);
    if (all_meet)
        make_acquainted(handle, now_ms);
    return handle;
}

hub_handle member_of(const char *room, char id[WIRE_MEMBER_ID_BYTES + 1]) {
    return member_with(room, next_token++, false, 0, id);
}

struct wire_message message_at(int index, hub_handle to) {
    struct wire_message message;
    assert_true(index < sent_count);
    assert_int_equal(sent[index].kind, HUB_SEND);
    assert_int_equal(sent[index].to, to);
    assert_int_equal(wire_read(slice_of(sent[index].text), WIRE_TO_PAGE, &message), PARLEY_OK);
    return message;
}

void assert_error_at(int index, hub_handle to, enum wire_error error) {
    struct wire_message message = message_at(index, to);
    assert_int_equal(message.type, WIRE_ERROR);
    assert_int_equal(message.error, error);
    wire_message_deinit(&message);
}

void assert_close_at(int index, hub_handle to, uint16_t code, enum wire_error error) {
    assert_true(index < sent_count);
    assert_int_equal(sent[index].kind, HUB_CLOSE);
    assert_int_equal(sent[index].to, to);
    assert_int_equal(sent[index].close_code, code);
    assert_int_equal(sent[index].error, error);
}

void assert_refused(hub_handle to, enum wire_error error) {
    assert_error_at(0, to, error);
    uint16_t code = wire_error_close_code(error);
    assert_int_equal(sent_count, code ? 2 : 1);
    assert_int_equal(notes[HUB_NOTE_REFUSED], 1);
    if (code)
        assert_close_at(1, to, code, error);
}

static void assert_hears(int index, hub_handle to, const struct wire_message *expected) {
    struct wire_message message = message_at(index, to);
    assert_int_equal(message.type, expected->type);
    assert_true(member_id_equal(&message.member, &expected->member));
    assert_int_equal(message.back, expected->back);
    assert_int_equal(message.goodbye, expected->goodbye);
    wire_message_deinit(&message);
}

void assert_hears_joined(int index, hub_handle to, const char *who, bool back) {
    assert_hears(
        index, to,
        &(struct wire_message){.type = WIRE_JOINED, .member = member_id_from(who), .back = back});
}

void assert_hears_left(int index, hub_handle to, const char *who, bool goodbye) {
    assert_hears(index, to,
                 &(struct wire_message){
                     .type = WIRE_LEFT, .member = member_id_from(who), .goodbye = goodbye});
}

void assert_hears_left_for_now(int index, hub_handle to, const char *who, bool goodbye) {
    assert_hears(
        index, to,
        &(struct wire_message){
            .type = WIRE_LEFT, .member = member_id_from(who), .goodbye = goodbye, .back = true});
}

void assert_welcome(int index, hub_handle to, const char *id, const char *first,
                    const char *second) {
    const char *const members[] = {first, second};
    struct wire_message welcome = message_at(index, to);
    assert_int_equal(welcome.type, WIRE_WELCOME);
    assert_true(member_id_is(&welcome.member, id));
    assert_int_equal(welcome.member_count, (first != NULL) + (second != NULL));
    for (size_t i = 0; i < 2 && members[i]; i++)
        assert_true(member_id_is(&welcome.members[i], members[i]));
    wire_message_deinit(&welcome);
}
