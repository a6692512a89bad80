/* script.h - a fuzzer's bytes read as a script: picks, numbers and texts, for as long as it lasts.
 *
 * A script never fails: behind its end every pick is the first one and every text is empty. Each
 * text has its own memory of exactly its length, so that AddressSanitizer detects reads beyond it.
 */
#ifndef PARLEY_FUZZ_SCRIPT_H
#define PARLEY_FUZZ_SCRIPT_H

#include "buffer.h"
#include "ids.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define SCRIPT_TEXTS_MAX 16

/* A broken promise of the code under test: a finding. */
#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

struct script {
    const uint8_t *at;
    size_t left;
    char *texts[SCRIPT_TEXTS_MAX];
    size_t text_count;
};

struct script script_of(const uint8_t *bytes, size_t len);

/* An empty buffer that keeps its memory from one input to the next: for what is written before it
 * is read. The same one each time. */
struct buffer *script_scratch(void);

/* Frees all texts; at most SCRIPT_TEXTS_MAX are read between two calls. */
void script_free_texts(struct script *script);

uint8_t script_byte(struct script *script);

/* A number below |end|, 1 to 256. */
uint32_t script_below(struct script *script, uint32_t end);

/* One time out of |times|, and never behind the end. */
bool script_once_in(struct script *script, uint32_t times);

/* Mostly a small number; sometimes any. */
uint32_t script_number(struct script *script);

/* A text: mostly the bytes that follow, sometimes one character many times (up to 16 KiB and a
 * little more). Lasts until script_free_texts. */
struct slice script_text(struct script *script);

/* A text of exactly these bytes, which goes with the others. */
struct slice script_copy(struct script *script, struct slice bytes);

/* The beginning of |text| as an id, whether it is one or not. */
struct room_id script_room_id(struct slice text);

/* All that is left, as one text. */
struct slice script_rest(struct script *script);

#endif
