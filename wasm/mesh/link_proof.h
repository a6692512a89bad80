/* link_proof.h - the proofs for the connection of one link (wire/proof.h). */
#ifndef PARLEY_LINK_PROOF_H
#define PARLEY_LINK_PROOF_H

#include "keyring.h"
#include "link.h"
#include "proof.h"

/* Our proof; none if we share no keys with the member, who then proves nothing either. */
struct proof link_proof_make(const struct link *link, const struct keyring *keyring);

/* True if |theirs| is the member's proof, or we share no keys in an open room. */
bool link_proof_holds(const struct link *link, const struct keyring *keyring,
                      const struct proof *theirs);

#endif
