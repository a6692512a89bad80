/* poll_client.h - the page's side of polling (poll_wire.h). To dialing.h it behaves like a
 * WebSocket: it opens or fails, messages come once each and in order, and it ends. No I/O, no
 * clock.
 *
 *   CLOSED --poll_client_open--> OPENING --the server gives a session--> OPEN
 *      ^                            |                                     |
 *      +--------- poll_client_close, or an end that is told --------------+
 *
 * An OPEN one has at most two requests under way: a poll, and one with all messages to send. A
 * request that gets no answer, or a temporary one (POLL_VERDICT_PASSING), is repeated after a pause
 * that doubles or is as long as the answer requests. The session is lost after the last try; the
 * heartbeat of signaling.c notices silence sooner. "open" is not repeated.
 *
 * Messages that still wait at the close go with the goodbye: the last ones, as many as one request
 * may hold. The goodbye survives the page. While the page lives it is repeated, until another
 * session of the page closes.
 *
 * A poll waits as long as the server allows, but less behind a proxy that cuts silent connections
 * (idle_cut.h). Many polling pages of one browser would use up its connections to the host, so
 * their polls are short, with pauses between them.
 */
#ifndef PARLEY_POLL_CLIENT_H
#define PARLEY_POLL_CLIENT_H

#include "env.h"
#include "idle_cut.h"
#include "poll_answer.h"
#include "poll_secret.h"
#include "poll_tabs.h"
#include "poll_wire.h"

#include <stdbool.h>
#include <stdint.h>

#define POLL_CLIENT_ANSWER_MS 30000 /* for an answer: the server gives one after 22 s at most */
#define POLL_CLIENT_PAUSE_MS 250    /* between two polls of which the first said nothing, and */
                                    /* before a request is repeated: doubled each time, */
#define POLL_CLIENT_PAUSES_MAX 5    /* so often */
#define POLL_CLIENT_OUTBOX_BYTES_MAX (1u << 20) /* with more to be said the session is lost */
#define POLL_CLIENT_LONG_MAX 3     /* pages whose polls are long: a browser has six connections */
#define POLL_CLIENT_SHORT_MS 500   /* where there are more, so that each has its turn, */
#define POLL_CLIENT_TURN_MS 250    /* and a pause between two polls, for each page more */
#define POLL_CLIENT_TRAVEL_MS 1500 /* for an answer and the next poll to arrive */

enum poll_client_state { POLL_CLIENT_CLOSED, POLL_CLIENT_OPENING, POLL_CLIENT_OPEN };

/* A series of requests, one at a time, each repeated until it is answered. */
struct poll_client_request {
    uint32_t number;   /* of the request under way; 0: none */
    uint32_t losses;   /* of the same request so far */
    uint32_t wait_ms;  /* how long the poll may wait; 0: as long as the server lets it */
    uint64_t asked_ms; /* when it went out */
    uint64_t due_ms;   /* under way: when to give the request up; else when the next goes out */
};

/* The answer that ended the session. */
struct poll_end {
    uint32_t status; /* 0: none did */
    struct slice text;
};

enum poll_news_kind { POLL_NEWS_OPENED, POLL_NEWS_MESSAGE, POLL_NEWS_CLOSED };

struct poll_news {
    enum poll_news_kind kind;
    struct slice message;
    struct poll_end end;
};

struct poll_client {
    enum poll_client_state state;
    uint32_t last_request; /* the number of the last one; none is used twice */
    bool has_session;
    struct poll_secret secret;          /* names the session */
    struct poll_client_request polling; /* "open" as well */
    struct poll_client_request sending;
    uint64_t received;             /* the number of the next message that is wanted */
    struct buffer answer;          /* lines of the last answer to a poll, of which those before */
    size_t answer_at;              /* this one are taken */
    uint64_t answer_first;         /* the number of the next of them */
    struct buffer outbox;          /* lines that are not known to have arrived */
    uint64_t outbox_first;         /* the number of the first */
    struct buffer body;            /* where requests are written */
    bool says_opened, says_closed; /* news */
    uint32_t end_status;           /* CLOSED; |answer| is the end's text then */
    struct {
        struct poll_client_request request;
        struct poll_secret secret;
        struct buffer body;
    } goodbye;
    struct idle_cut cut; /* as far as the page is told: browsers repeat polls in silence */
    bool offline;        /* the device says that it has no network: cuts teach nothing */
    struct poll_tabs tabs;
};

/* Makes one that is CLOSED. Request numbers up to |last_request| are used. Free it with
 * poll_client_deinit. */
void poll_client_init(struct poll_client *client, uint32_t last_request);
void poll_client_deinit(struct poll_client *client);

/* Asks for a session. It must be CLOSED. OPENED or CLOSED follows as news. */
void poll_client_open(struct poll_client *client, const struct env *env);

/* Ends the session, whatever its state, after everything that was sent before. No news follow. */
void poll_client_close(struct poll_client *client, const struct env *env);

/* HTTP_ANSWERED, HTTP_FAILED. Ignored if request |number| is no longer under way. */
void poll_client_answered(struct poll_client *client, const struct env *env, uint32_t number,
                          const struct poll_answer *answer);
void poll_client_failed(struct poll_client *client, const struct env *env, uint32_t number);

/* Takes the next news; false: there are none. Deal with everything that follows before the next
 * call. Its slices are valid until the next event. */
bool poll_client_next(struct poll_client *client, const struct env *env, struct poll_news *news);
bool poll_client_has_news(const struct poll_client *client);

/* At the end of each turn: takes the messages to send by polling (action.h), and makes the requests
 * that are due. */
void poll_client_flush(struct poll_client *client, const struct env *env);

/* Gives up requests that take too long. */
void poll_client_tick(struct poll_client *client, const struct env *env);

/* When poll_client_tick or poll_client_flush is due, or news wait; NO_DEADLINE for never. */
uint64_t poll_client_deadline_ms(const struct poll_client *client);

/* TAB_HEARD. */
void poll_client_hear_tab(struct poll_client *client, const struct env *env, uint32_t number,
                          bool polls);

#endif
