/* What the module takes in place of parts of libsodium's (libsodium.cmake). Natively all of
 * libsodium is there. */
#ifdef __EMSCRIPTEN__

#include "error.h"

#include <sodium/core.h>
#include <sodium/private/ed25519_ref10.h>

/* libsodium's own, renamed, needs a table of 27 KB (brotli) to be faster. This one takes the
 * library's multiplication of any point, which is constant-time too. The base point has y = 4/5 and
 * an even x (RFC 8032, 5.1). As there, a[31] is below 128. */
void ge25519_scalarmult_base(ge25519_p3 *h, const unsigned char *a) {
    static const unsigned char base_point[32] = {0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                                 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                                 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                                 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66};
    ge25519_p3 base;
    PARLEY_CHECK(ge25519_frombytes(&base, base_point) == 0);
    ge25519_scalarmult(h, a, &base);
}

/* libsodium calls this where a length is out of its bounds. Its own ends the program as well, but
 * looks for a handler first, under a lock. */
void sodium_misuse(void) {
    ERROR_TRAP("a length is within libsodium's bounds");
}

#endif
