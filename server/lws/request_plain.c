#include "request_reader.h"

#include <stdio.h>
#include <string.h>

struct plain_writer {
    char *text;
    size_t len; /* REQUEST_PLAIN_BYTES_MAX: it does not fit */
};

static void add(struct plain_writer *writer, struct slice text) {
    if (text.len >= REQUEST_PLAIN_BYTES_MAX - writer->len) {
        writer->len = REQUEST_PLAIN_BYTES_MAX;
        return;
    }
    if (text.len > 0)
        memcpy(writer->text + writer->len, text.bytes, text.len);
    writer->len += text.len;
}

static void add_text(struct plain_writer *writer, const char *text) {
    add(writer, slice_of(text));
}

/* It is cut by what is written, and not within an escape. */
static void add_query(struct plain_writer *writer, struct slice query) {
    size_t left = REQUEST_QUERY_BYTES_MAX;
    while (query.len > 0) {
        struct slice part = {query.bytes, request_begins_escape(query) ? 3 : 1};
        struct slice written = part.len == 1 && *part.bytes == '%' ? slice_of("%25") : part;
        if (written.len > left)
            return;
        add(writer, written);
        left -= written.len;
        query = (struct slice){query.bytes + part.len, query.len - part.len};
    }
}

static void add_target(struct plain_writer *writer, const struct request_reader *reader) {
    struct slice path = reader->path;
    if (path.len > REQUEST_PATH_BYTES_MAX)
        path.len = REQUEST_PATH_BYTES_MAX - 2; /* no half of an escape becomes another */
    while (path.len > 2 && path.len < reader->path.len &&
           (path.bytes[path.len - 1] == '%' || path.bytes[path.len - 2] == '%'))
        path.len--;
    add(writer, path);
    if (reader->query.len > 0)
        add_text(writer, "?");
    add_query(writer, reader->query);
}

static void add_field(struct plain_writer *writer, const struct request_reader *reader,
                      enum request_field field) {
    size_t count = 0;
    for (size_t i = 0; i < reader->line_count; i++) {
        const struct request_line *line = &reader->lines[i];
        if (line->field != field || (line->value.len == 0 && !request_rules[field].is_single))
            continue;
        add_text(writer, count == 0 ? request_rules[field].name : ", ");
        if (count++ == 0)
            add_text(writer, ": ");
        add(writer, line->value);
    }
    if (count > 0)
        add_text(writer, "\r\n");
}

static void add_connection(struct plain_writer *writer, const struct request_reader *reader) {
    bool takes_body = slice_equal(reader->method, slice_of("POST"));
    bool closes = request_lists(reader, FIELD_CONNECTION, "close") ||
                  (reader->head->has_body && !takes_body) ||
                  (reader->is_http_1_0 && !request_lists(reader, FIELD_CONNECTION, "keep-alive"));
    if (reader->head->is_websocket)
        add_text(writer, "upgrade: websocket\r\nconnection: upgrade\r\n");
    else
        add_text(writer, closes ? "connection: close\r\n" : "connection: keep-alive\r\n");
    if (takes_body && reader->head->is_chunked)
        add_text(writer, "transfer-encoding: chunked\r\n");
    if (takes_body && reader->counts[FIELD_CONTENT_LENGTH] > 0) {
        char length[REQUEST_LENGTH_DIGITS_MAX + 24];
        snprintf(length, sizeof length, "content-length: %llu\r\n",
                 (unsigned long long)reader->head->body_len);
        add_text(writer, length);
    }
}

size_t request_plain_write(const struct request_reader *reader,
                           char plain[REQUEST_PLAIN_BYTES_MAX]) {
    struct plain_writer writer = {plain, 0};
    add(&writer, reader->method);
    add_text(&writer, " ");
    add_target(&writer, reader);
    add_text(&writer, reader->is_http_1_0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
    if (reader->host.len > 0) {
        add_text(&writer, "host: ");
        add(&writer, reader->host);
        add_text(&writer, "\r\n");
    }
    add_connection(&writer, reader);
    for (enum request_field field = 0; field < FIELD_COUNT; field++) {
        if (request_rules[field].is_passed)
            add_field(&writer, reader, field);
    }
    add_text(&writer, "\r\n");
    return writer.len;
}
