#include "link_proof.h"

static struct proof_end own_end(const struct negotiation *negotiation) {
    return (struct proof_end){negotiation->own_fingerprint, negotiation->own};
}

struct proof link_proof_make(const struct link *link, const struct keyring *keyring) {
    const struct keyring_pair *pair = keyring_find(keyring, &link->member_id);
    const struct proof_end ours = own_end(&link->negotiation);
    return pair ? proof_of(&pair->keys.prove, &ours, &link->negotiation.their_end)
                : (struct proof){{0}};
}

bool link_proof_holds(const struct link *link, const struct keyring *keyring,
                      const struct proof *theirs) {
    const struct keyring_pair *pair = keyring_find(keyring, &link->member_id);
    const struct proof_end ours = own_end(&link->negotiation);
    if (!pair)
        return !keyring->is_sealed;
    struct proof proof = proof_of(&pair->keys.check, &link->negotiation.their_end, &ours);
    return proof_equal(&proof, theirs);
}
