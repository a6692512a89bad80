/* stun_offer.h - where our own STUN server listens, and whom it is offered to: to every page that
 * was reached by a name or an address that other machines know, under that name.
 *
 * It listens where --stun-host says, or else where --host does. But for a --host that is this
 * machine alone: then a proxy is in front, which forwards no UDP, and pages that come through it
 * ask the machine itself, so it listens on all addresses. Unless the operator named the port or
 * where to listen, it does so not before such a page comes and something shows that there is a
 * proxy: the operator named it, or the names of this server, or a request came by TLS that is not
 * ours. A Host header alone shows nothing: with DNS rebinding a foreign page sends any.
 */
#ifndef PARLEY_STUN_OFFER_H
#define PARLEY_STUN_OFFER_H

#include "buffer.h"
#include "config.h"
#include "ip.h"
#include "stun_socket.h"

#include <stdbool.h>

#define STUN_OFFER_BYTES_MAX 280 /* of an address, with its NUL */

/* Zero-initialise it. All fields are the module's. */
struct stun_offer {
    const struct config *config;
    struct stun_server server;
    uv_loop_t *loop;
    bool waits;     /* for the first page that comes through a proxy */
    bool has_proxy; /* while it waits: there is one */
};

/* Listens in |loop|, or waits. |config| must outlive it. Errors of stun_server_start where the
 * operator named the port; else they are in the log, and nothing is offered. */
int stun_offer_start(struct stun_offer *offer, const struct config *config, uv_loop_t *loop,
                     char error[SOCKETS_ERROR_BYTES]);
void stun_offer_stop(struct stun_offer *offer);

/* A request came for |host|. |came_by_tls|: its browser sent Sec-Fetch-Site, which it does to
 * trustworthy origins only (W3C Fetch Metadata, 2), and which no page can have it send. */
void stun_offer_see(struct stun_offer *offer, struct slice host, bool came_by_tls);

/* True where pages that the proxy at |peer| passes on are offered a STUN server that they may not
 * reach: the proxy is another machine, under whose name it is offered, and the operator did not say
 * where it listens. Nobody here can know whether that machine passes UDP on: its name may lead to
 * a router in front of both. */
bool stun_offer_may_miss(const struct config *config, const struct ip *peer);

/* Writes the address (RFC 7064) for a page that was reached by the Host header |host|, and listens
 * from now on if it waited. False: there is none for it. */
bool stun_offer_write(struct stun_offer *offer, struct slice host, char url[STUN_OFFER_BYTES_MAX]);

#endif
