/* keyring.h - the keys of this page in its room: the room's, our own, and those that we share with
 * each member (wire/room_secret.h, hello.h, pair_keys.h).
 *
 * A member's id belongs to the identity that was met first under it, as long as this page lives. A
 * hello with another is refused, and so is one that is older than another of the same member: both
 * could only be the server's doing, or that of a member who makes hellos for others.
 *
 * In a sealed room only those count who have the room's secret. In an open room the keys follow
 * from its name, so that the server could take part; there they show a change of identity. Somebody
 * may have no hello in an open room: an older page, or another program. Their signals are in plain.
 *
 * A pair of members keeps its keys, counters and windows after one of them has left, until the page
 * enters another room (envelope.h says why). Only above KEYRING_PAIRS_MAX is the pair forgotten
 * that met longest ago. Its envelopes could then be repeated, as if its page were back. */
#ifndef PARLEY_KEYRING_H
#define PARLEY_KEYRING_H

#include "envelope.h"
#include "pair_keys.h"
#include "room_secret.h"
#include "secret_random.h"

#include <stdbool.h>
#include <stdint.h>

#define KEYRING_PAIRS_MAX 1024       /* several times as many as a room holds */
#define KEYRING_DEVICE_CHARACTERS 43 /* base64url of a hash_key */
#define KEYRING_LINK_CHARACTERS (1 + ROOM_LINK_CHARACTERS)

/* What we share with one page of a member. */
struct keyring_pair {
    struct pair_member member;
    struct pair_keys keys;
    struct envelope_sender sender;
    struct envelope_window window;
    uint64_t met; /* counts meetings; the newest of a member's pairs is in use */
};

struct keyring {
    struct secret_random random;
    struct hash_key device; /* from it follow our identities in all rooms */
    bool is_sealed;
    char link[KEYRING_LINK_CHARACTERS]; /* sealed: "#" and the room's secret (room_secret.h) */
    struct room_id room;                /* none: in no room */
    struct room_keys room_keys;
    struct pair_member self;
    struct sign_secret_key identity;
    struct exchange_secret_key exchange;
    char hello[HELLO_CHARACTERS]; /* ours, as it was written last */
    struct keyring_pair **pairs;
    uint32_t pair_count, pair_capacity;
    uint64_t meetings;
};

/* Zero-initialise. Wipes and frees all. */
void keyring_deinit(struct keyring *keyring);

/* At START: another life of the page. |device|: what keyring_device wrote on this device before;
 * anything else gives a new secret. */
void keyring_begin(struct keyring *keyring, const uint8_t seed[SECRET_RANDOM_SEED_BYTES],
                   struct slice device);

/* Writes the device's secret, to be kept on this device. */
void keyring_device(const struct keyring *keyring, char out[KEYRING_DEVICE_CHARACTERS]);

/* Forgets the room before, and makes our keys and our hello for the one that |address| leads to, in
 * which we are the member that |token| gives. |address| is what keyring_address gives: "#" and the
 * secret of a sealed room, or the id of an open one; if it is empty, a sealed room is made that
 * nobody knows yet. PARLEY_ERR_ROOM: it leads to no room; the keyring is then in none. */
int keyring_enter(struct keyring *keyring, struct slice address, const struct token_secret *token);

/* The room's first member spelled the id of the open room as |id|. */
void keyring_spell(struct keyring *keyring, const struct room_id *id);

/* What leads here in an address: the link of a sealed room, the id of an open one; empty in no
 * room. */
struct slice keyring_address(const struct keyring *keyring);

/* Writes our hello for the join |number|, valid until the next one. Not in no room. */
struct slice keyring_hello(struct keyring *keyring, uint32_t number);

/* The pairs of the members here are not forgotten before others: call it for each of them when
 * keyring_is_full, before the next meeting. */
bool keyring_is_full(const struct keyring *keyring);
void keyring_renew(struct keyring *keyring, const struct member_id *id);

/* Meets the page of member |id| with the hello that the server gave; empty: none. From now on
 * keyring_find finds the keys for that page.
 * PARLEY_ERR_FORGED: the room is sealed, and they did not show that they have its secret.
 * PARLEY_ERR_SIGNATURE: it is signed by nobody, or by another identity than the member's.
 * PARLEY_ERR_FIELD, PARLEY_ERR_KEY: hello_read's and pair_keys_of's. After these four they must not
 * be connected to. PARLEY_ERR_STATE: it is an old hello of theirs, and says nothing.
 * PARLEY_ERR_NO_MEMORY. */
int keyring_meet(struct keyring *keyring, const struct member_id *id, struct slice hello);

/* The pair with the newest page of |id|; NULL: they showed no hello. Valid until the next meeting.
 */
struct keyring_pair *keyring_find(const struct keyring *keyring, const struct member_id *id);

#endif
