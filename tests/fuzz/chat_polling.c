#include "chat_polling.h"

#include "error.h"
#include "poll_session.h"
#include "script.h"

#include <inttypes.h>

static const char field_name[] = POLL_SECRET_HEADER ": ";

static uint32_t session_of(struct slice field) {
    uint64_t number;
    FUZZ_CHECK(slice_skip(&field, field_name) && field.len == POLL_SECRET_DIGITS);
    FUZZ_CHECK(slice_read_number(field, UINT32_MAX, &number));
    return (uint32_t)number;
}

/* The messages of |request| from number |said| on. */
static struct slice news_of(struct page_polling *polling, const struct poll_request *request) {
    struct slice rest = request->messages, news = rest, line;
    for (uint64_t number = request->number; slice_cut(&rest, '\n', &line); number++)
        if (number < polling->said)
            news = rest;
        else
            polling->said = number + 1;
    return news;
}

static void follow_session(struct page_polling *polling, uint32_t session) {
    FUZZ_CHECK(session != 0 && session < polling->last);
    if (session <= polling->session)
        return;
    polling->session = session;
    polling->said = 0;
}

static struct slice take_post(struct page_polling *polling, const struct action *action) {
    struct poll_request request;
    FUZZ_CHECK(action->peer == polling->last + 1 && action->a.len <= POLL_BODY_BYTES_MAX);
    FUZZ_CHECK(slice_equal(action->c, slice_of(POLL_NAME)));
    FUZZ_CHECK(poll_request_read(action->a, &request) == PARLEY_OK);
    FUZZ_CHECK((action->code == 1) == (request.command == POLL_CLOSE));
    polling->last = action->peer;
    polling->opening &= request.command != POLL_POLL;
    uint32_t session = 0;
    if (request.command == POLL_OPEN)
        FUZZ_CHECK(action->b.len == 0);
    else
        follow_session(polling, session = session_of(action->b));
    switch (request.command) {
    case POLL_OPEN:
    case POLL_POLL:
        FUZZ_CHECK(polling->asked == 0);
        polling->asked = action->peer;
        polling->opening = request.command == POLL_OPEN;
        polling->wanted = request.number;
        return (struct slice){0};
    case POLL_SEND:
        FUZZ_CHECK(polling->sending == 0);
        polling->sending = action->peer;
        break;
    case POLL_CLOSE:
        break;
    }
    return session == polling->session ? news_of(polling, &request) : (struct slice){0};
}

static void forget(struct page_polling *polling, uint32_t request) {
    if (request == polling->asked)
        polling->asked = 0;
    if (request == polling->sending)
        polling->sending = 0;
}

struct slice polling_take(struct page_polling *polling, const struct action *action) {
    if (action->kind == ACTION_HTTP_POST)
        return take_post(polling, action);
    FUZZ_CHECK(action->peer != 0);
    FUZZ_CHECK(action->peer == polling->asked || action->peer == polling->sending);
    forget(polling, action->peer);
    return (struct slice){0};
}

void polling_report(struct page_polling *polling, const struct event *event) {
    forget(polling, event->peer);
}

void polling_write(const struct page_polling *polling, uint32_t request, struct slice messages,
                   struct buffer *out) {
    char line[POLL_LINE_BYTES_MAX];
    if (request == polling->sending)
        snprintf(line, sizeof line, "expect %" PRIu64 "\n", polling->said);
    else if (polling->opening)
        snprintf(line, sizeof line, "session %0*" PRIu32 "\n", POLL_SECRET_DIGITS, request);
    else
        snprintf(line, sizeof line, "messages %" PRIu64 "\n", polling->wanted);
    FUZZ_CHECK(buffer_append(out, slice_of(line)) == PARLEY_OK);
    FUZZ_CHECK(buffer_append(out, messages) == PARLEY_OK);
}
