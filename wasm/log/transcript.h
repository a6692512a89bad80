/* transcript.h - the lines of the conversation, people's and the room's own, in order.
 *
 * Lines are numbered from 0 on; a number is never used twice. When a limit is reached, the
 * transcript drops the oldest line of the author with the most lines, so that nobody pushes out
 * what others said. A new identity costs nothing, so authors who are gone count together as one;
 * among them, the one with the most loses a line. At most as many authors are present as a room
 * holds.
 */
#ifndef PARLEY_TRANSCRIPT_H
#define PARLEY_TRANSCRIPT_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define TRANSCRIPT_LINES_MAX 10000
#define TRANSCRIPT_BYTES_MAX (24u << 20)    /* all lines' texts together */
#define TRANSCRIPT_GROUP_MS (5 * 60 * 1000) /* a text this soon continues its author's last one */

#define LINE_KINDS(X)                                                                              \
    X(TEXT)    /* somebody said something */                                                       \
    X(ENTERED) /* oneself entered the room */                                                      \
    X(HERE)    /* somebody who was there already is connected */                                   \
    X(JOINED)  /* somebody came */                                                                 \
    X(LEFT)                                                                                        \
    X(RENAMED)                                                                                     \
    X(LOST)    /* a connection, or texts, were lost */                                             \
    X(WARNING) /* somebody's browser sends garbage */

#define LINE_ENUM(name) LINE_##name,
enum line_kind { LINE_KINDS(LINE_ENUM) LINE_KIND_COUNT };
#undef LINE_ENUM

struct line {
    enum line_kind kind;
    uint32_t peer; /* who said it; 0: oneself */
    uint32_t colour;
    uint32_t number;   /* of one's own text, in the outbox */
    bool unread;       /* nobody got it, and nobody will */
    uint32_t sequence; /* the transcript sets these three */
    uint32_t author_index;
    uint32_t run; /* of a note: the number of the first in its run; of others: their own */
    int64_t wall_ms;
    int32_t utc_offset_min;
    struct slice author; /* of a text, else empty */
    struct slice text;
};

/* The space that one author's lines take. */
struct transcript_author {
    uint32_t peer;
    bool gone;
    uint32_t line_count; /* 0: the place is free */
    size_t bytes;
};

/* Counts the notes of a run by kind. */
struct transcript_run {
    uint32_t run;
    uint32_t counts[LINE_KIND_COUNT];
};

struct transcript {
    struct line **lines; /* TRANSCRIPT_LINES_MAX of them, in order */
    uint32_t count;
    uint32_t end;                      /* one past the newest number */
    size_t bytes;                      /* in all texts and authors */
    struct transcript_author *authors; /* the room, then people */
    uint32_t author_count, author_capacity;
    struct transcript_run counted; /* the run last asked for, kept up to date */
};

/* Makes an empty transcript. PARLEY_ERR_NO_MEMORY. */
int transcript_init(struct transcript *transcript);
void transcript_deinit(struct transcript *transcript);

/* Forgets all lines; numbers go on. */
void transcript_clear(struct transcript *transcript);

/* If there is no room for a line of |bytes|, drops a line and sets its number. False: there is
 * room. */
bool transcript_make_place(struct transcript *transcript, size_t bytes, uint32_t *dropped);

/* Adds a line, for which there must be room; copies the texts of |line|.
 * PARLEY_ERR_TOO_LONG: it alone exceeds TRANSCRIPT_BYTES_MAX. PARLEY_ERR_NO_MEMORY. */
int transcript_add(struct transcript *transcript, const struct line *line);

/* |peer| is gone: their lines now count with those of all who are gone. */
void transcript_author_gone(struct transcript *transcript, uint32_t peer);

/* Everybody but oneself is gone. */
void transcript_others_gone(struct transcript *transcript);

/* The number of the oldest line; |end| if there is none. */
uint32_t transcript_first(const struct transcript *transcript);

/* The line of that number, or NULL when it is not kept. Valid until the next add, make_place or
 * clear. */
struct line *transcript_find(const struct transcript *transcript, uint32_t sequence);

/* The line that is shown before |line|; NULL when it is the first. */
const struct line *transcript_before(const struct transcript *transcript, const struct line *line);

/* True when |line| has the same author as the previous line, and follows it soon. */
bool transcript_continues(const struct transcript *transcript, const struct line *line);

/* True when |line| is the first of its day, by the reader's clock. */
bool transcript_begins_day(const struct transcript *transcript, const struct line *line);

/* How many notes of each kind |line|'s run has: LINE_KIND_COUNT numbers, valid until the next call
 * with the transcript. They are counted once, for all lines of the run. */
const uint32_t *transcript_count_run(struct transcript *transcript, const struct line *line);

#endif
