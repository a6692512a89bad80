#include "token.h"

#include "text.h"

#include <string.h>

#define CLOCK_MAX_S 0xF0000000 /* in the year 2097; a clock beyond is wrong */

static int digit_value(char digit) {
    return digit >= '0' && digit <= '9'   ? digit - '0'
           : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                                          : -1;
}

/* Takes |len| digits off |digits|. Returns |otherwise| if they are no digits. */
static uint32_t take_number(struct slice *digits, size_t len, uint32_t otherwise) {
    uint32_t number = 0;
    if (digits->len < len)
        return otherwise;
    for (size_t i = 0; i < len; i++) {
        int value = digit_value(digits->bytes[i]);
        if (value < 0)
            return otherwise;
        number = number << 4 | (uint32_t)value;
    }
    *digits = (struct slice){digits->bytes + len, digits->len - len};
    return number;
}

void token_init(struct token *token, struct slice kept, const uint8_t random[TOKEN_RANDOM_BYTES]) {
    struct slice secret = {kept.bytes, kept.len < WIRE_TOKEN_BYTES ? kept.len : WIRE_TOKEN_BYTES};
    *token = (struct token){.wished = TOKEN_NO_COLOUR, .colour = TOKEN_NO_COLOUR};
    if (!token_secret_read(secret, &token->secret)) {
        text_base64url(random, TOKEN_RANDOM_BYTES, token->secret.bytes);
        return;
    }
    struct slice rest = {kept.bytes + WIRE_TOKEN_BYTES, kept.len - WIRE_TOKEN_BYTES};
    token->joins = take_number(&rest, TOKEN_NUMBER_DIGITS, 0);
    token->wished = take_number(&rest, 1, TOKEN_NO_COLOUR);
    token->colour = take_number(&rest, 1, TOKEN_NO_COLOUR);
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

static void write_number(uint32_t number, char *out, size_t len) {
    for (size_t i = len; i-- > 0; number >>= 4)
        out[i] = "0123456789abcdef"[number & 15];
}

void token_write(const struct token *token, char out[TOKEN_KEPT_BYTES]) {
    char *rest = out + WIRE_TOKEN_BYTES;
    memcpy(out, token->secret.bytes, WIRE_TOKEN_BYTES);
    write_number(token->joins, rest, TOKEN_NUMBER_DIGITS);
    write_number(token->wished, rest + TOKEN_NUMBER_DIGITS, 1);
    write_number(token->colour, rest + TOKEN_NUMBER_DIGITS + 1, 1);
}
