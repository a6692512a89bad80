#define _GNU_SOURCE /* strncasecmp */
#include "request_head.h"

#include "origin.h"
#include "request_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct request_rule request_rules[FIELD_COUNT] = {
    [FIELD_HOST] = {"host", true, false},
    [FIELD_CONNECTION] = {"connection", false, false},
    [FIELD_UPGRADE] = {"upgrade", false, false},
    [FIELD_EXPECT] = {"expect", true, false},
    [FIELD_CONTENT_LENGTH] = {"content-length", true, false},
    [FIELD_TRANSFER_ENCODING] = {"transfer-encoding", false, false},
    [FIELD_ORIGIN] = {"origin", false, true}, /* of two joined none is allowed */
    [FIELD_WEBSOCKET_KEY] = {"sec-websocket-key", true, true},
    [FIELD_WEBSOCKET_VERSION] = {"sec-websocket-version", true, true},
    [FIELD_WEBSOCKET_PROTOCOL] = {"sec-websocket-protocol", false, false}, /* there is none */
    [FIELD_ACCEPT_ENCODING] = {"accept-encoding", false, true},
    [FIELD_IF_NONE_MATCH] = {"if-none-match", false, true},
    [FIELD_X_FORWARDED_FOR] = {"x-forwarded-for", false, true},
    [FIELD_FORWARDED] = {"forwarded", false, true},
    [FIELD_FETCH_SITE] = {"sec-fetch-site", false, true},
    [FIELD_SESSION] = {"parley-session", true, true},
};

/* --- text ------------------------------------------------------------------------------------- */

static bool refuse(struct request_head *head, unsigned status, const char *sentence) {
    head->status = status;
    head->sentence = sentence;
    return false;
}

static bool equals(struct slice text, const char *expected) {
    return text.len == strlen(expected) && strncasecmp(text.bytes, expected, text.len) == 0;
}

static bool begins(struct slice text, const char *prefix) {
    size_t len = strlen(prefix);
    return text.len >= len && strncasecmp(text.bytes, prefix, len) == 0;
}

_Static_assert(REQUEST_LINE_BYTES_MAX >= 8000, "RFC 9112, 3");
_Static_assert(REQUEST_LINE_BYTES_MAX < REQUEST_HEAD_BYTES_MAX, "a line, and fields");
_Static_assert(REQUEST_PATH_BYTES_MAX + REQUEST_QUERY_BYTES_MAX < REQUEST_PLAIN_BYTES_MAX,
               "what is left of the target, and fields");
_Static_assert(REQUEST_PLAIN_BYTES_MAX < REQUEST_KEPT_BYTES, "libwebsockets adds to it");

