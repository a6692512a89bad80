#define _GNU_SOURCE /* libwebsockets.h */
#include "workarounds.h"

#include "error.h"

#include <string.h>

#define CLOSE_FRAME 0x88 /* RFC 6455, 5.2: final, opcode 8 */
#define CLOSE_HEAD_BYTES 4

_Static_assert(CLOSE_HEAD_BYTES + WORKAROUND_REASON_BYTES_MAX == WORKAROUND_CLOSE_BYTES,
               "head, code and reason");

void workaround_close_now(struct lws *wsi) {
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

void workaround_close_soon(struct lws *wsi) {
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

void workaround_see_timeouts(struct lws_context *context) {
    lws_cancel_service(context);
}

bool workaround_pretend(struct lws *wsi, short events) {
    struct lws_pollfd event = {lws_get_socket_fd(wsi), events, events};
    return lws_service_fd(lws_get_context(wsi), &event) == 0;
}

/* LWS_WRITE_HTTP: the bytes as they are. */
bool workaround_write_close(struct lws *wsi, unsigned char frame[WORKAROUND_CLOSE_BYTES],
                            uint16_t code, const char *reason) {
    size_t len = strlen(reason);
    PARLEY_CHECK(len <= WORKAROUND_REASON_BYTES_MAX);
    frame[0] = CLOSE_FRAME;
    frame[1] = (unsigned char)(2 + len);
    frame[2] = (unsigned char)(code >> 8);
    frame[3] = (unsigned char)(code & 0xff);
    memcpy(frame + CLOSE_HEAD_BYTES, reason, len);
    return lws_write(wsi, frame, CLOSE_HEAD_BYTES + len, LWS_WRITE_HTTP) >= 0;
}

bool workaround_write_ping(struct lws *wsi, unsigned char payload[1]) {
    payload[0] = 0;
    return lws_write(wsi, payload, 1, LWS_WRITE_PING) >= 0;
}

bool workaround_read_query(struct lws *wsi, char *buffer, size_t size, struct slice *query) {
    size_t len = 0;
    int got;
    if ((size_t)lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_URI_ARGS) >= size)
        return false;
    for (int i = 0; len < size && (got = lws_hdr_copy_fragment(wsi, buffer + len, (int)(size - len),
                                                               WSI_TOKEN_HTTP_URI_ARGS, i)) >= 0;
         i++) {
        len += (size_t)got;
        buffer[len++] = '&';
    }
    *query = (struct slice){buffer, len > 0 ? len - 1 : 0};
    return true;
}

void workaround_destroy_context(struct lws_context **context, uv_loop_t *loop) {
    lws_context_destroy(*context);
    uv_run(loop, UV_RUN_DEFAULT);
    if (*context != NULL)
        lws_context_destroy(*context);
}
