/* The core's inputs. The first byte says whether the page is lawful (chat_page.h). The rest is a
 * script of events from the page, from a server whose messages are mostly well formed, from
 * browsers' connections, and from peers. */
#include "chat_run.h"
#include "error.h"
#include "peer_message.h"
#include "sdp_text.h"
#include "token.h"

#include <string.h>

#define REPEATS_MAX 2
#define HOUR_MS 3600000u

typedef void (*op)(struct run *run);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* --- picks ------------------------------------------------------------------------------------ */

#define SELF                                                                                       \
    20u /* the person that a welcome calls us, as a rule: between the others, so that we
                    are polite to some and impolite to others */

static uint32_t some_person(struct script *script) {
    static const uint8_t often[] = {0, 1, 2, 30, 31, 32};
    uint8_t pick = script_byte(script);
    return pick < 192 ? often[pick % sizeof often] : pick % PAGE_PEOPLE;
}

/* Mostly an open connection, if there is one; otherwise any number. */
static uint32_t some_peer(struct run *run) {
    uint32_t open[WIRE_ROOM_MEMBERS_MAX], count = 0;
    for (size_t i = 0; i < WIRE_ROOM_MEMBERS_MAX; i++)
        if (run->page.peers[i].number)
            open[count++] = run->page.peers[i].number;
    uint8_t pick = script_byte(&run->script);
    return count && pick < 0xF8 ? open[pick % count] : pick & 7u;
}

/* The connection that a signal from |person| is for: none, ours as they know it, or any other. */
static uint32_t some_target(struct run *run, uint32_t person) {
    uint32_t pick = script_below(&run->script, 4);
    return pick == 0 ? 0 : pick == 3 ? script_number(&run->script) : run->page.connections[person];
}

static struct slice some_candidate(struct script *script) {
    static const char *const types[] = {
        "candidate:1 1 udp 1 192.0.2.1 4000 typ host",
        "candidate:2 1 udp 1 192.0.2.1 4000 typ srflx raddr 0.0.0.0 rport 0",
        "candidate:3 1 udp 1 192.0.2.1 4000 typ relay", ""};
    uint32_t pick = script_below(script, 5);
    return pick < 4 ? slice_of(types[pick]) : script_text(script);
}

/* --- the server's messages -------------------------------------------------------------------- */

static void add_ice_servers(struct script *script, struct wire_message *message) {
    static const struct wire_ice_server servers[] = {{{"stun:h", 6}, {"", 0}, {"", 0}},
                                                     {{"turn:h:9", 8}, {"u", 1}, {"c", 1}}};
    message->ice_servers = servers;
    message->ice_server_count = script_below(script, 3);
    if (message->ice_server_count == 2)
        message->ice_seconds = script_byte(script);
}

/* The members in a welcome. */
struct named {
    struct member_id members[WIRE_ROOM_MEMBERS_MAX];
};

/* Fills in the welcome that was asked for, or one that must be refused. */
static void fill_welcome(struct run *run, struct wire_message *message, struct named *named) {
    struct script *script = &run->script;
    uint8_t odd = script_byte(script);
    message->version = odd == 0xFF ? script_number(script) : WIRE_VERSION;
    message->room = run->page.room;
    if (message->room.len == 0 || odd == 0xFE)
        FUZZ_CHECK(room_id_read(slice_of("cellar"), &message->room));
    message->member = page_person_id(odd < 0xF0 ? SELF : some_person(script));
    uint32_t count = script_once_in(script, 16) ? WIRE_ROOM_MEMBERS_MAX - 1 : odd & 7u;
    for (uint32_t i = 0; i < count; i++) {
        bool all = count > 7;
        named->members[i] = page_person_id(all ? i : some_person(script));
    }
    message->members = named->members;
    message->member_count = count;
    message->room_members_max = script_number(script);
    add_ice_servers(script, message);
}

static void fill_signal(struct run *run, struct wire_message *message, uint32_t person) {
    struct script *script = &run->script;
    message->connection = script_once_in(script, 8) ? script_number(script) : 1;
    if (script_once_in(script, 4))
        message->connection = script_below(script, 4);
    message->target = some_target(run, person);
    message->sdp = script_once_in(script, 16) ? script_text(script) : slice_of(SDP_OF("x"));
    if (message->type != WIRE_CANDIDATE)
        return;
    message->candidate = some_candidate(script);
    if (script_once_in(script, 2))
        message->mid = slice_of("0");
    if (script_once_in(script, 4))
        message->ufrag = script_text(script);
}

