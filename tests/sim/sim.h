/* sim.h - a simulated world: real cores and the real hub under one virtual clock, with browsers and
 * networks that fail. The same seed always gives exactly the same world.
 *
 *   script      the people and faults of the world, drawn from the seed or given
 *   page        a tab with a core in it: hands events in, carries actions out
 *   browser     RTCPeerConnection as far as the core sees it: operations, candidates
 *   ice         the paths of a connection, found and lost, and its channel
 *   flood       a hostile client that is not a page
 *   liar        a server that lies
 *   host        the server: a hub, sockets to it, its failures
 *   http        polling: requests that are lost, repeated and late, and the server's sessions
 *   check       what must hold at any time
 *   patrol      what must hold within some time
 *   verdict     what must hold some time after the last fault
 *
 * Only one core handles an event at a time: to carry out a core's actions, the simulator queues
 * their effects.
 */
#ifndef PARLEY_SIM_H
#define PARLEY_SIM_H

#include "browser.h"
#include "check.h"
#include "flood.h"
#include "host.h"
#include "liar.h"
#include "page.h"
#include "patrol.h"
#include "queue.h"
#include "random.h"
#include "repair.h"
#include "script.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SIM_PAGES_MAX CHECK_PAGES_MAX
#define SIM_SETTLE_MS 180000 /* verdict.h says why */

struct options {
    uint64_t seed;
    uint32_t members; /* 0: drawn */
    uint32_t minutes; /* until the verdict */
    bool trace;
    const char *script; /* NULL: drawn */
    FILE *record;       /* NULL: none */
};

struct sim {
    struct options options;
    struct random random;
    struct queue queue;
    uint64_t now_ms, end_ms; /* drawn worlds with a crowd end sooner */
    struct script script;
    struct page pages[SIM_PAGES_MAX];
    uint32_t page_count;
    uint32_t core_count; /* so far */
    struct host host;
    struct connection **connections; /* all ever made; a connection's id is its index */
    uint32_t connection_count, connection_capacity;
    uint8_t cuts[SIM_PAGES_MAX][SIM_PAGES_MAX];      /* number of causes that cut one from other */
    bool never[SIM_PAGES_MAX][SIM_PAGES_MAX];        /* no path, ever */
    uint64_t apart_ms[SIM_PAGES_MAX][SIM_PAGES_MAX]; /* see patrol.c */
    uint64_t troubles_ms[PATROL_TROUBLES];           /* the latest, newest first */
    struct ledger ledger;
    struct repairs repairs;
    struct flood flood;
    struct liar liar;
    bool sealed;           /* the rooms are */
    uint32_t operation_ms; /* on the processor that all browsers share; 0: each has its own */
    uint64_t processor_free_ms;
    bool burdened;
    uint64_t turns;
    char failure[512]; /* empty: none */
};

/* Makes a world in which nothing has happened yet. */
void sim_prepare(struct sim *sim, const struct options *options);

/* Runs one world to its end. False: it failed, and sim->failure says how. Call sim_deinit in either
 * case. */
bool sim_run(struct sim *sim, const struct options *options);
void sim_deinit(struct sim *sim);

/* Reports a failure. The first one counts, and ends the run. */
void sim_complain(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* True if the world is long enough for a verdict. */
bool sim_settles(const struct sim *sim);

/* A line of --trace. */
#define SIM_TRACE(sim, ...)                                                                        \
    do {                                                                                           \
        if ((sim)->options.trace)                                                                  \
            sim_trace((sim), __VA_ARGS__);                                                         \
    } while (0)
void sim_trace(const struct sim *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Random numbers, from the world's seed and |salt|. */
void sim_seed(struct sim *sim, uint8_t salt);
uint32_t sim_draw(struct sim *sim, uint32_t low, uint32_t high); /* both included */
bool sim_chance(struct sim *sim, uint32_t percent);

void sim_after(struct sim *sim, uint64_t ms, happening_fn *run, void *object, uint32_t serial);

/* True if the networks let a packet pass from one page to the other. */
bool sim_passes(const struct sim *sim, const struct page *from, const struct page *to);

/* The paths of |page| changed, to all others or to one. */
void sim_paths_changed(struct sim *sim, const struct page *page);

#endif
