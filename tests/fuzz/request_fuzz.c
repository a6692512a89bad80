/* The head of an HTTP request. An input is the bytes of a connection. A head that is passed on is
 * well formed, and means the same when it is read again. */
#include "request_head.h"

#include "script.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_plain(const char *plain, size_t len, const struct request_head *head) {
    char again[REQUEST_PLAIN_BYTES_MAX];
    struct request_head second;
    struct slice text = {plain, len};
    FUZZ_CHECK(request_head_len(text, 0) == len);
    FUZZ_CHECK(request_head_read(text, &second, again) == len && memcmp(plain, again, len) == 0);
    FUZZ_CHECK(second.is_websocket == head->is_websocket);
    FUZZ_CHECK(second.passes_body == head->passes_body);
    FUZZ_CHECK(!head->passes_body || second.body_len == head->body_len);
    for (size_t i = 0; i < len; i++)
        FUZZ_CHECK(plain[i] != '\0' && (plain[i] != '\r' || plain[i + 1] == '\n'));
}

static void check_refusal(const struct request_head *head) {
    FUZZ_CHECK(head->status >= 400 && head->status < 600 && head->sentence != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    static char plain[REQUEST_PLAIN_BYTES_MAX];
    struct script script = script_of(bytes, len);
    struct request_head head;
    size_t searched = script_byte(&script);
    struct slice text = script_rest(&script);
    size_t head_len = request_head_len(text, 0);
    FUZZ_CHECK(head_len <= text.len);
    FUZZ_CHECK(searched >= head_len || request_head_len(text, searched) == head_len);
    if (head_len == 0) {
        if (request_head_is_hopeless(text, &head))
            check_refusal(&head);
    } else {
        text.len = head_len;
        size_t plain_len = request_head_read(text, &head, plain);
        if (plain_len == 0)
            check_refusal(&head);
        else
            check_plain(plain, plain_len, &head);
    }
    script_free_texts(&script);
    return 0;
}