/* RFC 9110, 5.6.2 */
static bool is_token_char(char c) {
    return slice_is_digit(c) || slice_is_letter(c) ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static size_t token_len(struct slice text) {
    size_t len = 0;
    while (len < text.len && is_token_char(text.bytes[len]))
        len++;
    return len;
}

/* True when an item of the field's lists is |wanted|. */
bool request_lists(const struct request_reader *reader, enum request_field field,
                   const char *wanted) {
    struct slice item;
    for (size_t i = 0; i < reader->line_count; i++) {
        struct slice rest = reader->lines[i].value;
        while (reader->lines[i].field == field && slice_cut_item(&rest, ',', &item)) {
            if (equals(item, wanted))
                return true;
        }
    }
    return false;
}

static struct slice value_of(const struct request_reader *reader, enum request_field field) {
    for (size_t i = 0; i < reader->line_count; i++) {
        if (reader->lines[i].field == field)
            return reader->lines[i].value;
    }
    return (struct slice){"", 0};
}

/* --- lines ------------------------------------------------------------------------------------ */

static size_t empty_lines_len(struct slice bytes) {
    size_t len = 0;
    for (;;) {
        if (len < bytes.len && bytes.bytes[len] == '\n')
            len++;
        else if (len + 1 < bytes.len && bytes.bytes[len] == '\r' && bytes.bytes[len + 1] == '\n')
            len += 2;
        else
            return len;
    }
}

/* Takes the next line, without its end, off |rest|, which has one. */
static struct slice take_line(struct slice *rest) {
    struct slice line = {0};
    slice_cut(rest, '\n', &line);
    if (line.len > 0 && line.bytes[line.len - 1] == '\r')
        line.len--;
    return line;
}

size_t request_head_len(struct slice bytes, size_t searched) {
    size_t at = empty_lines_len(bytes);
    if (searched > at + 3)
        at = searched - 3; /* an end may have begun there */
    while (at < bytes.len) {
        at += slice_find(slice_drop(bytes, at), '\n');
        if (at == bytes.len)
            return 0;
        at++;
        size_t empty = at < bytes.len && bytes.bytes[at] == '\r' ? 1 : 0;
        if (at + empty < bytes.len && bytes.bytes[at + empty] == '\n')
            return at + empty + 1;
    }
    return 0;
}

static bool is_line_too_long(struct slice bytes) {
    return slice_find(bytes, '\n') > REQUEST_LINE_BYTES_MAX;
}

static bool refuse_line_length(struct request_head *head) {
    return refuse(head, 414, "The address is too long.\n");
}

static bool refuse_head_length(struct request_head *head) {
    return refuse(head, 431,
                  "The request's headers are too long: perhaps it carries the cookies of many "
                  "other services on this host.\n");
}

bool request_head_is_hopeless(struct slice bytes, struct request_head *head) {
    struct slice rest = slice_drop(bytes, empty_lines_len(bytes));
    *head = (struct request_head){0};
    bool is_half_empty = rest.len == 1 && rest.bytes[0] == '\r';
    if (rest.len > 0 && !is_token_char(rest.bytes[0]) && !is_half_empty)
        return !refuse(head, 400, "That is no HTTP request.\n");
    if (is_line_too_long(rest))
        return !refuse_line_length(head);
    return bytes.len >= REQUEST_HEAD_BYTES_MAX && !refuse_head_length(head);
}

/* --- the request line (RFC 9112, 3) ----------------------------------------------------------- */

static bool read_version(struct request_reader *reader, struct slice text) {
    if (text.len != 8 || memcmp(text.bytes, "HTTP/", 5) != 0 || !slice_is_digit(text.bytes[5]) ||
        text.bytes[6] != '.' || !slice_is_digit(text.bytes[7]))
        return refuse(reader->head, 400, "The request line does not end in a version of HTTP.\n");
    if (text.bytes[5] != '1')
        return refuse(reader->head, 505, "That version of HTTP is not spoken here.\n");
    reader->is_http_1_0 = text.bytes[7] == '0';
    return true;
}

static bool is_known_method(struct slice method) {
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (slice_equal(method, slice_of(known[i])))
            return true;
    }
    return false;
}

bool request_begins_escape(struct slice text) {
    return text.len >= 3 && text.bytes[0] == '%' && slice_hex_value(text.bytes[1]) >= 0 &&
           slice_hex_value(text.bytes[2]) >= 0;
}

/* A "%" in a query that begins no escape stands for itself: queries are not decoded here. */
static bool are_escapes_valid(struct slice path) {
    for (; path.len > 0; path = slice_drop(path, 1)) {
        if (*path.bytes != '%')
            continue;
        if (!request_begins_escape(path) || memcmp(path.bytes, "%00", 3) == 0)
            return false;
    }
    return true;
}

/* libwebsockets ends at a NUL, and has few places to keep each part in. */
static bool check_query(struct request_head *head, struct slice query) {
    size_t parts = 1;
    for (size_t i = 0; i < query.len; i++) {
        parts += query.bytes[i] == '&' || query.bytes[i] == ';';
        if (query.len - i >= 3 && memcmp(query.bytes + i, "%00", 3) == 0)
            return refuse(head, 400, "That is no address of this server.\n");
    }
    return parts <= REQUEST_QUERY_PARTS_MAX ||
           refuse(head, 414, "The address has too many parts.\n");
}

static bool are_target_chars_valid(struct slice target) {
    for (size_t i = 0; i < target.len; i++) {
        if (target.bytes[i] <= ' ' || target.bytes[i] > '~' || target.bytes[i] == '#')
            return false;
    }
    return target.len > 0;
}

/* "host:" means the same as "host" (RFC 3986, 3.2.3). */
static struct slice without_empty_port(struct slice host) {
    if (host.len > 0 && host.bytes[host.len - 1] == ':')
        host.len--;
    return host;
}

