/* The server's HTTP, as browsers, caches and attackers see it. */
#define _POSIX_C_SOURCE 200809L
#define _XOPEN_SOURCE 700 /* nftw */
#include "client.h"

#include "cmocka_all.h"

#include <cjson/cJSON.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define CROWD 300

static struct process process;
static struct reply reply;

static int setup(void **state) {
    (void)state;
    process_serve(&process, OPTIONS("--request-seconds=1"));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    process_stop(&process);
    return 0;
}

static void fetch(const char *method, const char *path, const char *headers) {
    reply_free(&reply);
    http_fetch(process.port, method, path, headers, &reply);
}

static void assert_header(const char *name, const char *expected) {
    const char *value = reply_header(&reply, name);
    if (expected == NULL) {
        assert_null(value);
        return;
    }
    assert_non_null(value);
    assert_string_equal(value, expected);
}

static void assert_header_has(const char *name, const char *part) {
    const char *value = reply_header(&reply, name);
    if (value == NULL || strstr(value, part) == NULL)
        fail_msg("%s: %s has no %s", name, value == NULL ? "(missing)" : value, part);
}

/* The path of the first file that the page names after |before|, and that contains |extension|. */
static const char *path_in_page(const char *before, const char *extension) {
    static char path[256];
    fetch("GET", "/", "");
    for (const char *at = reply.body; (at = strstr(at, before)) != NULL; at++) {
        const char *start = at + strlen(before);
        size_t len = strcspn(start, "\"");
        if (len > strlen(extension) &&
            strncmp(start + len - strlen(extension), extension, strlen(extension)) == 0) {
            snprintf(path, sizeof path, "/%.*s", (int)len, start);
            return path;
        }
    }
    fail_msg("the page names no %s file", extension);
    return NULL;
}

static void test_the_page(void **state) {
    (void)state;
    fetch("GET", "/", "");
    assert_int_equal(reply.status, 200);
    assert_header("Content-Type", "text/html; charset=utf-8");
    assert_header("Cache-Control", "no-cache");
    assert_header("Vary", "Accept-Encoding");
    assert_header("Content-Encoding", NULL);
    assert_header("Server", NULL);
    assert_non_null(reply_header(&reply, "ETag"));
    assert_non_null(reply_header(&reply, "Date"));
    assert_non_null(strstr(reply.body, "<!doctype html>"));
    fetch("GET", "/?roomId=blue-hill&debug", "");
    assert_header("Content-Type", "text/html; charset=utf-8");
}

static void test_hashed_files_are_immutable(void **state) {
    (void)state;
    fetch("GET", path_in_page("(\"./", ".js"), "");
    assert_int_equal(reply.status, 200);
    assert_header("Content-Type", "text/javascript; charset=utf-8");
    assert_header("Cache-Control", "public, max-age=31536000, immutable");
    fetch("GET", path_in_page("URL(\"./", ".wasm"), "");
    assert_int_equal(reply.status, 200);
    assert_header("Content-Type", "application/wasm");
    assert_memory_equal(reply.body, "\0asm", 4);
}

static void assert_security_headers(void) {
    assert_header_has("Content-Security-Policy", "default-src 'none'; ");
    assert_header_has("Content-Security-Policy", "script-src 'self' ");
    assert_header_has("Content-Security-Policy", "connect-src 'self' ws://127.0.0.1:");
    assert_header_has("Content-Security-Policy", "frame-ancestors 'none'");
    assert_null(strstr(reply_header(&reply, "Content-Security-Policy"), "unsafe-inline"));
    assert_null(strstr(reply_header(&reply, "Content-Security-Policy"), "'unsafe-eval'"));
    assert_header("X-Content-Type-Options", "nosniff");
    assert_header("Referrer-Policy", "no-referrer");
    assert_header("Cross-Origin-Opener-Policy", NULL); /* would cost a visit a second process */
    assert_header_has("Permissions-Policy", "camera=()");
}

