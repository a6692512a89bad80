#include "script.h"

#include "error.h"
#include "fault.h"
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define STARTS_MS 8000
#define OFTEN_MAX 10 /* faults a minute */
#define SPARSE_PERCENT 20
#define FLOOD_PERCENT 1
#define CROWD_ONE_IN 2000
#define CROWD_MS 300000

static const struct {
    const char *name;
    uint32_t weight;
} kinds[FAULT_COUNT] = {
#define FAULT_ROW(name, weight) {#name, weight},
    FAULTS(FAULT_ROW)
#undef FAULT_ROW
};

void script_add(struct script *script, struct fault fault) {
    if (script->count == script->capacity) {
        script->capacity = script->capacity ? 2 * script->capacity : 64;
        script->faults = realloc(script->faults, script->capacity * sizeof fault);
        PARLEY_CHECK(script->faults);
    }
    script->faults[script->count++] = fault;
}

void script_deinit(struct script *script) {
    free(script->faults);
    *script = (struct script){0};
}

/* Text */

char *script_write(const struct script *script) {
    size_t size = 80 * ((size_t)script->count + 1), at = 0;
    char *text = calloc(1, size);
    PARLEY_CHECK(text);
    for (uint32_t i = 0; i < script->count; i++) {
        const struct fault *fault = &script->faults[i];
        at += (size_t)snprintf(text + at, size - at, "%s,%llu,%u,%u,%u,%u;",
                               kinds[fault->kind].name, (unsigned long long)fault->at_ms,
                               fault->page, fault->other, fault->ms, fault->extra);
    }
    return text;
}

static bool read_kind(const char **at, enum fault_kind *out) {
    size_t len = strcspn(*at, ",");
    for (int i = 0; i < FAULT_COUNT; i++)
        if (strlen(kinds[i].name) == len && memcmp(*at, kinds[i].name, len) == 0) {
            *out = (enum fault_kind)i;
            *at += len;
            return true;
        }
    return false;
}

static bool read_number(const char **at, uint64_t max, uint64_t *out) {
    char *end;
    if (**at != ',' || (*at)[1] < '0' || (*at)[1] > '9')
        return false;
    *out = strtoull(*at + 1, &end, 10);
    *at = end;
    return *out <= max;
}

static bool read_fault(const char **at, struct fault *out) {
    uint64_t page, other, ms, extra;
    bool read = read_kind(at, &out->kind) && read_number(at, UINT64_MAX, &out->at_ms) &&
                read_number(at, SIM_PAGES_MAX - 1, &page) && read_number(at, UINT32_MAX, &other) &&
                read_number(at, UINT32_MAX, &ms) && read_number(at, UINT32_MAX, &extra) &&
                **at == ';' && (other < SIM_PAGES_MAX || out->kind == FAULT_SAY);
    if (!read)
        return false;
    ++*at;
    out->page = (uint32_t)page;
    out->other = (uint32_t)other;
    out->ms = (uint32_t)ms;
    out->extra = (uint32_t)extra;
    return true;
}

bool script_read(struct script *script, const char *text) {
    for (;;) {
        text += strspn(text, " \n");
        struct fault fault = {0};
        if (*text == '\0')
            return true;
        if (!read_fault(&text, &fault))
            return false;
        script_add(script, fault);
    }
}

/* Drawing */

struct drawing {
    struct sim *sim;
    uint32_t members;
    uint64_t until_ms; /* when all faults are over */
    uint32_t weights[FAULT_COUNT];
    uint32_t weight;
};

/* A duration from a tenth of a second to some minutes: short ones are as likely as long ones. */
static uint32_t draw_ms(struct drawing *drawing, uint64_t at_ms) {
    struct sim *sim = drawing->sim;
    uint32_t low = 100u << sim_draw(sim, 0, 11);
    uint32_t ms = sim_draw(sim, low, 2 * low);
    return at_ms + ms > drawing->until_ms ? (uint32_t)(drawing->until_ms - at_ms) : ms;
}

