#define _GNU_SOURCE /* libwebsockets.h */
#include "http.h"

#include "assets.h"
#include "error.h"
#include "handshake.h"
#include "host_name.h"
#include "http_client.h"
#include "origin.h"
#include "redirect.h"
#include "web_root.h"
#include "workarounds.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HEALTH_PATH "/healthz"
#define CACHE_IMMUTABLE "public, max-age=31536000, immutable"
#define CACHE_REVALIDATE "no-cache"
#define CACHE_NEVER "no-store"
#define HSTS_SECONDS "15552000" /* half a year */
#define UPGRADE_HEADERS "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"

_Static_assert(HTTP_HOST_BYTES_MAX >= CONFIG_HOST_BYTES_MAX + sizeof ":65535", "a name and a port");
_Static_assert(WEB_ROOT_PATH_BYTES_MAX <= REQUEST_PATH_BYTES_MAX, "no path that is here is cut");
_Static_assert(REDIRECT_BYTES_MAX < REQUEST_QUERY_BYTES_MAX,
               "a redirect repeats nothing that is cut");
_Static_assert(HTTP_HEAD_BYTES_MAX < HTTP_OUTPUT_CHUNK_BYTES, "heads are written there");

/* --- requests --------------------------------------------------------------------------------- */

struct slice http_header(struct lws *wsi, enum lws_token_indexes token, char *buffer, size_t size) {
    int len = lws_hdr_copy(wsi, buffer, (int)size, token);
    return (struct slice){buffer, len > 0 ? (size_t)len : 0};
}

/* Its body has no length, or is not read: nothing can follow on the connection. */
static bool has_body(struct lws *wsi) {
    return http_client_of(wsi)->pipeline.input.head.has_body;
}

/* As request_head.h writes it: of whatever the request said, "close", "keep-alive" or "upgrade". */
void http_begin(struct lws *wsi, struct http_session *session) {
    char connection[16];
    struct slice value = http_header(wsi, WSI_TOKEN_CONNECTION, connection, sizeof connection);
    *session = (struct http_session){.close = slice_equal(value, slice_of("close"))};
}

/* --- answers ---------------------------------------------------------------------------------- */

static const char *reason_of(unsigned status) {
    switch (status) {
    case 200:
        return "OK";
    case 308:
        return "Permanent Redirect";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 417:
        return "Expectation Failed";
    case 421:
        return "Misdirected Request";
    case 426:
        return "Upgrade Required";
    case 431:
        return "Request Header Fields Too Large";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Error";
    }
}

struct head {
    char *text;
    size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct head *head, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(head->text + head->len, HTTP_HEAD_BYTES_MAX - head->len, format, arguments);
    va_end(arguments);
    PARLEY_CHECK(len >= 0 && (size_t)len < HTTP_HEAD_BYTES_MAX - head->len);
    head->len += (size_t)len;
}

/* 'self' means the page's own scheme too, and in older Safari not WebSockets; hence the host by
 * name. Its text is checked, since it comes from the request. The grammar has no IPv6
 * addresses. */
static void add_policy(struct head *head, struct lws *wsi, const struct config *config) {
    char buffer[HTTP_HOST_BYTES_MAX];
    struct slice host = http_header(wsi, WSI_TOKEN_HOST, buffer, sizeof buffer);
    bool built_in = config->web_root == NULL;
    add(head,
        "Content-Security-Policy: default-src 'none'; script-src 'self'%s 'wasm-unsafe-eval'; "
        "style-src 'self'%s; img-src 'self'; connect-src 'self'",
        built_in ? assets_script_sources : "", built_in ? assets_style_sources : "");
    if (origin_host_valid(host) && host.bytes[0] != '[') {
        if (config->tls_cert == NULL)
            add(head, " ws://%.*s", (int)host.len, host.bytes);
        add(head, " wss://%.*s", (int)host.len, host.bytes);
    }
    add(head, "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n");
}

bool http_has_fetch_metadata(struct lws *wsi) {
    static const char name[] = "sec-fetch-site:";
    return lws_hdr_custom_length(wsi, name, sizeof name - 1) > 0;
}

/* Strict-Transport-Security (RFC 6797) applies to every port of the host, whatever else runs there:
 * only an operator who lets us redirect HTTP has said that HTTPS is enough.
 *
 * Cross-Origin-Opener-Policy is left out: browsers would start a second process for each first
 * visit (120 to 170 ms of 500). This page opens no window and hears no messages from other windows,
 * so its opener can do no more than lead the tab elsewhere. */
