#include "room_secret.h"

#include "error.h"
#include "pack.h"
#include "secret.h"
#include "text.h"

#include <string.h>

#define VERSION "1"
#define ROOM_ID_BYTES 16

static const struct slice nothing;

void room_secret_wipe(struct room_secret *secret) {
    secret_wipe(secret, sizeof *secret);
}

void room_root_wipe(struct room_root *root) {
    secret_wipe(root, sizeof *root);
}

void room_keys_wipe(struct room_keys *keys) {
    secret_wipe(keys, sizeof *keys);
}

int room_secret_read(struct slice fragment, struct room_secret *secret) {
    if (slice_skip(&fragment, VERSION) &&
        text_base64url_read(fragment, secret->secret, sizeof secret->secret))
        return PARLEY_OK;
    room_secret_wipe(secret);
    return PARLEY_ERR_FIELD;
}

void room_secret_write(const struct room_secret *secret, char out[ROOM_LINK_CHARACTERS]) {
    out[0] = VERSION[0];
    text_base64url(secret->secret, sizeof secret->secret, out + 1);
}

void room_root_of(const struct room_secret *secret, struct room_root *root) {
    struct hash_key key = {{0}};
    memcpy(key.secret, secret->secret, sizeof secret->secret);
    hash_derive(&key, "parley room", nothing, root->secret.secret, sizeof root->secret.secret);
    hash_key_wipe(&key);
}

void room_root_of_open(const struct room_id *id, struct room_root *root) {
    static const struct hash_key nobodys;
    uint8_t context[1 + WIRE_ROOM_ID_BYTES_MAX], *at = context;
    pack_room(&at, id); /* its length comes first */
    hash_derive(&nobodys, "parley open room", slice_drop(packed(context, at), 1),
                root->secret.secret, sizeof root->secret.secret);
}

/* Base32 of 16 bytes: five bits per character, with two zeros after the last bit. */
struct room_id room_root_id(const struct room_root *root) {
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    struct room_id id = {.len = SEALED_ROOM_ID_CHARACTERS};
    uint8_t bytes[ROOM_ID_BYTES + 1];
    hash_derive(&root->secret, "parley room id", nothing, bytes, ROOM_ID_BYTES);
    bytes[ROOM_ID_BYTES] = 0;
    for (unsigned i = 0; i < SEALED_ROOM_ID_CHARACTERS; i++) {
        const uint8_t *at = bytes + 5 * i / 8;
        unsigned two_bytes = (unsigned)at[0] << 8 | at[1];
        id.bytes[i] = digits[two_bytes >> (11 - 5 * i % 8) & 31];
    }
    return id;
}

void room_root_salt(const struct room_root *root, uint8_t out[PASSWORD_SALT_BYTES]) {
    hash_derive(&root->secret, "parley room salt", nothing, out, PASSWORD_SALT_BYTES);
}

void room_root_keys(const struct room_root *root, const struct hash_key *password,
                    struct room_keys *keys) {
    struct hash_key lock;
    struct slice context = nothing;
    if (password)
        context = (struct slice){(const char *)password->secret, sizeof password->secret};
    hash_derive(&root->secret, "parley room lock", context, lock.secret, sizeof lock.secret);
    hash_derive(&lock, "parley hello key", nothing, keys->hello.secret, sizeof keys->hello.secret);
    hash_derive(&lock, "parley pair key", nothing, keys->pair.secret, sizeof keys->pair.secret);
    hash_key_wipe(&lock);
}

void room_root_identity(const struct room_root *root, const struct hash_key *device,
                        uint8_t seed[SIGN_SEED_BYTES]) {
    struct slice context = {(const char *)root->secret.secret, sizeof root->secret.secret};
    hash_derive(device, "parley identity", context, seed, SIGN_SEED_BYTES);
}
