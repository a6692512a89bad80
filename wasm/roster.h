/* roster.h - what the server says about the people in the room. Private to the files beside
 * chat.c. */
#ifndef PARLEY_ROSTER_H
#define PARLEY_ROSTER_H

#include "chat_state.h"

/* The answer to join: the room and who is in it. The first time they are met; after a time without
 * the server the list is compared with whom we know. */
void roster_welcome(struct chat *chat, const struct wire_message *message);

/* Any other message while JOINED: joined, left, or one of a member's signals. */
void roster_receive(struct chat *chat, const struct wire_message *message);

/* Counts as gone who is not listed and was out of reach for too long. |member| may be freed; then
 * false. */
bool roster_tick(struct chat *chat, struct member *member);

/* When roster_tick is due; NO_DEADLINE for never. */
uint64_t roster_deadline_ms(const struct chat *chat, const struct member *member);

/* The member closed their page or loads it anew: gone, unless they are back in ROOM_LEAVING_MS. */
void roster_expect_back(struct chat *chat, struct member *member);

/* Lets a few of those who wait set their connections up: first those who were talked to, then in
 * the order of arrival. For the end of each event; chat->turns_due_ms says when to look again. */
void roster_give_turns(struct chat *chat);

/* A member's link changed: begins or ends the time until they count as gone. */
void roster_follow_link(struct chat *chat, struct member *member);

#endif
