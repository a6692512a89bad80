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

/* A session, beside its socket to the hub, whose index names it. */
struct polled {
    struct poll_session poll;
    struct request *waiting; /* a poll without an answer yet; NULL: none */
    uint32_t serial;         /* of that wait */
    bool named;              /* by a request after "open" */
    bool gone;
};

/* HTTP_POST and HTTP_ABORT. */
void http_post(struct page *page, const struct action *action);
void http_abort(struct page *page, uint32_t number);

/* Loses everything in transit; the page may be told. */
void http_lose(struct page *page, bool tell_page);

/* Takes PARCEL_MESSAGE or PARCEL_CLOSED, which the hub has for a session. */
void http_put_down(struct socket *socket, enum parcel_kind kind, uint32_t code, struct slice bytes);

/* The session is over, or its server is. */
void http_forget(struct socket *socket);

void http_deinit(struct sim *sim);

#endif
