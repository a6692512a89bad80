/* Replaces parts of libsodium in the WebAssembly module (libsodium.cmake). The native programs use
 * all of libsodium. */
#ifdef __EMSCRIPTEN__

#include "error.h"

#include <sodium/core.h>
#include <sodium/private/ed25519_ref10.h>

/* libsodium's own function (renamed in this build) is faster, but has a table of 27 KB (brotli).
 * This one calls the library's multiplication of any point, which is constant-time too. The base
 * point has y = 4/5 and an even x (RFC 8032, 5.1). As in libsodium's, a[31] must be below 128. */
void ge25519_scalarmult_base(ge25519_p3 *h, const unsigned char *a) {
    static const unsigned char base_point[32] = {0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                                 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                                 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                                 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66};
    ge25519_p3 base;
    PARLEY_CHECK(ge25519_frombytes(&base, base_point) == 0);
    ge25519_scalarmult(h, a, &base);
}

/* libsodium calls this when a length is out of bounds. Its own function also ends the program, but
 * first takes a lock and looks for a handler. */
void sodium_misuse(void) {
    ERROR_TRAP("a length is within libsodium's bounds");
}

#endif
