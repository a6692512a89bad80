/* members.h - what follows for a member when their link changes or they go. */
#ifndef PARLEY_MEMBERS_H
#define PARLEY_MEMBERS_H

#include "mesh.h"

/* Adds an entry to the log of the member's connection, and shows it. */
void members_log(const struct mesh_env *env, struct member *member, enum connection_log_kind kind);

/* Shows the members and the status anew. */
void members_show(const struct mesh_env *env);

/* Does what follows from a call that may have changed a member's link, whose state was |before|. */
void members_follow_link(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                         enum link_state before);

/* Runs the mesh check soon, since somebody may reach somebody else now, or no longer. */
void members_check_mesh_soon(struct mesh *mesh, const struct mesh_env *env);

/* Begins the conversation anew by the path that is open now. |answer|: as in session_opened. */
void members_open_session(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                          bool answer);

/* Opens the path through the server, or closes it. */
void members_open_server_path(struct mesh *mesh, const struct mesh_env *env, struct member *member);
void members_close_server_path(struct mesh *mesh, const struct mesh_env *env,
                               struct member *member);

/* They answered through the server. */
void members_follow_answer(struct mesh *mesh, const struct mesh_env *env, struct member *member);

/* Closes the link for good: the member's page does what no honest page does. |reason|: MISBEHAVED,
 * UNPROVED. */
void members_hang_up(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                     enum link_reason reason);

/* The member closed or reloads their page: they count as gone unless they are back soon. */
void members_expect_back(struct mesh *mesh, const struct mesh_env *env, struct member *member);

/* Ends the conversation with the member's page, whatever its state is. */
void members_rest(struct mesh *mesh, const struct mesh_env *env, struct member *member);

/* The member is gone: closes, says so once, removes them. */
void members_depart(struct mesh *mesh, const struct mesh_env *env, struct member *member);

#endif