static uint32_t draw_extra(struct sim *sim, enum fault_kind kind) {
    switch (kind) {
    case FAULT_BLOCK_WEBSOCKET:
        return sim_draw(sim, WEBSOCKET_NEVER_OPENS, WEBSOCKET_SILENT);
    case FAULT_CUT_SERVER:
        return sim_draw(sim, 1, 3);
    case FAULT_LOSE_SOCKET:
        return sim_draw(sim, 0, 3);
    case FAULT_WAKE:
        return sim_draw(sim, 0, EVENT_WAKE_COUNT - 1);
    case FAULT_FAIL_OPERATIONS:
    case FAULT_FAIL_CANDIDATES:
        return sim_draw(sim, 1, 3);
    case FAULT_DUPLICATE:
        return sim_draw(sim, 0, 2);
    case FAULT_SLOW:
        return sim_draw(sim, 2, 40);
    case FAULT_LIE:
        return sim_draw(sim, 1, LIES_ALL) + 16 * sim_draw(sim, 5, 100);
    case FAULT_LATE:
        return sim_draw(sim, 10, 2000);
    case FAULT_START:
    case FAULT_SAY:
    case FAULT_SEALED:
    case FAULT_SMALL_HOST:
    case FAULT_HOSTILE:
    case FAULT_BURDEN:
    case FAULT_FLOOD:
    case FAULT_NEVER:
    case FAULT_CUT:
    case FAULT_CUT_ONE_WAY:
    case FAULT_ISOLATE:
    case FAULT_KILL_SERVER:
    case FAULT_SHUT_DOWN:
    case FAULT_KILL:
    case FAULT_CRASH:
    case FAULT_CLOSE:
    case FAULT_RELOAD:
    case FAULT_LEAVE:
    case FAULT_SLEEP:
    case FAULT_FREEZE:
    case FAULT_JUMP_CLOCK:
    case FAULT_JUMP_WALL:
    case FAULT_HIDE:
    case FAULT_RENAME:
    case FAULT_BREAK_CHANNEL:
    case FAULT_WEDGE:
    case FAULT_COUNT:
        break;
    }
    return sim_draw(sim, 0, 1);
}

static uint32_t draw_other(struct drawing *drawing, uint32_t page) {
    uint32_t other = sim_draw(drawing->sim, 0, drawing->members - 2);
    return other >= page ? other + 1 : other;
}

static enum fault_kind draw_kind(const struct drawing *drawing) {
    uint32_t at = sim_draw(drawing->sim, 0, drawing->weight - 1);
    int kind = 0;
    while (at >= drawing->weights[kind])
        at -= drawing->weights[kind++];
    return (enum fault_kind)kind;
}

static void draw_fault(struct drawing *drawing) {
    struct sim *sim = drawing->sim;
    struct fault fault = {.kind = draw_kind(drawing),
                          .at_ms = sim_draw(sim, 0, (uint32_t)drawing->until_ms),
                          .page = sim_draw(sim, 0, drawing->members - 1)};
    fault.other = fault.kind == FAULT_DUPLICATE
                      ? drawing->members + sim_draw(sim, 0, SCRIPT_SPARE_PAGES - 1)
                      : draw_other(drawing, fault.page);
    fault.ms = draw_ms(drawing, fault.at_ms);
    fault.extra = draw_extra(sim, fault.kind);
    script_add(&sim->script, fault);
}

/* Each world has only some kinds of faults, since some faults hide others. */
static void draw_weights(struct drawing *drawing) {
    struct sim *sim = drawing->sim;
    uint32_t percent = sim_draw(sim, 10, 100);
    for (int i = 0; i < FAULT_COUNT; i++)
        if (sim_chance(sim, percent))
            drawing->weight += drawing->weights[i] = kinds[i].weight;
}

static void draw_people(struct drawing *drawing) {
    struct sim *sim = drawing->sim;
    for (uint32_t i = 0; i < drawing->members; i++) {
        bool late = sim_chance(sim, 15);
        uint32_t until_ms = late ? (uint32_t)drawing->until_ms / 2 : STARTS_MS;
        uint32_t extra = sim_draw(sim, 0, 1) * START_TOKEN | sim_draw(sim, 0, 1) * START_NAMED;
        if (sim_chance(sim, 3))
            extra |= START_OTHER_ROOM;
        else if (sim_chance(sim, 2))
            extra |= START_FRESH_ROOM;
        script_add(&sim->script, (struct fault){.kind = FAULT_START,
                                                .at_ms = sim_draw(sim, 0, until_ms),
                                                .page = i,
                                                .extra = extra});
    }
}

static void draw_talk(struct drawing *drawing) {
    struct sim *sim = drawing->sim;
    uint32_t minutes = (uint32_t)(drawing->until_ms / 60000) + 1;
    uint32_t count = sim_draw(sim, 0, minutes * 6);
    for (uint32_t i = 0; i < count; i++)
        script_add(&sim->script,
                   (struct fault){.kind = FAULT_SAY,
                                  .at_ms = sim_draw(sim, 0, (uint32_t)drawing->until_ms),
                                  .page = sim_draw(sim, 0, drawing->members - 1),
                                  .other = sim_chance(sim, 3) ? sim_draw(sim, 0, 100) : 0,
                                  .extra = sim_chance(sim, 5) ? sim_draw(sim, 5, 60) : 1});
    if (sim_chance(sim, 1))
        script_add(&sim->script, (struct fault){.kind = FAULT_SAY,
                                                .at_ms = drawing->until_ms / 2,
                                                .page = 0,
                                                .extra = 1500});
}

