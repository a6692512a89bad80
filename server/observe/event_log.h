/* event_log.h - the log's lines about people: joins, departures and refusals, and at level debug
 * the type of each message, never its content.
 *
 * Every line about a connection ends with its number, counted from the start of the process, so
 * that all its lines can be found. Somebody who comes back has another connection; the line "back"
 * has its number and the member's id, which stays the same.
 *
 * When pages report that a relay does not work for them, the log has a warning, "relay_refuses" or
 * "relay_silent", with the "status" (wire.h) and a "hint": six a minute at most.
 *
 * Strangers can cause these events, so there are at most EVENT_LOG_LINES_MAX lines a minute about
 * joins and departures, and EVENT_LOG_MESSAGES_MAX a second about messages. The field "unlogged"
 * counts the rest.
 */
#ifndef PARLEY_EVENT_LOG_H
#define PARLEY_EVENT_LOG_H

#include "hub.h"

#include <stdint.h>

#define EVENT_LOG_LINES_MAX 600
#define EVENT_LOG_MESSAGES_MAX 2000

/* Writes the line of |note|, an action of kind HUB_NOTE. |connection|: its number, 0 for none;
 * |transport|: what it is, such as "polling", NULL for none. */
void event_log_note(uint64_t now_ms, const struct hub_action *note, uint32_t connection,
                    const char *transport);

/* A connection did not answer for |after_seconds|, and counts as lost. */
void event_log_silence(uint64_t now_ms, uint32_t connection, uint64_t after_seconds);

/* A polling session is forgotten, and |why|. */
void event_log_forgotten(uint64_t now_ms, uint32_t connection, const char *why);

#endif
