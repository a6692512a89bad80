#include "shrink.h"

#include "run.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

/* The script that the seed draws, as a text. Sets |options| to the minutes and, for a crowd, the
 * number of members, since the text does not contain them. */
static char *drawn_script(struct options *options) {
    static struct sim sim;
    struct options only_drawn = *options;
    only_drawn.trace = false;
    only_drawn.record = NULL;
    sim_prepare(&sim, &only_drawn);
    char *text = script_write(&sim.script);
    if (sim.page_count > SCRIPT_FEW_MAX + SCRIPT_SPARE_PAGES)
        options->members = sim.page_count - SCRIPT_SPARE_PAGES;
    options->minutes = (uint32_t)(sim.end_ms / 60000);
    sim_deinit(&sim);
    return text;
}

static bool fails(const struct options *options, const struct script *script) {
    char failure[RUN_FAILURE_BYTES];
    struct options with = *options;
    char *text = script_write(script);
    with.script = text;
    with.trace = false;
    with.record = NULL;
    bool well = run_isolated(&with, failure);
    free(text);
    return !well;
}

static struct script without(const struct script *script, uint32_t from, uint32_t count) {
    struct script rest = {0};
    for (uint32_t i = 0; i < script->count; i++)
        if (i < from || i >= from + count)
            script_add(&rest, script->faults[i]);
    return rest;
}

/* Removes runs of |count| faults if the world fails without them too. */
static void leave_out(const struct options *options, struct script *script, uint32_t count) {
    for (uint32_t from = 0; from < script->count;) {
        struct script rest = without(script, from, count);
        if (fails(options, &rest)) {
            script_deinit(script);
            *script = rest;
        } else {
            script_deinit(&rest);
            from += count;
        }
    }
}

char *shrink(struct options *options) {
    struct script script = {0};
    char *text = options->script ? NULL : drawn_script(options);
    PARLEY_CHECK(script_read(&script, text ? text : options->script));
    free(text);
    for (uint32_t count = (script.count + 1) / 2; count > 0; count /= 2)
        leave_out(options, &script, count);
    for (uint32_t before = script.count + 1; before > script.count;) {
        before = script.count;
        leave_out(options, &script, 1);
    }
    char *result = script_write(&script);
    script_deinit(&script);
    return result;
}
