/* check.h - what must hold at any time, checked after each turn of a core. */
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

/* Somebody in a page's room, once. */
struct known {
    uint32_t number; /* the core's */
    struct member_id id;
    uint32_t page, life; /* who that is; CHECK_PAGES_MAX: unknown */
    uint32_t session;    /* of that life, as it says in its hello; 0: not known yet */
    uint64_t met_ms;     /* in this life */
    uint64_t first_ms;   /* in any */
    bool arrived, left;
    bool excused_to;   /* "Some messages will not reach" them */
    bool excused_from; /* "Some messages from" them "are missing here" */
};

/* The facts about one life of a page. */
struct watch {
    uint64_t began_ms;
    uint32_t line_seen;
    struct known *known;
    uint32_t known_count, known_capacity;
    uint32_t last_number; /* of a member that was seen */
    uint32_t strangers;   /* of those, who were new to this core in this room */
    uint32_t room_since;  /* known[] from here on were met since the room was entered */
    uint32_t gone_count;  /* the core's, to see when it forgot */
    uint32_t opens;       /* of connections */
    uint64_t second;
    uint32_t ticks;                  /* in that second */
    uint64_t absent_ms;              /* since when the hub does not have it */
    uint64_t long_absence_ms;        /* when its last absence that was long ended; 0: none */
    struct socket *hub_socket;       /* through which it is in the room; NULL: it is not */
    uint32_t heard[CHECK_PAGES_MAX]; /* of each page, the last text plus 1 */
};

struct receipt {
    uint32_t page, life; /* who is to hear it */
    uint32_t number;     /* theirs at the sender */
    bool received;
};

struct text {
    uint32_t page, life; /* who said it */
    uint64_t at_ms;
    struct room_id room;
    uint32_t receipts; /* the first of them */
    uint32_t receipt_count;
};

/* All texts ever said, in the order in which they were. */
struct ledger {
    struct text *texts;
    uint32_t text_count, text_capacity;
    struct receipt *receipts;
    uint32_t receipt_count, receipt_capacity;
};

/* A page has a new core. */
void check_begin(struct page *page);

/* |event| was handed in, |result| came back, the actions are carried out. */
void check_turn(struct page *page, const struct event *event, int result);

/* The text that |page| says next: CHECK_TEXT_BYTES. It counts as said with check_said. */
struct slice check_next_text(const struct page *page, char *out);
void check_said(struct page *page);

/* The hub has |page| in a room through |socket|, or no longer. */
void check_present(struct page *page, struct socket *socket);
void check_absent(struct page *page);

/* NULL: never seen. */
struct known *check_find_known(struct page *page, uint32_t number);

/* The page that is the member |id| of |page|'s room; NULL: none that lives. */
struct page *check_find_page(const struct page *page, const struct member_id *id);

/* True if the page's budget (budget.h) does not allow a connection for a repair now, or did not
 * lately. */
bool check_is_broke(const struct page *page);

/* News may be late: |known| may mean the core before this one. */
bool check_is_sure(const struct page *who, const struct known *known);

/* True if the room that |page| is in has that id, in the same spelling. */
bool check_in_room(const struct page *page, const struct room_id *id);

bool check_same_room(const struct page *one, const struct page *other);

void check_deinit(struct sim *sim);

#endif
