/* Polling. An input is the body of a request. After a "#", it is a script for a session: requests
 * and answers are lost, repeated and reordered, but the messages of both directions must arrive
 * once and in order. After a "@", it is the head of a request. */
#include "error.h"
#include "poll_header.h"
#include "poll_secret.h"
#include "poll_session.h"
#include "script.h"

#include <string.h>

#define QUEUE_BYTES_MAX (64u << 10)
#define BODIES_MAX 4 /* requests in transit */
#define OPS_MAX 1000

struct run {
    struct script script;
    struct poll_session session;
    struct buffer answer;
    uint64_t queued; /* messages for the page so far; each contains its number */
    uint64_t wanted; /* the number of the next message that the page expects */
    uint64_t said;   /* messages from the page so far */
    uint64_t heard;  /* how many of these the server has received */
    uint64_t known;  /* how many of these are received, as far as the page knows */
    bool closed;     /* by the server */
    bool told;       /* the page has read that it is closed */
    bool is_raw;     /* the page's messages are any bytes */
    char bodies[BODIES_MAX][256];
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* --- the server ------------------------------------------------------------------------------- */

static void hear_message(struct run *run, struct slice message, uint64_t number) {
    char expected[32];
    FUZZ_CHECK(number >= run->heard);
    run->heard = number + 1;
    snprintf(expected, sizeof expected, "page %llu", (unsigned long long)number);
    FUZZ_CHECK(run->is_raw || slice_equal(message, slice_of(expected)));
    FUZZ_CHECK(!message.len || !memchr(message.bytes, '\n', message.len));
}

static void hear_messages(struct run *run, struct poll_request *request) {
    struct slice message;
    bool missing = request->number > run->heard && request->command != POLL_CLOSE;
    uint64_t first = request->number > run->heard ? request->number : run->heard;
    FUZZ_CHECK(poll_session_check(&run->session, request) ==
               (missing ? PARLEY_ERR_STATE : PARLEY_OK));
    if (missing)
        return;
    while (poll_session_next(&run->session, request, &message))
        hear_message(run, message, first++);
    FUZZ_CHECK(run->session.expected == run->heard);
}

/* --- the page reads an answer ----------------------------------------------------------------- */

static struct slice take_line(struct slice *rest) {
    const char *end = rest->len ? memchr(rest->bytes, '\n', rest->len) : NULL;
    FUZZ_CHECK(end);
    struct slice line = {rest->bytes, (size_t)(end - rest->bytes)};
    *rest = (struct slice){end + 1, rest->len - line.len - 1};
    return line;
}

/* The number N in "WORD N"; |word| is "WORD ". */
static uint64_t number_behind(struct slice line, const char *word) {
    size_t len = strlen(word);
    uint64_t number = 0;
    FUZZ_CHECK(line.len > len && memcmp(line.bytes, word, len) == 0);
    for (; len < line.len && line.bytes[len] >= '0' && line.bytes[len] <= '9'; len++)
        number = number * 10 + (uint64_t)(line.bytes[len] - '0');
    return number;
}

static bool is_close(struct slice line) {
    return line.len > 6 && memcmp(line.bytes, "close ", 6) == 0;
}

/* The content of each message begins with its number. */
static void read_messages(struct run *run, struct slice rest, bool closed) {
    uint64_t number = number_behind(take_line(&rest), "messages ");
    FUZZ_CHECK(number <= run->wanted);
    for (; rest.len > 0; number++) {
        struct slice line = take_line(&rest);
        if (is_close(line)) {
            FUZZ_CHECK(closed && rest.len == 0 && run->closed && number == run->queued);
            run->told = true;
            return;
        }
        FUZZ_CHECK(number_behind(line, "server ") == number);
        if (number == run->wanted)
            run->wanted++;
    }
    FUZZ_CHECK(!closed);
}

/* If anything was waiting, the answer has at least one message, or the end. */
static void answer_poll(struct run *run, uint64_t number, bool is_lost) {
    bool closed, any = poll_session_has_answer(&run->session);
    int error = poll_session_confirm(&run->session, number);
    FUZZ_CHECK(error == (number > run->queued ? PARLEY_ERR_ARGUMENT : PARLEY_OK));
    if (error)
        return;
    uint64_t before = run->wanted;
    FUZZ_CHECK(any || !poll_session_has_answer(&run->session));
    any = poll_session_has_answer(&run->session);
    FUZZ_CHECK(poll_session_write(&run->session, &run->answer, &closed) == PARLEY_OK);
    FUZZ_CHECK(run->answer.len <= POLL_ANSWER_BYTES_MAX);
    if (is_lost)
        return;
    read_messages(run, buffer_slice(&run->answer), closed);
    FUZZ_CHECK(!any || number < before || run->wanted > before || run->told);
}

/* --- requests --------------------------------------------------------------------------------- */

static void answer_request(struct run *run, struct slice body, bool is_lost) {
    struct poll_request request;
    if (poll_request_read(body, &request) != PARLEY_OK)
        return;
    FUZZ_CHECK(request.number <= POLL_NUMBER_MAX);
    if (request.command == POLL_POLL)
        answer_poll(run, request.number, is_lost);
    else if (request.command != POLL_OPEN)
        hear_messages(run, &request);
    FUZZ_CHECK(poll_session_write_expected(&run->session, &run->answer) == PARLEY_OK);
    struct slice answer = buffer_slice(&run->answer);
    uint64_t expected = number_behind(take_line(&answer), "expect ");
    FUZZ_CHECK(expected == run->heard && answer.len == 0);
    if (!is_lost)
        run->known = expected;
}

/* The page writes a request with new messages and all that may be lost. It is in transit until
 * deliver. */
static void write_send(struct run *run) {
    char *body = run->bodies[script_below(&run->script, BODIES_MAX)];
    size_t size = sizeof run->bodies[0];
    uint64_t end = run->known + 1 + script_below(&run->script, 6);
    bool is_last = script_once_in(&run->script, 8);
    uint64_t first = run->known + (is_last ? script_below(&run->script, 4) : 0);
    int len =
        snprintf(body, size, "%s %llu\n", is_last ? "close" : "send", (unsigned long long)first);
    for (uint64_t i = first; i < end; i++)
        len += snprintf(body + len, size - (size_t)len, "page %llu\n", (unsigned long long)i);
    if (end > run->said)
        run->said = end;
}

/* A delayed request arrives, perhaps not for the first time. */
static void deliver(struct run *run) {
    const char *body = run->bodies[script_below(&run->script, BODIES_MAX)];
    answer_request(run, slice_of(body), script_once_in(&run->script, 2));
}

static void poll(struct run *run) {
    answer_poll(run, run->wanted, script_once_in(&run->script, 4));
}

/* A very late request, or one that no page sends. */
static void poll_odd(struct run *run) {
    uint64_t back = script_byte(&run->script), number = run->wanted + 3;
    number = number > back ? number - back : 0;
    if (number <= run->wanted || number > run->queued)
        answer_poll(run, number, true);
}

static void raw_request(struct run *run) {
    struct poll_request request;
    if (poll_request_read(script_text(&run->script), &request) != PARLEY_OK)
        return;
    FUZZ_CHECK(request.number <= POLL_NUMBER_MAX && request.command <= POLL_CLOSE);
}

/* --- the server's side ------------------------------------------------------------------------ */

static void queue_message(struct run *run) {
    char text[WIRE_MESSAGE_BYTES_MAX];
    if (run->closed)
        return;
    memset(text, ' ', sizeof text);
    size_t len = (size_t)snprintf(text, 64, "server %llu", (unsigned long long)run->queued);
    text[len] = ' ';
    len += script_below(&run->script, 2) ? script_byte(&run->script) * 64u : 0;
    struct slice message = {text, len < sizeof text ? len : sizeof text};
    int error = poll_session_send(&run->session, message, QUEUE_BYTES_MAX, FRAME_FROM_NOBODY);
    FUZZ_CHECK(error == PARLEY_OK || error == PARLEY_ERR_FULL);
    run->queued += error == PARLEY_OK;
}

static void close_session(struct run *run) {
    uint32_t error = script_below(&run->script, WIRE_ERROR_COUNT + 1);
    poll_session_close(&run->session, (uint16_t)(1000 + script_below(&run->script, 16)),
                       (enum wire_error)error);
    run->closed = true;
}

/* --- scripts ---------------------------------------------------------------------------------- */

static void (*const ops[])(struct run *run) = {
    queue_message, queue_message, write_send, deliver, deliver, poll, poll_odd, raw_request};

static void run_script(struct run *run) {
    for (int i = 0; run->script.left > 0 && i < OPS_MAX; i++) {
        uint32_t pick = script_below(&run->script, 65);
        if (pick < 64)
            ops[pick % (sizeof ops / sizeof *ops)](run);
        else
            close_session(run);
        script_free_texts(&run->script);
    }
}

static void run_request(struct run *run) {
    struct slice body = script_rest(&run->script);
    for (int i = 0; i < 3; i++)
        queue_message(run);
    run->is_raw = true;
    run->heard = run->session.expected = 2;
    answer_request(run, body, true);
}

/* --- heads ------------------------------------------------------------------------------------ */

static bool has_length_below(struct slice text, size_t len_max) {
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!strchr("0123456789", text.bytes[i]) || text.bytes[i] == '\0')
            return false;
        len = len * 10 + (size_t)(text.bytes[i] - '0');
    }
    return text.len > 0 && text.len <= POLL_LENGTH_DIGITS_MAX && len > 0 && len <= len_max;
}

