/* transcript.h - the lines of the conversation, people's and the room's own, in order.
 *
 * Lines are numbered from 0 on; a number is never used twice. When a limit is reached the oldest
 * lines go.
 */
#ifndef PARLEY_TRANSCRIPT_H
#define PARLEY_TRANSCRIPT_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define TRANSCRIPT_LINES_MAX 10000
#define TRANSCRIPT_BYTES_MAX (24u << 20)    /* all lines' texts together */
#define TRANSCRIPT_GROUP_MS (5 * 60 * 1000) /* a text continues its author's last one for so long */

#define LINE_KINDS(X)                                                                              \
    X(TEXT)    /* somebody said something */                                                       \
    X(ENTERED) /* oneself came into the room */                                                    \
    X(HERE)    /* somebody who was there before is connected */                                    \
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
    bool continues; /* same author as the line before, and soon after it */
    int64_t wall_ms;
    int32_t utc_offset_min;
    struct slice author; /* of a text, else empty */
    struct slice text;
};

struct transcript {
    struct line **lines; /* a ring of TRANSCRIPT_LINES_MAX */
    uint32_t first, end; /* the oldest kept, and one past the newest */
    size_t bytes;        /* in all texts and authors */
};

/* Makes an empty transcript. PARLEY_ERR_NO_MEMORY. */
int transcript_init(struct transcript *transcript);
void transcript_deinit(struct transcript *transcript);

/* Forgets all lines; numbers go on. */
void transcript_clear(struct transcript *transcript);

/* Adds a line; the texts of |line| are copied and its |continues| is found out here.
 * PARLEY_ERR_TOO_LONG: it alone passes TRANSCRIPT_BYTES_MAX. PARLEY_ERR_NO_MEMORY. */
int transcript_add(struct transcript *transcript, const struct line *line);

/* The line of that number, or NULL when it is not kept. Valid until the next add or clear. */
const struct line *transcript_find(const struct transcript *transcript, uint32_t sequence);

#endif
