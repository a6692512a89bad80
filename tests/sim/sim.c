#include "sim.h"

#include "error.h"
#include "ice.h"
#include "patrol.h"
#include "record.h"
#include "verdict.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void sim_complain(struct sim *sim, const char *format, ...) {
    if (sim->failure[0])
        return;
    int at = snprintf(sim->failure, sizeof sim->failure,
                      "at %llu.%03llu s: ", (unsigned long long)sim->now_ms / 1000,
                      (unsigned long long)sim->now_ms % 1000);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sim->failure + at, sizeof sim->failure - (size_t)at, format, arguments);
    va_end(arguments);
}

void sim_trace(const struct sim *sim, const char *format, ...) {
    printf("%6llu.%03llu ", (unsigned long long)sim->now_ms / 1000,
           (unsigned long long)sim->now_ms % 1000);
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

uint32_t sim_draw(struct sim *sim, uint32_t low, uint32_t high) {
    return (uint32_t)random_between(&sim->random, low, high);
}

bool sim_chance(struct sim *sim, uint32_t percent) {
    return random_next(&sim->random) % 100 < percent;
}

void sim_after(struct sim *sim, uint64_t ms, happening_fn *run, void *object, uint32_t serial) {
    queue_push(&sim->queue, sim->now_ms + ms, run, object, serial);
}

bool sim_passes(const struct sim *sim, const struct page *from, const struct page *to) {
    return !sim->cuts[from->index][to->index] && !sim->never[from->index][to->index] &&
           !from->asleep && !to->asleep;
}

void sim_paths_changed(struct sim *sim, const struct page *page) {
    (void)sim;
    for (uint32_t i = 0; i < page->connection_count; i++)
        ice_look(page->connections[i]);
}

bool sim_settles(const struct sim *sim) {
    return sim->end_ms > SIM_SETTLE_MS + 60000;
}

void sim_seed(struct sim *sim, uint8_t salt) {
    uint8_t seed[8];
    for (int i = 0; i < 8; i++)
        seed[i] = (uint8_t)(sim->options.seed >> (56 - 8 * i));
    seed[0] ^= salt;
    random_init(&sim->random, seed);
}

static void end(struct sim *sim, void *object, uint32_t serial) {
    (void)object;
    (void)serial;
    if (!sim->failure[0] && sim_settles(sim))
        verdict(sim);
}

void sim_prepare(struct sim *sim, const struct options *options) {
    memset(sim, 0, sizeof *sim);
    sim->options = *options;
    sim_seed(sim, 0);
    sim->end_ms = (uint64_t)options->minutes * 60000;
    script_begin(sim);
    queue_push(&sim->queue, sim->end_ms, end, NULL, 0);
    patrol_begin(sim);
}

bool sim_run(struct sim *sim, const struct options *options) {
    sim_prepare(sim, options);
    struct happening happening;
    while (!sim->failure[0] && queue_pop(&sim->queue, &happening)) {
        if (happening.at_ms > sim->end_ms)
            break;
        PARLEY_CHECK(happening.at_ms >= sim->now_ms);
        sim->now_ms = happening.at_ms;
        happening.run(sim, happening.object, happening.serial);
    }
    record_end(sim);
    return sim->failure[0] == '\0';
}

void sim_deinit(struct sim *sim) {
    for (uint32_t i = 0; i < SIM_PAGES_MAX; i++)
        if (sim->pages[i].sim)
            page_deinit(&sim->pages[i]);
    for (uint32_t i = 0; i < sim->connection_count; i++) {
        struct connection *connection = sim->connections[i];
        if (connection && connection->id != i)
            continue; /* an older name of it */
        if (connection)
            stream_clear(&connection->out);
        free(connection);
    }
    free(sim->connections);
    host_deinit(sim);
    liar_deinit(sim);
    check_deinit(sim);
    script_deinit(&sim->script);
    queue_deinit(&sim->queue);
}
