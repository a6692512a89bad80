/* verdict.h - what must hold some time after the last fault.
 *
 * SIM_SETTLE_MS is made of: a link that pauses (LINK_PAUSE_MAX_MS, 60 s), tries a connection
 * that is of no use any more (LINK_ATTEMPT_MS, 15 s), pauses again (60 s) and tries a new one (15
 * s), and the way back to the server before that (SIGNALING_PAUSE_MAX_MS, 30 s), which ends pauses.
 */
#ifndef PARLEY_SIM_VERDICT_H
#define PARLEY_SIM_VERDICT_H

struct sim;

/* Checks that everybody in a room who can be connected is, that all rosters agree with the hub's,
 * that every text reached everybody who was there when it was said and still is, and that no page
 * reports a problem.
 */
void verdict(struct sim *sim);

#endif
