#define _POSIX_C_SOURCE 200809L /* strncasecmp */
#include "forwarded.h"

#include <string.h>
#include <strings.h>

static bool is_trusted(const struct ip *ip, const struct ip_range *trusted, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (ip_range_has(&trusted[i], ip))
            return true;
    }
    return false;
}

static struct slice trim(struct slice text) {
    while (text.len > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t'))
        text = (struct slice){text.bytes + 1, text.len - 1};
    while (text.len > 0 && (text.bytes[text.len - 1] == ' ' || text.bytes[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* Where the quoted string that begins at |at| ends (RFC 9110, 5.6.4); 0: nowhere. */
static size_t quoted_end(struct slice text, size_t at) {
    for (size_t i = at + 1; i < text.len; i++) {
        if (text.bytes[i] == '\\')
            i++;
        else if (text.bytes[i] == '"')
            return i + 1;
    }
    return 0;
}

/* True when each quoted string of a Forwarded is a whole value. A client that opens one would have
 * what a proxy adds behind it read as a part of it, and its own words outside. */
static bool is_well_quoted(struct slice text) {
    size_t i = 0;
    while (i < text.len) {
        if (text.bytes[i] != '"') {
            i++;
            continue;
        }
        size_t end = quoted_end(text, i);
        if (end == 0 || i == 0 || text.bytes[i - 1] != '=')
            return false;
        struct slice behind = trim((struct slice){text.bytes + end, text.len - end});
        if (behind.len > 0 && behind.bytes[0] != ',' && behind.bytes[0] != ';')
            return false;
        i = end;
    }
    return true;
}

/* Cuts what stands after the last |separator| off |rest|, trimmed. |quotes|: |rest| is well quoted,
 * and those within quoted strings are none. */
static struct slice take_last(struct slice *rest, char separator, bool quotes) {
    size_t begin = 0;
    for (size_t i = 0; i < rest->len; i++) {
        if (quotes && rest->bytes[i] == '"')
            i = quoted_end(*rest, i) - 1;
        else if (rest->bytes[i] == separator)
            begin = i + 1;
    }
    struct slice last = {rest->bytes + begin, rest->len - begin};
    rest->len = begin == 0 ? 0 : begin - 1;
    return trim(last);
}

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]" or "[2001:db8::1]:80". */
static bool read_node(struct slice text, struct ip *ip) {
    const char *end = text.len == 0 ? NULL : memchr(text.bytes, ']', text.len);
    if (end != NULL && text.bytes[0] == '[')
        return (size_t)(end - text.bytes) + 1 <= text.len &&
               ip_read((struct slice){text.bytes + 1, (size_t)(end - text.bytes) - 1}, ip);
    const char *colon = text.len == 0 ? NULL : memchr(text.bytes, ':', text.len);
    bool has_port = colon != NULL && memchr(text.bytes, '.', text.len) != NULL &&
                    memchr(text.bytes, '.', text.len) < (const void *)colon;
    if (has_port)
        text.len = (size_t)(colon - text.bytes);
    return ip_read(text, ip);
}

/* The "for" of one element: for=192.0.2.1;proto=https;by="[2001:db8::2]:80" (RFC 7239, 4). Empty
 * where there is none, or a second one. */
static struct slice find_for(struct slice element) {
    static const char name[] = "for=";
    struct slice found = {NULL, 0};
    while (element.len > 0) {
        struct slice pair = take_last(&element, ';', true);
        if (pair.len < sizeof name - 1 || strncasecmp(pair.bytes, name, sizeof name - 1) != 0)
            continue;
        if (found.bytes != NULL)
            return (struct slice){NULL, 0};
        found = (struct slice){pair.bytes + sizeof name - 1, pair.len - (sizeof name - 1)};
    }
    bool quoted = found.len >= 2 && found.bytes[0] == '"';
    return quoted ? (struct slice){found.bytes + 1, found.len - 2} : found;
}

struct ip forwarded_client(struct ip peer, struct forwarded_field x_forwarded_for,
                           struct forwarded_field forwarded, const struct ip_range *trusted,
                           size_t trusted_count) {
    bool standard = !x_forwarded_for.present;
    struct slice rest = standard ? forwarded.value : x_forwarded_for.value;
    struct ip client = peer;
    if (standard && !is_well_quoted(rest))
        return peer;
    while (rest.len > 0 && is_trusted(&client, trusted, trusted_count)) {
        struct slice element = take_last(&rest, ',', standard);
        struct ip before;
        if (element.len == 0)
            continue;
        if (!read_node(standard ? find_for(element) : element, &before))
            break;
        client = before;
    }
    return client;
}
