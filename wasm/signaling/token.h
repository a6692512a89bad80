/* token.h - the secret that makes a tab the same member again, the number of its last join, and the
 * colour that it had.
 *
 * The joins of a token are numbered, so that the hub can tell a late join from a newer one. A
 * number is the greater of the last number plus one and the time in seconds. It is kept with the
 * token, so it grows through reloads whatever the clock does. If two tabs have the same token, the
 * one that joins later has the greater number. If a wrong clock gave the older tab the greater
 * number, the hub reports that number, and the newer tab uses a greater one.
 *
 * The colour is kept through a reload, since the others keep theirs. It counts only in a room where
 * the page wishes for the same one (room.h).
 */
#ifndef PARLEY_TOKEN_H
#define PARLEY_TOKEN_H

#include "wire.h"

#define TOKEN_RANDOM_BYTES 16
#define TOKEN_NUMBER_DIGITS 8
#define TOKEN_NO_COLOUR 15
/* The secret is followed by the number, the wished colour and the colour, in hexadecimal digits. */
#define TOKEN_KEPT_BYTES (WIRE_TOKEN_BYTES + TOKEN_NUMBER_DIGITS + 2)

struct token {
    struct token_secret secret;
    uint32_t joins;          /* the number of the last one; 0: none yet */
    uint32_t wished, colour; /* TOKEN_NO_COLOUR: none yet; of one page's making, so check it */
};

/* Reads what token_write wrote, or only its beginning, as older pages kept it. If |kept| is
 * neither, the secret is made from |random|. */
void token_init(struct token *token, struct slice kept, const uint8_t random[TOKEN_RANDOM_BYTES]);

/* Numbers the next join. |wall_ms|: since 1970, by a clock that may be wrong. */
void token_count_join(struct token *token, int64_t wall_ms);

/* The next join will be newer than |number|. */
void token_overtake(struct token *token, uint32_t number);

void token_write(const struct token *token, char out[TOKEN_KEPT_BYTES]);

#endif
