#include "chat_insider.h"

#include "chat_debug.h"
#include "error.h"
#include "link_proof.h"
#include "script.h"
#include "signals.h"

void insider_deinit(struct insider *insider) {
    keyring_deinit(&insider->keyring);
}

static void enter(struct insider *insider, struct slice address) {
    static const uint8_t seed[SECRET_RANDOM_SEED_BYTES] = "insider";
    struct token_secret token;
    FUZZ_CHECK(token_secret_read(slice_of("insiderinsiderinsiderA"), &token));
    keyring_begin(&insider->keyring, seed, (struct slice){0});
    FUZZ_CHECK(keyring_enter(&insider->keyring, address, &token) == PARLEY_OK);
    insider->joins = 0;
}

bool insider_enter(struct insider *insider, const struct chat *chat) {
    const struct keyring *theirs = chat_debug(chat).keyring;
    struct keyring *ours = &insider->keyring;
    if (theirs->room.len == 0 || theirs->hello[0] == '\0')
        return false;
    if (ours->room.len == 0 || room_id_compare(&ours->room, &theirs->room) != 0)
        enter(insider, keyring_address(theirs));
    int error =
        keyring_meet(ours, &theirs->self.id, (struct slice){theirs->hello, sizeof theirs->hello});
    FUZZ_CHECK(error == PARLEY_OK || error == PARLEY_ERR_STATE || error == PARLEY_ERR_SIGNATURE);
    return true;
}

void insider_join(struct insider *insider, bool back, struct buffer *out) {
    const struct wire_message message = {.type = WIRE_JOINED,
                                         .member = insider->keyring.self.id,
                                         .hello =
                                             keyring_hello(&insider->keyring, ++insider->joins),
                                         .back = back};
    FUZZ_CHECK(wire_write(&message, WIRE_TO_PAGE, out) == PARLEY_OK);
}

static const struct member *find(const struct insider *insider, const struct chat *chat) {
    return room_find_id(chat_debug(chat).room, &insider->keyring.self.id);
}

bool insider_signal(struct insider *insider, const struct chat *chat, struct wire_message *signal,
                    struct buffer *out) {
    struct actions actions;
    struct wire_message sent;
    const struct member *member = find(insider, chat);
    signal->member = chat_debug(chat).keyring->self.id;
    if (member && signal->target == 1)
        signal->target = member->link.negotiation.own;
    actions_init(&actions);
    bool is_sent = signals_send(&actions, &insider->keyring, 0, signal) == PARLEY_OK;
    const struct action *action = actions_next(&actions);
    if (is_sent && action) {
        FUZZ_CHECK(wire_read(action->a, WIRE_TO_SERVER, &sent) == PARLEY_OK);
        sent.member = insider->keyring.self.id;
        FUZZ_CHECK(wire_write(&sent, WIRE_TO_PAGE, out) == PARLEY_OK);
        wire_message_deinit(&sent);
    }
    actions_deinit(&actions);
    return is_sent && action;
}

uint32_t insider_peer(const struct insider *insider, const struct chat *chat) {
    const struct member *member = find(insider, chat);
    return member ? link_peer(&member->link) : 0;
}

struct proof insider_prove(const struct insider *insider, const struct chat *chat) {
    const struct negotiation *theirs = &find(insider, chat)->link.negotiation;
    const struct keyring_pair *pair =
        keyring_find(&insider->keyring, &chat_debug(chat).keyring->self.id);
    const struct proof_end checker = {theirs->own_fingerprint, theirs->own};
    return pair ? proof_of(&pair->keys.prove, &theirs->their_end, &checker) : (struct proof){{0}};
}
