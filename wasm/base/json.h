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

/* One text being written at the end of a buffer. The first error stays, and nothing is written
 * after it; json_end tells. */
struct json_writer {
    struct buffer *out;
    size_t start, len_max; /* of |out|, before and at most */
    int error;
};

/* Begins a text of at most |bytes_max| bytes, for which |out| makes room at once. */
void json_begin(struct json_writer *writer, struct buffer *out, size_t bytes_max);

/* What stands before a value in an object: JSON_KEY of a literal that needs no escapes. */
struct json_key {
    const char *text; /* ,"key": */
    size_t len;
};
#define JSON_KEY(key)                                                                              \
    { ",\"" key "\":", sizeof(",\"" key "\":") - 1 }
#define JSON_NO_KEY ((struct json_key){",", 1}) /* in an array, and of what is outermost */

/* Opens an object ('{') or an array ('['), in which all that follows stands; json_close ends it
 * with '}' or ']'. */
void json_open(struct json_writer *writer, struct json_key key, char bracket);
void json_close(struct json_writer *writer, char bracket);

/* A string (RFC 8259, 7). PARLEY_ERR_FIELD: it holds a NUL, which no reader here takes. */
void json_put_string(struct json_writer *writer, struct json_key key, struct slice value);

/* A number. */
void json_put_number(struct json_writer *writer, struct json_key key, uint32_t value);

/* True where |value| is; else nothing. */
void json_put_flag(struct json_writer *writer, struct json_key key, bool value);

/* Notes |error| where it is one and the first. */
void json_fail(struct json_writer *writer, int error);

/* The first error, and |out| as it was; or PARLEY_OK. PARLEY_ERR_TOO_BIG: longer than |bytes_max|.
 * PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY: |out|'s, in json_begin. */
int json_end(struct json_writer *writer);

#endif
