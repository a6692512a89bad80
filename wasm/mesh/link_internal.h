/* link_internal.h - the functions that link.c, link_signals.c and link_turn.c share; private to
 * them. */
#ifndef PARLEY_LINK_INTERNAL_H
#define PARLEY_LINK_INTERNAL_H

#include "link.h"

/* Adds an entry to the connection's log. */
void link_log(struct link *link, const struct link_env *env, enum connection_log_kind kind);

/* The env that the negotiation borrows for this call. */
struct negotiation_env link_negotiation_env(struct link *link, const struct link_env *env);

/* Determines again which route is in use. */
void link_update_route(struct link *link, const struct link_env *env);

/* Opens a connection in place of the current one. |theirs|: its name on the other side; 0:
 * unknown. */
void link_open_connection(struct link *link, const struct link_env *env, uint32_t theirs);

/* Takes a connection from the budget; false: it has none. |unasked|: they have just come. */
bool link_afford(struct link *link, const struct link_env *env, bool unasked);

/* The negotiation, which did not wait before, may have closed its connection for another
 * (negotiation.h): pays for that one, which keeps the turn. */
void link_follow_closing(struct link *link, const struct link_env *env);

/* CONNECTED, SETTLED or GRACE: see link_state_is_up. */
bool link_is_up(const struct link *link);

/* An attempt is under way. */
bool link_is_trying(const struct link *link);

/* There is a connection, perhaps one that waits for its turn. */
bool link_has_connection(const struct link *link);

/* An attempt has only just begun. */
bool link_is_young(const struct link *link, const struct link_env *env);

/* The last attempt should not be disturbed: it is young, or the browsers are connecting. */
bool link_is_under_way(const struct link *link, const struct link_env *env);

/* ICE restarts did not help: a new connection should be tried. */
bool link_should_renew(const struct link *link, const struct link_env *env);

/* An attempt begins now. */
void link_begin_attempt(struct link *link, const struct link_env *env);

/* Makes an attempt now, or LINK_RETRY_MS after the last one. */
void link_attempt_when_due(struct link *link, const struct link_env *env);

/* Our browser made progress: the attempt gets more time, up to LINK_ATTEMPT_MAX_MS, and the turn
 * too. Signals of the other side are no progress, since it could send them for ever. */
void link_note_progress(struct link *link, const struct link_env *env);

/* Gives the attempt more time, but not the turn. */
void link_extend_attempt(struct link *link, const struct link_env *env);

/* Asks for an offer. */
void link_ask(struct link *link, const struct link_env *env);

/* Offers: over a new connection if there is none or |anew|, else with an ICE restart. */
void link_make_offer(struct link *link, const struct link_env *env, bool anew, bool unasked);

/* Why an attempt found no path. */
enum link_reason link_no_path_reason(const struct link *link, const struct link_env *env);

/* Closes the connection, which is useless now: interrupts the link, or fails its attempt. */
void link_break_off(struct link *link, const struct link_env *env, enum link_reason reason);

#endif
