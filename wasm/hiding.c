#include "hiding.h"

#include "error.h"

#include <string.h>

#define CANDIDATE_LINE "a=candidate:"
#define ATTRIBUTE_BYTES 2 /* "a=", which a candidate outside a description has not */

/* A candidate's words: their places, counted from 0. */
enum { ADDRESS = 4, TYP = 6, TYPE = 7, REST = 8 };

/* Cuts the piece before |end| off |rest|; false when nothing is left. */
static bool next_piece(struct slice *rest, char end, struct slice *piece) {
    if (rest->len == 0)
        return false;
    const char *found = memchr(rest->bytes, end, rest->len);
    *piece = (struct slice){rest->bytes, found ? (size_t)(found - rest->bytes) : rest->len};
    size_t used = piece->len + (found != NULL);
    *rest = (struct slice){rest->bytes + used, rest->len - used};
    return true;
}

static bool starts_with(struct slice text, const char *prefix) {
    size_t len = strlen(prefix);
    return text.len >= len && memcmp(text.bytes, prefix, len) == 0;
}

/* The first words; false: there are not that many. |rest|: what is behind them. */
static bool read_words(struct slice candidate, struct slice words[REST], struct slice *rest) {
    *rest = candidate;
    for (int i = 0; i < REST; i++)
        if (!next_piece(rest, ' ', &words[i]))
            return false;
    return true;
}

static bool is_relay(struct slice candidate, struct slice words[REST], struct slice *rest) {
    return read_words(candidate, words, rest) && slice_equal(words[TYP], slice_of("typ")) &&
           slice_equal(words[TYPE], slice_of("relay"));
}

static int append_words(struct buffer *out, struct slice one, struct slice two) {
    int error = buffer_append(out, slice_of(" "));
    if (!error)
        error = buffer_append(out, one);
    if (!error)
        error = buffer_append(out, slice_of(" "));
    return error ? error : buffer_append(out, two);
}

/* Of the pairs behind the type, those that are known to tell nothing. */
static int append_extensions(struct slice rest, struct buffer *out) {
    struct slice name, value;
    int error = PARLEY_OK;
    while (!error && next_piece(&rest, ' ', &name) && next_piece(&rest, ' ', &value))
        if (slice_equal(name, slice_of("ufrag")) || slice_equal(name, slice_of("generation")))
            error = append_words(out, name, value);
    return error;
}

bool hiding_tell_candidate(struct slice candidate, struct buffer *out) {
    struct slice words[REST], rest;
    if (!is_relay(candidate, words, &rest))
        return false;
    size_t before = out->len;
    size_t first = (size_t)(words[TYPE].bytes + words[TYPE].len - candidate.bytes);
    bool ipv6 = memchr(words[ADDRESS].bytes, ':', words[ADDRESS].len) != NULL;
    int error = buffer_append(out, (struct slice){candidate.bytes, first});
    if (!error)
        error = buffer_append(out, slice_of(ipv6 ? " raddr :: rport 9" : " raddr 0.0.0.0 rport 9"));
    if (!error)
        error = append_extensions(rest, out);
    if (error)
        out->len = before;
    return !error;
}

bool hiding_takes_candidate(struct slice candidate) {
    struct slice words[REST], rest;
    if (!read_words(candidate, words, &rest))
        return true; /* no candidate, or the end of them: the browser's business */
    const char suffix[] = ".local";
    const size_t suffix_len = sizeof suffix - 1;
    struct slice address = words[ADDRESS];
    for (size_t at = 0; at + suffix_len <= address.len; at++) {
        size_t same = 0;
        while (same < suffix_len && (address.bytes[at + same] | 0x20) == (suffix[same] | 0x20))
            same++;
        if (same == suffix_len)
            return false;
    }
    return true;
}

/* Descriptions */

/* Cuts the next line off |rest|, with its end. */
static bool next_line(struct slice *rest, struct slice *line) {
    const char *before = rest->bytes;
    if (!next_piece(rest, '\n', line))
        return false;
    line->len = (size_t)(rest->bytes - before);
    return true;
}

static struct slice candidate_of(struct slice line) {
    struct slice candidate = {line.bytes + ATTRIBUTE_BYTES, line.len - ATTRIBUTE_BYTES};
    while (candidate.bytes[candidate.len - 1] == '\r' || candidate.bytes[candidate.len - 1] == '\n')
        candidate.len--;
    return candidate;
}

static int tell_candidate_line(struct slice line, struct buffer *out) {
    size_t before = out->len;
    int error = buffer_append(out, slice_of("a="));
    if (!error && hiding_tell_candidate(candidate_of(line), out))
        return buffer_append(out, slice_of("\r\n"));
    out->len = before;
    return error;
}

/* "o=" and "c=" end in "IN IP4 ADDRESS" or "IN IP6 ADDRESS". */
static int tell_address_line(struct slice line, struct buffer *out) {
    static const char mark[] = "IN IP";
    const size_t mark_len = sizeof mark - 1;
    for (size_t at = 0; at + mark_len <= line.len; at++) {
        if (memcmp(line.bytes + at, mark, mark_len) != 0)
            continue;
        int error = buffer_append(out, (struct slice){line.bytes, at});
        return error ? error : buffer_append(out, slice_of("IN IP4 0.0.0.0\r\n"));
    }
    return buffer_append(out, line);
}

static int tell_line(struct slice line, struct buffer *out) {
    if (starts_with(line, CANDIDATE_LINE))
        return tell_candidate_line(line, out);
    if (starts_with(line, "a=rtcp:") || starts_with(line, "a=remote-candidates:"))
        return PARLEY_OK;
    if (starts_with(line, "o=") || starts_with(line, "c="))
        return tell_address_line(line, out);
    return buffer_append(out, line);
}

int hiding_tell_sdp(struct slice sdp, struct buffer *out) {
    struct slice line;
    int error = PARLEY_OK;
    while (!error && next_line(&sdp, &line))
        error = tell_line(line, out);
    return error;
}

int hiding_take_sdp(struct slice sdp, struct buffer *out) {
    struct slice line;
    int error = PARLEY_OK;
    while (!error && next_line(&sdp, &line))
        if (!starts_with(line, CANDIDATE_LINE) || hiding_takes_candidate(candidate_of(line)))
            error = buffer_append(out, line);
    return error;
}
