#define _GNU_SOURCE /* libwebsockets.h, getrandom */
#include "polling.h"

#include "error.h"
#include "event_log.h"
#include "handshake.h"
#include "http_client.h"
#include "idle_cut.h"
#include "workarounds.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FLEETING_MS 5000 /* for the first request of a session, and for the last */

struct polling_session {
    struct connection connection;
    struct poll_session poll;
    struct lws *wsi; /* of the poll that waits, or NULL */
    struct polling_session *next_changed;
    uint32_t slot;
    uint64_t number; /* no other session had it */
    struct deadline_entry fleeting, joining, waiting;
    struct idle_cut cut;
    uint64_t asked_ms;            /* when the poll came that waits */
    uint8_t wait;                 /* its queue, while a poll waits; POLL_WAITS: in none */
    bool is_fleeting, is_joining; /* in the queue for those */
    bool changed;
    struct poll_secret secret;
};

/* |connection| is its first member. */
static struct polling_session *session_of(struct connection *connection) {
    return (struct polling_session *)connection;
}

/* --- those who may not stay ------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer);

static void set_timer(struct polling *polling) {
    uint64_t now_ms = dispatcher_now_ms(polling->dispatcher);
    uint64_t due_ms = deadline_queue_deadline_ms(&polling->fleeting);
    due_ms = deadline_earlier(due_ms, deadline_queue_deadline_ms(&polling->joining));
    for (unsigned i = 0; i < POLL_WAITS; i++)
        due_ms = deadline_earlier(due_ms, deadline_queue_deadline_ms(&polling->waits[i]));
    if (due_ms == NO_DEADLINE)
        uv_timer_stop(&polling->timer);
    else
        uv_timer_start(&polling->timer, on_timer, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

static void begin_fleeting(struct polling *polling, struct polling_session *session) {
    if (session->is_fleeting)
        return;
    session->is_fleeting = true;
    deadline_queue_add(&polling->fleeting, &session->fleeting,
                       dispatcher_now_ms(polling->dispatcher) + FLEETING_MS);
    set_timer(polling);
}

static void end_fleeting(struct polling *polling, struct polling_session *session) {
    if (session->is_fleeting)
        deadline_queue_remove(&polling->fleeting, &session->fleeting);
    session->is_fleeting = false;
}

static void begin_joining(struct polling *polling, struct polling_session *session) {
    uint64_t ms = (uint64_t)polling->dispatcher->config->request_seconds * 1000;
    session->is_joining = true;
    deadline_queue_add(&polling->joining, &session->joining,
                       dispatcher_now_ms(polling->dispatcher) + ms);
    set_timer(polling);
}

static void end_joining(struct polling *polling, struct polling_session *session) {
    if (session->is_joining)
        deadline_queue_remove(&polling->joining, &session->joining);
    session->is_joining = false;
}

/* Its poll waits, perhaps for less than the server would let it: as the page wishes, and no longer
 * than it is left alone. */
static void begin_wait(struct polling *polling, struct polling_session *session, unsigned wait) {
    static const uint32_t waits_ms[POLL_WAITS] = POLL_WAITS_MS;
    uint64_t now_ms = dispatcher_now_ms(polling->dispatcher);
    uint32_t safe_ms = idle_cut_safe_ms(&session->cut, now_ms);
    unsigned safe = safe_ms == IDLE_CUT_NO_LIMIT ? POLL_WAITS : poll_wait_of(safe_ms);
    session->asked_ms = now_ms;
    session->wait = (uint8_t)(wait < safe ? wait : safe);
    if (session->wait == POLL_WAITS)
        return;
    deadline_queue_add(&polling->waits[session->wait], &session->waiting,
                       now_ms + waits_ms[session->wait]);
    set_timer(polling);
}

static void end_wait(struct polling *polling, struct polling_session *session) {
    if (session->wait < POLL_WAITS)
        deadline_queue_remove(&polling->waits[session->wait], &session->waiting);
    session->wait = POLL_WAITS;
}

