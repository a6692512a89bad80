/* sdp_text.h - descriptions for tests without a browser. They name their owner where a browser
 * names itself, since sdp_filter passes this on. */
#ifndef PARLEY_TEST_SDP_TEXT_H
#define PARLEY_TEST_SDP_TEXT_H

#define SDP_START "v=0\r\no="
#define SDP_SECTION "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
#define SDP_REST " 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" SDP_SECTION

/* A description of |user|: a literal without spaces, or a format. */
#define SDP_OF(user) SDP_START user SDP_REST

/* The same within a JSON string. */
#define SDP_JSON(user)                                                                             \
    "v=0\\r\\no=" user " 1 1 IN IP4 0.0.0.0\\r\\ns=-\\r\\nt=0 0\\r\\n"                             \
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\\r\\n"

#define SDP_BYTES_MAX 192

#endif
