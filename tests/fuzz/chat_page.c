#define _GNU_SOURCE /* memmem */
#include "chat_page.h"

#include "chat_views.h"
#include "error.h"
#include "keyring.h"
#include "peer_message.h"
#include "script.h"
#include "sdp_text.h"
#include "text.h"
#include "token.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct member_id page_person_id(uint32_t index) {
    struct member_id id;
    memset(id.bytes, 'x', sizeof id.bytes);
    id.bytes[0] = digits[index % PAGE_PEOPLE];
    return id;
}

static uint32_t person_of(const struct member_id *id) {
    const char *digit = id->bytes[0] ? strchr(digits, id->bytes[0]) : NULL;
    return digit ? (uint32_t)(digit - digits) : 0;
}

struct page_peer *page_find(struct page *page, uint32_t number) {
    for (size_t i = 0; i < WIRE_ROOM_MEMBERS_MAX; i++)
        if (page->peers[i].number == number)
            return &page->peers[i];
    return NULL;
}

static struct page_peer *get(struct page *page, uint32_t number) {
    struct page_peer *peer = number ? page_find(page, number) : NULL;
    FUZZ_CHECK(peer);
    return peer;
}

/* --- the connection to the server ------------------------------------------------------------- */

/* Checks that a description or candidate contains only relay candidates. */
static void check_hidden(const struct wire_message *message) {
    static const char head[] = "candidate:", mark[] = " typ relay raddr ";
    struct slice text = message->type == WIRE_CANDIDATE ? message->candidate : message->sdp;
    bool inside = message->type != WIRE_CANDIDATE; /* candidates have lines of their own */
    for (size_t at = 0; at + sizeof head - 1 <= text.len; at++) {
        bool starts = inside ? at >= 3 && memcmp(text.bytes + at - 3, "\na=", 3) == 0 : at == 0;
        if (!starts || memcmp(text.bytes + at, head, sizeof head - 1) != 0)
            continue;
        struct slice rest = {text.bytes + at, text.len - at};
        const char *end = memchr(rest.bytes, '\n', rest.len);
        rest.len = end ? (size_t)(end - rest.bytes) : rest.len;
        FUZZ_CHECK(memmem(rest.bytes, rest.len, mark, sizeof mark - 1));
    }
}

static bool is_plain_signal(enum wire_type type) {
    return type == WIRE_OFFER || type == WIRE_ANSWER || type == WIRE_CANDIDATE || type == WIRE_ASK;
}

static void send_to_server(struct page *page, uint32_t way, struct slice bytes) {
    struct wire_message message;
    int error = wire_read(bytes, WIRE_TO_SERVER, &message);
    if (!page->lawful && error == PARLEY_ERR_UTF8)
        return; /* the core passes a candidate's text on unchanged */
    FUZZ_CHECK(error == PARLEY_OK);
    bool is_join = message.type == WIRE_JOIN;
    if (page->hide_address)
        check_hidden(&message);
    if (page->lawful) {
        FUZZ_CHECK(page->socket == PAGE_SOCKET_OPEN || way == EVENT_TRANSPORT_POLLING);
        FUZZ_CHECK(is_join != page->joining[way] || message.type == WIRE_PING);
    }
    if (is_join) {
        page->joining[way] = true;
        page->room = message.room;
    }
    FUZZ_CHECK(!page->sealed || !is_plain_signal(message.type));
    if (message.connection)
        page->connections[person_of(&message.member)] = message.connection;
    wire_message_deinit(&message);
}

/* A candidate that is sent before its description is useless. */
static void send_by_websocket(struct page *page, const struct action *action) {
    struct slice text = action->a;
    const struct page_peer *peer = action->peer ? page_find(page, action->peer) : NULL;
    if (page->lawful && peer && slice_skip(&text, "{\"type\":\"candidate\""))
        FUZZ_CHECK(peer->operation != PAGE_DESCRIBING);
    send_to_server(page, EVENT_TRANSPORT_WEBSOCKET, action->a);
}

static void connect(struct page *page) {
    FUZZ_CHECK(!page->lawful || page->socket == PAGE_SOCKET_NONE);
    page->socket = PAGE_SOCKET_DIALING;
    page->joining[EVENT_TRANSPORT_WEBSOCKET] = false;
}

