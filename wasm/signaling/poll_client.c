#include "poll_client.h"

#include "error.h"

#include <string.h>

#define FIELD_NAME POLL_SECRET_HEADER ": "
#define FIELD_NAME_BYTES (sizeof FIELD_NAME - 1)
#define LIVES_ON 1 /* HTTP_POST's code */

_Static_assert(POLL_CLIENT_SHORT_MS + (POLL_TABS_MAX - POLL_CLIENT_LONG_MAX) * POLL_CLIENT_TURN_MS +
                       POLL_CLIENT_TRAVEL_MS <=
                   POLL_LIFE_MIN_MS,
               "a session outlives the longest pause: more pages than that are not counted");
_Static_assert(4 * POLL_ANSWER_TEXT_CHARACTERS_MAX <= POLL_ANSWER_BYTES_MAX,
               "the end's text has room in |answer|");

/* A new request goes out at |due_ms|. */
static void plan(struct poll_client_request *request, uint64_t due_ms) {
    *request = (struct poll_client_request){.due_ms = due_ms};
}

void poll_client_init(struct poll_client *client, uint32_t last_request) {
    *client = (struct poll_client){.last_request = last_request};
    plan(&client->polling, NO_DEADLINE);
    plan(&client->sending, NO_DEADLINE);
    plan(&client->goodbye.request, NO_DEADLINE);
    buffer_init(&client->answer, POLL_ANSWER_BYTES_MAX);
    buffer_init(&client->outbox, POLL_CLIENT_OUTBOX_BYTES_MAX);
    buffer_init(&client->body, POLL_BODY_BYTES_MAX);
    buffer_init(&client->goodbye.body, POLL_BODY_BYTES_MAX);
}

void poll_client_deinit(struct poll_client *client) {
    buffer_deinit(&client->answer);
    buffer_deinit(&client->outbox);
    buffer_deinit(&client->body);
    buffer_deinit(&client->goodbye.body);
}

/* --- requests --------------------------------------------------------------------------------- */

static void put(struct buffer *out, struct slice piece) {
    PARLEY_CHECK(buffer_append(out, piece) == PARLEY_OK);
}

static void begin_body(struct buffer *out, const char *word, uint64_t number) {
    buffer_clear(out);
    PARLEY_CHECK(poll_wire_write(out, word, number) == PARLEY_OK);
}

/* |secret|: names the session; NULL: there is none. */
static void ask(struct poll_client *client, const struct env *env,
                struct poll_client_request *request, const struct poll_secret *secret,
                struct slice body, uint32_t code) {
    char field[FIELD_NAME_BYTES + POLL_SECRET_DIGITS];
    memcpy(field, FIELD_NAME, FIELD_NAME_BYTES);
    if (secret)
        memcpy(field + FIELD_NAME_BYTES, secret->digits, POLL_SECRET_DIGITS);
    request->number = ++client->last_request;
    request->asked_ms = env->now_ms;
    request->due_ms = code == LIVES_ON ? NO_DEADLINE : env->now_ms + POLL_CLIENT_ANSWER_MS;
    actions_push_texts(env->actions, ACTION_HTTP_POST, request->number, code, body,
                       (struct slice){field, secret ? sizeof field : 0}, slice_of(POLL_NAME));
}

static void abort_request(const struct env *env, struct poll_client_request *request) {
    actions_push(env->actions, ACTION_HTTP_ABORT, request->number, 0);
    request->number = 0;
}

/* How many polling pages there are beyond those whose polls may be long. */
static uint32_t extra_pages(const struct poll_client *client) {
    uint32_t count = poll_tabs_count(&client->tabs);
    return count > POLL_CLIENT_LONG_MAX ? count - POLL_CLIENT_LONG_MAX : 0;
}

static uint32_t wait_ms(const struct poll_client *client, const struct env *env) {
    uint32_t safe_ms = idle_cut_safe_ms(&client->cut, env->now_ms);
    return extra_pages(client) > 0        ? POLL_CLIENT_SHORT_MS
           : safe_ms == IDLE_CUT_NO_LIMIT ? 0
                                          : safe_ms;
}

