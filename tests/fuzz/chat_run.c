#include "chat_run.h"

#include "error.h"

#include <string.h>

#define TICKS_MAX 200 /* within which nothing may be left due */

void run_init(struct run *run, struct script script) {
    *run = (struct run){.script = script, .now_ms = 1000, .wall_ms = 1700000000000};
    FUZZ_CHECK(chat_create(&run->chat) == PARLEY_OK);
    run->views = views_read(run->chat);
}

void run_deinit(struct run *run) {
    views_read_lines(run->chat);
    insider_deinit(&run->insider);
    chat_destroy(run->chat);
    script_free_texts(&run->script);
}

/* --- the effects of an event ------------------------------------------------------------------ */

static bool is_speech_error(int result) {
    return result == PARLEY_ERR_UTF8 || result == PARLEY_ERR_EMPTY ||
           result == PARLEY_ERR_TOO_LONG || result == PARLEY_ERR_STATE;
}

static void check_result(const struct run *run, const struct event *event, int result) {
    bool speech = event->kind == EVENT_SAY || event->kind == EVENT_RENAME;
    FUZZ_CHECK(strlen(chat_error_text(event->kind, result)) > 0 || result == PARLEY_OK);
    if (run->started == (event->kind == EVENT_START))
        FUZZ_CHECK(result == PARLEY_ERR_STATE);
    else if (event->kind == EVENT_START && event->c.len < EVENT_RANDOM_BYTES)
        FUZZ_CHECK(result == PARLEY_ERR_ARGUMENT);
    else if (speech && result == PARLEY_ERR_TOO_BIG)
        FUZZ_CHECK(event->kind == EVENT_SAY);
    else
        FUZZ_CHECK(result == PARLEY_OK || (speech && is_speech_error(result)));
}

/* If a view changes, a SHOW_... action must have come. A refused event must have no action. */
static void check_views(struct run *run, int result) {
    struct views now = views_read(run->chat);
    const bool *shown = run->page.shown;
    FUZZ_CHECK(now.status == run->views.status || shown[ACTION_SHOW_STATUS]);
    FUZZ_CHECK(now.draft == run->views.draft || shown[ACTION_SHOW_DRAFT]);
    FUZZ_CHECK(now.members == run->views.members || shown[ACTION_SHOW_MEMBERS]);
    FUZZ_CHECK(now.lines == run->views.lines || shown[ACTION_SHOW_LINES]);
    FUZZ_CHECK(result == PARLEY_OK || run->page.actions == 0);
    run->views = now;
}

/* A core that was unloaded keeps nothing open. */
static void check_unloaded(struct run *run) {
    FUZZ_CHECK(run->page.socket == PAGE_SOCKET_NONE);
    FUZZ_CHECK(run->page.polling.asked == 0 && run->page.polling.sending == 0);
    FUZZ_CHECK(chat_deadline_ms(run->chat) == NO_DEADLINE);
    for (size_t i = 0; i < WIRE_ROOM_MEMBERS_MAX; i++)
        FUZZ_CHECK(run->page.peers[i].number == 0);
}

/* An invalid event changes nothing, whether there are actions left or not. */
static void check_refusal(struct run *run) {
    int result = chat_handle(run->chat, &(struct event){.kind = EVENT_COUNT});
    FUZZ_CHECK(result == PARLEY_ERR_STATE || result == PARLEY_ERR_ARGUMENT);
}

static void follow_hide_address(struct run *run, const struct event *event, int result) {
    if (result == PARLEY_OK && event->kind == EVENT_START)
        run->page.hide_address = event->code & EVENT_START_HIDE_ADDRESS;
    if (result == PARLEY_OK && event->kind == EVENT_HIDE_ADDRESS)
        run->page.hide_address = event->code != 0;
}

/* --- events ----------------------------------------------------------------------------------- */

void run_event(struct run *run, struct event event) {
    if (run->events++ >= RUN_EVENTS_MAX || !page_may_report(&run->page, &event))
        return;
    event.now_ms = run->now_ms;
    event.wall_ms = run->wall_ms;
    event.utc_offset_min = run->utc_offset_min;
    page_report(&run->page, &event);
    int result = chat_handle(run->chat, &event);
    check_refusal(run);
    follow_hide_address(run, &event, result);
    for (const struct action *action; (action = chat_next_action(run->chat));)
        page_take(&run->page, action);
    check_result(run, &event, result);
    check_views(run, result);
    if (result == PARLEY_OK && event.kind == EVENT_START)
        run->started = true;
    if (result == PARLEY_OK && event.kind == EVENT_UNLOAD)
        run->started = false;
    if (!run->started && run->page.lawful)
        check_unloaded(run);
}

void run_bare(struct run *run, enum event_kind kind, uint32_t peer, uint32_t code) {
    run_event(run, (struct event){.kind = kind, .peer = peer, .code = code});
}

void run_text(struct run *run, enum event_kind kind, uint32_t peer, uint32_t code,
              struct slice text) {
    run_event(run, (struct event){.kind = kind, .peer = peer, .code = code, .a = text});
}

/* --- time ------------------------------------------------------------------------------------- */

void run_pass(struct run *run, uint64_t ms) {
    if (ms > RUN_CLOCK_MAX_MS - run->now_ms)
        ms = RUN_CLOCK_MAX_MS - run->now_ms;
    run->now_ms += ms;
    if (run->wall_ms < (int64_t)(RUN_CLOCK_MAX_MS - ms))
        run->wall_ms += (int64_t)ms;
}

void run_tick(struct run *run) {
    run_bare(run, EVENT_TICK, 0, 0);
    for (int i = 0; run->started && chat_deadline_ms(run->chat) <= run->now_ms; i++) {
        FUZZ_CHECK(i < TICKS_MAX);
        if (run->events >= RUN_EVENTS_MAX)
            return;
        run_bare(run, EVENT_TICK, 0, 0);
    }
}
