#include "origin.h"

#include "host_port.h"
#include "text.h"

#include <stdint.h>
#include <string.h>

#define PORT_DIGITS_MAX 5
#define IPV6_BYTES_MIN 2 /* "::" */
#define HTTP_PORT 80
#define HTTPS_PORT 443

struct authority {
    struct slice host; /* with the brackets of an IPv6 address */
    uint16_t port;     /* 0: not given */
};

static bool is_name_char(char c) {
    return slice_is_letter(c) || slice_is_digit(c) || c == '-' || c == '.' || c == '_';
}

static bool is_ipv6_char(char c) {
    return slice_hex_value(c) >= 0 || c == ':' || c == '.';
}

static bool is_host(const struct host_port *parts) {
    for (size_t i = 0; i < parts->host.len; i++) {
        char c = parts->host.bytes[i];
        if (!(parts->is_bracketed ? is_ipv6_char(c) : is_name_char(c)))
            return false;
    }
    return !parts->is_bracketed || parts->host.len >= IPV6_BYTES_MIN;
}

static bool read_authority(struct slice text, struct authority *authority) {
    struct host_port parts;
    if (!host_port_split(text, &parts) || !is_host(&parts) || parts.port.len > PORT_DIGITS_MAX)
        return false;
    size_t brackets = parts.is_bracketed ? 2 : 0;
    authority->host = slice_first(text, parts.host.len + brackets);
    return host_port_number(&parts, 1, 0, &authority->port);
}

/* Reads an origin; its port is then never 0. */
static bool read_origin(struct slice text, struct authority *authority, uint16_t *default_port) {
    struct slice scheme;
    if (!slice_cut(&text, ':', &scheme) || !slice_skip(&text, "//"))
        return false;
    if (text_equal_without_case(scheme, slice_of("http")))
        *default_port = HTTP_PORT;
    else if (text_equal_without_case(scheme, slice_of("https")))
        *default_port = HTTPS_PORT;
    else
        return false;
    if (!read_authority(text, authority))
        return false;
    if (authority->port == 0)
        authority->port = *default_port;
    return true;
}

static bool origins_equal(struct slice left, struct slice right) {
    struct authority a;
    struct authority b;
    uint16_t a_default;
    uint16_t b_default;
    return read_origin(left, &a, &a_default) && read_origin(right, &b, &b_default) &&
           a_default == b_default && a.port == b.port && text_equal_without_case(a.host, b.host);
}

bool origin_valid(struct slice origin) {
    struct authority authority;
    uint16_t default_port;
    return read_origin(origin, &authority, &default_port);
}

bool origin_host_valid(struct slice host) {
    struct authority authority;
    return read_authority(host, &authority);
}

static bool ends_with(struct slice text, const char *end) {
    struct slice tail = slice_of(end);
    return text.len >= tail.len &&
           text_equal_without_case(slice_drop(text, text.len - tail.len), tail);
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
    uint16_t default_port;
    if (!read_origin(origin, &page, &default_port))
        return false;
    if (read_authority(host, &served) && (!https_only || default_port == HTTPS_PORT)) {
        uint16_t port = served.port == 0 ? default_port : served.port;
        if (port == page.port && text_equal_without_case(page.host, served.host))
            return true;
    }
    for (size_t i = 0; i < allowed_count; i++) {
        if (origins_equal(origin, allowed[i]))
            return true;
    }
    return false;
}
