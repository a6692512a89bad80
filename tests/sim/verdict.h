/* verdict.h - what must hold some time after the last fault.
 *
 * SIM_SETTLE_MS is the sum of: the way back to the server, which ends pauses
 * (SIGNALING_PAUSE_MAX_MS, 30 s); then a link that pauses (LINK_PAUSE_MAX_MS, 60 s), tries an old
 * connection in vain (LINK_ATTEMPT_MS, 15 s), pauses again (60 s) and tries a new one (15 s).
 */
#ifndef PARLEY_SIM_VERDICT_H
#define PARLEY_SIM_VERDICT_H

struct sim;

/* Checks four things: all pages of a room that can connect are connected; all rosters agree with
 * the hub's; every text has reached everybody who was there when it was said and still is; and no
 * page reports a problem.
 */
void verdict(struct sim *sim);

#endif
