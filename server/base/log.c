#define _POSIX_C_SOURCE 200809L /* clock_gettime, gmtime_r */
#include "log.h"

#include "error.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

_Static_assert(LOG_VALUE_BYTES_MAX < LOG_LINE_BYTES_MAX, "a line holds its longest value");

#define REFUSALS_MAX 60
#define REFUSALS_WINDOW_MS 60000

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const char *const format_names[] = {"text", "json"};

static struct {
    enum log_level level;
    enum log_format format;
    int fd;
    uint64_t lost; /* lines since the last that was written */
    uint64_t lost_in_all;
} log_state = {LOG_LEVEL_INFO, LOG_FORMAT_TEXT, STDERR_FILENO, 0, 0};

struct log_field log_text(const char *name, struct slice text) {
    return (struct log_field){.name = name, .text = text};
}

struct log_field log_number(const char *name, uint64_t number) {
    return (struct log_field){.name = name, .is_number = true, .number = number};
}

struct slice log_short_id(struct slice id) {
    id.len /= 2;
    if (id.len > LOG_ID_BYTES_SHOWN)
        id.len = LOG_ID_BYTES_SHOWN;
    return id;
}

bool log_level_find(struct slice name, enum log_level *level) {
    for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++) {
        if (slice_equal(name, slice_of(level_names[i]))) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

bool log_format_find(struct slice name, enum log_format *format) {
    for (size_t i = 0; i < sizeof format_names / sizeof format_names[0]; i++) {
        if (slice_equal(name, slice_of(format_names[i]))) {
            *format = (enum log_format)i;
            return true;
        }
    }
    return false;
}

/* --- one line --------------------------------------------------------------------------------- */

struct log_writer {
    char *line;
    size_t len;
    size_t end; /* len never passes it */
    bool full;
};

static void put(struct log_writer *writer, const char *bytes, size_t len) {
    if (writer->full || len > writer->end - writer->len) {
        writer->full = true;
        return;
    }
    memcpy(writer->line + writer->len, bytes, len);
    writer->len += len;
}

static void put_string(struct log_writer *writer, const char *string) {
    put(writer, string, strlen(string));
}

static void put_number(struct log_writer *writer, uint64_t number) {
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    put_string(writer, digits);
}

/* A JSON string (RFC 8259, 7) in ASCII only; each byte above it stands for itself as U+0080..,
 * since it may be no UTF-8 at all. */
static void put_quoted(struct log_writer *writer, struct slice text) {
    put_string(writer, "\"");
    for (size_t i = 0; i < text.len && i < LOG_VALUE_BYTES_MAX; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        char escaped[8];
        if (c < ' ' || c > '~')
            snprintf(escaped, sizeof escaped, "\\u%04x", c);
        else
            snprintf(escaped, sizeof escaped, "%s%c", c == '"' || c == '\\' ? "\\" : "", c);
        put_string(writer, escaped);
    }
    if (text.len > LOG_VALUE_BYTES_MAX)
        put_string(writer, "...");
    put_string(writer, "\"");
}

static bool is_plain(struct slice text) {
    if (text.len == 0 || text.len > LOG_VALUE_BYTES_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.bytes[i];
        bool alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alphanumeric && (c == '\0' || strchr("-_.:/", c) == NULL))
            return false;
    }
    return true;
}

static void put_field(struct log_writer *writer, enum log_format format,
                      const struct log_field *field) {
    bool json = format == LOG_FORMAT_JSON;
    put_string(writer, json ? ",\"" : " ");
    put_string(writer, field->name);
    put_string(writer, json ? "\":" : "=");
    if (field->is_number)
        put_number(writer, field->number);
    else if (!json && is_plain(field->text))
        put(writer, field->text.bytes, field->text.len);
    else
        put_quoted(writer, field->text);
}

static void put_time(struct log_writer *writer, uint64_t unix_ms) {
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm tm;
    char text[64];
    if (gmtime_r(&seconds, &tm) == NULL)
        return;
    size_t len = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    put(writer, text, len);
    snprintf(text, sizeof text, ".%03uZ", (unsigned)(unix_ms % 1000));
    put_string(writer, text);
}

