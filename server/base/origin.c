#include "origin.h"

#include "text.h"

#include <stdint.h>
#include <string.h>

#define PORT_DIGITS_MAX 5
#define HTTP_PORT 80
#define HTTPS_PORT 443

struct authority {
    struct slice host; /* with the brackets of an IPv6 address */
    uint32_t port;     /* 0: not given */
};

static struct slice skip(struct slice text, size_t len) {
    return (struct slice){text.bytes + len, text.len - len};
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_name_char(char c) {
    c = text_lower(c);
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.' || c == '_';
}

static bool is_ipv6_char(char c) {
    c = text_lower(c);
    return (c >= 'a' && c <= 'f') || is_digit(c) || c == ':' || c == '.';
}

/* How many bytes of |text| are a host; 0 for none. */
static size_t host_len(struct slice text) {
    size_t len = 0;
    if (text.len > 0 && text.bytes[0] == '[') {
        for (len = 1; len < text.len && is_ipv6_char(text.bytes[len]);)
            len++;
        return len > 2 && len < text.len && text.bytes[len] == ']' ? len + 1 : 0;
    }
    while (len < text.len && is_name_char(text.bytes[len]))
        len++;
    return len;
}

/* ":443" into a number; nothing at all is port 0. */
static bool read_port(struct slice text, uint32_t *port) {
    uint64_t number = 0;
    bool is_read =
        text.len == 0 || (text.bytes[0] == ':' && text.len <= 1 + PORT_DIGITS_MAX &&
                          slice_read_number(skip(text, 1), UINT16_MAX, &number) && number > 0);
    *port = (uint32_t)number;
    return is_read;
}

static bool read_authority(struct slice text, struct authority *authority) {
    size_t len = host_len(text);
    if (len == 0)
        return false;
    authority->host = (struct slice){text.bytes, len};
    return read_port(skip(text, len), &authority->port);
}

/* Reads an origin; its port is then never 0. */
static bool read_origin(struct slice text, struct authority *authority, uint32_t *default_port) {
    const char *end = text.len == 0 ? NULL : memchr(text.bytes, ':', text.len);
    if (end == NULL || (size_t)(end - text.bytes) + 3 > text.len || memcmp(end, "://", 3) != 0)
        return false;
    struct slice scheme = {text.bytes, (size_t)(end - text.bytes)};
    if (text_equal_without_case(scheme, slice_of("http")))
        *default_port = HTTP_PORT;
    else if (text_equal_without_case(scheme, slice_of("https")))
        *default_port = HTTPS_PORT;
    else
        return false;
    if (!read_authority(skip(text, scheme.len + 3), authority))
        return false;
    if (authority->port == 0)
        authority->port = *default_port;
    return true;
}

static bool origins_equal(struct slice left, struct slice right) {
    struct authority a;
    struct authority b;
    uint32_t a_default;
    uint32_t b_default;
    return read_origin(left, &a, &a_default) && read_origin(right, &b, &b_default) &&
           a_default == b_default && a.port == b.port && text_equal_without_case(a.host, b.host);
}

bool origin_valid(struct slice origin) {
    struct authority authority;
    uint32_t default_port;
    return read_origin(origin, &authority, &default_port);
}

bool origin_host_valid(struct slice host) {
    struct authority authority;
    return read_authority(host, &authority);
}

static bool ends_with(struct slice text, const char *end) {
    struct slice tail = slice_of(end);
    return text.len >= tail.len && text_equal_without_case(skip(text, text.len - tail.len), tail);
}

struct slice origin_host_name(struct slice host) {
    struct authority authority;
    return read_authority(host, &authority) ? authority.host : (struct slice){NULL, 0};
}

struct slice origin_remote_host(struct slice host) {
    host = origin_host_name(host);
    bool own = ends_with(host, ".localhost") ||
               text_equal_without_case(host, slice_of("localhost")) ||
               slice_equal(host, slice_of("[::1]")) ||
               (host.len > 4 && memcmp(host.bytes, "127.", 4) == 0);
    return own ? (struct slice){NULL, 0} : host;
}

bool origin_allowed(struct slice origin, struct slice host, bool https_only,
                    const struct slice *allowed, size_t allowed_count) {
    struct authority page;
    struct authority served;
    uint32_t default_port;
    if (!read_origin(origin, &page, &default_port))
        return false;
    if (read_authority(host, &served) && (!https_only || default_port == HTTPS_PORT)) {
        uint32_t port = served.port == 0 ? default_port : served.port;
        if (port == page.port && text_equal_without_case(page.host, served.host))
            return true;
    }
    for (size_t i = 0; i < allowed_count; i++) {
        if (origins_equal(origin, allowed[i]))
            return true;
    }
    return false;
}