/* --- answers ---------------------------------------------------------------------------------- */

/* Answers before the body has come, which ends the connection. */
static int refuse(struct polling *polling, struct lws *wsi, struct polling_request *request,
                  unsigned status, const char *sentence) {
    struct http_answer answer = http_text(status, slice_of(sentence));
    request->http.close = true;
    if (status == 405)
        answer.extra = "Allow: POST\r\n";
    return http_answer(polling->http, wsi, &request->http, &answer);
}

/* Writes the messages for the page. A page that is told of the end has some time to confirm it.
 * Without memory the page is told to ask again. */
static struct http_answer write_messages(struct polling *polling, struct polling_session *session) {
    bool closed;
    if (poll_session_write(&session->poll, &polling->out, &closed) != PARLEY_OK)
        return http_text(503, slice_of("The server has no memory.\n"));
    if (closed)
        begin_fleeting(polling, session);
    return http_text(200, buffer_slice(&polling->out));
}

/* --- sessions --------------------------------------------------------------------------------- */

static uint32_t take_slot(struct polling *polling) {
    uint32_t slot = polling->free_slot;
    if (slot == POLLING_NO_SLOT) {
        PARLEY_CHECK(polling->used_count < polling->dispatcher->config->connections_max);
        return polling->used_count++;
    }
    polling->free_slot = polling->slots[slot].next_free;
    return slot;
}

static void free_slot(struct polling *polling, uint32_t slot) {
    polling->slots[slot] = (struct polling_slot){.next_free = polling->free_slot};
    polling->free_slot = slot;
}

/* Ends the wait of a poll with the messages so far. */
static void answer_waiting(struct polling *polling, struct polling_session *session) {
    struct lws *wsi = session->wsi;
    struct polling_request *request = wsi == NULL ? NULL : lws_wsi_user(wsi);
    if (request == NULL)
        return;
    struct http_answer answer = write_messages(polling, session);
    end_wait(polling, session);
    session->wsi = NULL;
    request->waiting = NULL;
    http_answer_later(polling->http, wsi, &request->http, &answer);
}

/* The same for one that the page still waits for, as far as anybody knows. */
static void answer_in_time(struct polling *polling, struct polling_session *session) {
    if (session->wsi != NULL)
        idle_cut_held(&session->cut, dispatcher_now_ms(polling->dispatcher) - session->asked_ms);
    answer_waiting(polling, session);
}

static void forget(struct polling *polling, struct polling_session *session) {
    dispatcher_leave(polling->dispatcher, &session->connection);
    poll_session_close(&session->poll, 1000, WIRE_ERROR_COUNT);
    answer_waiting(polling, session);
    end_fleeting(polling, session);
    end_joining(polling, session);
    end_wait(polling, session);
    poll_session_clear(&session->poll);
    free_slot(polling, session->slot);
    free(session);
    dispatcher_uncount(polling->dispatcher);
}

static struct polling_session *find(const struct polling *polling,
                                    const struct polling_request *request) {
    if (request->number == 0 || request->slot >= polling->used_count)
        return NULL;
    struct polling_session *session = polling->slots[request->slot].session;
    return session != NULL && session->number == request->number ? session : NULL;
}

/* Which session |secret| names; false for none. */
static bool identify(const struct polling *polling, struct polling_request *request,
                     const struct poll_secret *secret) {
    request->slot = poll_secret_slot(secret);
    if (request->slot >= polling->used_count)
        return false;
    const struct polling_session *session = polling->slots[request->slot].session;
    if (session == NULL || !poll_secret_equal(secret, &session->secret))
        return false;
    request->number = session->number;
    return true;
}

/* --- what the dispatcher asks for ------------------------------------------------------------- */

static void mark_changed(struct polling *polling, struct polling_session *session) {
    if (session->changed)
        return;
    session->changed = true;
    session->next_changed = polling->changed;
    polling->changed = session;
}

