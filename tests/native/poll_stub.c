#include "poll_stub.h"

#include "error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SESSION "session 0123456789012345678901234567890123456789\n"
#define STATUS_DIGITS 3
#define GONE 410 /* no such session, or no longer */

static uint64_t count_lines(struct slice lines) {
    uint64_t count = 0;
    for (struct slice line; slice_cut(&lines, '\n', &line);)
        count++;
    return count;
}

static struct poll_stub_wish take_post(struct poll_stub *stub, const struct action *action,
                                       uint64_t now_ms) {
    struct slice messages = action->a, first;
    uint64_t number;
    PARLEY_CHECK(slice_cut(&messages, '\n', &first));
    if (slice_equal(first, slice_of("open"))) {
        *stub = (struct poll_stub){.open = action->peer};
        return (struct poll_stub_wish){.connect = true};
    }
    if (slice_skip(&first, "poll ")) {
        stub->poll = action->peer;
        stub->asked_ms = now_ms;
        return (struct poll_stub_wish){0};
    }
    bool closes = poll_wire_read(first, "close", &number);
    PARLEY_CHECK(closes || poll_wire_read(first, "send", &number));
    PARLEY_CHECK(closes || number == stub->heard);
    stub->send = closes ? 0 : action->peer;
    stub->heard = number + count_lines(messages);
    return (struct poll_stub_wish){.messages = messages, .close = closes};
}

static struct poll_stub_wish take_abort(struct poll_stub *stub, uint32_t request) {
    bool opening = request == stub->open;
    uint32_t *requests[] = {&stub->open, &stub->poll, &stub->send};
    for (int i = 0; i < 3; i++)
        if (*requests[i] == request)
            *requests[i] = 0;
    return (struct poll_stub_wish){.close = opening};
}

struct poll_stub_wish poll_stub_take(struct poll_stub *stub, const struct action *action,
                                     uint64_t now_ms) {
    if (action->kind == ACTION_HTTP_POST)
        return take_post(stub, action, now_ms);
    if (action->kind == ACTION_HTTP_ABORT)
        return take_abort(stub, action->peer);
    return (struct poll_stub_wish){0};
}

static struct event answer(uint32_t *request, uint32_t status, const char *body) {
    struct event event = {.kind = EVENT_HTTP_ANSWERED,
                          .peer = *request,
                          .code = status,
                          .a = slice_of("text/plain"),
                          .c = slice_of(body)};
    *request = 0;
    return event;
}

static struct event answer_poll(struct poll_stub *stub, struct slice message) {
    int len = snprintf(stub->text, sizeof stub->text, "messages %" PRIu64 "\n%.*s%s", stub->sent,
                       (int)message.len, message.bytes, message.len ? "\n" : "");
    PARLEY_CHECK(len > 0 && (size_t)len < sizeof stub->text);
    stub->sent += message.len > 0;
    return answer(&stub->poll, 200, stub->text);
}

/* A failed request only leads to another; an answer is needed to end the session. */
static struct event close_now(struct poll_stub *stub, struct slice text) {
    bool opening = stub->open != 0;
    uint32_t *request = opening ? &stub->open : &stub->poll;
    snprintf(stub->text, sizeof stub->text, "%.*s", (int)text.len, text.bytes);
    unsigned long status = strtoul(stub->text, NULL, 10);
    stub->send = 0;
    if (status >= 100)
        return answer(request, (uint32_t)status, stub->text + STATUS_DIGITS + 1);
    struct event event = answer(request, GONE, "");
    if (opening)
        event.kind = EVENT_HTTP_FAILED;
    return event;
}

struct event poll_stub_event(struct poll_stub *stub, enum event_kind kind, struct slice text) {
    if (kind == EVENT_SERVER_OPENED)
        return answer(&stub->open, 200, SESSION);
    return kind == EVENT_SERVER_MESSAGE ? answer_poll(stub, text) : close_now(stub, text);
}

bool poll_stub_next(struct poll_stub *stub, uint64_t now_ms, struct event *event) {
    if (stub->send != 0) {
        snprintf(stub->text, sizeof stub->text, "expect %" PRIu64 "\n", stub->heard);
        *event = answer(&stub->send, 200, stub->text);
        return true;
    }
    if (stub->poll == 0 || now_ms < stub->asked_ms + POLL_STUB_WAIT_MS)
        return false;
    *event = answer_poll(stub, slice_of(""));
    return true;
}
