/* secret.h - every secret is compared in constant time, and wiped after use.
 *
 * A secret is a struct of its own type, with one field named |secret|. It is never a slice, and
 * nothing here writes it as text. So it does not get into a log, a message or a list of keys by
 * accident. The owner calls the type's wipe function when it no longer needs the secret. Random
 * bytes and the time are inputs: nothing in this layer reads them itself.
 *
 * The cryptography is libsodium's (Debian's 1.0.18 with its patches). Only this layer includes it.
 */
#ifndef PARLEY_SECRET_H
#define PARLEY_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* True when both hold the same |len| bytes. The time depends only on |len|. */
bool secret_equal(const void *left, const void *right, size_t len);

/* Overwrites |len| bytes with zeros. The compiler cannot optimise this away. */
void secret_wipe(void *bytes, size_t len);

#endif
