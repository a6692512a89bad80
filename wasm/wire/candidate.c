#include "candidate.h"

#include "error.h"

#include <string.h>

#define FOUNDATION_BYTES_MAX 32
#define NUMBER_DIGITS_MAX 10
#define UFRAG_BYTES_MIN 4 /* RFC 8839, 5.4 */
#define UFRAG_BYTES_MAX 256
#define PORT_MIN 1024
#define PORT_MAX 65535
#define PORT_DISCARD 9 /* of active TCP (RFC 6544, 4.5) */

/* Characters */

static bool is_hex(char byte) {
    return slice_hex_value(byte) >= 0;
}

static bool is_lower_hex(char byte) {
    return is_hex(byte) && (byte < 'A' || byte > 'F');
}

/* ice-char (RFC 8839, 5.1). */
static bool is_ice_char(char byte) {
    return slice_is_digit(byte) || slice_is_letter(byte) || byte == '+' || byte == '/';
}

static bool all_are(bool (*is)(char byte), struct slice text, size_t min, size_t max) {
    if (text.len < min || text.len > max)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is(text.bytes[i]))
            return false;
    return true;
}

/* Addresses */

/* A decimal number of at most |max|, without leading zeros. */
static bool read_number(struct slice text, uint32_t max, uint32_t *number) {
    uint64_t value;
    bool is_read = slice_read_number(text, max, &value);
    *number = (uint32_t)value;
    return is_read && (text.len == 1 || text.bytes[0] != '0');
}

static bool read_ipv4(struct slice text, uint8_t ip[4]) {
    struct slice piece;
    uint32_t number;
    if (text.len == 0 || text.bytes[text.len - 1] == '.')
        return false;
    for (int i = 0; i < 4; i++) {
        if (!slice_cut(&text, '.', &piece) || !read_number(piece, UINT8_MAX, &number))
            return false;
        ip[i] = (uint8_t)number;
    }
    return text.len == 0;
}

/* Reads groups divided by ":", the last of which may be IPv4, into |ip|. Returns how many bytes it
 * took; -1: that is no such list, or more than |max| bytes. */
static int read_groups(struct slice text, uint8_t *ip, int max) {
    struct slice group;
    int used = 0;
    while (slice_cut(&text, ':', &group)) {
        bool last = text.len == 0;
        if (last && used + 4 <= max && read_ipv4(group, ip + used))
            return used + 4;
        if (!all_are(is_hex, group, 1, 4) || used + 2 > max)
            return -1;
        uint32_t value = 0;
        for (size_t i = 0; i < group.len; i++)
            value = value << 4 | (uint32_t)slice_hex_value(group.bytes[i]);
        ip[used++] = (uint8_t)(value >> 8);
        ip[used++] = (uint8_t)value;
    }
    return used;
}

/* The start of "::"; the length if there is none. */
static size_t find_gap(struct slice text) {
    size_t at = 0;
    while (at < text.len && !(at + 1 < text.len && memcmp(text.bytes + at, "::", 2) == 0))
        at++;
    return at;
}

/* RFC 4291, 2.2: "::" stands for at least one group, and once. */
static bool read_ipv6(struct slice text, uint8_t ip[16]) {
    uint8_t tail[16];
    size_t gap = find_gap(text);
    memset(ip, 0, 16);
    if (gap == text.len)
        return text.len && text.bytes[text.len - 1] != ':' && read_groups(text, ip, 16) == 16;
    struct slice before = {text.bytes, gap};
    struct slice after = {text.bytes + gap + 2, text.len - gap - 2};
    if (after.len && (after.bytes[0] == ':' || after.bytes[after.len - 1] == ':'))
        return false;
    int before_bytes = read_groups(before, ip, 14);
    int after_bytes = before_bytes < 0 ? -1 : read_groups(after, tail, 14 - before_bytes);
    if (after_bytes < 0)
        return false;
    memcpy(ip + 16 - after_bytes, tail, (size_t)after_bytes);
    return memchr(before.bytes, '.', before.len) == NULL;
}

/* A UUID (RFC 9562, 4) and ".local". */
static bool is_local_name(struct slice text) {
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.local";
    if (text.len != sizeof shape - 1)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (shape[i] == 'x' ? !is_lower_hex(text.bytes[i]) : text.bytes[i] != shape[i])
            return false;
    return true;
}