static void fill_error(struct script *script, struct wire_message *message) {
    message->error = (enum wire_error)script_below(script, WIRE_ERROR_COUNT);
}

/* Sends |message| by WebSocket, or alone in an answer to a poll. */
static void server_says(struct run *run, struct slice message) {
    uint32_t request = run->page.polling.asked;
    if (!page_hears_polled(&run->page)) {
        run_text(run, EVENT_SERVER_MESSAGE, 0, 0, message);
        return;
    }
    struct buffer *bytes = script_scratch();
    polling_write(&run->page.polling, request, message, bytes);
    FUZZ_CHECK(buffer_append(bytes, slice_of("\n")) == PARLEY_OK);
    run_event(run, (struct event){.kind = EVENT_HTTP_ANSWERED,
                                  .peer = request,
                                  .code = 200,
                                  .c = script_copy(&run->script, buffer_slice(bytes))});
}

static void server_message(struct run *run) {
    static const enum wire_type types[] = {WIRE_WELCOME,   WIRE_JOINED,     WIRE_LEFT, WIRE_OFFER,
                                           WIRE_ANSWER,    WIRE_ASK,        WIRE_PONG, WIRE_ERROR,
                                           WIRE_CANDIDATE, WIRE_CREDENTIALS};
    struct wire_message message = {0};
    struct named named;
    message.type = types[script_below(&run->script, sizeof types / sizeof *types)];
    uint32_t person = message.type == WIRE_WELCOME ? 0 : some_person(&run->script);
    message.member = page_person_id(person);
    if (message.type == WIRE_WELCOME)
        fill_welcome(run, &message, &named);
    else if (message.type == WIRE_ERROR)
        fill_error(&run->script, &message);
    else if (message.type == WIRE_CREDENTIALS)
        add_ice_servers(&run->script, &message);
    else if (message.type == WIRE_JOINED || message.type == WIRE_LEFT)
        message.back = message.goodbye = script_once_in(&run->script, 2);
    else if (message.type != WIRE_PONG)
        fill_signal(run, &message, person);
    struct buffer *bytes = script_scratch();
    if (wire_write(&message, WIRE_TO_PAGE, bytes) == PARLEY_OK)
        server_says(run, script_copy(&run->script, buffer_slice(bytes)));
}

/* An error code of a newer server, which our own writer does not know. */
static void server_new_error(struct run *run) {
    static const char head[] = "{\"type\":\"error\",\"code\":\"new\",\"message\":\"",
                      tail[] = "\"}";
    struct slice sentence = script_text(&run->script);
    struct buffer *bytes = script_scratch();
    FUZZ_CHECK(buffer_append(bytes, slice_of(head)) == PARLEY_OK);
    FUZZ_CHECK(buffer_append(bytes, sentence) == PARLEY_OK);
    FUZZ_CHECK(buffer_append(bytes, slice_of(tail)) == PARLEY_OK);
    server_says(run, script_copy(&run->script, buffer_slice(bytes)));
}

static void server_bytes(struct run *run) {
    server_says(run, script_text(&run->script));
}

static void server_closed(struct run *run) {
    run_bare(run, EVENT_SERVER_CLOSED, 0, 0);
}

/* --- answers to polling ----------------------------------------------------------------------- */

static uint32_t some_request(struct run *run) {
    const struct page_polling *polling = &run->page.polling;
    uint32_t pick = script_below(&run->script, 8);
    if (pick == 7)
        return script_number(&run->script);
    if (pick == 6)
        return polling->last;
    return pick % 2 && polling->sending ? polling->sending : polling->asked;
}

/* Mostly a good answer, otherwise some other. */
static struct slice some_answer(struct run *run, uint32_t request) {
    static const char *const texts[] = {"expect 0\n", "messages 0\n", "close 1008 x\n", "",
                                        "messages 0\nclose 1000\n"};
    uint32_t pick = script_below(&run->script, 8);
    if (pick < 5)
        return slice_of(texts[pick]);
    struct slice more = pick == 5 ? slice_of("") : script_text(&run->script);
    struct buffer *bytes = script_scratch();
    if (pick == 7)
        return more;
    polling_write(&run->page.polling, request, more, bytes);
    return script_copy(&run->script, buffer_slice(bytes));
}

