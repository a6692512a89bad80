/* room_secret.h - the secret in the link of a sealed room, and everything that is derived from it.
 * This comment is the format's specification.
 *
 * The link's fragment, without its '#', is ROOM_LINK_CHARACTERS long:
 *
 *   characters
 *            1  "1": the version
 *           22  the secret: ROOM_SECRET_BYTES random bytes in base64url without padding. The last
 *               character holds two bits; its other four are zeros
 *
 * A browser never sends the fragment. Everything else is derived from it with hash_derive. Without
 * an entry below, the context is empty, and a result has 32 bytes:
 *
 *   result           key                       label                   context
 *   root             secret, then 16 zeros     "parley room"
 *   open root        32 zeros                  "parley open room"      the room's id, lower case
 *   room id          root                      "parley room id"                        16 bytes
 *   password's salt  root                      "parley room salt"                      16 bytes
 *   lock             root                      "parley room lock"      the password's key, if any
 *   hello key        lock                      "parley hello key"
 *   pairs' key       lock                      "parley pair key"
 *   identity         device's secret           "parley identity"       root: the seed for sign.h
 *
 * An open room has no secret: anyone who knows its id derives the open root, and from it everything
 * else but the room id. The server knows the id, too.
 *
 * The identity is a person's key in one room. It does not reveal that two rooms have the same
 * device in them.
 *
 * The server sees the room id, which reveals nothing about a key. It is in base32 (RFC 4648, 6) and
 * lower case, since ids of rooms are compared without case. It does not depend on the
 * password: people with a wrong password enter the right room, but cannot open any hello there.
 * Anyone who has the link can try passwords against a hello, at the cost of password_key for each.
 */
#ifndef PARLEY_ROOM_SECRET_H
#define PARLEY_ROOM_SECRET_H

#include "hash.h"
#include "ids.h"
#include "password.h"
#include "seal.h"
#include "sign.h"

#define ROOM_SECRET_BYTES 16
#define ROOM_LINK_CHARACTERS 23
#define SEALED_ROOM_ID_CHARACTERS 26 /* base32 of 16 bytes, without padding */

/* The secret in the link. */
struct room_secret {
    uint8_t secret[ROOM_SECRET_BYTES];
};

/* The key from which all keys of the room are derived. */
struct room_root {
    struct hash_key secret;
};

/* The keys of the people who have the link and, if there is one, the password. */
struct room_keys {
    struct seal_key hello; /* seals hellos: hello.h */
    struct hash_key pair;  /* input to the keys of each pair of members: pair_keys.h */
};

void room_secret_wipe(struct room_secret *secret);
void room_root_wipe(struct room_root *root);
void room_keys_wipe(struct room_keys *keys);

/* Reads a link's fragment, without '#'. PARLEY_ERR_FIELD: it is not such a secret, or has another
 * version; |secret| is then zeros. */
int room_secret_read(struct slice fragment, struct room_secret *secret);

/* Writes the fragment, without '#'. It is as secret as |secret|. */
void room_secret_write(const struct room_secret *secret, char out[ROOM_LINK_CHARACTERS]);

void room_root_of(const struct room_secret *secret, struct room_root *root);

/* The root of the open room |id|, which is not none. */
void room_root_of_open(const struct room_id *id, struct room_root *root);

struct room_id room_root_id(const struct room_root *root);

/* The salt for password_key with this room's password. */
void room_root_salt(const struct room_root *root, uint8_t out[PASSWORD_SALT_BYTES]);

/* |password|: the key that password_key made from the room's password; NULL: it has none. */
void room_root_keys(const struct room_root *root, const struct hash_key *password,
                    struct room_keys *keys);

/* The seed of the identity (sign_key_pair) that the device with the secret |device| has in the
 * room. */
void room_root_identity(const struct room_root *root, const struct hash_key *device,
                        uint8_t seed[SIGN_SEED_BYTES]);

#endif