/* Cuts "http://host" off an absolute target; the host counts instead of Host's (3.2.2). */
static bool take_authority(struct request_reader *reader, struct slice *target) {
    size_t scheme_len = begins(*target, "http://") ? 7 : begins(*target, "https://") ? 8 : 0;
    if (scheme_len == 0)
        return false;
    struct slice rest = slice_drop(*target, scheme_len);
    size_t path = slice_find(rest, '/'), query = slice_find(rest, '?');
    size_t len = path < query ? path : query;
    reader->host = without_empty_port(slice_first(rest, len));
    *target = slice_drop(rest, len);
    return origin_host_valid(reader->host);
}

/* Only OPTIONS requests "*", which stands for the whole server: for its "/". */
static bool read_target(struct request_reader *reader, struct slice target) {
    static const char sentence[] = "That is no address of this server.\n";
    if (!are_target_chars_valid(target))
        return refuse(reader->head, 400, sentence);
    if (equals(target, "*") && equals(reader->method, "OPTIONS"))
        target = slice_of("/");
    else if (target.bytes[0] != '/' && !take_authority(reader, &target))
        return refuse(reader->head, 400, sentence);
    reader->path = slice_of("/");
    if (target.len > 0 && target.bytes[0] != '?')
        slice_cut(&target, '?', &reader->path);
    else
        slice_skip(&target, "?");
    reader->query = target;
    if (!are_escapes_valid(reader->path))
        return refuse(reader->head, 400, sentence);
    return check_query(reader->head, reader->query);
}

static bool read_request_line(struct request_reader *reader, struct slice line) {
    size_t method_len = token_len(line);
    reader->method = slice_first(line, method_len);
    if (method_len == 0 || method_len == line.len || line.bytes[method_len] != ' ')
        return refuse(reader->head, 400, "That is no HTTP request.\n");
    struct slice rest = slice_drop(line, method_len + 1);
    size_t target_len = slice_find(rest, ' ');
    if (target_len == rest.len)
        return refuse(reader->head, 400, "The request line has no version of HTTP.\n");
    if (!read_version(reader, slice_drop(rest, target_len + 1)))
        return false;
    if (!is_known_method(reader->method))
        return refuse(reader->head, 501, "Only GET and HEAD are understood here.\n");
    return read_target(reader, slice_first(rest, target_len));
}

/* --- fields (RFC 9110, 5) --------------------------------------------------------------------- */

