/* json.h - strict reading of small JSON objects, through cJSON, and bounded writing.
 *
 * cJSON alone accepts trailing garbage, cuts strings at \u0000, accepts invalid UTF-8 and a
 * thousand levels, and turns 16 KiB of [1,1,...] into 600 KB. This module refuses all of that
 * before parsing. Numbers are integers.
 */
#ifndef PARLEY_JSON_H
#define PARLEY_JSON_H

#include "buffer.h"

#include <cjson/cJSON.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 4
#define JSON_VALUES_MAX 512 /* commas, colons and brackets in one message */

/* Parses |bytes|, which must be one JSON object with nothing around it but white space. Free
 * |*object| with cJSON_Delete. PARLEY_ERR_UTF8; PARLEY_ERR_JSON (also without memory, which cJSON
 * does not report). */
int json_read(struct slice bytes, cJSON **object);

/* Writes one text to the end of a buffer. After the first error nothing more is written; json_end
 * returns it. */
struct json_writer {
    struct buffer *out;
    size_t start, len_max; /* of |out|, before and at most */
    int error;
};

/* Begins a text of at most |bytes_max| bytes; |out| makes room for them at once. */
void json_begin(struct json_writer *writer, struct buffer *out, size_t bytes_max);

/* The text before a value in an object: JSON_KEY of a literal that needs no escapes. */
struct json_key {
    const char *text; /* ,"key": */
    size_t len;
};
#define JSON_KEY(key)                                                                              \
    { ",\"" key "\":", sizeof(",\"" key "\":") - 1 }
#define JSON_NO_KEY ((struct json_key){",", 1}) /* in an array, and for the outermost value */

/* Opens an object ('{') or an array ('['); json_close ends it with '}' or ']'. */
void json_open(struct json_writer *writer, struct json_key key, char bracket);
void json_close(struct json_writer *writer, char bracket);

/* A string (RFC 8259, 7). PARLEY_ERR_FIELD: it holds a NUL, which our readers refuse. */
void json_put_string(struct json_writer *writer, struct json_key key, struct slice value);

/* A number. */
void json_put_number(struct json_writer *writer, struct json_key key, uint32_t value);

/* Writes true if |value| is true; otherwise nothing. */
void json_put_flag(struct json_writer *writer, struct json_key key, bool value);

/* Keeps |error| if it is an error and the first. */
void json_fail(struct json_writer *writer, int error);

/* Returns PARLEY_OK, or the first error, with |out| as it was. PARLEY_ERR_TOO_BIG: longer than
 * |bytes_max|.
 * PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY: |out|'s, in json_begin. */
int json_end(struct json_writer *writer);

#endif