static void add_security(struct head *head, struct lws *wsi, const struct config *config) {
    add_policy(head, wsi, config);
    if (config->http_redirect_port != 0)
        add(head, "Strict-Transport-Security: max-age=" HSTS_SECONDS "\r\n");
    add(head, "X-Content-Type-Options: nosniff\r\n"
              "Referrer-Policy: no-referrer\r\n"
              "Cross-Origin-Resource-Policy: same-origin\r\n"
              "Permissions-Policy: camera=(), display-capture=(), geolocation=(), microphone=(), "
              "payment=(), usb=()\r\n");
}

static const struct lws_protocol_vhost_options library_referrer = {
    NULL, NULL, "referrer-policy:", "no-referrer"};
static const struct lws_protocol_vhost_options library_policy = {
    &library_referrer, NULL,
    "content-security-policy:", "default-src 'none'; frame-ancestors 'none'"};
const struct lws_protocol_vhost_options http_library_headers = {
    &library_policy, NULL, "x-content-type-options:", "nosniff"};

static void add_date(struct head *head) {
    time_t now = time(NULL);
    struct tm tm;
    char text[64];
    if (gmtime_r(&now, &tm) != NULL &&
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0)
        add(head, "Date: %s\r\n", text); /* RFC 9110, 5.6.7; the C locale is never changed */
}

static size_t write_head(const struct http *http, struct lws *wsi, const struct http_answer *answer,
                         bool close, char *text) {
    struct head head = {text, 0};
    metrics_count_response(http->metrics, answer->status);
    add(&head, "HTTP/1.1 %u %s\r\n", answer->status, reason_of(answer->status));
    add_date(&head);
    if (answer->status != 304)
        add(&head, "Content-Type: %s\r\nContent-Length: %zu\r\n", answer->content_type,
            answer->body.len);
    if (answer->coding != NULL && answer->status != 304)
        add(&head, "Content-Encoding: %s\r\n", answer->coding);
    if (answer->etag != NULL)
        add(&head, "ETag: %s\r\n", answer->etag);
    if (answer->varies)
        add(&head, "Vary: Accept-Encoding\r\n");
    add(&head, "Cache-Control: %s\r\n", answer->cache_control);
    if (answer->for_script)
        add(&head, "X-Content-Type-Options: nosniff\r\n"
                   "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n");
    else
        add_security(&head, wsi, http->config);
    add(&head, "%sConnection: %s\r\n\r\n", answer->extra == NULL ? "" : answer->extra,
        close ? "close" : "keep-alive");
    return head.len;
}

static int write_held(void *user, struct lws *wsi, struct http_session *session) {
    struct http_answer answer = http_text(session->held_status, buffer_slice(&session->owned));
    session->held_status = 0;
    return http_answer(user, wsi, session, &answer);
}

int http_answer(struct http *http, struct lws *wsi, struct http_session *session,
                const struct http_answer *answer) {
    session->close = session->close || http_client_of(wsi)->pipeline.input.is_last ||
                     (!session->body_taken && has_body(wsi));
    session->rest = answer->without_body ? (struct slice){NULL, 0} : answer->body;
    size_t len = write_head(http, wsi, answer, session->close, (char *)http->output.chunk);
    return http_output_write(&http->output, wsi, session, len);
}

void http_answer_later(struct http *http, struct lws *wsi, struct http_session *session,
                       const struct http_answer *answer) {
    http_client_use(http_client_of(wsi), LRU_BUSY);
    bool is_broken = http_answer(http, wsi, session, answer) != 0;
    bool is_written = !is_broken && session->wait == NULL && !session->close;
    if (is_broken || (is_written && !http_output_complete(&http->output, wsi)))
        session->close = true;
    http_output_due(&http->output, wsi);
}

struct http_answer http_text(unsigned status, struct slice body) {
    return (struct http_answer){.status = status,
                                .content_type = "text/plain; charset=utf-8",
                                .cache_control = CACHE_NEVER,
                                .body = body,
                                .for_script = true};
}

int http_hold(struct http *http, struct lws *wsi, struct http_session *session, unsigned status,
              struct slice body) {
    if (buffer_set(&session->owned, body) != PARLEY_OK)
        return -1;
    session->held_status = status;
    http_output_due(&http->output, wsi);
    return 0;
}

struct http_answer http_plain(unsigned status, const char *sentence) {
    return (struct http_answer){.status = status,
                                .content_type = "text/plain; charset=utf-8",
                                .cache_control = CACHE_NEVER,
                                .extra = status == 426 ? UPGRADE_HEADERS : "",
                                .body = slice_of(sentence)};
}

void http_refuse_handshake(struct http *http, struct lws *wsi, unsigned status,
                           const char *sentence) {
    struct http_answer answer = http_plain(status, sentence);
    char *text = (char *)http->output.chunk;
    size_t len = write_head(http, wsi, &answer, true, text);
    memcpy(text + len, sentence, answer.body.len);
    len += answer.body.len;
    http_output_send(wsi, text, len);
    http_input_discard(&http_client_of(wsi)->pipeline.input);
}