static bool is_value_valid(struct slice value) {
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.bytes[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static enum request_field find_field(struct slice name) {
    enum request_field field = 0;
    while (field < FIELD_COUNT && !equals(name, request_rules[field].name))
        field++;
    return field;
}

static bool read_field(struct request_reader *reader, struct slice line) {
    size_t name_len = token_len(line);
    if (name_len == 0 || name_len == line.len || line.bytes[name_len] != ':')
        return refuse(reader->head, 400, "A header's name is malformed.\n");
    struct request_line read = {find_field((struct slice){line.bytes, name_len}),
                                slice_trim(slice_drop(line, name_len + 1))};
    if (!is_value_valid(read.value))
        return refuse(reader->head, 400, "A header's value has characters that it may not have.\n");
    if (reader->field_count++ == REQUEST_FIELDS_MAX)
        return refuse(reader->head, 431, "The request has too many headers.\n");
    if (read.field == FIELD_COUNT)
        return true;
    if (reader->counts[read.field]++ > 0 && request_rules[read.field].is_single)
        return refuse(reader->head, 400, "A header stands there twice that may only once.\n");
    reader->lines[reader->line_count++] = read;
    return true;
}

static bool check_host(struct request_reader *reader) {
    struct slice host = without_empty_port(value_of(reader, FIELD_HOST));
    bool is_given = reader->counts[FIELD_HOST] > 0;
    if (!is_given && !reader->is_http_1_0)
        return refuse(reader->head, 400, "The request has no Host.\n");
    if (is_given && !origin_host_valid(host))
        return refuse(reader->head, 400, "The request's Host is none.\n");
    if (reader->host.len == 0)
        reader->host = host;
    return true;
}

static bool read_length(struct request_reader *reader) {
    struct slice text = value_of(reader, FIELD_CONTENT_LENGTH);
    struct request_head *head = reader->head;
    if (!slice_is_number(text))
        return refuse(head, 400, "Content-Length must be a number.\n");
    if (text.len > REQUEST_LENGTH_DIGITS_MAX)
        return refuse(head, 413, "That is too much at once.\n");
    slice_read_number(text, UINT64_MAX, &head->body_len);
    head->has_body = head->body_len > 0;
    return true;
}

/* RFC 9112, 6.1 and 6.3: "chunked" is the last coding, and there once. */
static bool read_codings(struct request_reader *reader) {
    size_t count = 0, chunked = 0;
    struct slice item = {"", 0};
    for (size_t i = 0; i < reader->line_count; i++) {
        struct slice rest = reader->lines[i].value;
        while (reader->lines[i].field == FIELD_TRANSFER_ENCODING &&
               slice_cut_item(&rest, ',', &item)) {
            count++;
            chunked += equals(item, "chunked");
        }
    }
    bool is_last = equals(item, "chunked");
    if (reader->is_http_1_0 || reader->counts[FIELD_CONTENT_LENGTH] > 0 || count == 0 ||
        chunked > 1 || (chunked == 1 && !is_last))
        return refuse(reader->head, 400, "How long the body is cannot be told.\n");
    if (count > 1 || chunked == 0)
        return refuse(reader->head, 501, "Only chunked is understood of Transfer-Encoding.\n");
    reader->head->has_body = reader->head->is_chunked = true;
    return true;
}

static bool check_body(struct request_reader *reader) {
    if (reader->counts[FIELD_TRANSFER_ENCODING] > 0)
        return read_codings(reader);
    if (reader->counts[FIELD_CONTENT_LENGTH] > 0 && !read_length(reader))
        return false;
    reader->head->passes_body = reader->head->has_body && equals(reader->method, "POST");
    return true;
}

/* Of HTTP/1.0 none is to be heard (RFC 9110, 10.1.1). */
static bool check_expectation(struct request_reader *reader) {
    if (reader->counts[FIELD_EXPECT] == 0 || reader->is_http_1_0)
        return true;
    if (!equals(value_of(reader, FIELD_EXPECT), "100-continue"))
        return refuse(reader->head, 417, "Only 100-continue can be expected.\n");
    reader->head->expects_continue = reader->head->has_body;
    return true;
}

/* RFC 6455, 4.2.1: 16 bytes in base64. */
static bool is_key_valid(struct slice key) {
    for (size_t i = 0; i + 2 < key.len; i++) {
        char c = key.bytes[i];
        if (!slice_is_digit(c) && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && c != '+' && c != '/')
            return false;
    }
    return key.len == 24 && key.bytes[22] == '=' && key.bytes[23] == '=';
}

static bool check_upgrade(struct request_reader *reader) {
    if (reader->is_http_1_0 || reader->head->has_body || !equals(reader->method, "GET") ||
        !request_lists(reader, FIELD_CONNECTION, "upgrade") ||
        !request_lists(reader, FIELD_UPGRADE, "websocket"))
        return true;
    if (!is_key_valid(value_of(reader, FIELD_WEBSOCKET_KEY)))
        return refuse(reader->head, 400, "A WebSocket needs a Sec-WebSocket-Key.\n");
    if (reader->counts[FIELD_WEBSOCKET_PROTOCOL] > 0)
        return refuse(reader->head, 400, "WebSockets here have no Sec-WebSocket-Protocol.\n");
    reader->head->is_websocket = true;
    return true;
}

static bool read_lines(struct request_reader *reader, struct slice rest) {
    if (is_line_too_long(rest))
        return refuse_line_length(reader->head);
    if (!read_request_line(reader, take_line(&rest)))
        return false;
    for (struct slice line; (line = take_line(&rest)).len > 0;) {
        if (!read_field(reader, line))
            return false;
    }
    return check_host(reader) && check_body(reader) && check_expectation(reader) &&
           check_upgrade(reader);
}

size_t request_head_read(struct slice text, struct request_head *head,
                         char plain[REQUEST_PLAIN_BYTES_MAX]) {
    struct request_reader reader = {.head = head};
    *head = (struct request_head){0};
    if (text.len > REQUEST_HEAD_BYTES_MAX)
        refuse_head_length(head);
    else if (read_lines(&reader, slice_drop(text, empty_lines_len(text)))) {
        size_t len = request_plain_write(&reader, plain);
        if (len < REQUEST_PLAIN_BYTES_MAX)
            return len;
        refuse_head_length(head);
    }
    return 0;
}