static void http_answered(struct run *run) {
    static const uint32_t statuses[] = {200, 200, 200, 409, 503, 403, 410, 0};
    static const char *const types[] = {"text/plain", "text/html", "", "text/plain; charset=x"};
    static const char *const pauses[] = {"", "1", "99999999999999999999", "-"};
    struct event event = {.kind = EVENT_HTTP_ANSWERED, .peer = some_request(run)};
    uint32_t pick = script_below(&run->script, 16);
    event.code = pick < 8 ? statuses[pick] : pick < 15 ? 200 : script_number(&run->script);
    event.c = some_answer(run, event.peer);
    event.a = slice_of(types[script_below(&run->script, 4)]);
    event.b = slice_of(pauses[script_below(&run->script, 4)]);
    run_event(run, event);
}

static void http_failed(struct run *run) {
    run_bare(run, EVENT_HTTP_FAILED, some_request(run), 0);
}

/* Mostly one of few tabs, so that some of them also leave. */
static void tab_heard(struct run *run) {
    uint32_t tab = script_below(&run->script, 64);
    run_bare(run, EVENT_TAB_HEARD, tab < 8 ? script_number(&run->script) : tab % 8,
             script_below(&run->script, 4));
}

/* --- the peers' messages ---------------------------------------------------------------------- */

static void fill_hello(struct run *run, struct peer_message *message) {
    uint32_t heard = script_below(&run->script, 4);
    message->session = 1 + script_below(&run->script, 2);
    message->first = script_number(&run->script);
    message->heard = heard == 0 ? 0 : heard == 1 ? 77 : run->page.session;
    message->next = script_number(&run->script);
}

static void peer_message(struct run *run) {
    static const char *const texts[] = {"Ada", "Bea", "see https://example.org/ now", "\xD7\x90"};
    struct script *script = &run->script;
    struct peer_message message = {0};
    uint32_t peer = some_peer(run), pick = script_below(script, 8);
    struct member_id members[8];
    message.members = members;
    message.type = (enum peer_message_type)script_below(script, PEER_MESSAGE_TYPE_COUNT);
    message.number = message.next = script_number(script);
    if (script_once_in(script, 4)) { /* the number that is due */
        message.number = run->page.texts_heard++;
        message.next = run->page.texts_end;
    }
    if (message.type == PEER_MESSAGE_HELLO)
        fill_hello(run, &message);
    message.text = pick < 4 ? slice_of(texts[pick]) : script_text(script);
    if (message.type == PEER_MESSAGE_REACH)
        for (; message.member_count < pick; message.member_count++)
            members[message.member_count] = page_person_id(some_person(script));
    struct buffer *bytes = script_scratch();
    if (peer_message_write(&message, bytes) == PARLEY_OK)
        run_text(run, EVENT_CHANNEL_MESSAGE, peer, 0,
                 script_copy(&run->script, buffer_slice(bytes)));
}

static void peer_bytes(struct run *run) {
    uint32_t peer = some_peer(run);
    bool binary = script_once_in(&run->script, 8);
    run_text(run, EVENT_CHANNEL_MESSAGE, peer, binary, script_text(&run->script));
}

/* --- a member with keys ----------------------------------------------------------------------- */

static void insider_joins(struct run *run) {
    bool back = script_once_in(&run->script, 4);
    struct buffer *bytes = script_scratch();
    if (!insider_enter(&run->insider, run->chat))
        return;
    insider_join(&run->insider, back, bytes);
    server_says(run, script_copy(&run->script, buffer_slice(bytes)));
}

static void insider_signals(struct run *run) {
    static const enum wire_type types[] = {WIRE_OFFER, WIRE_ANSWER, WIRE_CANDIDATE, WIRE_ASK};
    struct wire_message message = {.type = types[script_below(&run->script, 4)]};
    fill_signal(run, &message, 0);
    struct buffer *bytes = script_scratch();
    if (insider_enter(&run->insider, run->chat) &&
        insider_signal(&run->insider, run->chat, &message, bytes))
        server_says(run, script_copy(&run->script, buffer_slice(bytes)));
}

/* Says the first words of a connection, with the proof or another one. */
static void insider_proves(struct run *run) {
    struct peer_message message = {.type = PEER_MESSAGE_HELLO, .text = slice_of("Ida")};
    if (!insider_enter(&run->insider, run->chat))
        return;
    uint32_t peer = insider_peer(&run->insider, run->chat);
    if (!peer)
        return;
    fill_hello(run, &message);
    message.proof = insider_prove(&run->insider, run->chat);
    if (script_once_in(&run->script, 8))
        message.proof.text[0] = message.proof.text[0] == 'A' ? 'B' : 'A';
    struct buffer *bytes = script_scratch();
    if (peer_message_write(&message, bytes) == PARLEY_OK)
        run_text(run, EVENT_CHANNEL_MESSAGE, peer, 0,
                 script_copy(&run->script, buffer_slice(bytes)));
}

