#include "pair_keys.h"

#include "error.h"
#include "pack.h"
#include "secret.h"

#define MEMBER_BYTES (WIRE_MEMBER_ID_BYTES + 4 + EXCHANGE_KEY_BYTES + SIGN_PUBLIC_KEY_BYTES)
#define CONTEXT_BYTES_MAX (HASH_KEY_BYTES + 2 * MEMBER_BYTES + 1 + WIRE_ROOM_ID_BYTES_MAX)

void pair_keys_wipe(struct pair_keys *keys) {
    secret_wipe(keys, sizeof *keys);
}

static void pack_side(uint8_t **at, const struct pair_member *member) {
    pack_member(at, &member->id);
    pack_number(at, member->hello.features, 4);
    pack_bytes(at, member->hello.exchange.bytes, sizeof member->hello.exchange.bytes);
    pack_bytes(at, member->hello.identity.bytes, sizeof member->hello.identity.bytes);
}

/* |lower| and |higher| are the same on both sides. */
static void derive_pair(const struct hash_key *room_key, const struct room_id *room,
                        const struct hash_key *shared, const struct pair_member *lower,
                        const struct pair_member *higher, struct hash_key *pair) {
    uint8_t context[CONTEXT_BYTES_MAX], *at = context;
    pack_bytes(&at, shared->secret, sizeof shared->secret);
    pack_side(&at, lower);
    pack_side(&at, higher);
    pack_room(&at, room);
    hash_derive(room_key, "parley pair", packed(context, at), pair->secret, sizeof pair->secret);
    secret_wipe(context, sizeof context);
}

/* The keys for what |from| says to |to|. */
static void derive_direction(const struct hash_key *pair, const struct member_id *from,
                             const struct member_id *to, struct seal_key *signals,
                             struct hash_key *fingerprints) {
    uint8_t bytes[2 * WIRE_MEMBER_ID_BYTES], *at = bytes;
    pack_member(&at, from);
    pack_member(&at, to);
    struct slice context = packed(bytes, at);
    hash_derive(pair, "parley pair signals", context, signals->secret, sizeof signals->secret);
    hash_derive(pair, "parley pair dtls", context, fingerprints->secret,
                sizeof fingerprints->secret);
}

static void derive_keys(const struct hash_key *pair, const struct member_id *ours,
                        const struct member_id *theirs, struct pair_keys *keys) {
    derive_direction(pair, ours, theirs, &keys->send, &keys->prove);
    derive_direction(pair, theirs, ours, &keys->receive, &keys->check);
    hash_derive(pair, "parley pair safety", (struct slice){0}, keys->safety.secret,
                sizeof keys->safety.secret);
}

int pair_keys_of(const struct hash_key *room_key, const struct room_id *room,
                 const struct exchange_secret_key *secret, const struct pair_member *ours,
                 const struct pair_member *theirs, struct pair_keys *keys) {
    struct hash_key shared, pair;
    int order = member_id_compare(&ours->id, &theirs->id);
    pair_keys_wipe(keys);
    if (order == 0)
        return PARLEY_ERR_ARGUMENT;
    int error = exchange_agree(secret, &theirs->hello.exchange, &shared);
    if (error)
        return error;
    derive_pair(room_key, room, &shared, order < 0 ? ours : theirs, order < 0 ? theirs : ours,
                &pair);
    derive_keys(&pair, &ours->id, &theirs->id, keys);
    hash_key_wipe(&shared);
    hash_key_wipe(&pair);
    return PARLEY_OK;
}
