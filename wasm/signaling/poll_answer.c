#include "poll_answer.h"

#include "text.h"

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

struct slice poll_answer_text(const struct poll_answer *answer) {
    struct slice type = answer->type;
    if (!slice_skip(&type, "text/plain"))
        return slice_of("");
    return text_first_characters(answer->body, POLL_ANSWER_TEXT_CHARACTERS_MAX);
}