/* --- connections ------------------------------------------------------------------------------ */

/* Makes the next report that is due. */
static void report(struct run *run) {
    struct event event = {0};
    if (page_next_report(&run->page, 0, &event))
        run_event(run, event);
}

static void report_of_one(struct run *run) {
    struct event event = {0};
    if (page_next_report(&run->page, script_byte(&run->script), &event))
        run_event(run, event);
}

static void report_all(struct run *run) {
    struct event event = {0};
    for (int i = 0; i < 64 && page_next_report(&run->page, 0, &event); i++) {
        run_event(run, event);
        event = (struct event){0};
    }
}

static void peer_state(struct run *run) {
    uint32_t peer = some_peer(run);
    run_bare(run, EVENT_PEER_STATE, peer, script_below(&run->script, EVENT_PEER_STATE_COUNT + 1));
}

static void peer_failed(struct run *run) {
    static const enum event_kind kinds[] = {EVENT_PEER_FAILED, EVENT_PEER_NOT_OPENED,
                                            EVENT_CHANNEL_CLOSED, EVENT_PEER_CANDIDATE_FAILED,
                                            EVENT_PEER_UNASKED};
    uint32_t peer = some_peer(run);
    run_bare(run, kinds[script_below(&run->script, 5)], peer, 0);
}

static void peer_ice(struct run *run) {
    static const char *const urls[] = {"stun:h", "turn:h:9", "stuns:h", ""};
    struct event event = {.kind = EVENT_PEER_ICE_ERROR, .peer = some_peer(run)};
    if (script_once_in(&run->script, 4))
        event.kind = EVENT_PEER_SERVER_REFUSED;
    event.code = script_once_in(&run->script, 4)
                     ? script_number(&run->script)
                     : WIRE_STATUS_NO_ANSWER - 300u * script_below(&run->script, 2);
    uint32_t pick = script_below(&run->script, 5);
    event.a = pick < 4 ? slice_of(urls[pick]) : script_text(&run->script);
    run_event(run, event);
}

static void peer_candidate(struct run *run) {
    struct event event = {.kind = EVENT_PEER_CANDIDATE, .peer = some_peer(run)};
    event.a = some_candidate(&run->script);
    if (script_once_in(&run->script, 2))
        event.b = slice_of("0");
    run_event(run, event);
}

static void peer_described(struct run *run) {
    uint32_t peer = some_peer(run), code = script_below(&run->script, 4);
    run_text(run, EVENT_PEER_DESCRIBED, peer, code, script_text(&run->script));
}

static void peer_route(struct run *run) {
    static const char *const types[] = {"", "host", "srflx", "prflx", "relay", "new"};
    struct event event = {.kind = EVENT_PEER_ROUTE, .peer = some_peer(run)};
    event.a = slice_of(types[script_below(&run->script, 6)]);
    event.b = slice_of(types[script_below(&run->script, 6)]);
    run_event(run, event);
}

static void peer_buffered(struct run *run) {
    uint32_t peer = some_peer(run);
    run_bare(run, EVENT_CHANNEL_BUFFERED, peer, script_number(&run->script));
}

/* --- the page --------------------------------------------------------------------------------- */

static void start(struct run *run) {
    char random[EVENT_RANDOM_BYTES + TOKEN_KEPT_BYTES];
    uint8_t flags = script_byte(&run->script);
    memset(random, flags, EVENT_RANDOM_BYTES);
    memset(random + EVENT_RANDOM_BYTES, flags & 16 ? 'T' : '?', WIRE_TOKEN_BYTES);
    memset(random + EVENT_RANDOM_BYTES + WIRE_TOKEN_BYTES, flags & 32 ? 'f' : '0',
           TOKEN_KEPT_BYTES - WIRE_TOKEN_BYTES);
    uint32_t code = flags >> 5;
    if ((flags & 5) == 4)
        code |= EVENT_START_HIDE_ADDRESS;
    struct event event = {.kind = EVENT_START, .code = code, .b = slice_of("Zoe")};
    event.a = flags & 1 ? slice_of("lobby") : slice_of("");
    if (flags & 2)
        event.b = script_text(&run->script);
    if ((flags & 12) == 12)
        event.a = script_text(&run->script);
    event.c = (struct slice){random, flags & 8 ? sizeof random : EVENT_RANDOM_BYTES};
    if (flags == 0xF4)
        event.c.len--;
    run_event(run, event);
}