size_t log_format_line(char line[LOG_LINE_BYTES_MAX], enum log_format format, uint64_t unix_ms,
                       enum log_level level, const char *event, const struct log_field *fields,
                       size_t count) {
    struct log_writer writer = {line, 0, LOG_LINE_BYTES_MAX - 2, false}; /* "}\n" always fits */
    bool json = format == LOG_FORMAT_JSON;
    put_string(&writer, json ? "{\"time\":\"" : "");
    put_time(&writer, unix_ms);
    put_string(&writer, json ? "\",\"level\":\"" : " ");
    put_string(&writer, level_names[level]);
    put_string(&writer, json ? "\",\"event\":\"" : " ");
    put_string(&writer, event);
    put_string(&writer, json ? "\"" : "");
    for (size_t i = 0; i < count; i++) {
        size_t before = writer.len;
        put_field(&writer, format, &fields[i]);
        if (writer.full)
            writer.len = before; /* half a field would be misleading */
    }
    if (json)
        line[writer.len++] = '}';
    line[writer.len++] = '\n';
    return writer.len;
}

/* --- the log ---------------------------------------------------------------------------------- */

void log_init(enum log_level level, enum log_format format, int fd) {
    log_state.level = level;
    log_state.format = format;
    log_state.fd = fd;
    log_state.lost = log_state.lost_in_all = 0;
}

uint64_t log_lines_lost(void) {
    return log_state.lost_in_all;
}

bool log_enabled(enum log_level level) {
    return level <= log_state.level;
}

/* False if it would have to wait for the log's reader. A pipe or a terminal that is ready accepts a
 * complete line. */
static bool write_line(enum log_level level, const char *event, const struct log_field *fields,
                       size_t count) {
    struct pollfd pollfd = {.fd = log_state.fd, .events = POLLOUT};
    if (poll(&pollfd, 1, 0) == 0)
        return false;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t unix_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    char line[LOG_LINE_BYTES_MAX];
    size_t len = log_format_line(line, log_state.format, unix_ms, level, event, fields, count);
    ssize_t written;
    do
        written = write(log_state.fd, line, len);
    while (written < 0 && errno == EINTR);
    return written >= 0 || errno != EAGAIN;
}

void log_line(enum log_level level, const char *event, const struct log_field *fields,
              size_t count) {
    if (!log_enabled(level))
        return;
    const struct log_field lost = log_number("lines", log_state.lost);
    if (log_state.lost > 0 && write_line(LOG_LEVEL_WARN, "unlogged", &lost, 1))
        log_state.lost = 0;
    if (log_state.lost > 0 || !write_line(level, event, fields, count)) {
        log_state.lost++;
        log_state.lost_in_all++;
    }
}

bool log_limiter_take(struct log_limiter *limiter, uint64_t now_ms, uint32_t *dropped) {
    if (now_ms - limiter->window_start_ms >= limiter->window_ms) {
        limiter->window_start_ms = now_ms;
        limiter->lines = 0;
    }
    if (limiter->lines == limiter->lines_max) {
        limiter->dropped++;
        return false;
    }
    limiter->lines++;
    *dropped = limiter->dropped;
    limiter->dropped = 0;
    return true;
}

void log_limited(struct log_limiter *limiter, uint64_t now_ms, enum log_level level,
                 const char *event, const struct log_field *fields, size_t count) {
    struct log_field all[LOG_LIMITED_FIELDS_MAX + 1];
    uint32_t dropped;
    if (!log_enabled(level) || !log_limiter_take(limiter, now_ms, &dropped))
        return;
    PARLEY_CHECK(count <= LOG_LIMITED_FIELDS_MAX);
    memcpy(all, fields, count * sizeof *fields);
    if (dropped > 0)
        all[count++] = log_number("unlogged", dropped);
    log_line(level, event, all, count);
}

void log_refusal(uint64_t now_ms, const char *code, struct slice detail, uint32_t connection) {
    static struct log_limiter limiter = {.lines_max = REFUSALS_MAX,
                                         .window_ms = REFUSALS_WINDOW_MS};
    const struct log_field fields[] = {log_text("error", slice_of(code)),
                                       log_text("detail", detail),
                                       log_number("connection", connection)};
    log_limited(&limiter, now_ms, LOG_LEVEL_INFO, "refused", fields, connection == 0 ? 2 : 3);
}