static bool read_address(struct slice text, struct candidate *candidate) {
    candidate->address = text;
    if (is_local_name(text))
        candidate->address_kind = CANDIDATE_LOCAL_NAME;
    else if (read_ipv4(text, candidate->ip))
        candidate->address_kind = CANDIDATE_IPV4;
    else if (read_ipv6(text, candidate->ip))
        candidate->address_kind = CANDIDATE_IPV6;
    else
        return false;
    return true;
}

/* 0.0.0.0/8, loopback, link-local; multicast, reserved and broadcast. */
static bool is_reachable_ipv4(const uint8_t ip[4]) {
    return ip[0] != 0 && ip[0] != 127 && !(ip[0] == 169 && ip[1] == 254) && ip[0] < 224;
}

/* 0000::/8 is no interface's: ::, ::1; IPv4 compatible, mapped, translated; NAT64. */
static bool is_reachable_ipv6(const uint8_t ip[16]) {
    if (ip[0] == 0x20 && ip[1] == 0x02) /* 6to4 */
        return is_reachable_ipv4(ip + 2);
    bool link_local = ip[0] == 0xFE && (ip[1] & 0xC0) == 0x80;
    return ip[0] != 0 && !link_local && ip[0] != 0xFF;
}

bool candidate_ufrag_valid(struct slice ufrag) {
    return ufrag.len == 0 || all_are(is_ice_char, ufrag, UFRAG_BYTES_MIN, UFRAG_BYTES_MAX);
}

bool candidate_is_reachable(const struct candidate *candidate) {
    switch (candidate->address_kind) {
    case CANDIDATE_IPV4:
        return is_reachable_ipv4(candidate->ip);
    case CANDIDATE_IPV6:
        return is_reachable_ipv6(candidate->ip);
    case CANDIDATE_LOCAL_NAME:
        break;
    }
    return true;
}

/* Reading */

static bool same_word(struct slice text, const char *upper, const char *lower) {
    return slice_equal(text, slice_of(upper)) || slice_equal(text, slice_of(lower));
}

static bool cut_word(struct slice *rest, struct slice *word) {
    return slice_cut(rest, ' ', word) && word->len > 0;
}

/* Passes over |word| where it is next. */
static bool skip_word(struct slice *rest, const char *word) {
    struct slice before = *rest, next;
    if (cut_word(rest, &next) && slice_equal(next, slice_of(word)))
        return true;
    *rest = before;
    return false;
}

static bool read_tcptype(struct slice value, struct candidate *candidate) {
    candidate->tcptype = value;
    return slice_equal(value, slice_of("active")) || slice_equal(value, slice_of("passive"));
}

/* A pair that is not known is passed over (RFC 8839, 5.1). */
static bool read_extension(struct slice name, struct slice value, struct candidate *candidate) {
    if (slice_equal(name, slice_of("tcptype")))
        return read_tcptype(value, candidate);
    if (slice_equal(name, slice_of("ufrag"))) {
        candidate->ufrag = value;
        return all_are(is_ice_char, value, UFRAG_BYTES_MIN, UFRAG_BYTES_MAX);
    }
    struct slice *number = slice_equal(name, slice_of("generation"))     ? &candidate->generation
                           : slice_equal(name, slice_of("network-id"))   ? &candidate->network_id
                           : slice_equal(name, slice_of("network-cost")) ? &candidate->network_cost
                                                                         : NULL;
    if (!number)
        return true;
    *number = value;
    return all_are(slice_is_digit, value, 1, NUMBER_DIGITS_MAX);
}

static bool read_extensions(struct slice rest, struct candidate *candidate) {
    struct slice name, value;
    if (skip_word(&rest, "raddr") &&
        !(cut_word(&rest, &value) && skip_word(&rest, "rport") && cut_word(&rest, &value)))
        return false;
    while (rest.len)
        if (!cut_word(&rest, &name) || !cut_word(&rest, &value) ||
            !read_extension(name, value, candidate))
            return false;
    return true;
}

/* The transport must fit what was read. */
static bool fits(const struct candidate *candidate, struct slice transport) {
    bool tcp = candidate->tcptype.len > 0;
    if (tcp ? !same_word(transport, "TCP", "tcp") : !same_word(transport, "UDP", "udp"))
        return false;
    return candidate->port >= PORT_MIN ||
           (slice_equal(candidate->tcptype, slice_of("active")) && candidate->port == PORT_DISCARD);
}

