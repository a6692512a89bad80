/* polling.h - signaling over HTTP polling (poll_wire.h): between libwebsockets and the
 * dispatcher.
 *
 * libwebsockets allocates 8 KiB of headers for a request with a body. A waiting poll gives them
 * back, and costs about as much as an idle WebSocket. A session counts as one of --connections-max.
 *
 * A session is a place that costs its owner no socket. So it ends when no request names it within 5
 * s, when it is in no room --request-seconds after it was opened, and 5 s after an answer that said
 * that it is closed.
 */
#ifndef PARLEY_POLLING_H
#define PARLEY_POLLING_H

#include "deadline_queue.h"
#include "dispatcher.h"
#include "http.h"
#include "poll_header.h"
#include "poll_secret.h"
#include "poll_session.h"

#include <stdint.h>

#define POLLING_NO_SLOT UINT32_MAX

struct polling_session;

/* A connection with a request to POLL_PATH; libwebsockets' user data, zeroed by it. All fields are
 * the module's. */
struct polling_request {
    struct http_session http;        /* what other requests have; |owned| is the body */
    struct polling_session *waiting; /* whose poll this is, while it waits */
    uint64_t deadline_ms;            /* for the whole body */
    uint64_t number;                 /* of the session that it names; 0: none */
    uint32_t slot;                   /* where that is */
    bool receiving;                  /* the body */
};

struct polling_slot {
    struct polling_session *session; /* NULL: free */
    uint32_t next_free;
};

struct polling {
    struct dispatcher *dispatcher;
    struct http *http;
    struct polling_slot *slots; /* connections_max */
    uint32_t free_slot;         /* first of the used ones; POLLING_NO_SLOT: none */
    uint32_t used_count;        /* slots beyond were never used */
    uint64_t last_number;
    struct polling_session *changed; /* sessions with new messages, through next_changed */
    struct deadline_queue fleeting;  /* without a request so far, or told of the end */
    struct deadline_queue joining;
    struct deadline_queue waits[POLL_WAITS]; /* polls that are answered sooner */
    uv_timer_t timer;                        /* for all of them */
    struct buffer out;
};

/* Gives |dispatcher| its transport for polling. Both must outlive it.
 * PARLEY_ERR_NO_MEMORY. */
int polling_init(struct polling *polling, struct dispatcher *dispatcher, struct http *http);

/* After libwebsockets' context is gone, and before dispatcher_deinit: forgets all sessions. */
void polling_deinit(struct polling *polling);

/* Handles an event of an HTTP connection: LWS_CALLBACK_HTTP for POLL_PATH only, the others for all.
 * Returns the value for libwebsockets. */
int polling_event(struct polling *polling, struct lws *wsi, enum lws_callback_reasons reason,
                  struct polling_request *request, const void *in, size_t len);

#endif
