/* STUN. An input is a datagram: what is answered is small, a message of STUN, and nothing that would
 * be answered again. */
#include "stun.h"

#include "script.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_answer(const uint8_t *request, size_t len, const struct stun_address *from) {
    uint8_t answer[STUN_ANSWER_BYTES_MAX], again[STUN_ANSWER_BYTES_MAX];
    size_t answer_len = stun_answer(request, len, from, answer);
    if (answer_len == 0)
        return;
    FUZZ_CHECK(answer_len <= sizeof answer && answer_len <= len + STUN_EXCESS_BYTES_MAX);
    FUZZ_CHECK(answer_len % 4 == 0 && answer[2] == 0 && answer[3] == answer_len - 20);
    FUZZ_CHECK(answer[0] == 1 && (answer[1] == 0x01 || answer[1] == 0x11));
    FUZZ_CHECK(memcmp(answer + 4, request + 4, 16) == 0);
    FUZZ_CHECK(stun_answer(answer, answer_len, from, again) == 0);
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