static void on_send(void *user, struct connection *connection, struct slice bytes, uint32_t from) {
    struct polling *polling = user;
    struct polling_session *session = session_of(connection);
    size_t bytes_max = dispatcher_queue_bytes_max(polling->dispatcher, from);
    if (poll_session_send(&session->poll, bytes, bytes_max, from) == PARLEY_OK)
        mark_changed(polling, session);
    else
        dispatcher_no_room(polling->dispatcher, connection, from);
}

/* It stays watched: a page that does not come for the news is forgotten by on_give_up. */
static void on_close(void *user, struct connection *connection, uint16_t code,
                     enum wire_error error) {
    poll_session_close(&session_of(connection)->poll, code, error);
    mark_changed(user, session_of(connection));
}

static void on_clear(void *user, struct connection *connection) {
    (void)user;
    poll_session_clear(&session_of(connection)->poll);
}

static void on_ping(void *user, struct connection *connection) {
    answer_in_time(user, session_of(connection));
}

static void on_give_up(void *user, struct connection *connection) {
    forget(user, session_of(connection));
}

/* All of an input's messages are one answer. */
static void on_flush(void *user) {
    struct polling *polling = user;
    while (polling->changed != NULL) {
        struct polling_session *session = polling->changed;
        polling->changed = session->next_changed;
        session->changed = false;
        struct lws *wsi = session->wsi;
        if (wsi != NULL && poll_session_has_answer(&session->poll))
            answer_in_time(polling, session);
        const struct polling_request *request = wsi == NULL ? NULL : lws_wsi_user(wsi);
        bool told = request != NULL && session->poll.close_code != 0 && request->http.wait == NULL;
        if (told && polling->dispatcher->shutting_down)
            forget(polling, session); /* there is no time for its confirmation */
    }
}

static void forget_because(struct polling *polling, struct polling_session *session,
                           const char *why) {
    event_log_forgotten(dispatcher_now_ms(polling->dispatcher), session->connection.id, why);
    forget(polling, session);
}

/* Members who are in a room by now, or wait to be let in, stay. */
static void end_unjoined(struct polling *polling, struct polling_session *session) {
    struct connection *connection = &session->connection;
    session->is_joining = false;
    if (connection->open && (dispatcher_is_waiting(connection) ||
                             hub_is_in_room(polling->dispatcher->hub, connection->handle)))
        return;
    if (connection->open)
        dispatcher_violate(polling->dispatcher, connection, WIRE_ERROR_JOIN_TIMEOUT);
    forget_because(polling, session, "not joined");
}

_Static_assert(HTTP_HEAD_BYTES_MAX + POLL_ANSWER_BYTES_MAX <= HTTP_OUTPUT_CHUNK_BYTES,
               "an answer is written with its head, from memory that is used again");

#define SESSION_OF(entry, member) CHAIN_OWNER(entry, struct polling_session, member)

static void answer_waits(struct polling *polling, unsigned wait) {
    struct deadline_entry *entry;
    while ((entry = deadline_queue_next(&polling->waits[wait],
                                        dispatcher_now_ms(polling->dispatcher)))) {
        SESSION_OF(entry, waiting)->wait = POLL_WAITS;
        answer_in_time(polling, SESSION_OF(entry, waiting));
    }
}

static void on_timer(uv_timer_t *timer) {
    struct polling *polling = timer->data;
    uint64_t now_ms = dispatcher_now_ms(polling->dispatcher);
    struct deadline_entry *entry;
    if (polling->dispatcher->shutting_down)
        return;
    while ((entry = deadline_queue_next(&polling->fleeting, now_ms)) != NULL) {
        struct polling_session *session = SESSION_OF(entry, fleeting);
        session->is_fleeting = false;
        forget_because(polling, session, session->connection.open ? "silent" : "told of the end");
    }
    while ((entry = deadline_queue_next(&polling->joining, now_ms)) != NULL)
        end_unjoined(polling, SESSION_OF(entry, joining));
    for (unsigned i = 0; i < POLL_WAITS; i++)
        answer_waits(polling, i);
    set_timer(polling);
    workaround_see_timeouts(polling->dispatcher->context);
}