int http_refuse(struct http *http, struct lws *wsi, struct http_session *session,
                const struct request_head *head) {
    struct http_answer answer = http_text(head->status, slice_of(head->sentence));
    *session = (struct http_session){.close = true};
    return http_answer(http, wsi, session, &answer);
}

int http_continue(struct lws *wsi) {
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const struct http_input *input = &http_client_of(wsi)->pipeline.input;
    if (!input->head.expects_continue || input->body_left < input->head.body_len)
        return 0; /* it did not wait */
    return http_output_send(wsi, text, sizeof text - 1) == (ssize_t)sizeof text - 1 ? 0 : -1;
}

/* --- what is served --------------------------------------------------------------------------- */

static int serve_asset(struct http *http, struct lws *wsi, struct http_session *session,
                       const struct asset *asset, const char *cache_control, bool without_body) {
    char buffer[REQUEST_KEPT_BYTES];
    char etag[ASSETS_ETAG_BYTES_MAX];
    struct slice accept = http_header(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, buffer, sizeof buffer);
    enum asset_coding coding = assets_choose_coding(asset, accept);
    struct asset_encoding encoding = assets_encoding(asset, coding);
    assets_etag(asset, coding, etag);
    struct slice if_none_match =
        http_header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, buffer, sizeof buffer);
    bool had = assets_etag_matches(if_none_match, etag);
    struct http_answer answer = {.status = had ? 304 : 200,
                                 .content_type = assets_content_type(slice_of(asset->source_path)),
                                 .cache_control = cache_control,
                                 .etag = etag,
                                 .coding = assets_coding_name(coding),
                                 .body = {(const char *)encoding.bytes, encoding.bytes_len},
                                 .varies = asset->gzip.bytes != NULL || asset->brotli.bytes != NULL,
                                 .without_body = without_body || had};
    return http_answer(http, wsi, session, &answer);
}

/* From the folder: never cached, so that a reload shows what was just written. False: not there. */
static bool serve_file(struct http *http, struct lws *wsi, struct http_session *session,
                       struct slice path, bool without_body, int *result) {
    struct slice name = slice_equal(path, slice_of("/")) ? slice_of("/index.html") : path;
    buffer_init(&session->owned, WEB_ROOT_FILE_BYTES_MAX);
    if (web_root_read(http->web_root_fd, name, &session->owned) != PARLEY_OK)
        return false;
    struct http_answer answer = {.status = 200,
                                 .content_type = assets_content_type(name),
                                 .cache_control = CACHE_NEVER,
                                 .body = buffer_slice(&session->owned),
                                 .without_body = without_body};
    *result = http_answer(http, wsi, session, &answer);
    return true;
}

bool http_host_known(struct lws *wsi, const struct config *config, bool any) {
    char buffer[HTTP_HOST_BYTES_MAX];
    if (any && config->allowed_host_count == 0)
        return true;
    bool is_given = lws_hdr_total_length(wsi, WSI_TOKEN_HOST) > 0;
    struct slice host = http_header(wsi, WSI_TOKEN_HOST, buffer, sizeof buffer);
    return is_given == (host.len > 0) &&
           host_name_known(host, config->allowed_hosts, config->allowed_host_count);
}

/* Anybody may know that the server is well; only requests under a known name get the figures. */
static int write_health(const struct http *http, struct lws *wsi, uint64_t now_ms, char text[256]) {
    const char *status = hub_is_draining(http->hub) ? "draining" : "ok";
    const struct hub_stats stats = hub_stats(http->hub);
    if (!http_host_known(wsi, http->config, false))
        return snprintf(text, 256, "{\"status\":\"%s\"}\n", status);
    return snprintf(text, 256,
                    "{\"status\":\"%s\",\"version\":\"%s\",\"uptimeSeconds\":%llu,"
                    "\"rooms\":%u,\"members\":%u}\n",
                    status, PARLEY_VERSION,
                    (unsigned long long)((now_ms - http->started_ms) / 1000), stats.rooms,
                    stats.members);
}

static int serve_health(struct http *http, struct lws *wsi, struct http_session *session,
                        bool without_body, uint64_t now_ms) {
    char text[256];
    bool draining = hub_is_draining(http->hub); /* so that load balancers send people elsewhere */
    int len = write_health(http, wsi, now_ms, text);
    struct http_answer answer = {.status = draining ? 503 : 200,
                                 .content_type = "application/json",
                                 .cache_control = CACHE_NEVER,
                                 .body = {text, (size_t)len},
                                 .without_body = without_body};
    return http_answer(http, wsi, session, &answer);
}

/* In place of a file that the folder lacks, one of the same name, which does not change with the
 * content; but the built-in page's hash is not the folder's. */
