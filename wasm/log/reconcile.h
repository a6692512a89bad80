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
 * much is sent to them.
 *
 * A page whose set is full refuses what comes before its first entry, and does not ask for it. It
 * need not say so: the other side gets all that is newer, is full too, and then drops the same
 * (entry_store.h). A member's word that older entries are to be refused would be worth nothing,
 * since a liar could name any place.
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

/* Writes the first question to |out|, which is empty. PARLEY_ERR_NO_MEMORY. */
int reconcile_ask(const struct entry_set *set, struct buffer *out);

/* True if |message| is a first question. */
bool reconcile_is_ask(struct slice message);

/* Writes the answer to |message| into |out|, which must be empty, and stays empty if there is
 * nothing to ask. The answer asks for the entries that this set lacks. Adds the bit |member|, the
 * other side, to |wanted| of the entries that it lacks, and to |holders| of those that it holds.
 * PARLEY_ERR_FIELD: |message| breaks its format; the parts before the error count.
 * PARLEY_ERR_NO_MEMORY. */
int reconcile_answer(const struct entry_set *set, struct slice message, struct buffer *out,
                     uint64_t member);

#endif