static void take_http(struct page *page, const struct action *action) {
    struct slice messages = polling_take(&page->polling, action);
    if (page->polling.opening)
        page->joining[EVENT_TRANSPORT_POLLING] = false;
    for (struct slice line; slice_cut(&messages, '\n', &line);)
        send_to_server(page, EVENT_TRANSPORT_POLLING, line);
}

/* --- the connections to peers ----------------------------------------------------------------- */

static void open_peer(struct page *page, uint32_t number, struct slice configuration) {
    static const char policy[] = "\"iceTransportPolicy\":\"relay\"";
    bool hides = memmem(configuration.bytes, configuration.len, policy, sizeof policy - 1);
    struct page_peer *unused = page_find(page, 0);
    FUZZ_CHECK(unused && number > page->last_peer);
    FUZZ_CHECK(hides == page->hide_address);
    *unused = (struct page_peer){.number = page->last_peer = number};
}

static void operate(struct page *page, const struct action *action) {
    struct page_peer *peer = get(page, action->peer);
    bool describe = action->kind == ACTION_PEER_DESCRIBE;
    FUZZ_CHECK(action->code < EVENT_SDP_COUNT);
    FUZZ_CHECK(describe || action->code != EVENT_SDP_ROLLBACK);
    FUZZ_CHECK(!page->lawful || peer->operation == PAGE_IDLE);
    peer->operation = describe ? PAGE_DESCRIBING : PAGE_ACCEPTING;
    peer->sdp = (enum event_sdp)action->code;
}

/* Checks that a hello comes first, that texts follow it, and that they are in order until the next,
 * which answers one of theirs, or follows what went through the server. */
static void send_to_peer(struct page *page, struct page_peer *peer, struct slice bytes) {
    struct peer_message message;
    FUZZ_CHECK(peer_message_read(bytes, &message) == PARLEY_OK);
    bool is_hello = message.type == PEER_MESSAGE_HELLO;
    if (page->lawful) {
        FUZZ_CHECK(peer->channel_opened && !peer->channel_closed);
        FUZZ_CHECK(is_hello || peer->hello_said);
    }
    if (is_hello) {
        page->session = message.session;
        peer->next_text = 0;
    }
    peer->hello_said = true;
    if (message.type == PEER_MESSAGE_TEXT) {
        FUZZ_CHECK(!page->lawful || message.number >= peer->next_text);
        peer->next_text = (uint64_t)message.number + 1;
        page->texts_end = message.number + 1;
    }
    peer->buffer_due = true;
    peer_message_deinit(&message);
}

/* A candidate needs a remote description. */
static void add_candidate(struct page *page, const struct page_peer *peer) {
    FUZZ_CHECK(!page->lawful || peer->accepted);
}

static void take_peer_action(struct page *page, const struct action *action) {
    struct page_peer *peer = action->kind == ACTION_PEER_OPEN ? NULL : get(page, action->peer);
    switch (action->kind) {
    case ACTION_PEER_OPEN:
        open_peer(page, action->peer, action->a);
        break;
    case ACTION_PEER_DESCRIBE:
    case ACTION_PEER_ACCEPT:
        operate(page, action);
        break;
    case ACTION_PEER_ADD_CANDIDATE:
        add_candidate(page, peer);
        break;
    case ACTION_PEER_ASK_ROUTE:
        peer->route_due = true;
        break;
    case ACTION_PEER_CLOSE:
        *peer = (struct page_peer){0};
        break;
    case ACTION_CHANNEL_SEND:
        send_to_peer(page, peer, action->a);
        break;
    case ACTION_PEER_CONFIGURE:
    case ACTION_PEER_RESTART:
        break;
    case ACTION_COUNT:
        ACTIONS_OF_SERVER(ACTION_CASE)
        ACTIONS_OF_PAGE(ACTION_CASE)
        FUZZ_CHECK(false);
    }
}

/* --- the page --------------------------------------------------------------------------------- */

static void take_stored(struct page *page, const struct action *action) {
    if (action->kind == ACTION_ROOM_NAMED)
        page->sealed = action->a.len && action->a.bytes[0] == '#';
    if (action->kind == ACTION_ROOM_NAMED)
        FUZZ_CHECK(action->a.len == 0 || views_is_address(action->a));
    else if (action->kind == ACTION_DEVICE_STORE)
        FUZZ_CHECK(action->a.len == KEYRING_DEVICE_CHARACTERS);
    else if (action->kind == ACTION_NAME_STORE)
        FUZZ_CHECK(action->a.len && text_utf8_valid(action->a) &&
                   text_characters(action->a) <= PEER_NAME_CHARACTERS_MAX);
    else if (action->kind == ACTION_TOKEN_STORE)
        FUZZ_CHECK(action->a.len == TOKEN_KEPT_BYTES && text_utf8_valid(action->a));
    else
        FUZZ_CHECK(action->code < EVENT_TRANSPORT_COUNT); /* HIDE_ADDRESS_STORE: 0 or 1 */
}

