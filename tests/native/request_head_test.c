/* The heads of requests (RFC 9112), and the form in which libwebsockets gets them. */
#include "request_head.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text, including NULs. */
#define TEXT(literal) literal, sizeof(literal) - 1
#define HOST "Host: a\r\n"

static char plain[REQUEST_PLAIN_BYTES_MAX + 1];

static struct request_head read(const char *bytes, size_t len) {
    struct request_head head;
    struct slice text = {bytes, len};
    assert_int_equal(request_head_len(text, 0), len);
    size_t plain_len = request_head_read(text, &head, plain);
    plain[plain_len] = '\0';
    assert_int_equal(plain_len == 0, head.status != 0);
    assert_int_equal(plain_len == 0, head.sentence != NULL);
    return head;
}

struct refused {
    const char *text;
    size_t len;
    unsigned status;
};

static void assert_refused(const struct refused *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct request_head head = read(rows[i].text, rows[i].len);
        if (head.status != rows[i].status)
            fail_msg("row %zu: %u instead of %u for %s", i, head.status, rows[i].status,
                     rows[i].text);
    }
}

static void a_request_line_is_strict(void **state) {
    (void)state;
    static const struct refused rows[] = {
        {TEXT("GET /\r\n\r\n"), 400},
        {TEXT("GET  / HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET / HTTP/1.1 \r\n" HOST "\r\n"), 400},
        {TEXT("GET /\tHTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT(" GET / HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("G@T / HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET / http/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET / HTTP/1.1x\r\n" HOST "\r\n"), 400},
        {TEXT("GET / HTTP/11\r\n" HOST "\r\n"), 400},
        {TEXT("GET / HTTP/2.0\r\n" HOST "\r\n"), 505},
        {TEXT("PRI * HTTP/2.0\r\n\r\n"), 505},
        {TEXT("GET / HTTP/0.9\r\n\r\n"), 505},
        {TEXT("get / HTTP/1.1\r\n" HOST "\r\n"), 501},
        {TEXT("BREW / HTTP/1.1\r\n" HOST "\r\n"), 501},
        {TEXT("CONNECT a:80 HTTP/1.1\r\n" HOST "\r\n"), 501},
        {TEXT("TRACE / HTTP/1.1\r\n" HOST "\r\n"), 501},
    };
    assert_refused(rows, sizeof rows / sizeof rows[0]);
}

/* RFC 9112, 3.2. */
static void a_target_is_strict(void **state) {
    (void)state;
    static const struct refused rows[] = {
        {TEXT("GET a HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET * HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET /%00 HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET /?a=%00 HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET /%0 HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET /%zz HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET /% HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET /\0 HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET /\x01 HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET /\xff HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET /#a HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET ftp://a/ HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET http:///x HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET http://u@a/ HTTP/1.1\r\n" HOST "\r\n"), 400},
        {TEXT("GET http://a/ HTTP/1.1\r\n\r\n"), 400},
    };
    assert_refused(rows, sizeof rows / sizeof rows[0]);
}

/* RFC 9112, 5. */
static void a_field_is_strict(void **state) {
    (void)state;
    static const struct refused rows[] = {
        {TEXT("GET / HTTP/1.1\r\n" HOST "X : 1\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n" HOST "Content-Length : 5\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n" HOST "X\t: 1\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n" HOST "X\0: 1\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n" HOST "X: a\r\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n" HOST "X: \x7f\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n X: a\r\n" HOST "\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n" HOST "X\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n" HOST ": a\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n" HOST "X\xc3\xa4: a\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nGET / HTTP/1.1\r\n\r\n"), 400},
    };
    assert_refused(rows, sizeof rows / sizeof rows[0]);
}

/* RFC 9112, 3.2. */
static void a_host_is_one(void **state) {
    (void)state;
    static const struct refused rows[] = {
        {TEXT("GET / HTTP/1.1\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n" HOST HOST "\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n" HOST "hOST: b\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.0\r\n" HOST HOST "\r\n"), 400},
    };
    assert_refused(rows, sizeof rows / sizeof rows[0]);
}

/* RFC 9112, 6. */
static void a_length_is_one(void **state) {
    (void)state;
    static const struct refused rows[] = {
        {TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n"), 400},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n"), 400},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n"), 400},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n"), 400},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 1 1\r\n\r\n"), 400},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\n"), 400},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n"), 400},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"), 400},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 9999999999999999999\r\n\r\n"), 413},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
         400},
        {TEXT("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n"), 400},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, chunked\r\n\r\n"), 400},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, gzip\r\n\r\n"), 400},
        {TEXT("POST / HTTP/1.1\r\n" HOST
              "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"),
         400},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n"), 501},
        {TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: \"chunked\"\r\n\r\n"), 501},
    };
    assert_refused(rows, sizeof rows / sizeof rows[0]);
}

