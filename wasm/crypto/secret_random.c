#include "secret_random.h"

#include "secret.h"

#include <string.h>

void secret_random_init(struct secret_random *random,
                        const uint8_t seed[SECRET_RANDOM_SEED_BYTES]) {
    *random = (struct secret_random){0};
    memcpy(random->seed.secret, seed, sizeof random->seed.secret);
}

void secret_random_wipe(struct secret_random *random) {
    secret_wipe(random, sizeof *random);
}

void secret_random_draw(struct secret_random *random, uint8_t *out, size_t len) {
    static const struct slice nothing;
    struct hash_key next;
    hash_derive(&random->seed, "parley random", nothing, out, len);
    hash_derive(&random->seed, "parley random next", nothing, next.secret, sizeof next.secret);
    random->seed = next;
    hash_key_wipe(&next);
}
