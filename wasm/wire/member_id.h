/* member_id.h - the id of a member, computed from the room and the secret of the member's page. The
 * server gives it to the page, which computes it too: in a sealed room, its own result counts. This
 * comment is the format's specification.
 *
 * The id is the BLAKE2b hash of 16 bytes (hash.h, without a key) of the following, in base64url
 * without padding (RFC 4648, 5):
 *
 *   bytes
 *      16  "parley member id": no other input of a hash of 16 bytes without a key begins so
 *       1  length of the room's id in bytes
 *          the room's id, in lower case
 *      22  the token, as characters
 *
 * The id reveals nothing about the token. A server that has restarted computes the same id again.
 */
#ifndef PARLEY_MEMBER_ID_H
#define PARLEY_MEMBER_ID_H

#include "ids.h"

/* Neither |room| nor |token| is none. */
void member_id_of(const struct room_id *room, const struct token_secret *token,
                  struct member_id *out);

#endif
