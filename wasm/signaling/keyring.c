#include "keyring.h"

#include "error.h"
#include "member_id.h"
#include "secret.h"
#include "table.h"
#include "text.h"
#include "wire.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(KEYRING_DEVICE_CHARACTERS == (8 * HASH_KEY_BYTES + 5) / 6, "keyring.h");
_Static_assert(KEYRING_PAIRS_MAX >= 4 * WIRE_ROOM_MEMBERS_MAX, "nobody present is forgotten");

static void forget_pair(struct keyring_pair *pair) {
    secret_wipe(pair, sizeof *pair);
    free(pair);
}

/* The device and the random bytes stay. */
static void forget_room(struct keyring *keyring) {
    for (uint32_t i = 0; i < keyring->pair_count; i++)
        forget_pair(keyring->pairs[i]);
    struct keyring kept = {.random = keyring->random,
                           .device = keyring->device,
                           .pairs = keyring->pairs,
                           .pair_capacity = keyring->pair_capacity};
    secret_wipe(keyring, sizeof *keyring);
    *keyring = kept;
    secret_wipe(&kept, sizeof kept);
}

void keyring_deinit(struct keyring *keyring) {
    forget_room(keyring);
    free(keyring->pairs);
    secret_wipe(keyring, sizeof *keyring);
}

void keyring_begin(struct keyring *keyring, const uint8_t seed[SECRET_RANDOM_SEED_BYTES],
                   struct slice device) {
    keyring_deinit(keyring);
    secret_random_init(&keyring->random, seed);
    if (!text_base64url_read(device, keyring->device.secret, sizeof keyring->device.secret))
        secret_random_draw(&keyring->random, keyring->device.secret, sizeof keyring->device.secret);
}

void keyring_device(const struct keyring *keyring, char out[KEYRING_DEVICE_CHARACTERS]) {
    text_base64url(keyring->device.secret, sizeof keyring->device.secret, out);
}

/* Entering */

static void make_exchange(struct keyring *keyring) {
    uint8_t seed[EXCHANGE_SEED_BYTES];
    secret_random_draw(&keyring->random, seed, sizeof seed);
    exchange_key_pair(seed, &keyring->self.hello.exchange, &keyring->exchange);
    secret_wipe(seed, sizeof seed);
}

static void make_identity(struct keyring *keyring, const struct room_root *root) {
    uint8_t seed[SIGN_SEED_BYTES];
    room_root_identity(root, &keyring->device, seed);
    sign_key_pair(seed, &keyring->self.hello.identity, &keyring->identity);
    secret_wipe(seed, sizeof seed);
}

struct slice keyring_hello(struct keyring *keyring, uint32_t number) {
    PARLEY_CHECK(keyring->room.len);
    const struct hello_place place = {keyring->room, keyring->self.id};
    struct seal_nonce nonce;
    secret_random_draw(&keyring->random, nonce.bytes, sizeof nonce.bytes);
    keyring->self.hello.number = number;
    hello_write(&keyring->self.hello, &place, &keyring->identity, &keyring->room_keys.hello, &nonce,
                keyring->hello);
    return (struct slice){keyring->hello, sizeof keyring->hello};
}

/* |keyring|->room is set. Wipes |root|. */
static void make_keys(struct keyring *keyring, struct room_root *root,
                      const struct token_secret *token) {
    room_root_keys(root, NULL, &keyring->room_keys);
    member_id_of(&keyring->room, token, &keyring->self.id);
    make_exchange(keyring);
    make_identity(keyring, root);
    room_root_wipe(root);
}

static void enter_sealed(struct keyring *keyring, const struct room_secret *secret,
                         const struct token_secret *token) {
    struct room_root root;
    keyring->is_sealed = true;
    keyring->link[0] = '#';
    room_secret_write(secret, keyring->link + 1);
    room_root_of(secret, &root);
    keyring->room = room_root_id(&root);
    make_keys(keyring, &root, token);
}

static int enter_open(struct keyring *keyring, struct slice id, const struct token_secret *token) {
    struct room_root root;
    if (!room_id_read(id, &keyring->room))
        return PARLEY_ERR_ROOM;
    room_root_of_open(&keyring->room, &root);
    make_keys(keyring, &root, token);
    return PARLEY_OK;
}

int keyring_enter(struct keyring *keyring, struct slice address, const struct token_secret *token) {
    struct room_secret secret;
    forget_room(keyring);
    if (address.len == 0)
        secret_random_draw(&keyring->random, secret.secret, sizeof secret.secret);
    else if (!slice_skip(&address, "#"))
        return enter_open(keyring, address, token);
    else if (room_secret_read(address, &secret) != PARLEY_OK)
        return PARLEY_ERR_ROOM;
    enter_sealed(keyring, &secret, token);
    room_secret_wipe(&secret);
    return PARLEY_OK;
}

