/* Descriptions from others: one data section, and only addresses that were checked. */
#include "sdp.h"

#include "candidate.h"
#include "cmocka_all.h"
#include "error.h"
#include "sdp_text.h"
#include "wire.h"

#include <stdio.h>
#include <string.h>

#define START "v=0\r\no=- 46 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
#define WRITTEN "v=0\r\no=- 46 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define CANDIDATE "a=candidate:1 1 udp 1 192.0.2.1 50000 typ host\r\n"
#define HOSTILE "a=candidate:1 1 tcp 1 127.0.0.1 6379 typ host tcptype passive\r\n"

static struct buffer out;
static uint32_t left; /* candidates */

static int setup(void **state) {
    (void)state;
    buffer_init(&out, SDP_WRITTEN_BYTES_MAX);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buffer_deinit(&out);
    return 0;
}

static int filter(const char *sdp) {
    left = UINT32_MAX;
    buffer_clear(&out);
    return sdp_filter(slice_of(sdp), candidate_take, &left, &out);
}

static void assert_written(const char *sdp, const char *expected) {
    if (filter(sdp) != PARLEY_OK)
        fail_msg("refused: %s", sdp);
    if (!slice_equal(buffer_slice(&out), slice_of(expected)))
        fail_msg("'%s' is written '%.*s'", sdp, (int)out.len, out.bytes);
}

/* As Chromium 156 and Firefox 153 made them. */
static void test_browsers_descriptions_pass(void **state) {
    (void)state;
    assert_written("v=0\r\n"
                   "o=- 6991520499636340099 2 IN IP4 127.0.0.1\r\n"
                   "s=-\r\n"
                   "t=0 0\r\n"
                   "a=group:BUNDLE 0\r\n"
                   "a=extmap-allow-mixed\r\n"
                   "a=msid-semantic: WMS\r\n"
                   "m=application 57367 UDP/DTLS/SCTP webrtc-datachannel\r\n"
                   "c=IN IP4 192.0.2.1\r\n" CANDIDATE "a=ice-ufrag:/QTT\r\n"
                   "a=ice-pwd:gdQeeJcdHxHWKahhaOjKLaoB\r\n"
                   "a=ice-options:trickle\r\n"
                   "a=fingerprint:sha-256 FD:7E\r\n"
                   "a=setup:actpass\r\n"
                   "a=mid:0\r\n"
                   "a=sctp-port:5000\r\n"
                   "a=max-message-size:262144\r\n",
                   "v=0\r\n"
                   "o=- 6991520499636340099 2 IN IP4 0.0.0.0\r\n"
                   "s=-\r\n"
                   "t=0 0\r\n"
                   "a=group:BUNDLE 0\r\n" SDP_SECTION "c=IN IP4 0.0.0.0\r\n" CANDIDATE
                   "a=ice-ufrag:/QTT\r\n"
                   "a=ice-pwd:gdQeeJcdHxHWKahhaOjKLaoB\r\n"
                   "a=ice-options:trickle\r\n"
                   "a=fingerprint:sha-256 FD:7E\r\n"
                   "a=setup:actpass\r\n"
                   "a=mid:0\r\n"
                   "a=sctp-port:5000\r\n"
                   "a=max-message-size:16384\r\n");
    assert_written("v=0\r\n"
                   "o=mozilla...THIS_IS_SDPARTA-99.0 1878370850260939220 0 IN IP4 0.0.0.0\r\n"
                   "s=-\r\n"
                   "t=0 0\r\n"
                   "a=sendrecv\r\n"
                   "a=fingerprint:sha-256 0D:7C\r\n"
                   "a=ice-options:trickle\r\n" SDP_SECTION "c=IN IP4 0.0.0.0\r\n"
                   "a=sendrecv\r\n"
                   "a=end-of-candidates\r\n"
                   "a=max-message-size:1073741823\r\n",
                   "v=0\r\n"
                   "o=mozilla...THIS_IS_SDPARTA-99.0 1878370850260939220 0 IN IP4 0.0.0.0\r\n"
                   "s=-\r\n"
                   "t=0 0\r\n"
                   "a=fingerprint:sha-256 0D:7C\r\n"
                   "a=ice-options:trickle\r\n" SDP_SECTION "c=IN IP4 0.0.0.0\r\n"
                   "a=end-of-candidates\r\n"
                   "a=max-message-size:16384\r\n");
}

static void test_candidates_and_addresses_in_it_are_looked_at(void **state) {
    (void)state;
    assert_written(START SDP_SECTION "c=IN IP4 127.0.0.1\r\n" HOSTILE CANDIDATE HOSTILE,
                   WRITTEN SDP_SECTION "c=IN IP4 0.0.0.0\r\n" CANDIDATE);
    assert_written(START HOSTILE SDP_SECTION "c=IN IP6 evil.example\r\n"
                                             "a=rtcp:6379 IN IP4 127.0.0.1\r\n"
                                             "a=remote-candidates:1 127.0.0.1 6379\r\n"
                                             "a=Candidate:1 1 udp 1 127.0.0.1 50000 typ host\r\n"
                                             "a= candidate:1 1 udp 1 127.0.0.1 50000 typ host\r\n"
                                             "b=AS:30\r\n",
                   WRITTEN SDP_SECTION "c=IN IP4 0.0.0.0\r\n");
    assert_written("v=0\no=x 1 1 IN IP6 ::1\ns=\nt=1 2\nm=application 6379 TCP/DTLS/SCTP "
                   "webrtc-datachannel",
                   SDP_OF("x"));
}

