/* script.h - reads a fuzzer's bytes as a script of picks, numbers and texts.
 *
 * Reading never fails: after the end, every pick is the first one and every text is empty. Each
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

/* Reports a finding if |condition|, which the code under test promises, is false. */
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

/* An empty buffer, always the same, that keeps its memory from one input to the next. It is for
 * bytes that a fuzzer writes and then copies or reads at once. */
struct buffer *script_scratch(void);

/* Frees all texts; at most SCRIPT_TEXTS_MAX are read between two calls. */
void script_free_texts(struct script *script);

uint8_t script_byte(struct script *script);

/* A number below |end|, 1 to 256. */
uint32_t script_below(struct script *script, uint32_t end);

/* True one time out of |times|, and never after the end if |times| is above 1. */
bool script_once_in(struct script *script, uint32_t times);

/* Mostly a small number; sometimes any. */
uint32_t script_number(struct script *script);

/* A text: mostly the bytes that follow, sometimes one character many times (up to 16 KiB and a
 * little more). Lasts until script_free_texts. */
struct slice script_text(struct script *script);

/* A text of exactly these bytes. Lasts until script_free_texts. */
struct slice script_copy(struct script *script, struct slice bytes);

/* The beginning of |text| as an id, valid or not. */
struct room_id script_room_id(struct slice text);

/* The rest of the script as one text. */
struct slice script_rest(struct script *script);

#endif