static void ask_open(struct poll_client *client, const struct env *env) {
    ask(client, env, &client->polling, NULL, slice_of("open\n"), 0);
}

static void ask_poll(struct poll_client *client, const struct env *env) {
    struct buffer *body = &client->body;
    client->polling.wait_ms = wait_ms(client, env);
    begin_body(body, "poll", client->received);
    if (client->polling.wait_ms > 0) {
        put(body, slice_of(" "));
        PARLEY_CHECK(buffer_append_number(body, client->polling.wait_ms) == PARLEY_OK);
    }
    put(body, slice_of("\n"));
    ask(client, env, &client->polling, &client->secret, buffer_slice(body), 0);
}

/* The lines at the beginning that fit into one request. */
static struct slice first_batch(struct slice lines) {
    struct slice line, rest = lines;
    size_t len = 0;
    while (slice_cut(&rest, '\n', &line) && len + line.len + 1 <= POLL_BATCH_BYTES_MAX)
        len += line.len + 1;
    return (struct slice){lines.bytes, len};
}

/* The lines at the end that fit. |number|: the number of the first of |lines|, then of the
 * result. */
static struct slice last_batch(struct slice lines, uint64_t *number) {
    struct slice line;
    while (lines.len > POLL_BATCH_BYTES_MAX && slice_cut(&lines, '\n', &line))
        ++*number;
    return lines;
}

