/* roster.h - what the server says about the people in the room: the outcomes WELCOME and
 * SERVER_MESSAGE of signaling.h, for a mesh. */
#ifndef PARLEY_ROSTER_H
#define PARLEY_ROSTER_H

#include "mesh.h"
#include "token.h"

/* The answer to join: the room and who is in it. The first time they are met; after a time without
 * the server the list is compared with whom we know. |token|: has the colour that this tab had. */
void roster_welcome(struct mesh *mesh, const struct mesh_env *env,
                    const struct wire_message *message, const struct token *token);

/* Any other message while JOINED: joined, left, or one of a member's signals. */
void roster_receive(struct mesh *mesh, const struct mesh_env *env,
                    const struct wire_message *message);

#endif