static const struct asset *find_asset(const struct http *http, struct slice path) {
    if (http->web_root_fd < 0)
        return assets_find(path);
    return slice_equal(path, slice_of(ASSETS_PAGE_HASH_PATH)) ? NULL : assets_find_source(path);
}

static const char *cache_control_of(const struct http *http, const struct asset *asset) {
    if (http->web_root_fd >= 0)
        return CACHE_NEVER;
    return asset->immutable ? CACHE_IMMUTABLE : CACHE_REVALIDATE;
}

static int serve_path(struct http *http, struct lws *wsi, struct http_session *session,
                      struct slice path, bool without_body, uint64_t now_ms) {
    int result;
    if (slice_equal(path, slice_of(HEALTH_PATH)))
        return serve_health(http, wsi, session, without_body, now_ms);
    if (http->web_root_fd >= 0 && serve_file(http, wsi, session, path, without_body, &result))
        return result;
    const struct asset *asset = find_asset(http, path);
    if (asset != NULL)
        return serve_asset(http, wsi, session, asset, cache_control_of(http, asset), without_body);
    struct http_answer answer = http_plain(404, "There is nothing here. The chat is at /\n");
    if (slice_equal(path, slice_of(HANDSHAKE_PATH)))
        answer = http_plain(426, "This address is for WebSocket connections.\n");
    answer.without_body = without_body;
    return http_answer(http, wsi, session, &answer);
}

static int on_request(struct http *http, struct lws *wsi, struct http_session *session,
                      struct slice path, uint64_t now_ms) {
    char *uri;
    int uri_len;
    int method = lws_http_get_uri_and_method(wsi, &uri, &uri_len);
    if (method == LWSHUMETH_GET || method == LWSHUMETH_HEAD)
        return serve_path(http, wsi, session, path, method == LWSHUMETH_HEAD, now_ms);
    struct http_answer answer = http_plain(405, "Only GET and HEAD are understood here.\n");
    answer.extra = "Allow: GET, HEAD\r\n";
    session->close = true; /* with or without a length, a body may follow */
    return http_answer(http, wsi, session, &answer);
}

int http_event(struct http *http, struct lws *wsi, struct http_session *session, struct slice path,
               uint64_t now_ms) {
    http_begin(wsi, session);
    return on_request(http, wsi, session, path, now_ms);
}

int http_redirect(struct http *http, struct lws *wsi, struct http_session *session, const void *in,
                  size_t len, uint16_t https_port) {
    char host_buffer[HTTP_HOST_BYTES_MAX];
    char query_buffer[REDIRECT_BYTES_MAX];
    char location[REDIRECT_BYTES_MAX];
    char header[REDIRECT_BYTES_MAX + 16];
    struct slice host = http_header(wsi, WSI_TOKEN_HOST, host_buffer, sizeof host_buffer);
    struct slice query;
    struct http_answer answer =
        http_text(400, slice_of("Ask for this page with https:// instead.\n"));
    http_begin(wsi, session);
    if (workaround_read_query(wsi, query_buffer, sizeof query_buffer, &query) &&
        redirect_write(location, host, https_port, (struct slice){in, len}, query)) {
        snprintf(header, sizeof header, "Location: %s\r\n", location);
        answer.status = 308;
        answer.extra = header;
    }
    return http_answer(http, wsi, session, &answer);
}

void http_drop(struct http *http, struct lws *wsi, struct http_session *session) {
    http_output_drop(&http->output, wsi, session);
}

/* --- life ------------------------------------------------------------------------------------- */

static struct http_pipeline *pipeline_of(struct lws *wsi) {
    struct http_client *client = http_client_of(wsi);
    return client == NULL ? NULL : &client->pipeline;
}

static void on_completed(struct lws *wsi) {
    http_client_use(http_client_of(wsi), LRU_IDLE);
}

int http_init(struct http *http, const struct config *config, const struct hub *hub,
              struct metrics *metrics, uv_loop_t *loop, uint64_t now_ms) {
    *http = (struct http){
        .config = config, .hub = hub, .metrics = metrics, .web_root_fd = -1, .started_ms = now_ms};
    if (config->web_root != NULL) {
        http->web_root_fd = web_root_open(config->web_root);
        if (http->web_root_fd < 0)
            return PARLEY_ERR_ARGUMENT;
    }
    const struct http_output_handlers handlers = {http, write_held, pipeline_of, on_completed};
    int err = http_output_init(&http->output, loop, &handlers);
    if (err != PARLEY_OK && http->web_root_fd >= 0)
        close(http->web_root_fd);
    return err;
}

void http_deinit(struct http *http) {
    http_output_deinit(&http->output);
    if (http->web_root_fd >= 0)
        close(http->web_root_fd);
}