static void ask_send(struct poll_client *client, const struct env *env) {
    begin_body(&client->body, "send", client->outbox_first);
    put(&client->body, slice_of("\n"));
    put(&client->body, first_batch(buffer_slice(&client->outbox)));
    ask(client, env, &client->sending, &client->secret, buffer_slice(&client->body), 0);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void stop(const struct env *env, struct poll_client_request *request) {
    if (request->number != 0)
        abort_request(env, request);
    plan(request, NO_DEADLINE);
}

/* Ends all requests of the session except a goodbye. */
static void hang_up(struct poll_client *client, const struct env *env) {
    stop(env, &client->polling);
    stop(env, &client->sending);
    poll_tabs_leave(&client->tabs, env);
    client->state = POLL_CLIENT_CLOSED;
    client->has_session = false;
}

static void end(struct poll_client *client, const struct env *env, struct poll_end why) {
    hang_up(client, env);
    client->says_closed = true;
    client->end_status = why.status;
    buffer_set(&client->answer, why.text); /* without memory nothing is said */
    client->answer_at = client->answer.len;
}

static void end_lost(struct poll_client *client, const struct env *env) {
    end(client, env, (struct poll_end){0});
}

static void end_refused(struct poll_client *client, const struct env *env,
                        const struct poll_answer *answer) {
    uint32_t status = answer->status == 0 ? POLL_ANSWER_REDIRECTED : answer->status;
    end(client, env, (struct poll_end){status, poll_answer_text(answer)});
}

/* A goodbye that another session was still repeating is given up. */
static void say_goodbye(struct poll_client *client, const struct env *env) {
    uint64_t number = client->outbox_first;
    struct slice lines = last_batch(buffer_slice(&client->outbox), &number);
    begin_body(&client->goodbye.body, "close", number);
    put(&client->goodbye.body, slice_of("\n"));
    put(&client->goodbye.body, lines);
    client->goodbye.secret = client->secret;
    plan(&client->goodbye.request, env->now_ms);
}

/* A message to send ends the pause between two polls. False: the outbox is full. */
static bool take_lines(struct poll_client *client, const struct env *env) {
    struct buffer *lines = &env->actions->lines;
    bool any = lines->len > 0 && client->has_session;
    bool kept = !any || buffer_append(&client->outbox, buffer_slice(lines)) == PARLEY_OK;
    buffer_clear(lines);
    if (any && client->polling.number == 0 && client->polling.losses == 0)
        client->polling.due_ms = env->now_ms;
    return kept;
}

static void clear_news(struct poll_client *client) {
    buffer_clear(&client->answer);
    client->answer_at = 0;
    client->says_opened = client->says_closed = false;
}

void poll_client_close(struct poll_client *client, const struct env *env) {
    take_lines(client, env);
    if (client->has_session)
        say_goodbye(client, env);
    if (client->state != POLL_CLIENT_CLOSED)
        hang_up(client, env);
    clear_news(client);
}

/* --- answers ---------------------------------------------------------------------------------- */

/* Plans the next try. False: there is none. */
static bool may_repeat(struct poll_client_request *request, const struct env *env,
                       uint32_t asked_ms) {
    request->number = 0;
    if (request->losses == POLL_CLIENT_PAUSES_MAX)
        return false;
    uint32_t pause_ms = (uint32_t)POLL_CLIENT_PAUSE_MS << request->losses++;
    request->due_ms = env->now_ms + (pause_ms > asked_ms ? pause_ms : asked_ms);
    return true;
}

static void lose_answer(struct poll_client *client, const struct env *env,
                        struct poll_client_request *request, uint32_t pause_ms) {
    if (request == &client->polling) {
        uint64_t silent_ms = env->now_ms - request->asked_ms;
        idle_cut_note(&client->cut, env->now_ms, client->offline ? 0 : silent_ms);
    }
    if (!may_repeat(request, env, pause_ms))
        end_lost(client, env);
}

/* An incomplete line does not count. */
static struct slice whole_lines(struct slice body) {
    while (body.len > 0 && body.bytes[body.len - 1] != '\n')
        body.len--;
    return body;
}

/* Keeps the lines of a poll's answer until the news are taken. False: it is not a poll's answer. */
static bool keep_answer(struct poll_client *client, struct slice body) {
    struct slice rest = whole_lines(body), line;
    uint64_t number;
    if (!slice_cut(&rest, '\n', &line) || !poll_wire_read(line, "messages", &number) ||
        number > client->received || buffer_set(&client->answer, rest) != PARLEY_OK)
        return false;
    client->answer_at = 0;
    client->answer_first = number;
    return true;
}

static bool keep_session(struct poll_client *client, struct slice body) {
    struct slice rest = whole_lines(body), line;
    if (!slice_cut(&rest, '\n', &line) || !slice_skip(&line, "session ") ||
        !poll_secret_read(line, &client->secret))
        return false;
    client->has_session = true;
    return true;
}

/* A full server says so in the answer. */
static void hear_opened(struct poll_client *client, const struct env *env,
                        const struct poll_answer *answer) {
    if (poll_answer_judge(answer->status) != POLL_VERDICT_GOOD) {
        end_refused(client, env, answer);
        return;
    }
    if (!keep_session(client, answer->body) && !keep_answer(client, answer->body)) {
        end_lost(client, env);
        return;
    }
    client->state = POLL_CLIENT_OPEN;
    client->says_opened = true;
    plan(&client->polling, env->now_ms);
    plan(&client->sending, env->now_ms);
}

static void hear_polled(struct poll_client *client, const struct env *env,
                        const struct poll_answer *answer) {
    idle_cut_held(&client->cut, (uint32_t)(env->now_ms - client->polling.asked_ms));
    if (!keep_answer(client, answer->body)) {
        end_lost(client, env);
        return;
    }
    uint64_t due_ms = env->now_ms;
    if (client->answer.len == 0) { /* a poll waits: one that is cut at once must not spin */
        uint64_t earliest_ms = client->polling.asked_ms + POLL_CLIENT_PAUSE_MS;
        due_ms += extra_pages(client) * POLL_CLIENT_TURN_MS;
        due_ms = due_ms > earliest_ms ? due_ms : earliest_ms;
    }
    plan(&client->polling, due_ms);
}

/* Forgets the first |count| lines. False: there are fewer. */
static bool forget_said(struct poll_client *client, uint64_t count) {
    struct slice rest = buffer_slice(&client->outbox), line;
    for (uint64_t i = 0; i < count; i++)
        if (!slice_cut(&rest, '\n', &line))
            return false;
    if (rest.len > 0)
        memmove(client->outbox.bytes, rest.bytes, rest.len);
    client->outbox.len = rest.len;
    client->outbox_first += count;
    return true;
}

/* A server that accepts nothing more ends the session soon; until then the page asks with
 * pauses. */
static void hear_sent(struct poll_client *client, const struct env *env,
                      const struct poll_answer *answer) {
    struct slice rest = whole_lines(answer->body), line;
    uint64_t number, first = client->outbox_first;
    if (!slice_cut(&rest, '\n', &line) || !poll_wire_read(line, "expect", &number) ||
        number < first || !forget_said(client, number - first))
        end_lost(client, env);
    else if (number == first)
        lose_answer(client, env, &client->sending, 0);
    else
        plan(&client->sending, env->now_ms);
}

static void hear(struct poll_client *client, const struct env *env,
                 struct poll_client_request *request, const struct poll_answer *answer) {
    uint32_t pause_ms = poll_answer_pause_ms(answer->retry_after);
    switch (poll_answer_judge(answer->status)) {
    case POLL_VERDICT_GOOD:
        (request == &client->sending ? hear_sent : hear_polled)(client, env, answer);
        break;
    case POLL_VERDICT_PASSING:
        lose_answer(client, env, request, pause_ms);
        break;
    case POLL_VERDICT_FINAL:
        end_refused(client, env, answer);
        break;
    }
}

static void repeat_goodbye(struct poll_client *client, const struct env *env) {
    if (!may_repeat(&client->goodbye.request, env, 0))
        plan(&client->goodbye.request, NO_DEADLINE);
}

static struct poll_client_request *find(struct poll_client *client, uint32_t number) {
    if (number == 0)
        return NULL;
    if (client->polling.number == number)
        return &client->polling;
    if (client->sending.number == number)
        return &client->sending;
    return client->goodbye.request.number == number ? &client->goodbye.request : NULL;
}

void poll_client_answered(struct poll_client *client, const struct env *env, uint32_t number,
                          const struct poll_answer *answer) {
    struct poll_client_request *request = find(client, number);
    if (request == NULL)
        return;
    request->number = 0;
    if (request == &client->goodbye.request) {
        if (poll_answer_judge(answer->status) == POLL_VERDICT_PASSING)
            repeat_goodbye(client, env);
    } else if (client->state == POLL_CLIENT_OPENING) {
        hear_opened(client, env, answer);
    } else {
        hear(client, env, request, answer);
    }
}

static void fail(struct poll_client *client, const struct env *env,
                 struct poll_client_request *request) {
    request->number = 0;
    if (request == &client->goodbye.request)
        repeat_goodbye(client, env);
    else if (client->state == POLL_CLIENT_OPENING)
        end_lost(client, env);
    else
        lose_answer(client, env, request, 0);
}

void poll_client_failed(struct poll_client *client, const struct env *env, uint32_t number) {
    struct poll_client_request *request = find(client, number);
    if (request != NULL)
        fail(client, env, request);
}

/* --- news ------------------------------------------------------------------------------------- */

static bool is_close(struct slice line) {
    return slice_skip(&line, "close ");
}

/* The next line of the answer that is new. */
static bool take_line(struct poll_client *client, struct slice *line) {
    while (client->answer_at < client->answer.len) {
        struct slice rest = {client->answer.bytes + client->answer_at,
                             client->answer.len - client->answer_at};
        slice_cut(&rest, '\n', line);
        client->answer_at = client->answer.len - rest.len;
        if (is_close(*line) || client->answer_first++ == client->received)
            return true;
    }
    return false;
}

/* The next poll confirms it. */
static void end_closed(struct poll_client *client, const struct env *env) {
    clear_news(client);
    if (client->has_session)
        say_goodbye(client, env);
    end_lost(client, env);
}

/* Without a session there is only the answer to "open". */
static bool take_message(struct poll_client *client, const struct env *env, struct slice *line) {
    bool any = take_line(client, line);
    if (any && !is_close(*line)) {
        client->received++;
        return true;
    }
    if (any || (client->state == POLL_CLIENT_OPEN && !client->has_session))
        end_closed(client, env);
    return false;
}

bool poll_client_has_news(const struct poll_client *client) {
    return client->says_opened || client->says_closed || client->answer_at < client->answer.len ||
           (client->state == POLL_CLIENT_OPEN && !client->has_session);
}

bool poll_client_next(struct poll_client *client, const struct env *env, struct poll_news *news) {
    *news = (struct poll_news){.kind = POLL_NEWS_MESSAGE};
    if (client->says_opened) {
        client->says_opened = false;
        news->kind = POLL_NEWS_OPENED;
        return true;
    }
    if (take_message(client, env, &news->message))
        return true;
    if (!client->says_closed)
        return false;
    client->says_closed = false;
    news->kind = POLL_NEWS_CLOSED;
    news->end = (struct poll_end){client->end_status, buffer_slice(&client->answer)};
    return true;
}

/* --- what is due ------------------------------------------------------------------------------ */

void poll_client_open(struct poll_client *client, const struct env *env) {
    PARLEY_CHECK(client->state == POLL_CLIENT_CLOSED && !poll_client_has_news(client));
    client->state = POLL_CLIENT_OPENING;
    plan(&client->polling, env->now_ms);
    client->received = client->outbox_first = 0;
    buffer_clear(&client->outbox);
    poll_tabs_enter(&client->tabs, env);
}

static bool is_due(const struct poll_client_request *request, const struct env *env) {
    return request->number == 0 && env->now_ms >= request->due_ms;
}

/* Messages sent while news are handled go into one request. */
void poll_client_flush(struct poll_client *client, const struct env *env) {
    if (!take_lines(client, env))
        end_lost(client, env);
    if (is_due(&client->goodbye.request, env))
        ask(client, env, &client->goodbye.request, &client->goodbye.secret,
            buffer_slice(&client->goodbye.body), LIVES_ON);
    if (poll_client_has_news(client))
        return;
    if (is_due(&client->polling, env))
        (client->state == POLL_CLIENT_OPENING ? ask_open : ask_poll)(client, env);
    if (is_due(&client->sending, env) && client->outbox.len > 0)
        ask_send(client, env);
}

static void give_up(struct poll_client *client, const struct env *env,
                    struct poll_client_request *request) {
    if (request->number == 0 || env->now_ms < request->due_ms)
        return;
    abort_request(env, request);
    fail(client, env, request);
}

void poll_client_tick(struct poll_client *client, const struct env *env) {
    poll_tabs_tick(&client->tabs, env);
    give_up(client, env, &client->polling);
    give_up(client, env, &client->sending);
}

uint64_t poll_client_deadline_ms(const struct poll_client *client) {
    bool sends = client->sending.number != 0 || client->outbox.len > 0;
    if (poll_client_has_news(client))
        return 0;
    uint64_t due_ms =
        deadline_earlier(client->polling.due_ms, sends ? client->sending.due_ms : NO_DEADLINE);
    due_ms = deadline_earlier(due_ms, client->goodbye.request.due_ms);
    return deadline_earlier(due_ms, poll_tabs_deadline_ms(&client->tabs));
}

/* If many pages poll, a poll that waits for longer is aborted and made anew. */
void poll_client_hear_tab(struct poll_client *client, const struct env *env, uint32_t number,
                          bool polls) {
    poll_tabs_hear(&client->tabs, env, number, polls);
    if (client->state != POLL_CLIENT_OPEN || client->polling.number == 0 ||
        extra_pages(client) == 0 || client->polling.wait_ms == POLL_CLIENT_SHORT_MS)
        return;
    abort_request(env, &client->polling);
    client->polling.due_ms = env->now_ms;
}
