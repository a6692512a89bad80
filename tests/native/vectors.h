/* vectors.h - the test vectors of vectors/core.json in C: groups of objects whose strings are
 * bytes in hexadecimal, unless said otherwise. */
#ifndef PARLEY_VECTORS_H
#define PARLEY_VECTORS_H

#include "slice.h"

#include <cjson/cJSON.h>
#include <stdint.h>

/* Calls |check| with each vector of |group|, which has at least one, and prints those that fail. */
void for_each_vector(const char *group, void (*check)(const cJSON *vector));

/* The bytes of |field|, in memory of exactly that size, valid until |check| returns. */
struct slice vector_bytes(const cJSON *vector, const char *field);

/* Copies the bytes of |field|, which must be |len|. */
void vector_copy(const cJSON *vector, const char *field, uint8_t *out, size_t len);

/* True if the vector has |field|. */
bool vector_has(const cJSON *vector, const char *field);

/* A field that is text, not hexadecimal; and one that is a number. */
const char *vector_text(const cJSON *vector, const char *field);
uint32_t vector_number(const cJSON *vector, const char *field);

/* Fails unless |bytes| are those of |field|. */
void assert_vector_bytes(const cJSON *vector, const char *field, const uint8_t *bytes, size_t len);

#endif
