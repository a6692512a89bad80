/* members.h - what becomes of a member: their link changes, they go. */
#ifndef PARLEY_MEMBERS_H
#define PARLEY_MEMBERS_H

#include "mesh.h"

/* Adds an entry to the log of the member's connection. */
void members_log(const struct mesh_env *env, struct member *member, enum connection_log_kind kind);

/* The members, or what is known of one, read differently now. */
void members_show(const struct mesh_env *env);

/* Follows what a call did to a member's link, whose state was |before|. */
void members_follow_link(struct mesh *mesh, const struct mesh_env *env, struct member *member,
                         enum link_state before);

/* Somebody may reach somebody else now, or no longer: looks soon. */
void members_check_mesh_soon(struct mesh *mesh, const struct mesh_env *env);

/* The member's page does what no honest one does: closes the link for good. */
void members_hang_up(struct mesh *mesh, const struct mesh_env *env, struct member *member);

/* The member closed their page or loads it anew: gone, unless they are back soon. */
void members_expect_back(struct mesh *mesh, const struct mesh_env *env, struct member *member);

/* Ends the conversation with the member's page, whatever its state is. */
void members_rest(struct mesh *mesh, const struct mesh_env *env, struct member *member);

/* The member is gone: closes, says so once, removes them. */
void members_depart(struct mesh *mesh, const struct mesh_env *env, struct member *member);

/* Closes all links without a word, and forgets everybody. */
void members_forget(struct mesh *mesh, const struct mesh_env *env);

#endif