static void expectations_that_cannot_be_met_are_refused(void **state) {
    (void)state;
    static const struct refused rows[] = {
        {TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nExpect: 200-ok\r\n\r\n"), 417},
        {TEXT("GET / HTTP/1.1\r\n" HOST "Parley-Session: a\r\nParley-Session: b\r\n\r\n"), 400},
        {TEXT("GET / HTTP/1.1\r\n" HOST "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"), 400},
    };
    assert_refused(rows, sizeof rows / sizeof rows[0]);
}

static void the_plain_head_is_well_formed(void **state) {
    (void)state;
    static const char end[] = "connection: keep-alive\r\n\r\n";
    static const struct {
        const char *text;
        const char *plain; /* up to |end|, if it ends there */
    } rows[] = {
        {"GET / HTTP/1.1\r\n" HOST "\r\n", "GET / HTTP/1.1\r\nhost: a\r\n"},
        {"\r\n\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", "GET / HTTP/1.1\r\nhost: a\r\n"},
        {"GET / HTTP/1.1\nHost:a\n\n", "GET / HTTP/1.1\r\nhost: a\r\n"},
        {"GET / HTTP/1.7\r\nHost: \t a \t\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\r\n"},
        {"GET / HTTP/1.1\r\nHost: a:\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\r\n"},
        {"GET / HTTP/1.1\r\nHost: A.Example.:80\r\n\r\n",
         "GET / HTTP/1.1\r\nhost: A.Example.:80\r\n"},
        {"GET http://b:1/x?y HTTP/1.1\r\n" HOST "\r\n", "GET /x?y HTTP/1.1\r\nhost: b:1\r\n"},
        {"GET HTTPS://b HTTP/1.1\r\n" HOST "\r\n", "GET / HTTP/1.1\r\nhost: b\r\n"},
        {"GET http://[::1]?y HTTP/1.1\r\n" HOST "\r\n", "GET /?y HTTP/1.1\r\nhost: [::1]\r\n"},
        {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "OPTIONS / HTTP/1.1\r\nhost: a\r\n"},
        {"GET /a%2Fb?100%&%zz%41 HTTP/1.1\r\n" HOST "\r\n",
         "GET /a%2Fb?100%25&%25zz%41 HTTP/1.1\r\nhost: a\r\n"},
        {"GET / HTTP/1.1\r\n" HOST "Cookie: a=b\r\nX-Y: \xc3\xa4\r\n\r\n",
         "GET / HTTP/1.1\r\nhost: a\r\n"},
        {"GET / HTTP/1.1\r\n" HOST "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n",
         "GET / HTTP/1.1\r\nhost: a\r\n"},
        {"GET / HTTP/1.1\r\n" HOST "Upgrade: websocket\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\r\n"},
        {"HEAD / HTTP/1.0\r\nConnection: x, Keep-Alive\r\nExpect: x\r\n\r\n",
         "HEAD / HTTP/1.0\r\n"},
        {"GET / HTTP/1.1\r\n" HOST "Connection: closed\r\nContent-Length: 0\r\n\r\n",
         "GET / HTTP/1.1\r\nhost: a\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char wanted[512];
        struct request_head head = read(rows[i].text, strlen(rows[i].text));
        assert_int_equal(head.status, 0);
        snprintf(wanted, sizeof wanted, "%s%s", rows[i].plain, end);
        assert_string_equal(plain, wanted);
        assert_false(head.is_websocket || head.has_body || head.expects_continue);
    }
}

static void lines_of_one_field_are_joined(void **state) {
    (void)state;
    static const char text[] = "GET / HTTP/1.1\r\nX-Forwarded-For: 1\r\n" HOST
                               "Forwarded: for=a\r\nx-forwarded-for:2, 3 \r\nForwarded: for=b\r\n"
                               "Origin: a\r\nOrigin: b\r\n\r\n";
    read(TEXT(text));
    assert_non_null(strstr(plain, "\r\nx-forwarded-for: 1, 2, 3\r\nforwarded: for=a, for=b\r\n"));
    assert_non_null(strstr(plain, "\r\norigin: a, b\r\n"));
}

static void a_websocket_is_asked_for(void **state) {
    (void)state;
    static const char text[] =
        "GET /signal HTTP/1.1\r\n" HOST "Connection: keep-alive, UPGRADE\r\nUpgrade: h2c\r\n"
        "Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    struct request_head head = read(TEXT(text));
    assert_true(head.is_websocket);
    assert_non_null(strstr(plain, "\r\nupgrade: websocket\r\nconnection: upgrade\r\n"));
    assert_non_null(strstr(plain, "\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
}

static void a_body_is_a_posts(void **state) {
    (void)state;
    struct request_head head = read(
        TEXT("POST /poll HTTP/1.1\r\n" HOST "Content-Length: 007\r\nExpect: 100-Continue\r\n\r\n"));
    assert_true(head.passes_body && head.expects_continue && head.body_len == 7);
    assert_non_null(strstr(plain, "\r\nconnection: keep-alive\r\ncontent-length: 7\r\n"));
    head = read(TEXT("GET / HTTP/1.1\r\n" HOST "Content-Length: 7\r\n\r\n"));
    assert_true(head.has_body && !head.passes_body);
    assert_non_null(strstr(plain, "\r\nconnection: close\r\n"));
    head = read(TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n"));
    assert_true(head.has_body && head.is_chunked && !head.passes_body);
}

static char *repeat(const char *before, const char *piece, size_t times, const char *after) {
    size_t size = strlen(before) + strlen(piece) * times + strlen(after) + 1;
    char *text = malloc(size);
    assert_non_null(text);
    size_t len = (size_t)snprintf(text, size, "%s", before);
    for (size_t i = 0; i < times; i++)
        len += (size_t)snprintf(text + len, size - len, "%s", piece);
    snprintf(text + len, size - len, "%s", after);
    return text;
}

static void assert_repeated(const char *before, const char *piece, size_t times, const char *after,
                            unsigned status) {
    char *text = repeat(before, piece, times, after);
    struct request_head head = read(text, strlen(text));
    assert_int_equal(head.status, status);
    free(text);
}

static void lengths_have_limits(void **state) {
    (void)state;
    static const char start[] = "GET / HTTP/1.1\r\n" HOST;
    assert_repeated("GET /", "x", 8170, " HTTP/1.1\r\n" HOST "\r\n", 0);
    assert_repeated("GET /?", "x", 8170, " HTTP/1.1\r\n" HOST "\r\n", 0);
    assert_repeated("GET /?", "a&", 63, " HTTP/1.1\r\n" HOST "\r\n", 0);
    assert_repeated("GET /?", "a&", 64, " HTTP/1.1\r\n" HOST "\r\n", 414);
    assert_repeated("GET /?", ";", 64, " HTTP/1.1\r\n" HOST "\r\n", 414);
    assert_repeated("GET /", "x", 8190, " HTTP/1.1\r\n" HOST "\r\n", 414);
    assert_repeated(start, "Cookie: a\r\n", 99, "\r\n", 0);
    assert_repeated(start, "X: a\r\n", 100, "\r\n", 431);
    assert_repeated("GET / HTTP/1.1\r\n" HOST "Cookie: ", "x", 16000, "\r\n\r\n", 0);
    assert_repeated("GET / HTTP/1.1\r\n" HOST "Cookie: ", "x", 16400, "\r\n\r\n", 431);
    assert_repeated("GET / HTTP/1.1\r\n" HOST "X-Forwarded-For: ", "x", 8000, "\r\n\r\n", 431);
    assert_repeated("GET / HTTP/1.1\r\n" HOST "X-Forwarded-For: ", "x", 7000, "\r\n\r\n", 0);
}

/* Its length counts in written form, where a bare "%" takes three bytes. */
static void a_query_is_cut_by_what_is_left_of_it(void **state) {
    (void)state;
    static const char *const pieces[] = {"x", "%", "%41", "x%41", "%4", "%%", "xx%"};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        assert_repeated("GET /?", pieces[i], 8100 / strlen(pieces[i]), " HTTP/1.1\r\n" HOST "\r\n",
                        0);
        const char *query = strchr(plain, '?') + 1;
        size_t len = strcspn(query, " ");
        assert_in_range(len, REQUEST_QUERY_BYTES_MAX - 2, REQUEST_QUERY_BYTES_MAX);
        assert_true(query[len - 1] != '%' && query[len - 2] != '%');
        char first[sizeof plain];
        memcpy(first, plain, sizeof plain);
        read(first, strlen(first));
        assert_string_equal(plain, first);
    }
}

static void a_head_is_found_wherever_it_is_cut(void **state) {
    (void)state;
    static const char text[] = "\r\nGET / HTTP/1.1\r\n" HOST "\r\nGET /next";
    const size_t whole = strlen(text) - strlen("GET /next");
    for (size_t searched = 0; searched < whole; searched++) {
        struct request_head head;
        struct slice part = {text, searched};
        assert_int_equal(request_head_len(part, 0), 0);
        assert_false(request_head_is_hopeless(part, &head));
        assert_int_equal(request_head_len((struct slice){TEXT(text)}, searched), whole);
    }
}

static void an_impossible_head_is_refused_early(void **state) {
    (void)state;
    struct request_head head;
    assert_true(request_head_is_hopeless(slice_of("\x16\x03\x01"), &head));
    assert_int_equal(head.status, 400);
    assert_true(request_head_is_hopeless(slice_of("\rX"), &head));
    char *text = repeat("GET /", "x", REQUEST_LINE_BYTES_MAX, "");
    assert_true(request_head_is_hopeless(slice_of(text), &head));
    assert_int_equal(head.status, 414);
    free(text);
    text = repeat("GET / HTTP/1.1\r\n", "X: a\r\n", REQUEST_HEAD_BYTES_MAX / 6, "");
    assert_true(request_head_is_hopeless(slice_of(text), &head));
    assert_int_equal(head.status, 431);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_line_is_strict),
        cmocka_unit_test(a_target_is_strict),
        cmocka_unit_test(a_field_is_strict),
        cmocka_unit_test(a_host_is_one),
        cmocka_unit_test(a_length_is_one),
        cmocka_unit_test(expectations_that_cannot_be_met_are_refused),
        cmocka_unit_test(the_plain_head_is_well_formed),
        cmocka_unit_test(lines_of_one_field_are_joined),
        cmocka_unit_test(a_websocket_is_asked_for),
        cmocka_unit_test(a_body_is_a_posts),
        cmocka_unit_test(lengths_have_limits),
        cmocka_unit_test(a_query_is_cut_by_what_is_left_of_it),
        cmocka_unit_test(a_head_is_found_wherever_it_is_cut),
        cmocka_unit_test(an_impossible_head_is_refused_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
