/* secret.h - what holds for every secret: it is compared in constant time, and wiped after use.
 *
 * A secret is a struct of its own type, with one field named |secret|. It is never a slice, and
 * nothing here writes it as text, so it does not get into a log, a message or a list of keys by
 * accident. Its owner calls the type's wipe function when it is no longer needed. Random bytes and
 * time are inputs: nothing in this layer reads them.
 *
 * Cryptography is libsodium's (Debian's 1.0.18 with its patches); only this layer includes it.
 */
#ifndef PARLEY_SECRET_H
#define PARLEY_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* True when both hold the same |len| bytes. The time depends only on |len|. */
bool secret_equal(const void *left, const void *right, size_t len);

/* Overwrites |len| bytes with zeros, also where the compiler sees that nothing reads them again. */
void secret_wipe(void *bytes, size_t len);

#endif