static void test_security_headers_on_every_answer(void **state) {
    (void)state;
    static const char *const requests[][2] = {{"GET", "/"},        {"HEAD", "/"},
                                              {"GET", "/healthz"}, {"GET", "/nowhere"},
                                              {"POST", "/"},       {"GET", "/signal"}};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        fetch(requests[i][0], requests[i][1], "");
        assert_security_headers();
    }
    fetch("GET", "/", "Sec-Fetch-Site: none\r\n"); /* a proxy with TLS, or the device itself */
    assert_security_headers();
    fetch("GET", "/", "If-None-Match: *\r\n");
    assert_int_equal(reply.status, 304);
    assert_security_headers();
}

static void assert_policy_for_host(const char *host, const char *connect_src) {
    struct client client;
    char text[512];
    snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", host);
    client_open(&client, process.port);
    client_send_text(&client, text);
    reply_free(&reply);
    client_read_reply(&client, &reply, false);
    client_close(&client);
    assert_int_equal(reply.status, 200);
    assert_header_has("Content-Security-Policy", connect_src);
}

/* Sends |text|. The server must hang up by itself, after at most one answer. Returns its status; 0:
 * there was none. */
static int end_of(const char *text) {
    struct client client;
    int status = 0;
    client_open(&client, process.port);
    client_send_text(&client, text);
    while (client_receive(&client))
        continue;
    client.bytes[client.len] = '\0';
    if (client.len > 0 && (sscanf(client.bytes, "HTTP/1.%*d %d", &status) != 1 ||
                           strstr(client.bytes + 1, "HTTP/1.") != NULL))
        status = -1;
    client_close(&client);
    return status;
}

static void test_policy_repeats_honest_hosts_only(void **state) {
    (void)state;
    assert_policy_for_host("chat.example",
                           "connect-src 'self' ws://chat.example wss://chat.example; ");
    assert_header("Cross-Origin-Opener-Policy", NULL);
    assert_policy_for_host("[::1]:3000", "connect-src 'self'; ");
    assert_int_equal(end_of("GET / HTTP/1.1\r\nHost: a; script-src *\r\n\r\n"), 400);
    assert_int_equal(end_of("GET / HTTP/1.1\r\nHost: a ws://evil.example\r\n\r\n"), 400);
}

static void assert_coding(const char *accept_encoding, const char *coding) {
    char headers[256];
    snprintf(headers, sizeof headers, "Accept-Encoding: %s\r\n", accept_encoding);
    fetch("GET", "/", headers);
    assert_int_equal(reply.status, 200);
    assert_header("Content-Encoding", coding);
    assert_header("Vary", "Accept-Encoding");
}

static void test_content_codings(void **state) {
    (void)state;
    assert_coding("gzip, deflate, br", "br");
    assert_coding("br;q=0.5, gzip;q=0.9", "gzip");
    assert_memory_equal(reply.body, "\x1f\x8b", 2);
    assert_coding("br;q=0, gzip;q=0", NULL);
    assert_coding("*;q=0", NULL);
    assert_coding("identity;q=0, *;q=0.1", "br");
    assert_coding("zstd", NULL);
}

static void assert_not_modified(const char *headers, const char *etag) {
    fetch("GET", "/", headers);
    assert_int_equal(reply.status, 304);
    assert_int_equal(reply.body_len, 0);
    assert_header("ETag", etag);
    assert_header("Cache-Control", "no-cache");
    assert_header("Vary", "Accept-Encoding");
    assert_header("Content-Length", NULL);
}

static void test_revalidation(void **state) {
    (void)state;
    char etag[128];
    char headers[512];
    fetch("GET", "/", "");
    snprintf(etag, sizeof etag, "%s", reply_header(&reply, "ETag"));
    snprintf(headers, sizeof headers, "If-None-Match: \"x\", W/%s\r\n", etag);
    assert_not_modified(headers, etag);
    assert_not_modified("If-None-Match: *\r\n", etag);
    snprintf(headers, sizeof headers, "If-None-Match: %s\r\nAccept-Encoding: br\r\n", etag);
    fetch("GET", "/", headers); /* the tag of another coding */
    assert_int_equal(reply.status, 200);
    assert_true(strcmp(reply_header(&reply, "ETag"), etag) != 0);
    fetch("GET", "/", "If-None-Match: \"other\"\r\n");
    assert_int_equal(reply.status, 200);
}