/* Only a request that may have a body is accepted. */
static void run_head(struct script *script) {
    const char *sentence = NULL;
    uint8_t flags = script_byte(script);
    struct poll_header header = {.is_post = flags & 1,
                                 .is_foreign = flags & 2,
                                 .is_late = flags & 8,
                                 .names_session = flags & 16,
                                 .knows_session = flags & 32,
                                 .has_coding = flags & 64,
                                 .has_length = flags & 128,
                                 .length = script_rest(script)};
    size_t len_max = header.names_session ? POLL_BODY_BYTES_MAX : POLL_OPEN_BODY_BYTES_MAX;
    bool may_come = header.is_post && !header.is_foreign &&
                    (header.names_session ? header.knows_session : !header.is_late) &&
                    !header.has_coding && header.has_length &&
                    has_length_below(header.length, len_max);
    unsigned status = poll_header_refusal(&header, &sentence);
    FUZZ_CHECK((status == 0) == may_come);
    FUZZ_CHECK(may_come || (status >= 400 && status <= 503 && sentence && *sentence));
}

/* A secret is recognised only in exactly the form in which it was issued. */
static void run_secret(struct script *script) {
    uint8_t random[POLL_SECRET_BYTES];
    struct poll_secret made, read;
    uint32_t slot = script_number(script);
    for (size_t i = 0; i < sizeof random; i++)
        random[i] = script_byte(script);
    poll_secret_make(slot, random, &made);
    struct slice own = {made.digits, sizeof made.digits}, other = script_rest(script);
    FUZZ_CHECK(poll_secret_read(own, &read) && poll_secret_equal(&read, &made));
    FUZZ_CHECK(poll_secret_slot(&read) == slot);
    bool is_secret = poll_secret_read(other, &read);
    FUZZ_CHECK((is_secret && poll_secret_equal(&read, &made)) == slice_equal(own, other));
    if (!is_secret)
        return;
    poll_secret_make(poll_secret_slot(&read), random, &made);
    FUZZ_CHECK(memcmp(made.digits, other.bytes, POLL_SLOT_DIGITS) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct run run = {.script = script_of(bytes, len)};
    buffer_init(&run.answer, POLL_ANSWER_BYTES_MAX);
    if (len > 0 && bytes[0] == '#') {
        script_byte(&run.script);
        run_script(&run);
    } else if (len > 0 && bytes[0] == '@') {
        script_byte(&run.script);
        (script_once_in(&run.script, 2) ? run_head : run_secret)(&run.script);
    } else {
        run_request(&run);
    }
    poll_session_clear(&run.session);
    FUZZ_CHECK(!run.session.queue.first && run.session.first == run.session.end);
    buffer_deinit(&run.answer);
    script_free_texts(&run.script);
    return 0;
}
