/* chat.h - the public interface of the chat core: events go in, actions come out.
 *
 * The core does no I/O, reads no clock, makes no random bytes and calls nothing outside. The
 * contract: one chat_handle, then chat_next_action until it returns NULL, carrying each action out
 * (or queueing it) in order, then the next chat_handle. When chat_deadline_ms has come, hand in
 * EVENT_TICK. The chat_..._view functions return what to show, at any time; an ACTION_SHOW_... says
 * what has changed.
 *
 *      page, node, simulator            core
 *      ---------------------            ----------------------------------------------------
 *      event (chat_handle)   -------->  chat ---> signaling, mesh   (events, and what follows)
 *      action (chat_next_action) <----    ^            |
 *      view (chat_..._view)  <--------    +- outcomes -+---> conversation ---> status, timeline
 */
#ifndef PARLEY_CHAT_H
#define PARLEY_CHAT_H

#include "action.h"
#include "deadline.h"
#include "event.h"
#include "member_list.h"
#include "status.h"
#include "timeline.h"

#include <stdbool.h>
#include <stdint.h>

struct chat;

/* Makes a core, which does nothing until EVENT_START, and sets |out|. Free it with chat_destroy.
 * PARLEY_ERR_NO_MEMORY. */
int chat_create(struct chat **out);
void chat_destroy(struct chat *chat);

/* Hands one event in. All actions of the event before must have been taken.
 * PARLEY_ERR_STATE: actions are left, START came while started, or another event while not.
 * PARLEY_ERR_ARGUMENT: no such event, or START without its random bytes.
 * SAY, RENAME: PARLEY_ERR_UTF8, PARLEY_ERR_EMPTY, PARLEY_ERR_TOO_LONG, and SAY in no room:
 * PARLEY_ERR_STATE; nothing is said or changed. A message of the server or a peer never causes an
 * error here.
 * UNLOAD ends what START began; START may then come again. */
int chat_handle(struct chat *chat, const struct event *event);

/* The next action, or NULL when the event is dealt with. Valid until the next call. */
const struct action *chat_next_action(struct chat *chat);

/* When EVENT_TICK is due on the clock of now_ms; NO_DEADLINE for never. */
uint64_t chat_deadline_ms(const struct chat *chat);

/* All texts of views are UTF-8 and safe to show as text, but not as markup. They are valid until
 * the next call of the same function or chat_handle. */
void chat_status_view(struct chat *chat, struct status_view *view);

/* The |index|-th person in the room: ourselves first, then the others in the order of arrival.
 * PARLEY_ERR_ARGUMENT: no such person. */
int chat_member_view(struct chat *chat, uint32_t index, struct member_view *view);

/* Entry |entry| of the log of member |index|'s connection. PARLEY_ERR_ARGUMENT: no such entry. */
int chat_connection_log_view(struct chat *chat, uint32_t index, uint32_t entry,
                             struct connection_log_view *view);

/* The line with |sequence|. PARLEY_ERR_ARGUMENT: not kept (any more). */
int chat_line_view(struct chat *chat, uint32_t sequence, struct line_view *view);

/* A sentence that tells the person why |kind|, EVENT_SAY or EVENT_RENAME, was refused with |error|;
 * for 0 an empty text. Never freed. */
const char *chat_error_text(enum event_kind kind, int error);

#endif
