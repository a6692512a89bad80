#include "record.h"

#include "error.h"
#include "sim.h"

static void put(FILE *file, uint32_t number) {
    uint8_t bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(number >> 8 * i);
    PARLEY_CHECK(fwrite(bytes, sizeof bytes, 1, file) == 1);
}

static void put_long(FILE *file, uint64_t number) {
    put(file, (uint32_t)number);
    put(file, (uint32_t)(number >> 32));
}

static void put_texts(FILE *file, struct slice a, struct slice b, struct slice c) {
    const struct slice texts[] = {a, b, c};
    for (int i = 0; i < 3; i++)
        put(file, (uint32_t)texts[i].len);
    for (int i = 0; i < 3; i++)
        if (texts[i].len)
            PARLEY_CHECK(fwrite(texts[i].bytes, texts[i].len, 1, file) == 1);
}

void record_event(const struct page *page, const struct event *event) {
    FILE *file = page->sim->options.record;
    if (!file)
        return;
    put(file, 'E');
    put(file, page->core);
    put(file, (uint32_t)event->kind);
    put(file, event->peer);
    put(file, event->code);
    put_long(file, event->now_ms);
    put_long(file, (uint64_t)event->wall_ms);
    put(file, (uint32_t)event->utc_offset_min);
    put_texts(file, event->a, event->b, event->c);
}

void record_action(const struct page *page, const struct action *action) {
    FILE *file = page->sim->options.record;
    if (!file)
        return;
    put(file, 'A');
    put(file, (uint32_t)action->kind);
    put(file, action->peer);
    put(file, action->code);
    put_texts(file, action->a, action->b, action->c);
}

void record_result(const struct page *page, int result) {
    FILE *file = page->sim->options.record;
    if (!file)
        return;
    put(file, 'R');
    put(file, (uint32_t)result);
    put_long(file, chat_deadline_ms(page->chat));
}

void record_end(const struct sim *sim) {
    FILE *file = sim->options.record;
    if (!file)
        return;
    put(file, 'Z');
    put_long(file, sim->options.seed);
    PARLEY_CHECK(fflush(file) == 0);
}
