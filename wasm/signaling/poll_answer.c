#include "poll_answer.h"

#define SECOND_MS 1000

enum poll_verdict poll_answer_judge(uint32_t status) {
    if ((status >= 200 && status <= 299) || status == 409)
        return POLL_VERDICT_GOOD;
    bool passing = status >= 500 || status == 408 || status == 425 || status == 429;
    return passing ? POLL_VERDICT_PASSING : POLL_VERDICT_FINAL;
}

uint32_t poll_answer_pause_ms(struct slice retry_after) {
    const uint32_t seconds_max = POLL_ANSWER_PAUSE_MAX_MS / SECOND_MS;
    uint64_t seconds;
    if (!slice_read_number(retry_after, seconds_max, &seconds) && slice_is_number(retry_after))
        seconds = seconds_max;
    return (uint32_t)seconds * SECOND_MS;
}

/* The beginning of |text|, with so many characters at most. */
static struct slice first_characters(struct slice text, uint32_t count) {
    size_t len = 0;
    while (len < text.len && (((uint8_t)text.bytes[len] & 0xC0) == 0x80 || count-- > 0))
        len++;
    return (struct slice){text.bytes, len};
}

struct slice poll_answer_text(const struct poll_answer *answer) {
    struct slice type = answer->type;
    if (!slice_skip(&type, "text/plain"))
        return slice_of("");
    return first_characters(answer->body, POLL_ANSWER_TEXT_CHARACTERS_MAX);
}
