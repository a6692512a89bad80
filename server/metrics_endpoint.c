#define _GNU_SOURCE /* libwebsockets.h */
#include "metrics_endpoint.h"

#include "addresses.h"
#include "error.h"
#include "log.h"
#include "metrics_text.h"
#include "process_stats.h"

#define METRICS_PATH "/metrics"

static struct metrics_state gather(const struct metrics_endpoint *endpoint) {
    const struct dispatcher *dispatcher = endpoint->dispatcher;
    const struct hub_stats hub = hub_stats(dispatcher->hub);
    const struct process_stats process = process_stats_read();
    return (struct metrics_state){
        .version = PARLEY_VERSION,
        .websocket_connections = dispatcher->in_hub[TRANSPORT_WEBSOCKET],
        .polling_connections = dispatcher->in_hub[TRANSPORT_POLLING],
        .rooms = hub.rooms,
        .members = hub.members,
        .absent_members = hub.absent,
        .draining = hub_is_draining(dispatcher->hub),
        .queued_bytes = dispatcher->queued.bytes,
        .queues = dispatcher->queued.queues,
        .received = hub_received(dispatcher->hub),
        .relayed = hub_relayed(dispatcher->hub),
        .stun_answers = endpoint->stun->answers,
        .stun_refused = endpoint->stun->refused,
        .log_lines_lost = log_lines_lost(),
        .resident_bytes = process.resident_bytes,
        .virtual_bytes = process.virtual_bytes,
        .open_fds = process.open_fds,
        .max_fds = process.max_fds,
        .cpu_ns = process.cpu_ns,
        .start_unix_s = endpoint->start_unix_s,
    };
}

static int answer_metrics(struct metrics_endpoint *endpoint, struct lws *wsi,
                          struct http_session *session, bool without_body) {
    const struct metrics_state state = gather(endpoint);
    buffer_init(&session->owned, METRICS_TEXT_BYTES_MAX);
    if (metrics_text_write(&endpoint->dispatcher->metrics, &state, &session->owned) != PARLEY_OK)
        return -1;
    struct http_answer answer = http_text(200, buffer_slice(&session->owned));
    answer.content_type = METRICS_TEXT_TYPE;
    answer.without_body = without_body;
    return http_answer(endpoint->http, wsi, session, &answer);
}

void metrics_endpoint_log(const char *host, uint16_t port) {
    LOG(LOG_LEVEL_INFO, "metrics", log_text("address", slice_of(host)), log_number("port", port));
    if (!addresses_is_loopback(host))
        LOG(LOG_LEVEL_WARN, "metrics_exposed",
            log_text("why", slice_of("--metrics-listen: whoever gets there may read all of it")));
}

int metrics_endpoint_answer(struct metrics_endpoint *endpoint, struct lws *wsi,
                            struct http_session *session, struct slice path) {
    char *uri;
    int uri_len;
    int method = lws_http_get_uri_and_method(wsi, &uri, &uri_len);
    struct http_answer answer = http_text(404, slice_of("There is only " METRICS_PATH " here.\n"));
    http_begin(wsi, session);
    session->close = true;
    if (method != LWSHUMETH_GET && method != LWSHUMETH_HEAD) {
        answer = http_text(405, slice_of("Only GET and HEAD are understood here.\n"));
        answer.extra = "Allow: GET, HEAD\r\n";
    } else if (slice_equal(path, slice_of(METRICS_PATH))) {
        return answer_metrics(endpoint, wsi, session, method == LWSHUMETH_HEAD);
    }
    answer.without_body = method == LWSHUMETH_HEAD;
    return http_answer(endpoint->http, wsi, session, &answer);
}
