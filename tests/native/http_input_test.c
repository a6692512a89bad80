/* The WebSocket frames that libwebsockets is given, and until when. */
#define _POSIX_C_SOURCE 200809L
#include "http_input.h"

#include "cmocka_all.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define UPGRADE                                                                                    \
    "GET /signal HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"             \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
#define UNMASKED "\x81\x01x"

static char out[HTTP_INPUT_BYTES];

static size_t pass(int from, int to, const char *text) {
    assert_int_equal(send(from, text, strlen(text), 0), strlen(text));
    ssize_t len = recv(to, out, sizeof out, 0);
    assert_true(len > 0);
    return (size_t)len;
}

static void assert_close_frame(size_t len) {
    assert_int_equal(len, 8);
    assert_memory_equal(out, "\x88\x82", 2);
}

/* The next socket with its number may be anything. */
static void test_a_descriptor_is_forgotten(void **state) {
    (void)state;
    struct http_input input = {0};
    int ends[2];
    for (int is_settled = 0; is_settled < 2; is_settled++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        assert_int_equal(http_input_begin(&input, ends[0]), 0);
        assert_true(pass(ends[1], ends[0], UPGRADE) > 8);
        if (is_settled)
            http_input_settle(&input);
        assert_close_frame(pass(ends[1], ends[0], UNMASKED));
        if (is_settled)
            http_input_forget(ends[0]);
        http_input_end(&input);
        assert_int_equal(pass(ends[1], ends[0], UNMASKED), strlen(UNMASKED));
        assert_memory_equal(out, UNMASKED, strlen(UNMASKED));
        close(ends[0]);
        close(ends[1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_descriptor_is_forgotten)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