/* --- commands --------------------------------------------------------------------------------- */

/* Says why, since the hub has no place for it. */
static int refuse_session(struct polling *polling, struct lws *wsi, struct polling_request *request,
                          enum wire_error error) {
    struct poll_session poll = {0};
    struct buffer text;
    bool closed;
    buffer_init(&text, 2 * WIRE_MESSAGE_BYTES_MAX);
    if (dispatcher_refuse(polling->dispatcher, error, &text) == PARLEY_OK)
        poll_session_send(&poll, buffer_slice(&text), DISPATCHER_SCARCE_BYTES_MAX,
                          FRAME_FROM_NOBODY);
    buffer_deinit(&text);
    poll_session_close(&poll, wire_error_close_code(error), error);
    int err = poll_session_write(&poll, &polling->out, &closed);
    poll_session_clear(&poll);
    return err == PARLEY_OK
               ? http_hold(polling->http, wsi, &request->http, 200, buffer_slice(&polling->out))
               : -1;
}

static int open_session(struct polling *polling, struct lws *wsi, struct polling_request *request) {
    char buffer[HTTP_HOST_BYTES_MAX];
    char line[] = "session 0123456701234567890123456789012345678901\n";
    uint8_t random[POLL_SECRET_BYTES];
    struct polling_session *session = calloc(1, sizeof *session);
    if (session == NULL || getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        free(session);
        return -1;
    }
    struct slice host = http_header(wsi, WSI_TOKEN_HOST, buffer, sizeof buffer);
    enum wire_error error =
        dispatcher_connect(polling->dispatcher, &session->connection, TRANSPORT_POLLING,
                           &http_client_of(wsi)->address, host);
    if (error != WIRE_ERROR_COUNT) {
        free(session);
        return refuse_session(polling, wsi, request, error);
    }
    session->poll.queue.total = &polling->dispatcher->queued;
    dispatcher_count(polling->dispatcher);
    session->wait = POLL_WAITS;
    session->slot = take_slot(polling);
    session->number = ++polling->last_number;
    polling->slots[session->slot].session = session;
    begin_fleeting(polling, session);
    begin_joining(polling, session);
    poll_secret_make(session->slot, random, &session->secret);
    memcpy(line + strlen("session "), session->secret.digits, POLL_SECRET_DIGITS);
    return http_hold(polling->http, wsi, &request->http, 200, slice_of(line));
}

static void receive(struct polling *polling, struct polling_session *session,
                    struct poll_request *poll) {
    struct slice message;
    while (session->connection.open && poll_session_next(&session->poll, poll, &message)) {
        if (message.len > WIRE_MESSAGE_BYTES_MAX)
            dispatcher_violate(polling->dispatcher, &session->connection, WIRE_ERROR_TOO_BIG);
        else
            dispatcher_receive(polling->dispatcher, &session->connection, message);
    }
}

static int on_messages(struct polling *polling, struct lws *wsi, struct polling_request *request,
                       struct polling_session *session, struct poll_request *poll) {
    bool whole = poll_session_check(&session->poll, poll) == PARLEY_OK;
    if (whole)
        receive(polling, session, poll);
    int err = poll_session_write_expected(&session->poll, &polling->out);
    if (err == PARLEY_OK)
        err = http_hold(polling->http, wsi, &request->http, whole ? 200 : 409,
                        buffer_slice(&polling->out));
    if (whole && poll->command == POLL_CLOSE)
        forget(polling, session);
    return err == PARLEY_OK ? 0 : -1;
}

/* Until there is something to say the connection needs no headers, and no deadline of
 * libwebsockets': liveness ends the wait. Its state remains that of a body that has come to its
 * end, in which libwebsockets sees the other side hang up. */
