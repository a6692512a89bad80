/* reconcile.h - two members exchange messages to find out which entries each of them lacks
 * (wire/sync.h).
 *
 * One asks, the other answers, and each answers the other's answer until nothing is left to ask.
 * Neither side keeps state between two messages: entries can arrive meanwhile, a message can get
 * lost, and either side can ask again at any time. If the fingerprints of a range differ, it is
 * divided into RECONCILE_RANGES smaller ones, until one side has so few entries in a range that it
 * lists them.
 *
 * A few bytes can ask for all entries: the caller limits how often a member is answered, and how
 * much is sent to them. Sets whose owners refuse different entries (a full set, say) never become
 * the same.
 */
#ifndef PARLEY_RECONCILE_H
#define PARLEY_RECONCILE_H

#include "entry_set.h"

#define RECONCILE_RANGES 16
#define RECONCILE_LIST_MAX SYNC_IDS_MAX

/* A message has at most out->bytes_max bytes, which must be at least this. If some ranges do not
 * fit, it asks for them again as one range. */
#define RECONCILE_BYTES_MIN                                                                        \
    (SYNC_LABEL_BYTES + SYNC_SAME_BYTES_MAX + SYNC_PART_BYTES_MAX + 2 + SYNC_FINGERPRINT_BYTES)

/* The entries that the other side lacks, as places in the set, valid until the set changes.
 * Zero-initialise; reconcile_lacking_deinit frees. */
struct reconcile_lacking {
    uint32_t *places;
    uint32_t count, capacity;
};

void reconcile_lacking_deinit(struct reconcile_lacking *lacking);

/* Writes the first question to |out|, which is empty. PARLEY_ERR_NO_MEMORY. */
int reconcile_ask(const struct entry_set *set, struct buffer *out);

/* Writes the answer to |message| into |out|, which must be empty, and stays empty if there is
 * nothing to ask. Adds to |lacking| the entries to send to the other side. The answer asks for the
 * entries that this set lacks.
 * PARLEY_ERR_FIELD: |message| breaks its format; the parts before the error count.
 * PARLEY_ERR_NO_MEMORY. */
int reconcile_answer(const struct entry_set *set, struct slice message, struct buffer *out,
                     struct reconcile_lacking *lacking);

#endif
