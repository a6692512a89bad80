/* ledgers.h - pages that each hold the transcript of one room, and connections between them. A page
 * here is a ledger, its keys, and a mirror of the transcript that follows the outcomes alone.
 *
 * A connection has a queue in each direction. Messages wait in it until a test delivers them.
 */
#ifndef PARLEY_LEDGERS_H
#define PARLEY_LEDGERS_H

#include "ledger.h"
#include "slices.h"

#define LEDGERS_MAX 8
#define LEDGERS_BEGIN_MS INT64_C(1800000000000) /* the true time when a world begins */

struct ledger_page {
    struct ledger ledger;
    struct sign_public_key public_key;
    struct sign_secret_key secret_key;
    int64_t clock_error_ms;       /* of the device */
    uint32_t places[LEDGERS_MAX]; /* of the others, as members */
    struct entry_id *mirror;      /* the transcript, by the outcomes */
    uint8_t *marks;               /* of its entries */
    uint32_t mirror_count, mirror_capacity;
    uint32_t held_told; /* HELD outcomes */
};

struct ledger_mail {
    struct ledger_mail *next;
    size_t len;
    char bytes[];
};

struct ledgers {
    struct ledger_page pages[LEDGERS_MAX];
    uint32_t count;
    struct random random;
    uint64_t now_ms;
    bool up[LEDGERS_MAX][LEDGERS_MAX];
    struct ledger_mail *mail[LEDGERS_MAX][LEDGERS_MAX]; /* from the first to the second */
    uint64_t messages, bytes;                           /* sent */
    int error; /* the last that a ledger found in a message */
};

/* |count| pages, all present, none connected. */
void ledgers_init(struct ledgers *all, uint32_t count, uint64_t seed);
void ledgers_deinit(struct ledgers *all);

/* Forgets what page |page| holds, as a reload does; its connections are gone. */
void ledgers_reload(struct ledgers *all, uint32_t page);

/* What page |page| is lent at this moment. */
struct env ledgers_env(struct ledgers *all, uint32_t page);

/* Connects two pages, or cuts the connection and what is on it. */
void ledgers_connect(struct ledgers *all, uint32_t one, uint32_t other);
void ledgers_cut(struct ledgers *all, uint32_t one, uint32_t other);
void ledgers_connect_all(struct ledgers *all);

/* Page |page| says |text|. */
void ledgers_say(struct ledgers *all, uint32_t page, const char *text);

/* Takes outcomes into the mirror, which then must be like the ledger. */
void ledgers_check(struct ledgers *all, uint32_t index);

/* Puts what page |page| has to send into the queues. */
void ledgers_pump(struct ledgers *all, uint32_t page);

/* Adds a message from one page to another. */
void ledgers_post(struct ledgers *all, uint32_t from, uint32_t to, struct slice bytes);

/* Delivers the message in place |at| of a queue, or the last; false: there is none. */
bool ledgers_deliver(struct ledgers *all, uint32_t from, uint32_t to, uint32_t at);

/* Hands |bytes| to page |to| as a message of page |from|. */
int ledgers_hear(struct ledgers *all, uint32_t from, uint32_t to, struct slice bytes);

/* Page |page| gets |entry| from |from|. Both return the ledger's error. */
int ledgers_hear_entry(struct ledgers *all, uint32_t from, uint32_t page,
                       const struct entry *entry);

/* Delivers everything until nothing is under way; time stands still. */
void ledgers_settle(struct ledgers *all);

/* Lets |ms| pass, from deadline to deadline, and settles at each. */
void ledgers_pass(struct ledgers *all, uint64_t ms);

/* True if both pages hold the same entries. */
bool ledgers_agree(struct ledgers *all, uint32_t one, uint32_t other);

/* Entries of page |page| that it did not make itself: sets what is missing in |entry|, and signs
 * it. */
void ledgers_sign(struct ledgers *all, uint32_t page, struct entry *entry);

/* What |entry| is as a message; free it with buffer_deinit. */
struct buffer ledgers_written(const struct entry *entry);

/* The room's time now, as an entry's. */
uint64_t ledgers_time(const struct ledgers *all, int64_t add_ms);

#endif
