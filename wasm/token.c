#include "token.h"

#include "text.h"

#include <string.h>

#define CLOCK_MAX_S 0xF0000000 /* in the year 2097; a clock beyond is wrong */

static int digit_value(char digit) {
    return digit >= '0' && digit <= '9'   ? digit - '0'
           : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                                          : -1;
}

/* 0 where there is no number. */
static uint32_t read_number(struct slice digits) {
    uint32_t number = 0;
    if (digits.len != TOKEN_KEPT_BYTES - WIRE_TOKEN_BYTES)
        return 0;
    for (size_t i = 0; i < digits.len; i++) {
        int value = digit_value(digits.bytes[i]);
        if (value < 0)
            return 0;
        number = number << 4 | (uint32_t)value;
    }
    return number;
}

void token_init(struct token *token, struct slice kept, const uint8_t random[TOKEN_RANDOM_BYTES]) {
    struct slice secret = {kept.bytes, kept.len < WIRE_TOKEN_BYTES ? kept.len : WIRE_TOKEN_BYTES};
    token->joins = 0;
    if (!wire_token_valid(secret)) {
        text_base64url(random, TOKEN_RANDOM_BYTES, token->secret);
        return;
    }
    memcpy(token->secret, secret.bytes, WIRE_TOKEN_BYTES);
    token->joins =
        read_number((struct slice){kept.bytes + WIRE_TOKEN_BYTES, kept.len - WIRE_TOKEN_BYTES});
}

void token_count_join(struct token *token, int64_t wall_ms) {
    int64_t wall_s = wall_ms / 1000;
    if (token->joins < UINT32_MAX)
        token->joins++;
    if (wall_s > token->joins && wall_s <= CLOCK_MAX_S)
        token->joins = (uint32_t)wall_s;
}

void token_overtake(struct token *token, uint32_t number) {
    if (token->joins < number)
        token->joins = number;
}

void token_write(const struct token *token, char out[TOKEN_KEPT_BYTES]) {
    memcpy(out, token->secret, WIRE_TOKEN_BYTES);
    for (int i = TOKEN_KEPT_BYTES - 1, shift = 0; i >= WIRE_TOKEN_BYTES; i--, shift += 4)
        out[i] = "0123456789abcdef"[token->joins >> shift & 15];
}