static void draw_nature(struct drawing *drawing) {
    struct sim *sim = drawing->sim;
    uint32_t page = sim_draw(sim, 0, drawing->members - 1);
    if (sim_chance(sim, 50))
        script_add(&sim->script, (struct fault){.kind = FAULT_SEALED});
    if (sim_chance(sim, 4))
        script_add(&sim->script,
                   (struct fault){.kind = FAULT_SMALL_HOST, .extra = sim_draw(sim, 0, 3)});
    for (uint32_t i = 0; i < drawing->members; i++)
        if (sim_chance(sim, 12))
            script_add(&sim->script,
                       (struct fault){.kind = FAULT_BLOCK_WEBSOCKET,
                                      .page = i,
                                      .ms = (uint32_t)sim->end_ms + 1,
                                      .extra = draw_extra(sim, FAULT_BLOCK_WEBSOCKET)});
    if (sim_chance(sim, 8))
        script_add(
            &sim->script,
            (struct fault){.kind = FAULT_HOSTILE, .page = page, .extra = sim_draw(sim, 1, 60)});
    if (sim_chance(sim, 8))
        script_add(
            &sim->script,
            (struct fault){.kind = FAULT_NEVER, .page = page, .other = draw_other(drawing, page)});
}

/* A flood for a long time, while people come and go. */
static void draw_flood(struct drawing *drawing) {
    struct sim *sim = drawing->sim;
    static const enum fault_kind comings[] = {FAULT_RELOAD, FAULT_CRASH, FAULT_CLOSE, FAULT_LEAVE,
                                              FAULT_BREAK_CHANNEL};
    uint32_t at_ms = sim_draw(sim, 0, (uint32_t)drawing->until_ms / 2);
    script_add(&sim->script, (struct fault){.kind = FAULT_FLOOD,
                                            .at_ms = at_ms,
                                            .ms = (uint32_t)drawing->until_ms - at_ms});
    memset(drawing->weights, 0, sizeof drawing->weights);
    drawing->weight = 0;
    for (size_t i = 0; i < sizeof comings / sizeof *comings; i++)
        drawing->weight += drawing->weights[comings[i]] = kinds[comings[i]].weight;
}

static void draw(struct sim *sim, uint32_t members, uint64_t until_ms) {
    struct drawing drawing = {.sim = sim, .members = members, .until_ms = until_ms};
    uint32_t minutes = (uint32_t)(until_ms / 60000) + 1;
    draw_nature(&drawing);
    draw_people(&drawing);
    draw_talk(&drawing);
    draw_weights(&drawing);
    uint32_t count = sim_draw(sim, 0, minutes * sim_draw(sim, 1, OFTEN_MAX));
    if (sim_chance(sim, FLOOD_PERCENT)) {
        draw_flood(&drawing);
        count = sim_draw(sim, 1, 6);
    } else if (sim_chance(sim, SPARSE_PERCENT)) {
        count = sim_draw(sim, 1, 3); /* patrol.c expects more then */
    }
    for (uint32_t i = 0; drawing.weight && i < count; i++)
        draw_fault(&drawing);
}

/* Beginning */

static void make_pages(struct sim *sim, uint32_t count) {
    sim->page_count = count;
    for (uint32_t i = 0; i < count; i++)
        sim->pages[i] = (struct page){
            .sim = sim, .index = i, .latency_ms = sim_draw(sim, 1, sim_chance(sim, 10) ? 300 : 60)};
}

/* Draws a few members, or sometimes a crowd of up to a full room. A crowd takes so much real time
 * that its world is shorter. A given script or number does not change the draws that follow. */
static uint32_t draw_members(struct sim *sim) {
    uint32_t few = sim_draw(sim, 2, SCRIPT_FEW_MAX);
    uint64_t seed = sim->options.seed;
    if (sim->options.members)
        return sim->options.members;
    if (sim->options.script || seed % CROWD_ONE_IN)
        return few;
    if (sim->end_ms > CROWD_MS)
        sim->end_ms = CROWD_MS;
    return SCRIPT_FEW_MAX + 1 +
           (uint32_t)(seed / CROWD_ONE_IN % (SCRIPT_MEMBERS_MAX - SCRIPT_FEW_MAX));
}

void script_begin(struct sim *sim) {
    uint32_t members = draw_members(sim);
    PARLEY_CHECK(members >= 2 && members <= SCRIPT_MEMBERS_MAX);
    static const struct slice url = {"turn:t.example", 14};
    sim->host.turn =
        (struct turn){.urls = &url, .url_count = 1, .secret = url, .seconds = HOST_TURN_SECONDS};
    sim->host.config = (struct hub_config){.relay = true,
                                           .connections_max = 256,
                                           .rooms_max = 16,
                                           .room_members_max = WIRE_ROOM_MEMBERS_MAX,
                                           .join_timeout_ms = 10000,
                                           .grace_ms = HOST_GRACE_MS,
                                           .turn = &sim->host.turn};
    host_start(sim);
    make_pages(sim, members + SCRIPT_SPARE_PAGES);
    if (sim->options.script)
        PARLEY_CHECK(script_read(&sim->script, sim->options.script));
    else
        draw(sim, members, sim_settles(sim) ? sim->end_ms - SIM_SETTLE_MS : sim->end_ms);
    sim_seed(sim, 1); /* from here on, drawn and read scripts give the same world */
    for (uint32_t i = 0; i < sim->script.count; i++)
        queue_push(&sim->queue, sim->script.faults[i].at_ms, fault_strike, &sim->script.faults[i],
                   0);
}