static void test_head(void **state) {
    (void)state;
    fetch("GET", "/", "");
    size_t len = reply.body_len;
    fetch("HEAD", "/", "");
    assert_int_equal(reply.status, 200);
    assert_int_equal(reply.body_len, 0);
    assert_int_equal(atol(reply_header(&reply, "Content-Length")), len);
    fetch("HEAD", "/nowhere", "");
    assert_int_equal(reply.status, 404);
}

static void test_not_found(void **state) {
    (void)state;
    static const char *const paths[] = {"/nowhere", "/index.html", "/chat.js",  "/parley.wasm",
                                        "/signal/", "//",          "/healthz/x"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        fetch("GET", paths[i], "");
        assert_int_equal(reply.status, strcmp(paths[i], "//") == 0 ? 200 : 404);
    }
    assert_header("Cache-Control", "no-store");
    fetch("GET", "/signal", "");
    assert_int_equal(reply.status, 426);
    assert_header("Upgrade", "websocket");
}

static void test_other_methods(void **state) {
    (void)state;
    static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        fetch(methods[i], "/", "Content-Length: 0\r\n");
        assert_int_equal(reply.status, 405);
        assert_header("Allow", "GET, HEAD");
    }
}

static void test_malformed_requests_end(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int status;
    } requests[] = {
        {"BREW / HTTP/1.1\r\n\r\n", 501},
        {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nGET / HTTP/1.1\r\n\r\n", 400},
        {"CONNECT example.com:80 HTTP/1.1\r\nHost: example.com\r\n\r\n", 501},
        {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    };
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        int status = end_of(requests[i].text);
        if (status != requests[i].status)
            fail_msg("%s: status %d", requests[i].text, status);
    }
}

