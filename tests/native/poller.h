/* poller.h - a page that polls (poll_wire.h), for the tests that run the server as a process. */
#ifndef PARLEY_POLLER_H
#define PARLEY_POLLER_H

#include "client.h"

#include <stdint.h>

#define POLLER_BODY_BYTES_MAX 40000
#define POLLER_SECRET_BYTES 40

struct poller {
    struct client client;  /* for its messages */
    struct client waiting; /* for its polls */
    char secret[POLLER_SECRET_BYTES + 1];
    char id[WIRE_MEMBER_ID_BYTES + 1];
    unsigned sent, received; /* messages */
};

/* Sets the server that all functions below talk to. */
void poller_use(uint16_t port);

/* Sends "POST /poll HTTP/VERSION" with a Host, |headers| (each ending with "\r\n") and |body|. */
void post_with(struct client *client, const char *version, const char *headers, const char *body);

/* Sends it as the page of this server would. |secret| may be NULL. */
void post(struct client *client, const char *secret, const char *body);

/* Reads an answer, which must have |status| and, if not NULL, |body|. */
void assert_reply(struct client *client, int status, const char *body);

/* Opens a session; opens one and joins |room|. */
void poller_open(struct poller *poller);
void poller_join(struct poller *poller, const char *room);
void poller_close(struct poller *poller);

/* Sends one message. */
void poller_send(struct poller *poller, const char *message);

/* Sends a poll; reads its answer, and returns the lines after the first; does both until there is a
 * line. The caller frees. */
void poller_ask(struct poller *poller);
char *poller_listen(struct poller *poller);
char *poller_poll(struct poller *poller);

/* Fails unless |lines| contain |part|; frees them. */
void assert_has(char *lines, const char *part);

/* An offer to the member |to|. Valid until the next call. */
const char *offer_text(const char *to, const char *sdp);

#endif