bool candidate_read(struct slice text, struct candidate *candidate) {
    struct slice rest = text, transport, address, port, type;
    uint32_t priority;
    *candidate = (struct candidate){0};
    if (text.len == 0 || text.bytes[text.len - 1] == ' ' || !slice_skip(&rest, "candidate:"))
        return false;
    return cut_word(&rest, &candidate->foundation) &&
           all_are(is_ice_char, candidate->foundation, 1, FOUNDATION_BYTES_MAX) &&
           skip_word(&rest, "1") && cut_word(&rest, &transport) &&
           cut_word(&rest, &candidate->priority) &&
           read_number(candidate->priority, INT32_MAX, &priority) && cut_word(&rest, &address) &&
           read_address(address, candidate) && cut_word(&rest, &port) &&
           read_number(port, PORT_MAX, &candidate->port) && skip_word(&rest, "typ") &&
           cut_word(&rest, &type) &&
           (candidate->type = candidate_type_named(type)) != CANDIDATE_UNKNOWN &&
           read_extensions(rest, candidate) && fits(candidate, transport);
}

/* Writing */

static int append_words(struct buffer *out, const struct slice *words, size_t count) {
    int error = PARLEY_OK;
    for (size_t i = 0; !error && i < count; i++) {
        error = buffer_append(out, slice_of(" "));
        if (!error)
            error = buffer_append(out, words[i]);
    }
    return error;
}

static int append_pair(struct buffer *out, const char *name, struct slice value) {
    const struct slice words[] = {slice_of(name), value};
    return value.len ? append_words(out, words, 2) : PARLEY_OK;
}

static int append_related(struct buffer *out, const struct candidate *candidate) {
    if (candidate->type == CANDIDATE_HOST)
        return PARLEY_OK;
    bool ipv6 = candidate->address_kind == CANDIDATE_IPV6;
    return buffer_append(out, slice_of(ipv6 ? " raddr :: rport 9" : " raddr 0.0.0.0 rport 9"));
}

static int append_head(struct buffer *out, const struct candidate *candidate) {
    const struct slice words[] = {slice_of("1"), slice_of(candidate->tcptype.len ? "tcp" : "udp"),
                                  candidate->priority, candidate->address};
    int error = buffer_append(out, slice_of("candidate:"));
    if (!error)
        error = buffer_append(out, candidate->foundation);
    if (!error)
        error = append_words(out, words, sizeof words / sizeof *words);
    if (!error)
        error = buffer_append(out, slice_of(" "));
    return error ? error : buffer_append_number(out, candidate->port);
}

static int append_all(struct buffer *out, const struct candidate *candidate) {
    int error = append_head(out, candidate);
    if (!error)
        error = append_pair(out, "typ", candidate_type_name(candidate->type));
    if (!error)
        error = append_related(out, candidate);
    if (!error)
        error = append_pair(out, "tcptype", candidate->tcptype);
    if (!error)
        error = append_pair(out, "generation", candidate->generation);
    if (!error)
        error = append_pair(out, "ufrag", candidate->ufrag);
    if (!error)
        error = append_pair(out, "network-id", candidate->network_id);
    return error ? error : append_pair(out, "network-cost", candidate->network_cost);
}

int candidate_write(const struct candidate *candidate, struct buffer *out) {
    size_t before = out->len;
    int error = append_all(out, candidate);
    if (error)
        out->len = before;
    return error;
}

bool candidate_take(struct slice text, struct buffer *out) {
    struct candidate candidate;
    return candidate_read(text, &candidate) && candidate_is_reachable(&candidate) &&
           candidate_write(&candidate, out) == PARLEY_OK;
}

/* Types */

const struct slice candidate_type_names[] = {{"host", 4}, {"srflx", 5}, {"prflx", 5}, {"relay", 5}};

struct slice candidate_type_name(enum candidate_type type) {
    return candidate_type_names[type];
}

enum candidate_type candidate_type_named(struct slice name) {
    for (int i = 0; i < CANDIDATE_UNKNOWN; i++)
        if (slice_equal(name, candidate_type_names[i]))
            return (enum candidate_type)i;
    return CANDIDATE_UNKNOWN;
}

/* The word after " typ ". */
enum candidate_type candidate_type_of(struct slice candidate) {
    static const char mark[] = " typ ";
    const size_t mark_len = sizeof mark - 1;
    for (size_t at = 0; at + mark_len < candidate.len; at++) {
        if (memcmp(candidate.bytes + at, mark, mark_len) != 0)
            continue;
        struct slice rest = {candidate.bytes + at + mark_len, candidate.len - at - mark_len}, word;
        slice_cut(&rest, ' ', &word);
        return candidate_type_named(word);
    }
    return CANDIDATE_UNKNOWN;
}
