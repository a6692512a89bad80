/* STUN. An input is a datagram. An answer is a small STUN message, which the server would not
 * answer in turn. */
#include "stun.h"

#include "script.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_answer(const uint8_t *request, size_t len, const struct stun_address *from) {
    uint8_t reply[STUN_ANSWER_BYTES_MAX], answer[STUN_ANSWER_BYTES_MAX];
    size_t reply_len = stun_answer(request, len, from, reply);
    if (reply_len == 0)
        return;
    FUZZ_CHECK(reply_len <= sizeof reply && reply_len <= len + STUN_EXCESS_BYTES_MAX);
    FUZZ_CHECK(reply_len % 4 == 0 && reply[2] == 0 && reply[3] == reply_len - 20);
    FUZZ_CHECK(reply[0] == 1 && (reply[1] == 0x01 || reply[1] == 0x11));
    FUZZ_CHECK(memcmp(reply + 4, request + 4, 16) == 0);
    FUZZ_CHECK(stun_answer(reply, reply_len, from, answer) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct script script = script_of(bytes, len);
    struct slice request = script_rest(&script);
    struct stun_address from = {STUN_IPV4, 32853, {192, 0, 2, 1}};
    check_answer((const uint8_t *)request.bytes, request.len, &from);
    from.family = STUN_IPV6;
    check_answer((const uint8_t *)request.bytes, request.len, &from);
    script_free_texts(&script);
    return 0;
}
