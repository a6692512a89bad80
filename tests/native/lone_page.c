#include "lone_page.h"

#include "error.h"

struct chat *chat;
uint64_t now_ms;

int lone_page_setup(void **state) {
    (void)state;
    now_ms = 0;
    return chat_create(&chat);
}

int lone_page_teardown(void **state) {
    (void)state;
    chat_destroy(chat);
    return 0;
}

void lone_page_give(struct event event, void (*take)(const struct action *action)) {
    event.now_ms = now_ms;
    assert_int_equal(chat_handle(chat, &event), PARLEY_OK);
    for (const struct action *action; (action = chat_next_action(chat));)
        take(action);
}

struct event lone_page_start(void) {
    static const char random[EVENT_RANDOM_BYTES] = "0123456789012345678901234567890";
    return (struct event){
        .kind = EVENT_START, .a = slice_of("lobby"), .c = {random, sizeof random}};
}

struct status_view lone_page_status(void) {
    struct status_view view;
    chat_status_view(chat, &view);
    return view;
}
