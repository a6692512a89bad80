#include "secret.h"

#include <sodium/utils.h>

bool secret_equal(const void *left, const void *right, size_t len) {
    return sodium_memcmp(left, right, len) == 0;
}

void secret_wipe(void *bytes, size_t len) {
    sodium_memzero(bytes, len);
}
