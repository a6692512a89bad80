#define _GNU_SOURCE /* memrchr */
#include "poll_session.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

/* --- reading ---------------------------------------------------------------------------------- */

/* Cuts |rest| behind its first line, which is returned without its end. */
static struct slice take_line(struct slice *rest) {
    const char *end = rest->len == 0 ? NULL : memchr(rest->bytes, '\n', rest->len);
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->bytes);
    size_t used = end == NULL ? len : len + 1;
    struct slice line = {rest->bytes, len};
    *rest = (struct slice){rest->bytes + used, rest->len - used};
    return line;
}

static bool read_number(struct slice text, uint64_t *number) {
    return slice_read_number(text, POLL_NUMBER_MAX, number);
}

/* "WORD N" into N. */
static bool read_command(struct slice line, const char *word, uint64_t *number) {
    size_t len = strlen(word);
    return line.len > len + 1 && memcmp(line.bytes, word, len) == 0 && line.bytes[len] == ' ' &&
           read_number((struct slice){line.bytes + len + 1, line.len - len - 1}, number);
}

unsigned poll_wait_of(uint64_t ms) {
    static const uint32_t waits_ms[POLL_WAITS] = POLL_WAITS_MS;
    unsigned wait = 0;
    while (wait + 1 < POLL_WAITS && ms >= waits_ms[wait + 1])
        wait++;
    return wait;
}

/* "poll N" or "poll N W". */
static bool read_poll(struct slice line, struct poll_request *request) {
    uint64_t ms;
    const char *space = line.len == 0 ? NULL : memrchr(line.bytes, ' ', line.len);
    if (read_command(line, "poll", &request->number))
        return true;
    if (space == NULL)
        return false;
    size_t before = (size_t)(space - line.bytes);
    if (!read_number((struct slice){space + 1, line.len - before - 1}, &ms) ||
        !read_command((struct slice){line.bytes, before}, "poll", &request->number))
        return false;
    request->wait = poll_wait_of(ms);
    return true;
}

int poll_request_read(struct slice body, struct poll_request *request) {
    struct slice line = take_line(&body);
    *request = (struct poll_request){.messages = body, .wait = POLL_WAITS};
    if (slice_equal(line, slice_of("open")))
        request->command = POLL_OPEN;
    else if (read_command(line, "send", &request->number))
        request->command = POLL_SEND;
    else if (read_poll(line, request))
        request->command = POLL_POLL;
    else if (read_command(line, "close", &request->number))
        request->command = POLL_CLOSE;
    else
        return PARLEY_ERR_ARGUMENT;
    bool may_carry = request->command == POLL_SEND || request->command == POLL_CLOSE;
    return may_carry || body.len == 0 ? PARLEY_OK : PARLEY_ERR_ARGUMENT;
}

/* --- from the page ---------------------------------------------------------------------------- */

int poll_session_check(const struct poll_session *session, const struct poll_request *request) {
    bool missing = request->number > session->expected && request->command != POLL_CLOSE;
    return missing ? PARLEY_ERR_STATE : PARLEY_OK;
}

bool poll_session_next(struct poll_session *session, struct poll_request *request,
                       struct slice *message) {
    while (request->messages.len > 0) {
        *message = take_line(&request->messages);
        if (request->number++ < session->expected)
            continue;
        session->expected = request->number;
        return true;
    }
    return false;
}

int poll_session_confirm(struct poll_session *session, uint64_t number) {
    if (number > session->end)
        return PARLEY_ERR_ARGUMENT;
    while (session->first < number) {
        free(frame_queue_take(&session->queue));
        session->first++;
    }
    return PARLEY_OK;
}

/* --- to the page ------------------------------------------------------------------------------ */

int poll_session_send(struct poll_session *session, struct slice message, size_t bytes_max,
                      uint32_t from) {
    int err = frame_queue_add(&session->queue, message, bytes_max, from);
    if (err == PARLEY_OK)
        session->end++;
    return err;
}

void poll_session_close(struct poll_session *session, uint16_t code, enum wire_error error) {
    if (session->close_code != 0)
        return;
    session->close_code = code;
    session->error = (uint8_t)error;
}

void poll_session_clear(struct poll_session *session) {
    frame_queue_clear(&session->queue);
    session->first = session->end;
}

bool poll_session_has_answer(const struct poll_session *session) {
    return session->queue.first != NULL || session->close_code != 0;
}

/* Appends a line of a word and a number, without its end. */
static int add_number_line(struct buffer *out, const char *word, uint64_t number) {
    int err = buffer_append(out, slice_of(word));
    return err == PARLEY_OK ? buffer_append_number(out, (long long)number) : err;
}

static int add_close(const struct poll_session *session, struct buffer *out) {
    int err = add_number_line(out, "close ", session->close_code);
    if (err == PARLEY_OK && session->error < WIRE_ERROR_COUNT) {
        err = buffer_append(out, slice_of(" "));
        if (err == PARLEY_OK)
            err = buffer_append(out, slice_of(wire_error_code((enum wire_error)session->error)));
    }
    return err == PARLEY_OK ? buffer_append(out, slice_of("\n")) : err;
}

static int add_message(struct buffer *out, const struct frame *frame) {
    int err = buffer_append(out, (struct slice){frame->bytes, frame->len});
    return err == PARLEY_OK ? buffer_append(out, slice_of("\n")) : err;
}

int poll_session_write(const struct poll_session *session, struct buffer *out, bool *closed) {
    const struct frame *frame = session->queue.first;
    buffer_clear(out);
    *closed = false;
    int err = add_number_line(out, "messages ", session->first);
    if (err == PARLEY_OK)
        err = buffer_append(out, slice_of("\n"));
    for (; err == PARLEY_OK && frame != NULL; frame = frame->next) {
        if (out->len + frame->len + 1 + POLL_LINE_BYTES_MAX > POLL_ANSWER_BYTES_MAX)
            return PARLEY_OK; /* the rest comes with the next */
        err = add_message(out, frame);
    }
    if (err != PARLEY_OK || session->close_code == 0)
        return err;
    *closed = true;
    return add_close(session, out);
}

int poll_session_write_expected(const struct poll_session *session, struct buffer *out) {
    buffer_clear(out);
    int err = add_number_line(out, "expect ", session->expected);
    return err == PARLEY_OK ? buffer_append(out, slice_of("\n")) : err;
}