static int on_poll(struct polling *polling, struct lws *wsi, struct polling_request *request,
                   struct polling_session *session, const struct poll_request *poll) {
    if (poll_session_confirm(&session->poll, poll->number) != PARLEY_OK)
        return http_hold(polling->http, wsi, &request->http, 400,
                         slice_of("There are fewer messages.\n"));
    dispatcher_heard(polling->dispatcher, &session->connection);
    answer_waiting(polling, session);
    if (poll_session_has_answer(&session->poll)) {
        struct http_answer answer = write_messages(polling, session);
        return http_hold(polling->http, wsi, &request->http, answer.status, answer.body);
    }
    http_client_keep(http_client_of(wsi));
    session->wsi = wsi;
    begin_wait(polling, session, poll->wait);
    request->waiting = session;
    buffer_deinit(&request->http.owned);
    lws_http_headers_detach(wsi);
    http_input_detach(&http_client_of(wsi)->pipeline.input);
    return 0;
}

/* --- requests --------------------------------------------------------------------------------- */

/* The session that the head names, by a value of the secret's header, if it has one. */
static void read_secret(const struct polling *polling, struct lws *wsi,
                        struct polling_request *request, struct poll_header *head) {
    static const char name[] = POLL_SECRET_HEADER ":"; /* as libwebsockets looks for it */
    const int name_len = sizeof name - 1;
    char text[POLL_SECRET_DIGITS + 1];
    struct poll_secret secret;
    head->names_session = lws_hdr_custom_length(wsi, name, name_len) >= 0;
    if (!head->names_session)
        return;
    int len = lws_hdr_custom_copy(wsi, text, sizeof text, name, name_len);
    head->knows_session =
        poll_secret_read((struct slice){text, len > 0 ? (size_t)len : 0}, &secret) &&
        identify(polling, request, &secret);
}

/* 0 when the body may come. */
static unsigned refusal_of(struct polling *polling, struct lws *wsi,
                           struct polling_request *request, const char **sentence) {
    const struct dispatcher *dispatcher = polling->dispatcher;
    char length[POLL_LENGTH_DIGITS_MAX + 2];
    struct poll_header head = {
        .is_post = lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0,
        .is_late = dispatcher->shutting_down,
        .has_coding = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0,
        .has_length = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0,
        .length = http_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length, sizeof length),
    };
    head.is_foreign = head.is_post && !handshake_origin_allowed(wsi, dispatcher->config,
                                                                dispatcher_now_ms(dispatcher));
    polling->dispatcher->metrics.refused_origins += head.is_foreign;
    read_secret(polling, wsi, request, &head);
    return poll_header_refusal(&head, sentence);
}

static int on_head(struct polling *polling, struct lws *wsi, struct polling_request *request) {
    const struct dispatcher *dispatcher = polling->dispatcher;
    const char *sentence;
    *request = (struct polling_request){0};
    http_begin(wsi, &request->http);
    http_client_identify(wsi, dispatcher->config, dispatcher_now_ms(dispatcher));
    unsigned status = refusal_of(polling, wsi, request, &sentence);
    if (status != 0)
        return refuse(polling, wsi, request, status, sentence);
    request->receiving = true;
    request->deadline_ms =
        dispatcher_now_ms(dispatcher) + (uint64_t)dispatcher->config->request_seconds * 1000;
    buffer_init(&request->http.owned, POLL_BODY_BYTES_MAX);
    return http_continue(wsi);
}

/* libwebsockets gives every piece of the body its own time. */
static int on_body(struct polling *polling, struct polling_request *request, struct slice piece) {
    if (!request->receiving || dispatcher_now_ms(polling->dispatcher) > request->deadline_ms)
        return -1;
    return buffer_append(&request->http.owned, piece) == PARLEY_OK ? 0 : -1;
}

