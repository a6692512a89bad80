/* reconcile.h - two members find out which entries each of them lacks, by messages to and fro
 * (wire/sync.h).
 *
 * One asks, the other answers, and each answer is answered, until there is nothing to say. Nobody
 * keeps anything between two messages: entries can come meanwhile, a message can be lost, and
 * either can ask again at any time. A range in which fingerprints differ is divided into
 * RECONCILE_RANGES smaller ones, until one side has so few entries in it that it lists them.
 */
#ifndef PARLEY_RECONCILE_H
#define PARLEY_RECONCILE_H

#include "entry_set.h"

#define RECONCILE_RANGES 16
#define RECONCILE_LIST_MAX SYNC_IDS_MAX

/* A message has at most out->bytes_max bytes, which must be this at least. What does not fit is
 * asked again as one range. */
#define RECONCILE_BYTES_MIN                                                                        \
    (SYNC_LABEL_BYTES + SYNC_SAME_BYTES_MAX + SYNC_PART_BYTES_MAX + 2 + SYNC_FINGERPRINT_BYTES)

/* Which entries the other one lacks: their places in the set, until it changes. Zero-initialise;
 * reconcile_lacking_deinit frees. */
struct reconcile_lacking {
    uint32_t *places;
    uint32_t count, capacity;
};

void reconcile_lacking_deinit(struct reconcile_lacking *lacking);

/* Writes the first question to |out|, which is empty. PARLEY_ERR_NO_MEMORY. */
int reconcile_ask(const struct entry_set *set, struct buffer *out);

/* Answers |message| in |out|, which is empty, and stays so where there is nothing to answer. Adds
 * to |lacking| what to send to the other one; what this set lacks is asked for in the answer.
 * PARLEY_ERR_FIELD: |message| breaks its format; what came before that counts.
 * PARLEY_ERR_NO_MEMORY. */
int reconcile_answer(const struct entry_set *set, struct slice message, struct buffer *out,
                     struct reconcile_lacking *lacking);

#endif
