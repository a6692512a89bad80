#define _POSIX_C_SOURCE 200809L /* strncasecmp */
#include "forwarded.h"

#include "host_port.h"

#include <string.h>
#include <strings.h>

/* The end of the quoted string that begins at |at| (RFC 9110, 5.6.4); 0: it has no end. */
static size_t quoted_end(struct slice text, size_t at) {
    for (size_t i = at + 1; i < text.len; i++) {
        if (text.bytes[i] == '\\')
            i++;
        else if (text.bytes[i] == '"')
            return i + 1;
    }
    return 0;
}

/* True when a complete value ends at |end|. */
static bool is_value_end(struct slice text, size_t end) {
    while (end < text.len && (text.bytes[end] == ' ' || text.bytes[end] == '\t'))
        end++;
    return end == text.len || text.bytes[end] == ',' || text.bytes[end] == ';';
}

/* Cuts the trimmed text before the first |separator| off |rest|. |quotes|: separators within quoted
 * strings do not count. False: a quoted string is not a complete value. Otherwise a client could
 * open one, so that the text that a proxy appends would be read as a part of it, and the client's
 * own text as outside. */
static bool take_first(struct slice *rest, char separator, bool quotes, struct slice *first) {
    size_t at = 0;
    while (at < rest->len && rest->bytes[at] != separator) {
        size_t end = at + 1;
        if (quotes && rest->bytes[at] == '"') {
            end = quoted_end(*rest, at);
            if (end == 0 || at == 0 || rest->bytes[at - 1] != '=' || !is_value_end(*rest, end))
                return false;
        }
        at = end;
    }
    *first = slice_trim(slice_first(*rest, at));
    *rest = slice_drop(*rest, at < rest->len ? at + 1 : at);
    return true;
}

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]" or "[2001:db8::1]:80". */
static bool read_node(struct slice text, struct ip *ip) {
    struct host_port parts;
    return host_port_split(text, &parts) && ip_read(parts.host, ip);
}

/* The "for" of one element: for=192.0.2.1;proto=https;by="[2001:db8::2]:80" (RFC 7239, 4). Empty
 * where there is none, or a second one. */
static struct slice find_for(struct slice element) {
    static const char name[] = "for=";
    struct slice found = {NULL, 0};
    while (element.len > 0) {
        struct slice pair;
        if (!take_first(&element, ';', true, &pair))
            return (struct slice){NULL, 0};
        if (pair.len < sizeof name - 1 || strncasecmp(pair.bytes, name, sizeof name - 1) != 0)
            continue;
        if (found.bytes != NULL)
            return (struct slice){NULL, 0};
        found = slice_drop(pair, sizeof name - 1);
    }
    bool quoted = found.len >= 2 && found.bytes[0] == '"';
    return quoted ? (struct slice){found.bytes + 1, found.len - 2} : found;
}

/* One pass from the left, however much a client sends. |is_first|: no address precedes this
 * element, so it counts even if it is a trusted proxy's. */
struct ip forwarded_client(struct ip peer, struct forwarded_field x_forwarded_for,
                           struct forwarded_field forwarded, const struct ip_range *trusted,
                           size_t trusted_count) {
    bool standard = !x_forwarded_for.present;
    struct slice rest = standard ? forwarded.value : x_forwarded_for.value;
    struct ip client = peer;
    bool is_first = true;
    if (!ip_ranges_have(trusted, trusted_count, &peer))
        return peer;
    while (rest.len > 0) {
        struct slice element;
        struct ip ip;
        if (!take_first(&rest, ',', standard, &element))
            return peer;
        if (element.len == 0)
            continue;
        bool is_address = read_node(standard ? find_for(element) : element, &ip);
        if (is_address && (is_first || !ip_ranges_have(trusted, trusted_count, &ip)))
            client = ip;
        is_first = !is_address;
    }
    return is_first ? peer : client;
}
