/* ice.h - simulated ICE, which finds, loses and gives up paths; and the channel of a connection.
 *
 *   state          event                                                   next
 *   NEW            both descriptions are there                             CONNECTING
 *   CONNECTING     they match, candidates came, and packets get through    CONNECTED
 *   CONNECTING     this does not happen for 15 to 30 s                     FAILED
 *   CONNECTED      no packet gets through for 5 s                          DISCONNECTED
 *   DISCONNECTED   packets get through again                               CONNECTED
 *   DISCONNECTED   no packet gets through for another 25 s                 FAILED
 *   FAILED, DISC.  new credentials on both sides                           CONNECTING
 */
#ifndef PARLEY_SIM_ICE_H
#define PARLEY_SIM_ICE_H

#include "browser.h"

/* Checks |connection| and its mate again. Call it after anything that may change their states. */
void ice_look(struct connection *connection);

/* Sends through the channel, which is open or was. */
void ice_send(struct connection *connection, struct slice bytes);

/* The page has closed the connection. The other side learns of it if packets get through. */
void ice_closed(struct connection *connection);

/* The channel ends on this side after |after_ms|, for whatever reason. */
void ice_end_channel(struct connection *connection, uint32_t after_ms);

#endif
