/* friendly_name.h - a name for somebody who has not chosen one yet. */
#ifndef PARLEY_FRIENDLY_NAME_H
#define PARLEY_FRIENDLY_NAME_H

#include "buffer.h"

#include <stdint.h>

/* Appends a name such as "Quiet Otter", drawn by |random|, to |out|: at most 32 characters.
 * PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY: |out|'s. */
int friendly_name(const uint8_t random[2], struct buffer *out);

#endif