static int on_command(struct polling *polling, struct lws *wsi, struct polling_request *request,
                      struct poll_request *poll) {
    struct polling_session *session = find(polling, request);
    if (poll->command == POLL_OPEN && request->number == 0)
        return open_session(polling, wsi, request);
    if (session == NULL && request->number != 0) /* it ended while the body came */
        return http_hold(polling->http, wsi, &request->http, 410,
                         slice_of("There is no such session.\n"));
    if (session != NULL && poll->command != POLL_OPEN && session->connection.open)
        end_fleeting(polling, session); /* one that is closed has had its chance */
    enum poll_command command = session == NULL ? POLL_OPEN : poll->command;
    switch (command) {
    case POLL_OPEN:
        return http_hold(polling->http, wsi, &request->http, 400,
                         slice_of("Open a session first, once.\n"));
    case POLL_POLL:
        return on_poll(polling, wsi, request, session, poll);
    case POLL_SEND:
    case POLL_CLOSE:
        return on_messages(polling, wsi, request, session, poll);
    }
    return -1;
}

static int on_body_end(struct polling *polling, struct lws *wsi, struct polling_request *request) {
    struct poll_request poll;
    if (!request->receiving)
        return -1; /* bytes arrived while its poll waits, or its answer is on the way */
    request->receiving = false;
    request->http.body_taken = true;
    if (poll_request_read(buffer_slice(&request->http.owned), &poll) != PARLEY_OK)
        return http_hold(polling->http, wsi, &request->http, 400,
                         slice_of("That is not a polling request.\n"));
    return on_command(polling, wsi, request, &poll);
}

static void on_drop(struct polling *polling, struct polling_request *request) {
    struct polling_session *session = request == NULL ? NULL : request->waiting;
    if (session == NULL)
        return;
    uint64_t now_ms = dispatcher_now_ms(polling->dispatcher);
    end_wait(polling, session);
    idle_cut_note(&session->cut, now_ms, now_ms - session->asked_ms);
    session->wsi = NULL;
    request->waiting = NULL;
}

int polling_event(struct polling *polling, struct lws *wsi, enum lws_callback_reasons reason,
                  struct polling_request *request, const void *in, size_t len) {
    switch ((int)reason) {
    case LWS_CALLBACK_HTTP:
        return on_head(polling, wsi, request);
    case LWS_CALLBACK_HTTP_BODY:
        return on_body(polling, request, (struct slice){in, len});
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return on_body_end(polling, wsi, request);
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        on_drop(polling, request);
        return 0;
    default:
        return 0;
    }
}

/* --- life ------------------------------------------------------------------------------------- */

int polling_init(struct polling *polling, struct dispatcher *dispatcher, struct http *http) {
    size_t slots = dispatcher->config->connections_max;
    *polling = (struct polling){.dispatcher = dispatcher,
                                .http = http,
                                .slots = calloc(slots, sizeof *polling->slots),
                                .free_slot = POLLING_NO_SLOT};
    buffer_init(&polling->out, POLL_ANSWER_BYTES_MAX);
    uv_timer_init(dispatcher->loop, &polling->timer);
    uv_unref((uv_handle_t *)&polling->timer); /* the loop may end without it */
    polling->timer.data = polling;
    dispatcher->transports[TRANSPORT_POLLING] = (struct transport){.user = polling,
                                                                   .send = on_send,
                                                                   .close = on_close,
                                                                   .clear = on_clear,
                                                                   .ping = on_ping,
                                                                   .give_up = on_give_up,
                                                                   .flush = on_flush};
    return polling->slots == NULL ? PARLEY_ERR_NO_MEMORY : PARLEY_OK;
}

void polling_deinit(struct polling *polling) {
    for (uint32_t i = 0; i < polling->used_count; i++) {
        if (polling->slots[i].session != NULL)
            forget(polling, polling->slots[i].session);
    }
    uv_close((uv_handle_t *)&polling->timer, NULL);
    buffer_deinit(&polling->out);
    free(polling->slots);
}
