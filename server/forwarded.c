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

/* Cuts what stands after the last |separator| off |rest|, trimmed. Commas and semicolons within
 * quotes are cut at too: no address has them, so what comes of it is none. */
static struct slice take_last(struct slice *rest, char separator) {
    size_t at = rest->len;
    while (at > 0 && rest->bytes[at - 1] != separator)
        at--;
    struct slice last = {rest->bytes + at, rest->len - at};
    rest->len = at == 0 ? 0 : at - 1;
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

/* The "for" of one element: for=192.0.2.1;proto=https;by="[2001:db8::2]:80" (RFC 7239, 4). */
static struct slice find_for(struct slice element) {
    static const char name[] = "for=";
    while (element.len > 0) {
        struct slice pair = take_last(&element, ';');
        if (pair.len < sizeof name - 1 || strncasecmp(pair.bytes, name, sizeof name - 1) != 0)
            continue;
        struct slice value = {pair.bytes + sizeof name - 1, pair.len - (sizeof name - 1)};
        bool quoted = value.len >= 2 && value.bytes[0] == '"' && value.bytes[value.len - 1] == '"';
        return quoted ? (struct slice){value.bytes + 1, value.len - 2} : value;
    }
    return (struct slice){NULL, 0};
}

struct ip forwarded_client(struct ip peer, struct forwarded_field x_forwarded_for,
                           struct forwarded_field forwarded, const struct ip_range *trusted,
                           size_t trusted_count) {
    bool standard = !x_forwarded_for.present;
    struct slice rest = standard ? forwarded.value : x_forwarded_for.value;
    struct ip client = peer;
    while (rest.len > 0 && is_trusted(&client, trusted, trusted_count)) {
        struct slice element = take_last(&rest, ',');
        struct ip before;
        if (!read_node(standard ? find_for(element) : element, &before))
            break;
        client = before;
    }
    return client;
}
