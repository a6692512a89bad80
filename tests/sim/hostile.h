/* hostile.h - a member that sends garbage: some of its core's messages are altered on the way out.
 * Every page sends through these functions. They do not alter the messages of honest pages. */
#ifndef PARLEY_SIM_HOSTILE_H
#define PARLEY_SIM_HOSTILE_H

#include "browser.h"
#include "page.h"

/* Sends to the server. */
void hostile_send(struct page *page, struct socket *socket, struct slice bytes);

/* Sends through a channel. */
void hostile_say(struct connection *connection, struct slice bytes);

#endif
