/* link_ladder.h - what link.c, which climbs the ladder, and link_signals.c, which hears the other
 * side, share. Private to them. */
#ifndef PARLEY_LINK_LADDER_H
#define PARLEY_LINK_LADDER_H

#include "link.h"

/* Adds an entry to the log. */
void ladder_log(struct link *link, const struct link_env *env, enum connection_log_kind kind);

/* What the negotiation needs during this call. */
struct negotiation_env ladder_negotiation_env(struct link *link, const struct link_env *env);

/* Looks again which route is in use. */
void ladder_judge_route(struct link *link, const struct link_env *env);

/* Opens a connection in place of the one that there is. |theirs|: its name on the other side; 0:
 * unknown. */
void ladder_open(struct link *link, const struct link_env *env, uint32_t theirs);

/* Pays for a connection; false: there is nothing left for it. |unasked|: they came just now. */
bool ladder_afford(struct link *link, const struct link_env *env, bool unasked);

/* It works, or may yet: link_state_is_up. */
bool ladder_is_up(const struct link *link);

/* An attempt is under way. */
bool ladder_is_trying(const struct link *link);

/* There is a connection, if only one that waits for its turn. */
bool ladder_is_open(const struct link *link);

/* An attempt has only just begun. */
bool ladder_is_young(const struct link *link, const struct link_env *env);

/* The last attempt should be left alone: it is young, or the browsers are at it. */
bool ladder_is_under_way(const struct link *link, const struct link_env *env);

/* Restarts were no help: perhaps the connection is at fault. */
bool ladder_is_time_to_renew(const struct link *link, const struct link_env *env);

/* An attempt begins now. */
void ladder_begin_attempt(struct link *link, const struct link_env *env);

/* Makes an attempt now, or when LINK_NUDGE_MS have passed since the last one. */
void ladder_attempt_when_due(struct link *link, const struct link_env *env);

/* Our browser got on with the attempt: it has more time, up to LINK_ATTEMPT_MAX_MS. What the other
 * side says is no progress: it could say so for ever. */
void ladder_progress(struct link *link, const struct link_env *env);

/* The same, and the turn stays as long as it is. */
void ladder_put_off(struct link *link, const struct link_env *env);

/* Asks for an offer. */
void ladder_ask(struct link *link, const struct link_env *env);

/* Offers: a new connection where there is none or |anew|, else an ICE restart. */
void ladder_offer(struct link *link, const struct link_env *env, bool anew, bool unasked);

/* Why an attempt that led to nothing did. */
enum link_reason ladder_no_path(const struct link *link, const struct link_env *env);

/* The connection is of no use any more, for whatever is under way on it. */
void ladder_break_off(struct link *link, const struct link_env *env, enum link_reason reason);

#endif
