/* signals.h - the one place through which signals pass, in both directions: the messages that pages
 * send each other through the server (wire.h: offer, answer, candidate, ask).
 *
 * Between two members who share keys (keyring.h), a signal is sealed, so that the server can
 * neither read nor change it: the text of the envelope (wire/envelope.h) is the whole signal as it
 * would be sent to the server, and the server sees a "sealed" message. A signal that must be sealed
 * and is not, or that does not open, is refused and changes nothing.
 *
 * A member's signals tell our browser where to connect. So each is rewritten here from its parsed
 * fields (sdp.h, candidate.h), and the browser gets nothing else of it. Our browser sends packets
 * to every candidate. The number of candidates is limited, so that a stranger cannot use it to scan
 * our network; the rest are dropped.
 */
#ifndef PARLEY_SIGNALS_H
#define PARLEY_SIGNALS_H

#include "action.h"
#include "keyring.h"
#include "rate.h"
#include "wire.h"

#define SIGNALS_CANDIDATES_MS 500      /* so often a member's candidate is taken, */
#define SIGNALS_CANDIDATES_AT_ONCE 256 /* or so many at once, in descriptions or one by one */

/* Why a signal was refused before anything in it was read: an envelope_verdict, or one of these. */
enum signals_refusal {
    SIGNALS_PLAIN = ENVELOPE_VERDICT_COUNT, /* it had to be sealed */
    SIGNALS_NO_KEYS,                        /* we share no keys with the sender */
    SIGNALS_NO_SIGNAL,                      /* what was sealed is no signal to us */
    SIGNALS_REFUSAL_COUNT
};

/* How many were refused since we came into the room, by reason. */
struct signals_refused {
    uint32_t count[SIGNALS_REFUSAL_COUNT];
};

enum signals_verdict {
    SIGNALS_TAKEN,
    SIGNALS_DROPPED, /* there were too many */
    SIGNALS_UNSAFE,  /* a candidate that must not be tried */
    SIGNALS_HOSTILE  /* a description that no browser makes */
};

/* A signal of theirs, rewritten. */
struct signals_heard {
    struct wire_message message; /* its texts are in |memory| where they are not the server's */
    struct buffer memory;
};

/* A signal that was sealed. Zero-initialise; free with signals_close. */
struct signals_opened {
    struct wire_message message; /* of the sender: its member is the one who sent it */
    struct buffer memory;
};

/* Opens |message|, one of WIRE_SIGNALS that the server sent, and returns what is in it, which is
 * valid until signals_close: |message| itself if it was in plain and may be. NULL: it is refused,
 * and counted in |refused|. */
const struct wire_message *signals_open(struct keyring *keyring, struct signals_refused *refused,
                                        const struct wire_message *message,
                                        struct signals_opened *opened);
void signals_close(struct signals_opened *opened);

/* Seals |text| as a message of |type|, SEALED or RELAY, for the member |to|, with whom we share
 * keys. |peer|: as below. Errors: as below. */
int signals_seal(struct actions *actions, struct keyring *keyring, uint32_t peer,
                 enum wire_type type, const struct member_id *to, struct slice text);

/* Opens |sealed|, which |sender| sent in a message of |type|, into |memory|, which is empty; |text|
 * is in it. False: it is refused, and counted in |refused|. */
bool signals_unseal(struct keyring *keyring, struct signals_refused *refused, enum wire_type type,
                    const struct member_id *sender, struct slice sealed, struct buffer *memory,
                    struct slice *text);

/* Reads |message|, which signals_open gave, into |heard|. Free it with signals_deinit, whatever the
 * verdict. |candidates| limits the sender's candidates. |hide_address|: our address is hidden, see
 * address_filter.h. */
enum signals_verdict signals_read(struct signals_heard *heard, const struct wire_message *message,
                                  struct rate *candidates, bool hide_address, uint64_t now_ms);
void signals_deinit(struct signals_heard *heard);

/* Sends |message|, one of WIRE_SIGNALS but SEALED, about the connection |peer|; 0: about none. It
 * is sealed if we share keys with the receiver; without keys it is not sent in a sealed room.
 * PARLEY_ERR_TOO_BIG, PARLEY_ERR_NO_MEMORY, and errors of wire_write; then nothing is sent. */
int signals_send(struct actions *actions, struct keyring *keyring, uint32_t peer,
                 const struct wire_message *message);

#endif
