/* http.h - simulated polling (poll_wire.h): requests and answers that are lost, repeated and late,
 * and the server's sessions. */
#ifndef PARLEY_SIM_HTTP_H
#define PARLEY_SIM_HTTP_H

#include "action.h"
#include "poll_session.h"
#include "stream.h"

#include <stdbool.h>
#include <stdint.h>

struct page;
struct request;
struct sim;
struct socket;

/* A polling session. It belongs to a socket, whose index names it in requests. */
struct polled {
    struct poll_session poll;
    struct request *waiting; /* a poll without an answer yet; NULL: none */
    uint32_t serial;         /* of that poll */
    bool named;              /* a request after "open" has named it */
    bool gone;
};

/* Carry out HTTP_POST and HTTP_ABORT. */
void http_post(struct page *page, const struct action *action);
void http_abort(struct page *page, uint32_t number);

/* Loses everything in transit; the page may be told. */
void http_lose(struct page *page, bool tell_page);

/* Takes a PARCEL_MESSAGE or PARCEL_CLOSED that the hub sends to a session. */
void http_put_down(struct socket *socket, enum parcel_kind kind, uint32_t code, struct slice bytes);

/* Frees the session: it is over, or its server has stopped. */
void http_forget(struct socket *socket);

void http_deinit(struct sim *sim);

#endif