static void take_server_action(struct page *page, const struct action *action) {
    switch (action->kind) {
    case ACTION_HTTP_POST:
    case ACTION_HTTP_ABORT:
        take_http(page, action);
        break;
    case ACTION_TAB_TELL:
        FUZZ_CHECK(action->peer != 0);
        break;
    case ACTION_SERVER_CONNECT:
        connect(page);
        break;
    case ACTION_SERVER_SEND:
        send_by_websocket(page, action);
        break;
    case ACTION_SERVER_CLOSE:
        page->socket = PAGE_SOCKET_NONE;
        break;
    case ACTION_COUNT:
        ACTIONS_OF_PEER(ACTION_CASE)
        ACTIONS_OF_PAGE(ACTION_CASE)
        FUZZ_CHECK(false);
    }
}

void page_take(struct page *page, const struct action *action) {
    page->actions++;
    switch (action->kind) {
        ACTIONS_OF_SERVER(ACTION_CASE)
        take_server_action(page, action);
        break;
        ACTIONS_OF_PEER(ACTION_CASE)
        take_peer_action(page, action);
        break;
    case ACTION_ROOM_NAMED:
    case ACTION_NAME_STORE:
    case ACTION_TOKEN_STORE:
    case ACTION_DEVICE_STORE:
    case ACTION_TRANSPORT_STORE:
    case ACTION_HIDE_ADDRESS_STORE:
        take_stored(page, action);
        break;
    case ACTION_LINE_CHANGED:
    case ACTION_SHOW_STATUS:
    case ACTION_SHOW_DRAFT:
    case ACTION_SHOW_MEMBERS:
    case ACTION_SHOW_LINES:
        page->shown[action->kind] = true;
        break;
    case ACTION_COUNT:
        FUZZ_CHECK(false);
    }
}

/* --- reports ---------------------------------------------------------------------------------- */

static bool may_report_server(const struct page *page, const struct event *event) {
    if (event->kind == EVENT_SERVER_OPENED)
        return page->socket == PAGE_SOCKET_DIALING;
    if (event->kind == EVENT_SERVER_MESSAGE)
        return page->socket == PAGE_SOCKET_OPEN;
    return page->socket != PAGE_SOCKET_NONE;
}

bool page_hears_polled(const struct page *page) {
    bool both = page->socket != PAGE_SOCKET_NONE && page->polling.asked != 0;
    return both ? page->actions % 2 : page->polling.asked != 0;
}

static bool may_report_peer(const struct page_peer *peer, const struct event *event) {
    bool rollback = peer->operation == PAGE_DESCRIBING && peer->sdp == EVENT_SDP_ROLLBACK;
    switch (event->kind) {
    case EVENT_PEER_DESCRIBED:
        return peer->operation == PAGE_DESCRIBING && !rollback && peer->sdp == event->code;
    case EVENT_PEER_DONE:
        return peer->operation == PAGE_ACCEPTING || rollback;
    case EVENT_CHANNEL_OPENED:
        return !peer->channel_opened && !peer->channel_closed;
    case EVENT_CHANNEL_MESSAGE:
    case EVENT_CHANNEL_BUFFERED:
        return peer->channel_opened && !peer->channel_closed;
    case EVENT_PEER_FAILED:
    case EVENT_PEER_NOT_OPENED:
    case EVENT_PEER_CANDIDATE:
    case EVENT_PEER_CANDIDATE_FAILED:
    case EVENT_PEER_STATE:
    case EVENT_PEER_ROUTE:
    case EVENT_CHANNEL_CLOSED:
    case EVENT_PEER_UNASKED:
    case EVENT_PEER_ICE_ERROR:
    case EVENT_PEER_SERVER_REFUSED:
    case EVENT_COUNT:
        EVENTS_OF_PAGE(EVENT_CASE)
        EVENTS_OF_SERVER(EVENT_CASE)
        break;
    }
    return true;
}

