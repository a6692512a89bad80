/* script.h - the people and faults of a world, in order of time, drawn from its seed or read from a
 * text:
 *
 *   KIND,at_ms,page,other,ms,extra; and so on
 *
 * Most faults end after |ms|. All of them end SIM_SETTLE_MS before the end of the world.
 */
#ifndef PARLEY_SIM_SCRIPT_H
#define PARLEY_SIM_SCRIPT_H

#include "queue.h"

#include <stdbool.h>
#include <stdint.h>

#define SCRIPT_MEMBERS_MAX 64
#define SCRIPT_FEW_MAX 5     /* people in a world without a crowd */
#define SCRIPT_SPARE_PAGES 3 /* for duplicated tabs */

/* Name, weight in the draw (0: drawn by other rules). */
#define FAULTS(X)                                                                                  \
    X(START, 0)           /* a page opens; extra: bits of enum start_bits */                       \
    X(SAY, 0)             /* extra texts, each |other| times 40 bytes longer */                    \
    X(SEALED, 0)          /* the rooms are sealed */                                               \
    X(SMALL_HOST, 0)      /* the server has low limits; extra: which */                            \
    X(HOSTILE, 0)         /* alters extra % of its messages */                                     \
    X(BURDEN, 0)          /* all browsers share a processor: extra ms for each operation */        \
    X(FLOOD, 0)           /* somebody without WebRTC joins and forges offers, for ms */            \
    X(NEVER, 0)           /* no path between page and other, ever */                               \
    X(BLOCK_WEBSOCKET, 4) /* extra: enum websocket_fate */                                         \
    X(CUT, 10)            /* nothing passes between page and other */                              \
    X(CUT_ONE_WAY, 6)     /* from page to other */                                                 \
    X(ISOLATE, 5)         /* nor between page and anybody */                                       \
    X(CUT_SERVER, 10)     /* between page and server; extra 1: up, 2: down, 3: both */             \
    X(LOSE_SOCKET, 10)    /* extra 1: the page is told, 2: the server is */                        \
    X(KILL_SERVER, 6)                                                                              \
    X(SHUT_DOWN, 3) /* the server stops and says so */                                             \
    X(KILL, 2)      /* the page's program dies; extra 1: its sockets do not end */                 \
    X(CRASH, 5)     /* the same, and the tab is restored */                                        \
    X(CLOSE, 2)     /* the tab is closed */                                                        \
    X(RELOAD, 5)                                                                                   \
    X(LEAVE, 4) /* 'Leave room', and back again later */                                           \
    X(SLEEP, 6) /* extra 1: its clock stands still meanwhile */                                    \
    X(FREEZE, 5)                                                                                   \
    X(JUMP_CLOCK, 3) /* forward by ms */                                                           \
    X(JUMP_WALL, 2)  /* extra 1: back */                                                           \
    X(WAKE, 8)       /* extra: enum event_wake; OFFLINE until ms are over */                       \
    X(HIDE, 3)       /* an address; extra 1: no more */                                            \
    X(RENAME, 4)                                                                                   \
    X(FAIL_OPERATIONS, 4) /* the page's next extra ones */                                         \
    X(FAIL_CANDIDATES, 3)                                                                          \
    X(DUPLICATE, 3)     /* the tab is duplicated into other, with its token; extra 1: closed,   \
                              2: and the first one reloaded */  \
    X(BREAK_CHANNEL, 5) /* between page and other; extra 1: one side only */                       \
    X(WEDGE, 6)         /* the connections between page and other find no path any more */         \
    X(LIE, 5)           /* the server lies; extra: enum lies, and percent of messages times 16 */  \
    X(SLOW, 4)          /* delays of page times extra */                                           \
    X(LATE, 4)          /* timers of page by up to extra */

#define FAULT_ENUM(name, weight) FAULT_##name,
enum fault_kind { FAULTS(FAULT_ENUM) FAULT_COUNT };
#undef FAULT_ENUM

enum start_bits { START_TOKEN = 1, START_FRESH_ROOM = 2, START_OTHER_ROOM = 4, START_NAMED = 8 };

struct page;
struct sim;

struct fault {
    uint64_t at_ms;
    enum fault_kind kind;
    uint32_t page, other, ms, extra;
    bool hit; /* it had an effect, which must be undone */
};

struct script {
    struct fault *faults;
    uint32_t count, capacity;
};

/* Draws or reads the script, makes the pages and queues the faults. */
void script_begin(struct sim *sim);

/* The script that |sim| follows, as a text; the caller frees it. */
char *script_write(const struct script *script);

/* False: |text| is not a script. */
bool script_read(struct script *script, const char *text);

void script_add(struct script *script, struct fault fault);
void script_deinit(struct script *script);

#endif
