/* chat_insider.h - a member who has the keys of the room: no fuzzer finds an envelope that opens,
 * or a proof that holds. Their contents are the script's. */
#ifndef PARLEY_FUZZ_CHAT_INSIDER_H
#define PARLEY_FUZZ_CHAT_INSIDER_H

#include "chat.h"
#include "keyring.h"

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialise. */
struct insider {
    struct keyring keyring;
    uint32_t joins;
};

void insider_deinit(struct insider *insider);

/* Enters the room of |chat|, which has joined it, if need be, and meets its newest page. False:
 * |chat| is in no room. */
bool insider_enter(struct insider *insider, const struct chat *chat);

/* These follow insider_enter. Each appends what the server passes on to |chat|. */

/* The insider has joined, with a new hello; |back| as in wire.h. */
void insider_join(struct insider *insider, bool back, struct buffer *out);

/* |signal|, sealed. Its member, and mostly its target, are set here. False: it has no room. */
bool insider_signal(struct insider *insider, const struct chat *chat, struct wire_message *signal,
                    struct buffer *out);

/* The number of the connection to the insider; 0: |chat| has none. */
uint32_t insider_peer(const struct insider *insider, const struct chat *chat);

/* The insider's proof for that connection. */
struct proof insider_prove(const struct insider *insider, const struct chat *chat);

#endif
