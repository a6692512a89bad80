/* metrics_endpoint.h - /metrics, for who watches the server: gathers what is counted, and
 * answers. */
#ifndef PARLEY_METRICS_ENDPOINT_H
#define PARLEY_METRICS_ENDPOINT_H

#include "dispatcher.h"
#include "http.h"
#include "stun_socket.h"

#include <stdint.h>

#define METRICS_ENDPOINT_SOCKETS_MAX                                                               \
    8 /* of --metrics-listen; the public ones leave as many to it */

/* Where the numbers are; all must outlive it. */
struct metrics_endpoint {
    const struct dispatcher *dispatcher;
    const struct stun_server *stun;
    struct http *http;
    uint64_t start_unix_s; /* of the process */
};

/* Says at the start where metrics are, and warns where not only this machine gets there. */
void metrics_endpoint_log(const char *host, uint16_t port);

/* Answers LWS_CALLBACK_HTTP of --metrics-listen, where there is nothing but /metrics; |path| is the
 * request's. The connection ends with the answer, so that few sockets are enough. What it returns
 * is for libwebsockets. */
int metrics_endpoint_answer(struct metrics_endpoint *endpoint, struct lws *wsi,
                            struct http_session *session, struct slice path);

#endif
