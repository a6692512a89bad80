/* Signals from another page. An input is a description or a candidate. The filter's result is
 * plain, contains no forbidden address, and passes the filter unchanged. */
#define _GNU_SOURCE /* memmem */
#include "address_filter.h"
#include "candidate.h"
#include "error.h"
#include "script.h"
#include "sdp.h"
#include "wire.h"

#include <string.h>

#define CANDIDATES_MAX 8
#define FORBIDDEN_COUNT (sizeof forbidden / sizeof *forbidden)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Checks for addresses that no accepted candidate may contain, in any spelling. */
static const char *const forbidden[] = {" 127.", " 0.", " 169.254.", " 255.",  " 224.",  " ::",
                                        "%",     "\t",  "  ",        ".LOCAL", " fe80:", " ff02:"};

static bool contains(struct slice text, const char *part) {
    return text.len && memmem(text.bytes, text.len, part, strlen(part)) != NULL;
}

static uint32_t count_of(struct slice text, const char *part) {
    uint32_t count = 0;
    for (size_t at = 0; at + strlen(part) <= text.len; at++)
        count += memcmp(text.bytes + at, part, strlen(part)) == 0;
    return count;
}

/* The candidate up to its related address, which browsers do not use. */
static struct slice head_of(struct slice candidate) {
    const char *related = memmem(candidate.bytes, candidate.len, " raddr ", 7);
    return related ? (struct slice){candidate.bytes, (size_t)(related - candidate.bytes)}
                   : candidate;
}

static void check_again(struct slice once, sdp_candidate_filter *filter) {
    struct buffer out;
    buffer_init(&out, SDP_WRITTEN_BYTES_MAX);
    FUZZ_CHECK(filter(once, &out) && slice_equal(buffer_slice(&out), once));
    buffer_deinit(&out);
}

static void check_candidate(struct slice text, sdp_candidate_filter *filter, bool tells) {
    struct buffer out;
    buffer_init(&out, CANDIDATE_WRITTEN_BYTES_MAX);
    if (filter(text, &out)) {
        struct slice head = head_of(buffer_slice(&out));
        for (size_t i = 0; !tells && i < FORBIDDEN_COUNT; i++)
            FUZZ_CHECK(!contains(head, forbidden[i]));
        FUZZ_CHECK(!tells || contains(head, " typ relay"));
        FUZZ_CHECK(filter != address_filter_incoming || !contains(head, ".local"));
        check_again(buffer_slice(&out), filter);
    } else {
        FUZZ_CHECK(out.len == 0);
    }
    buffer_deinit(&out);
}

static void check_lines(struct slice text, sdp_candidate_filter *filter) {
    struct slice line;
    FUZZ_CHECK(text.len < 2 || text.bytes[text.len - 1] == '\n');
    while (slice_cut(&text, '\n', &line)) {
        FUZZ_CHECK(line.len && line.bytes[line.len - 1] == '\r');
        line.len--;
        for (size_t i = 0; i < line.len; i++)
            FUZZ_CHECK(line.bytes[i] >= ' ' && line.bytes[i] <= '~');
        if (slice_skip(&line, "c=") || slice_skip(&line, "o="))
            FUZZ_CHECK(contains(line, "IN IP4 0.0.0.0"));
        else if (slice_skip(&line, "a=") && contains(line, "candidate:"))
            check_candidate(line, filter, filter == address_filter_outgoing);
    }
}

static void check_description(struct slice sdp, sdp_candidate_filter *filter) {
    struct buffer out, again;
    buffer_init(&out, SDP_WRITTEN_BYTES_MAX);
    buffer_init(&again, SDP_WRITTEN_BYTES_MAX);
    uint32_t left = CANDIDATES_MAX;
    int error = sdp_filter(sdp, filter, &left, &out);
    FUZZ_CHECK(error == PARLEY_OK || error == PARLEY_ERR_FIELD);
    if (error == PARLEY_OK) {
        FUZZ_CHECK(count_of(buffer_slice(&out), "\nm=") == 1);
        check_lines(buffer_slice(&out), filter);
        uint32_t taken = CANDIDATES_MAX - left;
        FUZZ_CHECK(count_of(buffer_slice(&out), "\na=candidate:") == taken);
        FUZZ_CHECK(sdp_filter(buffer_slice(&out), filter, &taken, &again) == PARLEY_OK);
        FUZZ_CHECK(taken == 0);
        FUZZ_CHECK(slice_equal(buffer_slice(&out), buffer_slice(&again)));
    }
    buffer_deinit(&out);
    buffer_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    sdp_candidate_filter *const filters[] = {candidate_take, address_filter_incoming,
                                             address_filter_outgoing};
    struct script script = script_of(bytes, len);
    struct slice text = script_rest(&script);
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        if (text.len <= WIRE_CANDIDATE_BYTES_MAX)
            check_candidate(text, filters[i], filters[i] == address_filter_outgoing);
        if (text.len <= WIRE_SDP_BYTES_MAX)
            check_description(text, filters[i]);
    }
    script_free_texts(&script);
    return 0;
}
