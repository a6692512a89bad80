/* joiner.h - where a name may have invisible characters: joiners, variation selectors, tags.
 *
 * Elsewhere they are dropped, or "Al<joiner>ice" would be a second Alice. Joiners stand beside a
 * virama or between the letters of a cursive script (RFC 5892, A.1 and A.2; UAX 31, 2.3), and in
 * emoji (UTS 51). Selectors choose the form of an emoji, of an ideograph (UTS 37) or of a Mongolian
 * letter; tags make flags.
 */
#ifndef PARLEY_JOINER_H
#define PARLEY_JOINER_H

#include <stdbool.h>
#include <stdint.h>

/* True when |character|, of UNICODE_IGNORABLE, has a use between |previous| and |next|; |base| is
 * the letter or picture that |previous| is or attaches to. UNICODE_INVALID: nothing is there. */
bool joiner_is_needed(uint32_t base, uint32_t previous, uint32_t character, uint32_t next);

#endif