/* JavaScript's texts become UTF-8. Only bytes from a connection may be anything. */
static bool is_text(const struct event *event) {
    return event->kind == EVENT_SERVER_MESSAGE || event->kind == EVENT_CHANNEL_MESSAGE ||
           (text_utf8_valid(event->a) && text_utf8_valid(event->b));
}

bool page_may_report(const struct page *page, const struct event *event) {
    if (!page->lawful || event->kind < EVENT_SERVER_OPENED)
        return true;
    if (!is_text(event))
        return false;
    if (event->kind <= EVENT_SERVER_CLOSED)
        return may_report_server(page, event);
    if (event->kind <= EVENT_TAB_HEARD)
        return true;
    for (size_t i = 0; event->peer && i < WIRE_ROOM_MEMBERS_MAX; i++)
        if (page->peers[i].number == event->peer)
            return may_report_peer(&page->peers[i], event);
    return true; /* the core ignores reports of closed connections */
}

static void report_peer(struct page_peer *peer, enum event_kind kind) {
    bool done = kind == EVENT_PEER_DONE || kind == EVENT_PEER_DESCRIBED;
    if (done && peer->operation == PAGE_ACCEPTING)
        peer->accepted = true;
    if (done)
        peer->operation = PAGE_IDLE;
    else if (kind == EVENT_CHANNEL_OPENED)
        peer->channel_opened = true;
    else if (kind == EVENT_CHANNEL_CLOSED)
        peer->channel_closed = true;
    else if (kind == EVENT_CHANNEL_BUFFERED)
        peer->buffer_due = false;
    else if (kind == EVENT_PEER_ROUTE)
        peer->route_due = false;
}

void page_report(struct page *page, const struct event *event) {
    struct page_peer *peer = event->peer ? page_find(page, event->peer) : NULL;
    memset(page->shown, 0, sizeof page->shown);
    page->actions = 0;
    if (event->kind == EVENT_SERVER_OPENED)
        page->socket = PAGE_SOCKET_OPEN;
    else if (event->kind == EVENT_SERVER_CLOSED)
        page->socket = PAGE_SOCKET_NONE;
    else if (event->kind == EVENT_HTTP_ANSWERED || event->kind == EVENT_HTTP_FAILED)
        polling_report(&page->polling, event);
    else if (peer && event->kind >= EVENT_PEER_DESCRIBED)
        report_peer(peer, event->kind);
}

/* The next report of |peer|. */
static bool next_of(const struct page_peer *peer, struct event *event) {
    bool rollback = peer->operation == PAGE_DESCRIBING && peer->sdp == EVENT_SDP_ROLLBACK;
    event->peer = peer->number;
    event->code = 0;
    if (peer->operation == PAGE_DESCRIBING && !rollback) {
        event->kind = EVENT_PEER_DESCRIBED;
        event->code = peer->sdp;
        event->a = slice_of(SDP_OF("x"));
    } else if (peer->operation != PAGE_IDLE) {
        event->kind = EVENT_PEER_DONE;
    } else if (peer->accepted && !peer->channel_opened) {
        event->kind = EVENT_CHANNEL_OPENED;
    } else if (peer->buffer_due) {
        event->kind = EVENT_CHANNEL_BUFFERED;
    } else if (peer->route_due) {
        event->kind = EVENT_PEER_ROUTE;
        event->a = slice_of("host");
        event->b = slice_of("relay");
    } else {
        return false;
    }
    return true;
}

/* The answer to "open" or "send". */
static bool next_of_polling(const struct page *page, struct event *event) {
    uint32_t request = page->polling.opening ? page->polling.asked : page->polling.sending;
    struct buffer *answer = script_scratch();
    if (request == 0)
        return false;
    polling_write(&page->polling, request, slice_of(""), answer);
    *event = (struct event){
        .kind = EVENT_HTTP_ANSWERED, .peer = request, .code = 200, .c = buffer_slice(answer)};
    return true;
}

bool page_next_report(struct page *page, uint32_t start, struct event *event) {
    if (page->socket == PAGE_SOCKET_DIALING) {
        event->kind = EVENT_SERVER_OPENED;
        return true;
    }
    if (next_of_polling(page, event))
        return true;
    for (uint32_t i = 0; i < WIRE_ROOM_MEMBERS_MAX; i++) {
        const struct page_peer *peer = &page->peers[(start + i) % WIRE_ROOM_MEMBERS_MAX];
        if (peer->number && next_of(peer, event))
            return true;
    }
    return false;
}