static void test_candidates_are_counted(void **state) {
    (void)state;
    left = 2;
    assert_int_equal(sdp_filter(slice_of(START SDP_SECTION HOSTILE CANDIDATE CANDIDATE CANDIDATE),
                                candidate_take, &left, &out),
                     PARLEY_OK);
    assert_int_equal(left, 0);
    assert_true(slice_equal(buffer_slice(&out), slice_of(WRITTEN SDP_SECTION CANDIDATE CANDIDATE)));
}

/* If a page announced that it accepts less than we send, a long text would end the connection. */
static void test_messages_of_ours_are_taken(void **state) {
    (void)state;
    static const char *const sizes[] = {"50", "16384", "0",   "262144",
                                        "",   "-1",    "1e9", "4294967346"};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char sdp[512];
        snprintf(sdp, sizeof sdp, START SDP_SECTION "a=max-message-size:%s\r\n", sizes[i]);
        assert_written(sdp, WRITTEN SDP_SECTION "a=max-message-size:16384\r\n");
    }
    assert_written(START SDP_SECTION "a=max-message-size\r\n",
                   WRITTEN SDP_SECTION "a=max-message-size:16384\r\n");
}

static void test_other_than_one_data_section_is_refused(void **state) {
    (void)state;
    static const char *const sdps[] = {
        "",
        "v=0",
        "nonsense",
        "\r\n" START SDP_SECTION,
        START,
        START "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        START "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
        START SDP_SECTION SDP_SECTION,
        START SDP_SECTION "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        START SDP_SECTION "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n",
        START "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" SDP_SECTION,
        START "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n",
        START "m=application 9/2 UDP/DTLS/SCTP webrtc-datachannel\r\n",
        START "m=application  UDP/DTLS/SCTP webrtc-datachannel\r\n",
        START "m=application 9 DTLS/SCTP 5000\r\n",
        START "m=application 9 UDP/DTLS/SCTP webrtc-datachannel x\r\n",
        START "m=application 9 UDP/DTLS/SCTP *\r\n",
        START "m=Application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
        START "m=application 9 UDP/TLS/RTP/SAVPF 111\r\n",
        START "m =application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
        "v=1\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" SDP_SECTION,
        "o=- 1 1 IN IP4 0.0.0.0\r\nv=0\r\ns=-\r\nt=0 0\r\n" SDP_SECTION,
        "v=0\r\ns=-\r\nt=0 0\r\n" SDP_SECTION,
        "v=0\r\no=-\r\ns=-\r\nt=0 0\r\n" SDP_SECTION,
        "v=0\r\no=- 1 1\r\ns=-\r\nt=0 0\r\n" SDP_SECTION,
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nt=0 0\r\n" SDP_SECTION,
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\n" SDP_SECTION,
        START "v=0\r\n" SDP_SECTION,
        START START SDP_SECTION,
        START SDP_SECTION "c=IN IP4 0.0.0.0\r\nc=IN IP4 0.0.0.0\r\n",
        START SDP_SECTION "\r\na=mid:0\r\n",
        START SDP_SECTION "a\r\n",
        START SDP_SECTION "=a\r\n",
        START SDP_SECTION "A=mid:0\r\n",
        START SDP_SECTION " a=mid:0\r\n",
        START SDP_SECTION "a=mid:0\rm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        START SDP_SECTION "a=mid:0\r\r\n",
        START SDP_SECTION "a=mid:0\x0Bm=audio\r\n",
        START SDP_SECTION "a=mid:\t0\r\n",
        START SDP_SECTION "a=x:\xC2\x85m=audio\r\n",
        START SDP_SECTION "a=x:\xE2\x80\xA8m=audio\r\n",
    };
    for (size_t i = 0; i < sizeof sdps / sizeof *sdps; i++)
        if (filter(sdps[i]) != PARLEY_ERR_FIELD)
            fail_msg("not refused: %s", sdps[i]);
    static const char nul[] = START SDP_SECTION "a=mid:0\0\r\n";
    assert_int_equal(sdp_filter((struct slice){nul, sizeof nul - 1}, candidate_take, &left, &out),
                     PARLEY_ERR_FIELD);
}

/* There is room for the longest signal after it is rewritten. */
static void test_the_longest_fits(void **state) {
    (void)state;
    static char sdp[WIRE_SDP_BYTES_MAX + 1];
    const char *line = "a=candidate:1 1 udp 1 1.1.1.1 5000 typ srflx\n";
    strcpy(sdp, "v=0\no=x 1 1 x\ns=\nt=\nc=\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\n");
    size_t len = strlen(sdp), line_len = strlen(line);
    for (; len + line_len <= WIRE_SDP_BYTES_MAX; len += line_len)
        memcpy(sdp + len, line, line_len + 1);
    assert_int_equal(filter(sdp), PARLEY_OK);
    assert_true(out.len <= SDP_WRITTEN_BYTES_MAX);
    struct buffer small;
    buffer_init(&small, 64);
    assert_int_equal(sdp_filter(slice_of(sdp), candidate_take, &left, &small), PARLEY_ERR_FULL);
    buffer_deinit(&small);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(browsers_descriptions_pass),
        TEST(candidates_and_addresses_in_it_are_looked_at),
        TEST(candidates_are_counted),
        TEST(messages_of_ours_are_taken),
        TEST(other_than_one_data_section_is_refused),
        TEST(the_longest_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
