/* inbox.h - the texts of one member on their way to the screen, limited in rate and number.
 *
 * The author sends at most INBOX_TEXTS_MAX texts or INBOX_BYTES_MAX that the reader has not
 * confirmed (peer_message.h), and the reader confirms what it has shown. So texts above the rate
 * wait with their author, and nothing is lost. An author who sends more misbehaves.
 */
#ifndef PARLEY_INBOX_H
#define PARLEY_INBOX_H

#include "buffer.h"
#include "rate.h"

#include <stdint.h>

#define INBOX_TEXTS_MAX 256
#define INBOX_BYTES_MAX (128u << 10)
/* The rate: the time that one text takes, and how far ahead a burst may be. People write and paste
 * less than that. */
#define INBOX_TEXT_MS 50
#define INBOX_BYTES_IN_MS 32
#define INBOX_BURST_MS (INBOX_TEXTS_MAX * INBOX_TEXT_MS)

struct inbox_text;

/* A zeroed inbox is empty. */
struct inbox {
    struct inbox_text *first, *last;
    struct inbox_text *dropped; /* their bytes are still in use */
    uint32_t count;
    size_t bytes;
    struct rate rate;
};

/* Forgets the texts that wait. The rate limit continues. */
void inbox_clear(struct inbox *inbox);

/* Adds a copy of |text| at the end.
 * PARLEY_ERR_FULL: more than a well-behaved author sends. PARLEY_ERR_NO_MEMORY. */
int inbox_add(struct inbox *inbox, uint32_t number, struct slice text);

/* The first text that waits and its number; false if none waits. The text is valid until it is
 * dropped and inbox_forget_dropped is called. */
bool inbox_first(const struct inbox *inbox, uint32_t *number, struct slice *text);

/* Drops the first text, which must exist. Its bytes stay until inbox_forget_dropped. */
void inbox_drop_first(struct inbox *inbox);
void inbox_forget_dropped(struct inbox *inbox);

/* Books the first text; false when it is too early. */
bool inbox_take(struct inbox *inbox, uint64_t now_ms);

/* When inbox_take is due; NO_DEADLINE if nothing waits. */
uint64_t inbox_due_ms(const struct inbox *inbox);

#endif
