/* metrics_endpoint.h - answers /metrics: gathers all counters and writes them. */
#ifndef PARLEY_METRICS_ENDPOINT_H
#define PARLEY_METRICS_ENDPOINT_H

#include "dispatcher.h"
#include "http.h"
#include "stun_socket.h"

#include <stdint.h>

#define METRICS_ENDPOINT_SOCKETS_MAX                                                               \
    8 /* of --metrics-listen; reserved in addition to the public ones */

/* The sources of the numbers; all must outlive it. */
struct metrics_endpoint {
    const struct dispatcher *dispatcher;
    const struct stun_server *stun;
    struct http *http;
    uint64_t start_unix_s; /* of the process */
};

/* Logs at the start where metrics are, and warns if other machines can reach them. */
void metrics_endpoint_log(const char *host, uint16_t port);

/* Answers LWS_CALLBACK_HTTP of --metrics-listen, which has only /metrics; |path| is the request's.
 * The connection ends with the answer, so that few sockets are enough. Returns the value for
 * libwebsockets. */
int metrics_endpoint_answer(struct metrics_endpoint *endpoint, struct lws *wsi,
                            struct http_session *session, struct slice path);

#endif
