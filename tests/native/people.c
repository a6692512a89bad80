#include "people.h"

#include "chat_debug.h"
#include "error.h"
#include "signals.h"

#include <stdio.h>
#include <stdlib.h>

struct world *world;

int people_setup(void **state) {
    (void)state;
    world = calloc(1, sizeof *world);
    if (!world)
        return -1;
    world_init(world);
    return 0;
}

int people_teardown(void **state) {
    (void)state;
    world_deinit(world);
    free(world);
    return 0;
}

struct status_view status(int page) {
    struct status_view view;
    chat_status_view(world->pages[page].chat, &view);
    return view;
}

struct member_view member(int page, uint32_t index) {
    struct member_view view;
    assert_int_equal(chat_member_view(world->pages[page].chat, index, &view), PARLEY_OK);
    return view;
}

/* How many lines of |kind| with |text| (NULL: any) the page has. */
int lines(int page, enum line_kind kind, const char *text) {
    struct chat *chat = world->pages[page].chat;
    int count = 0;
    for (uint32_t i = 0; i < chat_debug(chat).transcript->count; i++) {
        const struct line *line = chat_debug(chat).transcript->lines[i];
        struct line_view view;
        assert_int_equal(chat_line_view(chat, line->sequence, &view), PARLEY_OK);
        count += line->kind == kind && (!text || slice_equal(view.text, slice_of(text)));
    }
    return count;
}

void assert_same(struct slice actual, const char *expected) {
    if (!slice_equal(actual, slice_of(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", (int)actual.len, actual.bytes, expected);
}

void say(int page, const char *text) {
    assert_int_equal(world_do(world, page, EVENT_SAY, text), PARLEY_OK);
}

static struct slice own_id(int page) {
    return member_id_text(&chat_debug(world->pages[page].chat).room->self_id);
}

/* Seals it as page |from| would: no page sends it itself. */
static void send_signal(struct actions *actions, int from, struct slice to, const char *json) {
    static char text[WIRE_MESSAGE_BYTES_MAX];
    struct wire_message message;
    struct keyring *keyring =
        (struct keyring *)(uintptr_t)chat_debug(world->pages[from].chat).keyring;
    snprintf(text, sizeof text, "{\"to\":\"%.*s\",%s", (int)to.len, to.bytes, json + 1);
    assert_int_equal(wire_read(slice_of(text), WIRE_TO_SERVER, &message), PARLEY_OK);
    assert_int_equal(signals_send(actions, keyring, 0, &message), PARLEY_OK);
    wire_message_deinit(&message);
}

const char *passed_on(int from, int to, const char *json) {
    static struct buffer passed;
    struct actions actions;
    struct wire_message message;
    actions_init(&actions);
    send_signal(&actions, from, own_id(to), json);
    const struct action *sent = actions_next(&actions);
    assert_int_equal(wire_read(sent->a, WIRE_TO_SERVER, &message), PARLEY_OK);
    assert_true(member_id_read(own_id(from), &message.member));
    buffer_deinit(&passed);
    buffer_init(&passed, WIRE_MESSAGE_BYTES_MAX + 1);
    assert_int_equal(wire_write(&message, WIRE_TO_PAGE, &passed), PARLEY_OK);
    assert_int_equal(buffer_append(&passed, (struct slice){"", 1}), PARLEY_OK);
    wire_message_deinit(&message);
    actions_deinit(&actions);
    return passed.bytes;
}

/* Ada, Bea, Cyd ... in one room. */
void meet(int count) {
    static const char *const names[] = {"Ada", "Bea", "Cyd", "Dan", "Eve"};
    for (int i = 0; i < count; i++)
        world_start(world, i, names[i], "lobby");
    world_run(world);
    for (int i = 0; i < count; i++)
        for (uint32_t k = 1; k < (uint32_t)count; k++)
            assert_int_equal(member(i, k).state, CONTACT_CONNECTED);
}
