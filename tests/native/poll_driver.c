#include "poll_driver.h"

struct actions actions;
static struct outcomes outcomes;
static struct random random_source;
struct env env;
struct poll_client client;
char asked[DRIVER_TEXT_BYTES]; /* since the last assert_asked, in short */
char news[DRIVER_TEXT_BYTES];
uint32_t outlives; /* the last request that outlives the page */

/* --- its requests ----------------------------------------------------------------------------- */

static void note(char *out, size_t size, const char *word, struct slice text) {
    size_t len = strlen(out);
    snprintf(out + len, size - len, "%s%.*s ", word, (int)text.len, text.bytes);
    for (char *at = out + len; *at; at++)
        *at = *at == '\n' ? '/' : *at;
}

static void note_action(const struct action *action) {
    char word[32];
    snprintf(word, sizeof word, "%u:", action->peer);
    if (action->kind == ACTION_HTTP_POST) {
        bool names = slice_equal(action->b, slice_of("parley-session: " SECRET));
        assert_true(names != slice_equal(action->a, slice_of("open\n")));
        assert_true(names || action->b.len == 0);
        assert_true(slice_equal(action->c, slice_of("poll")));
        note(asked, sizeof asked, word, action->a);
        outlives = action->code ? action->peer : outlives;
    } else if (action->kind == ACTION_HTTP_ABORT) {
        note(asked, sizeof asked, word, slice_of("abort"));
    }
}

void end_turn(void) {
    poll_client_flush(&client, &env);
    for (const struct action *action; (action = actions_next(&actions));)
        note_action(action);
    actions_begin(&actions);
}

void take_news(void) {
    struct poll_news one;
    while (poll_client_next(&client, &env, &one)) {
        char text[32];
        switch (one.kind) {
        case POLL_NEWS_OPENED:
            note(news, sizeof news, "opened", slice_of(""));
            break;
        case POLL_NEWS_MESSAGE:
            note(news, sizeof news, "", one.message);
            break;
        case POLL_NEWS_CLOSED:
            snprintf(text, sizeof text, "closed:%u:", one.end.status);
            note(news, sizeof news, text, one.end.text);
            break;
        }
        end_turn();
    }
    assert_false(poll_client_has_news(&client));
}

void assert_asked(const char *expected) {
    assert_string_equal(asked, expected);
    asked[0] = '\0';
}

void assert_news(const char *expected) {
    assert_string_equal(news, expected);
    news[0] = '\0';
}

/* --- events ----------------------------------------------------------------------------------- */

void answer_with(uint32_t request, struct poll_answer answer) {
    poll_client_answered(&client, &env, request, &answer);
    end_turn();
    take_news();
}

void answer(uint32_t request, uint32_t status, const char *body) {
    answer_with(request, (struct poll_answer){.status = status,
                                              .body = slice_of(body),
                                              .type = slice_of("text/plain")});
}

void lose(uint32_t request) {
    poll_client_failed(&client, &env, request);
    end_turn();
    take_news();
}

void put_line(const char *line) {
    assert_int_equal(buffer_append(&actions.lines, slice_of(line)), PARLEY_OK);
    assert_int_equal(buffer_append(&actions.lines, slice_of("\n")), PARLEY_OK);
}

void say(const char *line) {
    put_line(line);
    end_turn();
}

void pass(uint64_t ms) {
    env.now_ms += ms;
    poll_client_tick(&client, &env);
    end_turn();
    take_news();
}

uint64_t pass_to_deadline(void) {
    uint64_t due_ms = poll_client_deadline_ms(&client), before_ms = env.now_ms;
    assert_true(due_ms != NO_DEADLINE);
    pass(due_ms > env.now_ms ? due_ms - env.now_ms : 0);
    return env.now_ms - before_ms;
}

/* Lets time pass, through ticks that only announce that this page polls. */
uint64_t pass_until_asked(void) {
    uint64_t ms = 0;
    assert_asked("");
    while (!asked[0])
        ms += pass_to_deadline();
    return ms;
}

void close_client(void) {
    poll_client_close(&client, &env);
    end_turn();
    assert_false(poll_client_has_news(&client));
}

void open_client(void) {
    poll_client_open(&client, &env);
    end_turn();
}

/* Comes in and sends its first poll, which is request 2. */
void come_in(void) {
    open_client();
    assert_asked("1:open/ ");
    answer(1, 200, SESSION);
    assert_asked("2:poll 0/ ");
    assert_news("opened ");
}

int driver_setup(void **state) {
    (void)state;
    outcomes = (struct outcomes){0};
    env = (struct env){
        .actions = &actions, .outcomes = &outcomes, .random = &random_source, .now_ms = 1000};
    actions_init(&actions);
    poll_client_init(&client, 0);
    asked[0] = news[0] = '\0';
    outlives = 0;
    return 0;
}

int driver_setup_in(void **state) {
    driver_setup(state);
    come_in();
    return 0;
}

int driver_teardown(void **state) {
    (void)state;
    poll_client_deinit(&client);
    actions_deinit(&actions);
    return 0;
}
