/* ice.h - simulated ICE: paths are found, lost and given up; and the channel of a connection.
 *
 *   state          what happens                                            next
 *   NEW            both descriptions are there                             CONNECTING
 *   CONNECTING     they fit, candidates came, the networks let through     CONNECTED
 *   CONNECTING     not for 15 to 30 s                                      FAILED
 *   CONNECTED      nothing gets through for 5 s                            DISCONNECTED
 *   DISCONNECTED   it gets through again                                   CONNECTED
 *   DISCONNECTED   not for another 25 s                                    FAILED
 *   FAILED, DISC.  new credentials on both sides                           CONNECTING
 */
#ifndef PARLEY_SIM_ICE_H
#define PARLEY_SIM_ICE_H

#include "browser.h"

/* Looks again at |connection| and its mate after something may have changed. */
void ice_look(struct connection *connection);

/* Sends through the channel, which is open or was. */
void ice_send(struct connection *connection, struct slice bytes);

/* The connection is closed by its page: the other side hears of it if it can. */
void ice_closed(struct connection *connection);

/* The channel ends on this side after a while, for whatever reason. */
void ice_end_channel(struct connection *connection, uint32_t after_ms);

#endif
