/* check.h - invariants that hold at any time, checked after each turn of a core. */
#ifndef PARLEY_SIM_CHECK_H
#define PARLEY_SIM_CHECK_H

#include "chat.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define CHECK_PAGES_MAX 68 /* a full room, and some more */
#define CHECK_TEXT_BYTES 64

struct page;
struct sim;

/* A member that a page has met in its room. */
struct known {
    uint32_t number; /* in the core */
    struct member_id id;
    uint32_t page, life; /* whose it is; CHECK_PAGES_MAX: unknown */
    uint32_t session;    /* of that life, as in its hello; 0: not known yet */
    uint64_t met_ms;     /* when it was met in this life */
    uint64_t first_ms;   /* when it was met in any life */
    bool arrived, left;
    bool excused_to;   /* the page said: "Some messages will not reach ..." */
    bool excused_from; /* the page said: "Some messages from ... are missing here" */
};

/* The facts about one life of a page. */
struct watch {
    uint64_t began_ms;
    uint32_t line_seen;
    struct known *known;
    uint32_t known_count, known_capacity;
    uint32_t last_number; /* the highest number of a member seen so far */
    uint32_t strangers;   /* members seen that were new to this core in this room */
    uint32_t room_since;  /* known[] from here on were met since the page entered the room */
    uint32_t gone_count;  /* the core's; it drops when the core forgets who has gone */
    uint32_t opens;       /* connections opened */
    uint64_t second;
    uint32_t ticks;                  /* in that second */
    uint64_t absent_ms;              /* when the hub lost it */
    uint64_t long_absence_ms;        /* when its last long absence ended; 0: none */
    struct socket *hub_socket;       /* through which it is in the room; NULL: it is not */
    uint32_t heard[CHECK_PAGES_MAX]; /* for each page, the number of its last text heard, plus 1 */
};

struct receipt {
    uint32_t page, life; /* the listener */
    uint32_t number;     /* the listener's in the sender's core */
    bool received;
};

struct text {
    uint32_t page, life; /* the speaker */
    uint64_t at_ms;
    struct room_id room;
    uint32_t receipts; /* index of its first receipt */
    uint32_t receipt_count;
};

/* All texts in the order in which they were said. */
struct ledger {
    struct text *texts;
    uint32_t text_count, text_capacity;
    struct receipt *receipts;
    uint32_t receipt_count, receipt_capacity;
};

/* A page has a new core. */
void check_begin(struct page *page);

/* The page has handed |event| in, got |result|, and carried the actions out. */
void check_turn(struct page *page, const struct event *event, int result);

/* Writes the text that |page| says next to |out|, of CHECK_TEXT_BYTES. Call check_said once it is
 * said. */
struct slice check_next_text(const struct page *page, char *out);
void check_said(struct page *page);

/* |socket|'s page sends |bytes| to the server, which must not learn from them what people say, or
 * what they are called. */
void check_server_learns(const struct socket *socket, struct slice bytes);

/* |page| is now in a room of the hub through |socket|, or no longer in one. */
void check_present(struct page *page, struct socket *socket);
void check_absent(struct page *page);

/* NULL: |page| never saw such a member. */
struct known *check_find_known(struct page *page, uint32_t number);

/* The living page that is the member |id| of |page|'s room; NULL: there is none. */
struct page *check_find_page(const struct page *page, const struct member_id *id);

/* True if the page's budget (budget.h) allows no connection for a repair, or did not a short time
 * ago. */
bool check_is_broke(const struct page *page);

/* False if |known| may belong to the previous life of |who|, since news can be late. */
bool check_is_sure(const struct page *who, const struct known *known);

/* True if |page| is in the room |id|, in exactly this spelling. */
bool check_in_room(const struct page *page, const struct room_id *id);

bool check_same_room(const struct page *one, const struct page *other);

void check_deinit(struct sim *sim);

#endif
