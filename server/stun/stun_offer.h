/* stun_offer.h - where our own STUN server listens, and which pages it is offered to: every page
 * that was reached under a name or an address that other machines can use, under that name.
 *
 * It listens at --stun-host, or else at --host. But if --host is a loopback address, there is a
 * proxy in front, which forwards no UDP; pages that come through it ask the machine itself, so the
 * STUN server listens on all addresses. Unless the operator chose its port or address, it does so
 * only once such a page has come and there is evidence of a proxy: the operator named it, or the
 * names of this server, or a request came over TLS that is not ours. A Host header alone is no
 * evidence: with DNS rebinding a foreign page can send any.
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

/* Listens in |loop|, or waits. |config| must outlive it. Errors of stun_server_start if the
 * operator set the port; otherwise errors are logged, and nothing is offered. */
int stun_offer_start(struct stun_offer *offer, const struct config *config, uv_loop_t *loop,
                     char error[SOCKETS_ERROR_BYTES]);
void stun_offer_stop(struct stun_offer *offer);

/* A request came for |host|. |came_by_tls|: the browser sent Sec-Fetch-Site, which it sends only to
 * trustworthy origins (W3C Fetch Metadata, 2), and which pages cannot forge. */
void stun_offer_see(struct stun_offer *offer, struct slice host, bool came_by_tls);

/* True if pages that come through the proxy at |peer| are offered a STUN server that they may not
 * reach: the proxy is another machine, under whose name it is offered, and the operator did not set
 * where it listens. We cannot know whether that machine forwards UDP: its name may lead to a router
 * in front of both. */
bool stun_offer_may_miss(const struct config *config, const struct ip *peer);

/* Writes the STUN URL (RFC 7064) for a page with the Host header |host|, and listens from now on if
 * it waited. False: the page is offered none. */
bool stun_offer_write(struct stun_offer *offer, struct slice host, char url[STUN_OFFER_BYTES_MAX]);

#endif