static void say(struct run *run) {
    bool any = script_once_in(&run->script, 2);
    run_text(run, EVENT_SAY, 0, 0, any ? script_text(&run->script) : slice_of("hello"));
}

static void rename_self(struct run *run) {
    run_text(run, EVENT_RENAME, 0, 0, script_text(&run->script));
}

static void draft(struct run *run) {
    run_text(run, EVENT_DRAFT, 0, 0, script_text(&run->script));
}

static void wake(struct run *run) {
    uint32_t pick = script_below(&run->script, 2 * EVENT_WAKE_COUNT + 1);
    run_bare(run, EVENT_WAKE, pick > EVENT_WAKE_COUNT, pick % (EVENT_WAKE_COUNT + 1));
}

static void hide(struct run *run) {
    run_bare(run, EVENT_HIDE_ADDRESS, 0, script_below(&run->script, 2));
}

static void leave(struct run *run) {
    run_bare(run, EVENT_LEAVE, 0, 0);
}

static void unload(struct run *run) {
    run_bare(run, EVENT_UNLOAD, 0, 0);
    if (script_once_in(&run->script, 2))
        start(run);
}

static void any_event(struct run *run) {
    struct event event = {.kind = (enum event_kind)script_below(&run->script, EVENT_COUNT)};
    event.peer = script_once_in(&run->script, 4) ? script_number(&run->script) : some_peer(run);
    event.code = script_number(&run->script);
    event.a = script_text(&run->script);
    event.b = script_text(&run->script);
    event.c = script_text(&run->script);
    run_event(run, event);
}

/* --- time ------------------------------------------------------------------------------------- */

static void pass(struct run *run) {
    run_pass(run, script_byte(&run->script) * 16u);
    run_tick(run);
}

static void pass_to_deadline(struct run *run) {
    uint64_t deadline_ms = chat_deadline_ms(run->chat);
    if (deadline_ms != NO_DEADLINE && deadline_ms > run->now_ms)
        run_pass(run, deadline_ms - run->now_ms);
    run_tick(run);
}

static void pass_long(struct run *run) {
    uint32_t pick = script_below(&run->script, 4);
    run_pass(run, pick == 3 ? (uint64_t)script_number(&run->script) * HOUR_MS : 1000u << 3 * pick);
    run_tick(run);
}

/* Time passes without a tick. The wall clock may change to any time. */
static void sleep(struct run *run) {
    run_pass(run, script_number(&run->script) * 1000u);
    if (!script_once_in(&run->script, 4))
        return;
    run->wall_ms = (int64_t)script_number(&run->script) * 1000000 - (int64_t)(1ull << 50);
    run->utc_offset_min = (int32_t)script_number(&run->script);
}

/* --- scripts ---------------------------------------------------------------------------------- */

static void repeat(struct run *run);

static const op ops[] = {
    report,
    report_all,
    report_of_one,
    server_message,
    server_message,
    server_message,
    server_bytes,
    server_new_error,
    server_closed,
    peer_message,
    peer_message,
    peer_bytes,
    peer_state,
    peer_failed,
    peer_candidate,
    peer_described,
    peer_route,
    peer_buffered,
    start,
    say,
    rename_self,
    draft,
    wake,
    leave,
    unload,
    any_event,
    pass_to_deadline,
    pass,
    pass_long,
    sleep,
    repeat,
    hide,
    peer_ice,
    http_answered,
    http_answered,
    http_failed,
    tab_heard,
    insider_joins,
    insider_signals,
    insider_signals,
    insider_proves,
};

static void run_op(struct run *run) {
    ops[script_below(&run->script, sizeof ops / sizeof *ops)](run);
    script_free_texts(&run->script);
}

/* Repeats the same bytes of the script. */
static void repeat(struct run *run) {
    uint32_t times = script_below(&run->script, 256);
    const uint8_t *at = run->script.at;
    size_t left = run->script.left;
    if (run->repeats >= REPEATS_MAX)
        return;
    run->repeats++;
    for (uint32_t i = 0; i <= times && run->events < RUN_EVENTS_MAX; i++) {
        run->script.at = at;
        run->script.left = left;
        run_op(run);
    }
    run->repeats--;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct run run;
    run_init(&run, script_of(bytes, len));
    run.page.lawful = script_byte(&run.script) % 4 != 3;
    start(&run);
    while (run.script.left > 0 && run.events < RUN_EVENTS_MAX)
        run_op(&run);
    run_deinit(&run);
    return 0;
}
