/* json.h - strict reading of small JSON objects, through cJSON, and bounded writing.
 *
 * cJSON alone takes trailing garbage, strings cut at \u0000, invalid UTF-8 and a thousand levels,
 * and turns 16 KiB of [1,1,...] into 600 KB. Here all of that is refused before it is parsed.
 * Numbers are integers.
 */
#ifndef PARLEY_JSON_H
#define PARLEY_JSON_H

#include "buffer.h"

#include <cjson/cJSON.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 4
#define JSON_VALUES_MAX 512 /* commas, colons and brackets in one message */

/* Parses |bytes|, which must be one JSON object and nothing else but white space. Free |*object|
 * with cJSON_Delete. PARLEY_ERR_UTF8; PARLEY_ERR_JSON (also where memory ran out: cJSON does not
 * tell). */
int json_read(struct slice bytes, cJSON **object);

/* Reads the string |key| of |object|, of |min| to |max| bytes, into |value|, which points into the
 * object. Without the key: PARLEY_ERR_FIELD if |required|, else an empty value.
 * PARLEY_ERR_FIELD: not a string, or too short or long. */
int json_get_string(const cJSON *object, const char *key, size_t min, size_t max, bool required,
                    struct slice *value);

/* Reads the number |key| of |object|, 0 to UINT32_MAX. PARLEY_ERR_FIELD: missing, or anything else.
 */
int json_get_number(const cJSON *object, const char *key, uint32_t *value);

/* Reads the boolean |key| of |object| into |value|; without the key it is false.
 * PARLEY_ERR_FIELD: anything but true and false. */
int json_get_flag(const cJSON *object, const char *key, bool *value);

/* One text being written at the end of a buffer. The first error stays, and nothing is written
 * after it; json_end tells. Keys are literals that need no escapes; NULL in an array. */
struct json_writer {
    struct buffer *out;
    size_t start, len_max; /* of |out|, before and at most */
    int error;
};

/* Begins a text of at most |bytes_max| bytes, for which |out| makes room at once. */
void json_begin(struct json_writer *writer, struct buffer *out, size_t bytes_max);

/* Opens an object ('{') or an array ('['), in which all that follows stands; json_close ends it
 * with '}' or ']'. */
void json_open(struct json_writer *writer, const char *key, char bracket);
void json_close(struct json_writer *writer, char bracket);

/* A string (RFC 8259, 7). PARLEY_ERR_FIELD: it holds a NUL, which no reader here takes. */
void json_put_string(struct json_writer *writer, const char *key, struct slice value);

/* A number. */
void json_put_number(struct json_writer *writer, const char *key, uint32_t value);

/* True where |value| is; else nothing. */
void json_put_flag(struct json_writer *writer, const char *key, bool value);

/* Notes |error| where it is one and the first. */
void json_fail(struct json_writer *writer, int error);

/* The first error, and |out| as it was; or PARLEY_OK. PARLEY_ERR_TOO_BIG: longer than |bytes_max|.
 * PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY: |out|'s, in json_begin. */
int json_end(struct json_writer *writer);

#endif