/* The server never waits for a body, and never treats it as the next request. */
static void test_bodies_end_the_connection(void **state) {
    (void)state;
    fetch("POST", "/", "Transfer-Encoding: chunked\r\n");
    assert_header("Connection", "close");
    assert_int_equal(end_of("POST / HTTP/1.1\r\nHost: a\r\n\r\n"), 405);
    assert_int_equal(end_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\nabc"),
                     405);
    assert_int_equal(end_of("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"), 200);
    assert_int_equal(end_of("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"), 400);
    assert_int_equal(end_of("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
                     200);
    assert_int_equal(end_of("GET / HTTP/1.0\r\n\r\n"), 200);
    assert_int_equal(end_of("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), 200);
}

static void test_connections_are_kept(void **state) {
    (void)state;
    struct client client;
    char request[128];
    client_open(&client, process.port);
    for (int i = 0; i < 20; i++) {
        snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: a\r\n\r\n",
                 i % 3 == 0 ? "HEAD" : "GET", i % 2 == 0 ? "/" : "/nowhere");
        client_send_text(&client, request);
        reply_free(&reply);
        client_read_reply(&client, &reply, i % 3 == 0);
        assert_int_equal(reply.status, i % 2 == 0 ? 200 : 404);
    }
    client_close(&client);
}

static void test_pipelined_requests_are_answered_in_order(void **state) {
    (void)state;
    struct client client;
    client_open(&client, process.port);
    client_send_text(&client,
                     "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: a\r\n"
                     "\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    static const int expected[] = {200, 404, 200};
    for (size_t i = 0; i < 3; i++) {
        reply_free(&reply);
        client_read_reply(&client, &reply, false);
        assert_int_equal(reply.status, expected[i]);
    }
    client_close(&client);
}

static void test_oversized_head_ends(void **state) {
    (void)state;
    size_t len = 64 * 1024;
    char *text = malloc(len + 64);
    assert_non_null(text);
    for (int shape = 0; shape < 3; shape++) {
        static const char *const starts[] = {"GET / HTTP/1.1\r\nHost: a\r\nCookie: ", "GET /",
                                             "GET / HTTP/1.1\r\nX-"};
        size_t start = strlen(starts[shape]);
        memcpy(text, starts[shape], start);
        memset(text + start, 'x', len);
        text[start + len] = '\0';
        struct client client;
        client_open(&client, process.port);
        client_send_text(&client, text); /* may fail: it has hung up by then */
        client_await_end(&client);
        client_close(&client);
    }
    free(text);
    fetch("GET", "/healthz", "");
    assert_int_equal(reply.status, 200);
}

/* With --request-seconds=1: clients that send nothing, half a head, or one header after
 * another. */
static void test_slow_requests_end(void **state) {
    (void)state;
    struct client silent;
    struct client half;
    struct client kept;
    client_open(&silent, process.port);
    client_open(&half, process.port);
    client_send_text(&half, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow");
    client_open(&kept, process.port);
    client_send_text(&kept, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    reply_free(&reply);
    client_read_reply(&kept, &reply, false);
    client_send_text(&kept, "GET /hea");
    client_await_end(&silent);
    client_await_end(&half);
    client_await_end(&kept);
    client_close(&silent);
    client_close(&half);
    client_close(&kept);
}

/* Many clients that never finish a request do not keep out one that does. */
static void test_a_crowd_of_halves_keeps_nobody_out(void **state) {
    (void)state;
    static struct client crowd[CROWD];
    for (size_t i = 0; i < CROWD; i++) {
        client_open(&crowd[i], process.port);
        client_send_text(&crowd[i], "GET / HTTP/1.1\r\nHost: a\r\nX-Slow");
    }
    fetch("GET", "/", "");
    assert_int_equal(reply.status, 200);
    for (size_t i = 0; i < CROWD; i++) {
        client_await_end(&crowd[i]);
        client_close(&crowd[i]);
    }
}

/* The server ignores them (RFC 9110, 7.8), and keeps the connection. */
static void test_unknown_upgrades(void **state) {
    (void)state;
    static const char *const upgrades[] = {"foo", "h2c", "websocketx", "TLS/1.0", "websocket/13"};
    for (size_t i = 0; i < sizeof upgrades / sizeof upgrades[0]; i++) {
        struct client client;
        char request[256];
        client_open(&client, process.port);
        snprintf(request, sizeof request,
                 "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                 "Upgrade: %s\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
                 upgrades[i]);
        for (int times = 0; times < 2; times++) {
            client_send_text(&client, request);
            reply_free(&reply);
            client_read_reply(&client, &reply, false);
            assert_int_equal(reply.status, 200);
        }
        client_close(&client);
    }
}

static void test_health(void **state) {
    (void)state;
    struct pair pair;
    pair_join(&pair, process.port, "health");
    fetch("GET", "/healthz?anything", "");
    assert_int_equal(reply.status, 200);
    assert_header("Content-Type", "application/json");
    assert_header("Cache-Control", "no-store");
    cJSON *json = cJSON_Parse(reply.body);
    assert_non_null(json);
    assert_string_equal(cJSON_GetObjectItem(json, "status")->valuestring, "ok");
    assert_true(cJSON_IsString(cJSON_GetObjectItem(json, "version")));
    assert_true(cJSON_IsNumber(cJSON_GetObjectItem(json, "uptimeSeconds")));
    assert_int_equal(cJSON_GetObjectItem(json, "rooms")->valueint, 1);
    assert_int_equal(cJSON_GetObjectItem(json, "members")->valueint, 2);
    cJSON_Delete(json);
    pair_leave(&pair);
}

static const char *const traversals[] = {"/../../etc/passwd",
                                         "/..%2f..%2fetc/passwd",
                                         "/%2e%2e/%2e%2e/etc/passwd",
                                         "/....//etc/passwd",
                                         "/..\\..\\etc\\passwd",
                                         "/%5c..%5cetc%5cpasswd",
                                         "/sub/../../secret",
                                         "/../secret",
                                         "/%2e%2e%2fsecret",
                                         "/.hidden",
                                         "/sub/.hidden",
                                         "/link",
                                         "/up/secret",
                                         "//etc/passwd",
                                         "/etc/passwd%00.js"};

/* Any answer is allowed, except a file from elsewhere. */
static void assert_nothing_leaks(uint16_t port, const char *path) {
    struct client client;
    char request[512];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
             path);
    client_open(&client, port);
    client_send_text(&client, request);
    while (client_receive(&client))
        continue;
    client.bytes[client.len] = '\0';
    assert_null(strstr(client.bytes, "root:"));
    assert_null(strstr(client.bytes, "outside"));
    assert_null(strstr(client.bytes, " 200 "));
    client_close(&client);
}

static void test_traversal(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof traversals / sizeof traversals[0]; i++)
        assert_nothing_leaks(process.port, traversals[i]);
}

/* --- --web-root ------------------------------------------------------------------------------- */

static char folder[] = "/tmp/parley-http-XXXXXX";

static void write_file(const char *name, const char *content) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static void make_folder(const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void make_link(const char *to, const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(symlink(to, path), 0);
}

static int setup_web_root(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    make_folder("web");
    make_folder("web/sub");
    write_file("secret", "outside");
    write_file("web/index.html", "my page");
    write_file("web/chat.js", "my script");
    write_file("web/.hidden", "outside");
    write_file("web/sub/.hidden", "outside");
    make_link("../secret", "web/link");
    make_link("..", "web/up");
    char option[128];
    snprintf(option, sizeof option, "--web-root=%s/web", folder);
    process_serve(&process, OPTIONS(option));
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static int teardown_web_root(void **state) {
    (void)state;
    process_stop(&process);
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void test_web_root(void **state) {
    (void)state;
    fetch("GET", "/?roomId=a", "Accept-Encoding: br\r\n");
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body, "my page");
    assert_header("Content-Type", "text/html; charset=utf-8");
    assert_header("Cache-Control", "no-store");
    assert_header("ETag", NULL);
    assert_security_headers();
    fetch("GET", "/chat.js", "");
    assert_string_equal(reply.body, "my script");
    write_file("web/chat.js", "my changed script");
    fetch("GET", "/chat.js", "");
    assert_string_equal(reply.body, "my changed script");
}

static void test_web_root_falls_back_to_what_is_built_in(void **state) {
    (void)state;
    fetch("GET", "/parley.wasm", "");
    assert_header("Cache-Control", "no-store");
    assert_int_equal(reply.status, 200);
    assert_header("Content-Type", "application/wasm");
}

static void test_web_root_large_file(void **state) {
    (void)state;
    size_t len = 700 * 1024;
    char *content = malloc(len + 1);
    assert_non_null(content);
    for (size_t i = 0; i < len; i++)
        content[i] = (char)('a' + i % 23);
    content[len] = '\0';
    write_file("web/large.txt", content);
    fetch("GET", "/large.txt", "");
    assert_int_equal(reply.body_len, len);
    assert_memory_equal(reply.body, content, len);
    free(content);
}

static void test_web_root_traversal(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof traversals / sizeof traversals[0]; i++)
        assert_nothing_leaks(process.port, traversals[i]);
}

int main(void) {
    const struct CMUnitTest built_in[] = {
        cmocka_unit_test(test_the_page),
        cmocka_unit_test(test_hashed_files_are_immutable),
        cmocka_unit_test(test_security_headers_on_every_answer),
        cmocka_unit_test(test_policy_repeats_honest_hosts_only),
        cmocka_unit_test(test_content_codings),
        cmocka_unit_test(test_revalidation),
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_not_found),
        cmocka_unit_test(test_other_methods),
        cmocka_unit_test(test_malformed_requests_end),
        cmocka_unit_test(test_bodies_end_the_connection),
        cmocka_unit_test(test_connections_are_kept),
        cmocka_unit_test(test_pipelined_requests_are_answered_in_order),
        cmocka_unit_test(test_oversized_head_ends),
        cmocka_unit_test(test_slow_requests_end),
        cmocka_unit_test(test_a_crowd_of_halves_keeps_nobody_out),
        cmocka_unit_test(test_unknown_upgrades),
        cmocka_unit_test(test_health),
        cmocka_unit_test(test_traversal),
    };
    const struct CMUnitTest web_root[] = {
        cmocka_unit_test(test_web_root),
        cmocka_unit_test(test_web_root_falls_back_to_what_is_built_in),
        cmocka_unit_test(test_web_root_large_file),
        cmocka_unit_test(test_web_root_traversal),
    };
    int failed = cmocka_run_group_tests(built_in, setup, teardown);
    failed += cmocka_run_group_tests(web_root, setup_web_root, teardown_web_root);
    reply_free(&reply);
    return failed;
}
