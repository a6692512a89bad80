/* hostile.h - a member that sends garbage: its core's messages are altered on the way out. Every
 * page sends through here; messages of honest pages are not altered. */
#ifndef PARLEY_SIM_HOSTILE_H
#define PARLEY_SIM_HOSTILE_H

#include "browser.h"
#include "page.h"

/* To the server. */
void hostile_send(struct page *page, struct socket *socket, struct slice bytes);

/* Through a channel. */
void hostile_say(struct connection *connection, struct slice bytes);

#endif
