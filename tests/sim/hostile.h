/* hostile.h - a member that sends garbage: what its core says is twisted on the way out. Every page
 * sends through here; that of honest ones is left alone. */
#ifndef PARLEY_SIM_HOSTILE_H
#define PARLEY_SIM_HOSTILE_H

#include "browser.h"
#include "page.h"

/* To the server. */
void hostile_send(struct page *page, struct socket *socket, struct slice bytes);

/* Through a channel. */
void hostile_say(struct connection *connection, struct slice bytes);

#endif
