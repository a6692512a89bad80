/* log.h - one line for each event, for people (text) or for machines (JSON), on one descriptor.
 *
 * A line has a time (UTC, RFC 3339 with milliseconds), a level, an event and named fields. Names
 * and events are ours and stable. Values may be hostile; they are escaped to printable ASCII so
 * that none can begin a line, end a string or reverse the terminal's text. The log never has chat
 * text (the server has none), session descriptions, or, above debug, a full address or id. If the
 * log's reader is too slow, lines are lost; the server never waits.
 */
#ifndef PARLEY_LOG_H
#define PARLEY_LOG_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_LINE_BYTES_MAX 2048 /* a longer line loses its last fields */
#define LOG_VALUE_BYTES_MAX 272 /* of one value are shown: enough for any origin */
#define LOG_LIMITED_FIELDS_MAX 7
#define LOG_ID_BYTES_SHOWN 6 /* of a room's or member's id, above debug */

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_field {
    const char *name; /* lower_snake_case */
    struct slice text;
    bool is_number;
    uint64_t number;
};

/* One field of a line. */
struct log_field log_text(const char *name, struct slice text);
struct log_field log_number(const char *name, uint64_t number);

/* The beginning of a room's or member's id, at most half of it, which is all that lines above
 * debug show. */
struct slice log_short_id(struct slice id);

/* The level or format of that name; false for none. */
bool log_level_find(struct slice name, enum log_level *level);
bool log_format_find(struct slice name, enum log_format *format);

/* From now on: lines up to |level|, in |format|, to the descriptor |fd| (the caller's). */
void log_init(enum log_level level, enum log_format format, int fd);

/* True when a line of |level| would be written. */
bool log_enabled(enum log_level level);

/* Writes one line, if |level| is enabled, with one write(2). Failures are ignored. A line is lost
 * if the descriptor has no room for it; before the next line that is written, a line "unlogged"
 * says how many were lost. */
void log_line(enum log_level level, const char *event, const struct log_field *fields,
              size_t count);

/* How many were lost since log_init. */
uint64_t log_lines_lost(void);

/* log_line with the fields as arguments, which are not evaluated when |level| is off. */
#define LOG(level, event, ...)                                                                     \
    do {                                                                                           \
        if (log_enabled(level)) {                                                                  \
            const struct log_field log_fields_[] = {__VA_ARGS__};                                  \
            log_line(level, event, log_fields_, sizeof log_fields_ / sizeof log_fields_[0]);       \
        }                                                                                          \
    } while (0)

/* Formats one line, with its '\n', into |line|; |unix_ms| is the time. Returns its length. Fields
 * that no longer fit are left out, whole. */
size_t log_format_line(char line[LOG_LINE_BYTES_MAX], enum log_format format, uint64_t unix_ms,
                       enum log_level level, const char *event, const struct log_field *fields,
                       size_t count);

/* At most |lines_max| lines in each |window_ms|. Zero-initialise all but these two. */
struct log_limiter {
    uint32_t lines_max;
    uint32_t window_ms;
    uint64_t window_start_ms;
    uint32_t lines;
    uint32_t dropped;
};

/* True when a line may be written at |now_ms|; |dropped| is then the number of lines dropped since
 * the last one. */
bool log_limiter_take(struct log_limiter *limiter, uint64_t now_ms, uint32_t *dropped);

/* log_line, if |limiter| allows; after dropped lines it has one more field, "unlogged". At most
 * LOG_LIMITED_FIELDS_MAX |fields|. */
void log_limited(struct log_limiter *limiter, uint64_t now_ms, enum log_level level,
                 const char *event, const struct log_field *fields, size_t count);

/* Logs at level info that somebody was refused, on the |connection| of that number (0: on none
 * yet): at most 60 times a minute, since strangers can cause it. */
void log_refusal(uint64_t now_ms, const char *code, struct slice detail, uint32_t connection);

#endif
