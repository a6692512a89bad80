#include "sdp.h"

#include "error.h"
#include "peer_message.h"

#define ORIGIN_WORDS 3 /* user name, session id and version (RFC 8866, 5.2) */

/* The parts of a description that were read so far. */
struct reader {
    sdp_candidate_filter *filter;
    uint32_t *candidates_left;
    struct buffer *out;
    uint32_t seen; /* letters of lines that stand once: letter_bit */
};

static uint32_t letter_bit(char letter) {
    return 1u << (letter - 'a');
}

static int append_line(struct buffer *out, struct slice start, struct slice rest) {
    int error = buffer_append(out, start);
    if (!error)
        error = buffer_append(out, rest);
    return error ? error : buffer_append(out, slice_of("\r\n"));
}

static int append_text(struct buffer *out, const char *line) {
    return append_line(out, slice_of(line), (struct slice){0});
}

/* An address follows the three words. */
static int take_origin(struct slice line, struct buffer *out) {
    struct slice rest = line, word;
    for (int i = 0; i < ORIGIN_WORDS; i++)
        if (!slice_cut(&rest, ' ', &word) || word.len == 0 || rest.len == 0)
            return PARLEY_ERR_FIELD;
    return append_line(out, (struct slice){line.bytes, line.len - rest.len},
                       slice_of("IN IP4 0.0.0.0"));
}

static int take_section(struct slice line, struct buffer *out) {
    struct slice rest = line, port;
    if (!slice_skip(&rest, "m=application ") || !slice_cut(&rest, ' ', &port) ||
        !slice_is_number(port) || port.bytes[0] == '0')
        return PARLEY_ERR_FIELD;
    if (!slice_equal(rest, slice_of("UDP/DTLS/SCTP webrtc-datachannel")) &&
        !slice_equal(rest, slice_of("TCP/DTLS/SCTP webrtc-datachannel")))
        return PARLEY_ERR_FIELD;
    return append_text(out, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel");
}

static int take_candidate(struct slice candidate, struct reader *reader) {
    size_t before = reader->out->len;
    if (*reader->candidates_left == 0)
        return PARLEY_OK;
    int error = buffer_append(reader->out, slice_of("a="));
    if (!error && reader->filter(candidate, reader->out)) {
        --*reader->candidates_left;
        return append_text(reader->out, "");
    }
    reader->out->len = before;
    return error;
}

static int put_own_message_size(struct buffer *out) {
    int error = buffer_append(out, slice_of("a=max-message-size:"));
    if (!error)
        error = buffer_append_number(out, PEER_MESSAGE_BYTES_MAX);
    return error ? error : append_text(out, "");
}

static bool is_kept(struct slice name) {
    static const char *const names[] = {"group", "ice-options", "fingerprint",
                                        "setup", "ice-ufrag",   "ice-pwd",
                                        "mid",   "sctp-port",   "end-of-candidates"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_equal(name, slice_of(names[i])))
            return true;
    return false;
}

static int take_attribute(struct slice line, struct reader *reader) {
    struct slice rest = {line.bytes + 2, line.len - 2}, attribute = rest, name = {0};
    slice_cut(&rest, ':', &name);
    if (slice_equal(name, slice_of("candidate")))
        return take_candidate(attribute, reader);
    if (slice_equal(name, slice_of("max-message-size")))
        return put_own_message_size(reader->out);
    return is_kept(name) ? append_line(reader->out, line, (struct slice){0}) : PARLEY_OK;
}

/* Notes a line that may occur once; false: it occurs again. */
static bool see_once(struct reader *reader, char letter) {
    bool first = !(reader->seen & letter_bit(letter));
    reader->seen |= letter_bit(letter);
    return first;
}

static int take_single(struct slice line, struct reader *reader) {
    if (!see_once(reader, line.bytes[0]))
        return PARLEY_ERR_FIELD;
    switch (line.bytes[0]) {
    case 'v':
        return slice_equal(line, slice_of("v=0")) ? append_text(reader->out, "v=0")
                                                  : PARLEY_ERR_FIELD;
    case 'o':
        return take_origin(line, reader->out);
    case 's':
        return append_text(reader->out, "s=-");
    case 't':
        return append_text(reader->out, "t=0 0");
    case 'c':
        return append_text(reader->out, "c=IN IP4 0.0.0.0");
    default:
        return take_section(line, reader->out);
    }
}

static bool is_single(char letter) {
    return letter == 'v' || letter == 'o' || letter == 's' || letter == 't' || letter == 'c' ||
           letter == 'm';
}

static bool is_line(struct slice line) {
    for (size_t i = 0; i < line.len; i++)
        if (line.bytes[i] < ' ' || line.bytes[i] > '~')
            return false;
    return line.len >= 2 && line.bytes[0] >= 'a' && line.bytes[0] <= 'z' && line.bytes[1] == '=';
}

static int take_line(struct slice line, struct reader *reader) {
    if (line.len && line.bytes[line.len - 1] == '\r')
        line.len--;
    if (!is_line(line) || (reader->seen == 0 && line.bytes[0] != 'v'))
        return PARLEY_ERR_FIELD;
    if (line.bytes[0] == 'a')
        return take_attribute(line, reader);
    return is_single(line.bytes[0]) ? take_single(line, reader) : PARLEY_OK;
}

int sdp_filter(struct slice sdp, sdp_candidate_filter *filter, uint32_t *candidates_left,
               struct buffer *out) {
    const uint32_t wanted =
        letter_bit('v') | letter_bit('o') | letter_bit('s') | letter_bit('t') | letter_bit('m');
    struct reader reader = {.filter = filter, .candidates_left = candidates_left, .out = out};
    struct slice line;
    int error = PARLEY_OK;
    while (!error && slice_cut(&sdp, '\n', &line))
        error = take_line(line, &reader);
    if (!error && (reader.seen & wanted) != wanted)
        error = PARLEY_ERR_FIELD;
    return error;
}

struct slice sdp_fingerprint(struct slice sdp) {
    struct slice line, value = {0};
    while (value.len == 0 && slice_cut(&sdp, '\n', &line))
        if (slice_skip(&line, "a=fingerprint:"))
            value = line;
    if (value.len && value.bytes[value.len - 1] == '\r')
        value.len--;
    return value;
}
