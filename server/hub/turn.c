#include "turn.h"

#include "error.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#define SHA1_BYTES 20

/* The first end of a step after a whole life. */
static uint64_t end_of(const struct turn *turn) {
    uint64_t end_s = turn->unix_s + turn->seconds;
    uint64_t step_s = turn->seconds < TURN_STEPS ? 1 : turn->seconds / TURN_STEPS;
    uint64_t over_s = end_s % step_s;
    return over_s == 0 ? end_s : end_s - over_s + step_s;
}

void turn_make_credential(const struct turn *turn, uint32_t address_key,
                          struct turn_credential *out) {
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned hash_len = 0;
    char username[TURN_USERNAME_BYTES_MAX + 1];
    unsigned char base64[TURN_CREDENTIAL_BYTES + 1]; /* OpenSSL ends it with a NUL */
    PARLEY_CHECK(turn->secret.len <= INT_MAX);
    uint64_t end_s = end_of(turn);
    int len = snprintf(username, sizeof username, "%llu:%0*x", (unsigned long long)end_s,
                       TURN_ADDRESS_KEY_DIGITS, address_key);
    PARLEY_CHECK(len > 0 && (size_t)len < sizeof username);
    PARLEY_CHECK(HMAC(EVP_sha1(), turn->secret.bytes, (int)turn->secret.len,
                      (const uint8_t *)username, (size_t)len, hash, &hash_len));
    PARLEY_CHECK(EVP_EncodeBlock(base64, hash, SHA1_BYTES) == TURN_CREDENTIAL_BYTES);
    out->username_len = (size_t)len;
    out->seconds = (uint32_t)(end_s - turn->unix_s);
    memcpy(out->username, username, (size_t)len);
    memcpy(out->credential, base64, TURN_CREDENTIAL_BYTES);
}

void turn_offer_relay(const struct turn *turn, uint32_t address_key, struct turn_offer *offer) {
    const struct turn_credential *credential = &offer->credential;
    if (turn->url_count == 0)
        return;
    turn_make_credential(turn, address_key, &offer->credential);
    offer->seconds = credential->seconds;
    for (size_t i = 0; i < turn->url_count; i++) {
        PARLEY_CHECK(offer->count < WIRE_ICE_SERVERS_MAX);
        offer->servers[offer->count++] =
            (struct wire_ice_server){.url = turn->urls[i],
                                     .username = {credential->username, credential->username_len},
                                     .credential = {credential->credential, TURN_CREDENTIAL_BYTES}};
    }
}
