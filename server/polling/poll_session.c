#include "poll_session.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

/* --- reading ---------------------------------------------------------------------------------- */

unsigned poll_wait_of(uint64_t ms) {
    static const uint32_t waits_ms[POLL_WAITS] = POLL_WAITS_MS;
    unsigned wait = 0;
    while (wait + 1 < POLL_WAITS && ms >= waits_ms[wait + 1])
        wait++;
    return wait;
}

/* "poll N" or "poll N W". */
static bool read_poll(struct slice line, struct poll_request *request) {
    struct slice number;
    uint64_t ms;
    if (!slice_skip(&line, "poll "))
        return false;
    bool has_wait = line.len > 0 && memchr(line.bytes, ' ', line.len) != NULL;
    if (!slice_cut(&line, ' ', &number) ||
        !slice_read_number(number, POLL_NUMBER_MAX, &request->number))
        return false;
    if (!has_wait)
        return true;
    if (!slice_read_number(line, POLL_NUMBER_MAX, &ms))
        return false;
    request->wait = poll_wait_of(ms);
    return true;
}

int poll_request_read(struct slice body, struct poll_request *request) {
    struct slice line = {0};
    slice_cut(&body, '\n', &line);
    *request = (struct poll_request){.messages = body, .wait = POLL_WAITS};
    if (slice_equal(line, slice_of("open")))
        request->command = POLL_OPEN;
    else if (poll_wire_read(line, "send", &request->number))
        request->command = POLL_SEND;
    else if (read_poll(line, request))
        request->command = POLL_POLL;
    else if (poll_wire_read(line, "close", &request->number))
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
    while (slice_cut(&request->messages, '\n', message)) {
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

static int add_close(const struct poll_session *session, struct buffer *out) {
    int err = poll_wire_write(out, "close", session->close_code);
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
    int err = poll_wire_write(out, "messages", session->first);
    if (err == PARLEY_OK)
        err = buffer_append(out, slice_of("\n"));
    for (; err == PARLEY_OK && frame != NULL; frame = frame->next) {
        size_t len = out->len + frame->len + 1 + POLL_LINE_BYTES_MAX;
        if (len > POLL_ANSWER_USUAL_BYTES_MAX && frame != session->queue.first)
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
    int err = poll_wire_write(out, "expect", session->expected);
    return err == PARLEY_OK ? buffer_append(out, slice_of("\n")) : err;
}
