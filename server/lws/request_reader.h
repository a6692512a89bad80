/* request_reader.h - the content of a request's head; private to request_head.c, which reads it,
 * and request_plain.c, which writes the new head for libwebsockets. */
#ifndef PARLEY_REQUEST_READER_H
#define PARLEY_REQUEST_READER_H

#include "request_head.h"

enum request_field {
    FIELD_HOST,
    FIELD_CONNECTION,
    FIELD_UPGRADE,
    FIELD_EXPECT,
    FIELD_CONTENT_LENGTH,
    FIELD_TRANSFER_ENCODING,
    FIELD_ORIGIN,
    FIELD_WEBSOCKET_KEY,
    FIELD_WEBSOCKET_VERSION,
    FIELD_WEBSOCKET_PROTOCOL,
    FIELD_ACCEPT_ENCODING,
    FIELD_IF_NONE_MATCH,
    FIELD_X_FORWARDED_FOR,
    FIELD_FORWARDED,
    FIELD_FETCH_SITE,
    FIELD_SESSION,
    FIELD_COUNT
};

/* A known field. |is_passed|: it is passed to libwebsockets, its lines joined with commas (RFC
 * 9110, 5.3); request_head.c reads the others. */
struct request_rule {
    const char *name;
    bool is_single; /* more than one line of it is an error */
    bool is_passed;
};

extern const struct request_rule request_rules[FIELD_COUNT];

struct request_line {
    enum request_field field;
    struct slice value;
};

struct request_reader {
    struct request_head *head;
    struct request_line lines[REQUEST_FIELDS_MAX]; /* of known fields */
    size_t line_count;
    size_t field_count; /* unknown ones too */
    size_t counts[FIELD_COUNT];
    struct slice method, path, query, host;
    bool is_http_1_0;
};

/* True when an item of the field's lists is |wanted|, in whatever case. */
bool request_lists(const struct request_reader *reader, enum request_field field,
                   const char *wanted);

/* True when |text| begins with "%" and two hexadecimal digits (RFC 3986, 2.1). */
bool request_begins_escape(struct slice text);

/* Writes the new head; returns its length. REQUEST_PLAIN_BYTES_MAX: it does not fit. */
size_t request_plain_write(const struct request_reader *reader,
                           char plain[REQUEST_PLAIN_BYTES_MAX]);

#endif
