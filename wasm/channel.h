/* channel.h - the chat's side of the data channels: what is said to members, and what they say.
 * Private to the files beside chat.c. */
#ifndef PARLEY_CHANNEL_H
#define PARLEY_CHANNEL_H

#include "chat_state.h"

#define CHANNEL_BUFFER_LOW_BYTES (64u << 10) /* the channel's bufferedAmountLowThreshold */
#define CHANNEL_TURN_BYTES (64u << 10)       /* given to one channel before it tells its buffer */
#define CHANNEL_GARBAGE_MAX 16               /* senseless messages before we hang up */
/* More than this no page says, since texts wait to be confirmed: what is above is a flood, which
 * would keep the reader's page busy, whatever it says. */
#define CHANNEL_MESSAGE_MS 25
#define CHANNEL_MESSAGES_AT_ONCE 1000
#define CHANNEL_RENAME_MS 5000          /* a member may be renamed once in so long */
#define CHANNEL_RENAMES_AT_ONCE 20      /* or so often at once; more is garbage */
#define CHANNEL_RENAMES_TOLD_AT_ONCE 10 /* of our own; the last one is told when it is due */
#define CHANNEL_QUIET_MS 5000           /* without a message before we ask */
#define CHANNEL_ANSWER_MS 10000         /* to answer: gone without a word is seen in 15 s */
/* So much is confirmed without being asked: a slow line is not silent while it sends. */
#define CHANNEL_CONFIRM_TEXTS 32
#define CHANNEL_CONFIRM_BYTES (8u << 10)
#define CHANNEL_MISS_MS 3600000 /* so often it is told that some of a member's texts are missing, */
#define CHANNEL_MISSES_AT_ONCE 3 /* or so often at once: they may say so as often as they like */
#define CHANNEL_REACH_MS 1000    /* at most so often everybody is told whom we reach */

/* Firefox keeps what comes for a channel that nobody opened, and tells no page of it. So a
 * connection may bring only so much more than its channel does, whose overhead is at most
 * CHANNEL_LOAD_FACTOR times what was heard. */
#define CHANNEL_LOAD_MS 5000 /* at most so often it is looked at */
#define CHANNEL_LOAD_KILOBYTES 16384
#define CHANNEL_LOAD_KILOBYTES_PER_SECOND 4
#define CHANNEL_LOAD_FACTOR 8

/* Frees the texts that everybody has confirmed. For the start of an event: the actions of the last
 * one point at them. */
void channel_forget_sent(struct chat *chat);

/* The channel to |member| opened: hello. What is due follows once theirs came. */
void channel_opened(struct chat *chat, struct member *member);

/* The link to |member| is no longer connected. */
void channel_lost(struct member *member);

/* It is connected again, through the same channel. */
void channel_regained(struct chat *chat, struct member *member);

/* The channel's bufferedAmount after sends, or when it ran low. */
void channel_buffered(struct chat *chat, struct member *member, uint32_t buffered_bytes);

/* The connection to |member| has brought |kilobytes| in all. Far more than came through the channel
 * is for nobody: closes it. */
void channel_judge_load(struct chat *chat, struct member *member, uint32_t kilobytes);

/* One message came. |member| may be gone afterwards. */
void channel_receive(struct chat *chat, struct member *member, struct slice bytes, bool binary);

/* Queues a cleaned text for everybody in the room. PARLEY_ERR_TOO_BIG, PARLEY_ERR_NO_MEMORY. */
int channel_say(struct chat *chat, struct slice text);

/* Our name changed: everybody is told. */
void channel_rename(struct chat *chat);

/* Whom we reach changed: everybody is told soon, in channel_tell_reach, which is for
 * chat->reach_due_ms. */
void channel_reach_changed(struct chat *chat);
void channel_tell_reach(struct chat *chat);

/* |member|, who goes and was well, has what was given to them. */
void channel_given(struct chat *chat, const struct member *member);

/* Shows what |member| said and the pace still holds back: they are about to go. */
void channel_show_all(struct chat *chat, struct member *member);

/* Time has passed: asks whether |member| is there, tells a name that had to wait, shows texts that
 * had to. */
void channel_tick(struct chat *chat, struct member *member);

/* When channel_tick is due; NO_DEADLINE for never. */
uint64_t channel_deadline_ms(const struct member *member);

/* Tells |member| that we go on purpose. |back|: the page is closed or loaded anew. */
void channel_say_bye(struct chat *chat, struct member *member, bool back);

#endif
