/* roster.h - applies to a mesh what the server says about the people in the room: the outcomes
 * WELCOME and SERVER_MESSAGE of signaling.h. */
#ifndef PARLEY_ROSTER_H
#define PARLEY_ROSTER_H

#include "mesh.h"
#include "token.h"

/* Handles the answer to join: the room and who is in it. On the first one the members are added;
 * after a reconnection the list is compared with the members that we know. |token| has the colour
 * that this tab had. */
void roster_welcome(struct mesh *mesh, const struct mesh_env *env,
                    const struct wire_message *message, const struct token *token);

/* Handles any other message while JOINED: joined, left, or a member's signal. */
void roster_receive(struct mesh *mesh, const struct mesh_env *env,
                    const struct wire_message *message);

#endif