void keyring_spell(struct keyring *keyring, const struct room_id *id) {
    PARLEY_CHECK(keyring->room.len == 0 || room_id_compare(&keyring->room, id) == 0);
    keyring->room = *id;
}

struct slice keyring_address(const struct keyring *keyring) {
    return keyring->is_sealed ? (struct slice){keyring->link, sizeof keyring->link}
                              : room_id_text(&keyring->room);
}

/* Meeting */

static bool is_same_identity(const struct hello *one, const struct hello *other) {
    return memcmp(&one->identity, &other->identity, sizeof one->identity) == 0;
}

static bool is_same_page(const struct hello *one, const struct hello *other) {
    return one->features == other->features && is_same_identity(one, other) &&
           memcmp(&one->exchange, &other->exchange, sizeof one->exchange) == 0;
}

static struct keyring_pair *find_page(const struct keyring *keyring,
                                      const struct pair_member *member) {
    for (uint32_t i = 0; i < keyring->pair_count; i++) {
        struct keyring_pair *pair = keyring->pairs[i];
        if (member_id_equal(&pair->member.id, &member->id) &&
            is_same_page(&pair->member.hello, &member->hello))
            return pair;
    }
    return NULL;
}

struct keyring_pair *keyring_find(const struct keyring *keyring, const struct member_id *id) {
    struct keyring_pair *found = NULL;
    for (uint32_t i = 0; i < keyring->pair_count; i++) {
        struct keyring_pair *pair = keyring->pairs[i];
        if (member_id_equal(&pair->member.id, id) && (!found || pair->met > found->met))
            found = pair;
    }
    return found;
}

bool keyring_is_full(const struct keyring *keyring) {
    return keyring->pair_count == KEYRING_PAIRS_MAX;
}

void keyring_renew(struct keyring *keyring, const struct member_id *id) {
    struct keyring_pair *pair = keyring_find(keyring, id);
    if (pair)
        pair->met = ++keyring->meetings;
}

static void forget_oldest(struct keyring *keyring) {
    uint32_t oldest = 0;
    for (uint32_t i = 1; i < keyring->pair_count; i++)
        if (keyring->pairs[i]->met < keyring->pairs[oldest]->met)
            oldest = i;
    forget_pair(keyring->pairs[oldest]);
    keyring->pairs[oldest] = keyring->pairs[--keyring->pair_count];
}

static struct keyring_pair *reserve_pair(struct keyring *keyring) {
    if (keyring_is_full(keyring))
        forget_oldest(keyring);
    struct keyring_pair **pairs =
        table_reserve(keyring->pairs, keyring->pair_count, &keyring->pair_capacity, sizeof(void *));
    if (!pairs)
        return NULL;
    keyring->pairs = pairs;
    return calloc(1, sizeof(struct keyring_pair));
}

/* |out| is NULL after an error. */
static int add_pair(struct keyring *keyring, const struct pair_member *member,
                    struct keyring_pair **out) {
    uint8_t salt[ENVELOPE_SALT_BYTES];
    struct keyring_pair *pair = *out = reserve_pair(keyring);
    if (!pair)
        return PARLEY_ERR_NO_MEMORY;
    int error = pair_keys_of(&keyring->room_keys.pair, &keyring->room, &keyring->exchange,
                             &keyring->self, member, &pair->keys);
    if (error) {
        *out = NULL;
        free(pair);
        return error;
    }
    pair->member = *member;
    secret_random_draw(&keyring->random, salt, sizeof salt);
    envelope_sender_init(&pair->sender, salt);
    keyring->pairs[keyring->pair_count++] = pair;
    return PARLEY_OK;
}

/* What the member's newest page proves about another hello in their name. */
static int check_follows(const struct keyring *keyring, const struct pair_member *member) {
    const struct keyring_pair *newest = keyring_find(keyring, &member->id);
    if (!newest)
        return PARLEY_OK;
    const struct hello *known = &newest->member.hello, *hello = &member->hello;
    if (!is_same_identity(known, hello))
        return PARLEY_ERR_SIGNATURE;
    return hello->number >= known->number ? PARLEY_OK : PARLEY_ERR_STATE;
}

static int meet_page(struct keyring *keyring, const struct pair_member *member) {
    int error = check_follows(keyring, member);
    struct keyring_pair *pair = find_page(keyring, member);
    if (!error && !pair)
        error = add_pair(keyring, member, &pair);
    if (error)
        return error;
    pair->member.hello.number = member->hello.number;
    pair->met = ++keyring->meetings;
    return PARLEY_OK;
}

int keyring_meet(struct keyring *keyring, const struct member_id *id, struct slice hello) {
    const struct hello_place place = {keyring->room, *id};
    struct pair_member member = {.id = *id};
    if (hello.len == 0)
        return keyring->is_sealed ? PARLEY_ERR_FORGED : PARLEY_OK;
    int error = hello_read(hello, &place, &keyring->room_keys.hello, &member.hello);
    return error ? error : meet_page(keyring, &member);
}
