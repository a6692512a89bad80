/* secret_random.h - secret random bytes, drawn from one seed: for keys, salts and nonces.
 *
 * A draw is hash_derive of the seed with the label "parley random". Then hash_derive of the seed
 * with the label "parley random next" takes its place, so that what was drawn and wiped cannot be
 * drawn again from what is left. The core needs only one seed from outside, and a simulated page
 * draws the same bytes again from the same seed. */
#ifndef PARLEY_SECRET_RANDOM_H
#define PARLEY_SECRET_RANDOM_H

#include "hash.h"

#define SECRET_RANDOM_SEED_BYTES HASH_KEY_BYTES

struct secret_random {
    struct hash_key seed; /* of the next draw */
};

/* |seed| is random and as secret as what is drawn: wipe it too. */
void secret_random_init(struct secret_random *random, const uint8_t seed[SECRET_RANDOM_SEED_BYTES]);

void secret_random_wipe(struct secret_random *random);

/* Writes |len| bytes to |out|: HASH_BYTES_MIN to HASH_BYTES_MAX. */
void secret_random_draw(struct secret_random *random, uint8_t *out, size_t len);

#endif
