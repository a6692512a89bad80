/* json.h - strict reading and bounded writing of small JSON objects, through cJSON.
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

/* A string item holding a copy of |value|; NULL: no memory, or a NUL inside. Owned by the caller.
 */
cJSON *json_string(struct slice value);

/* Adds |item|, which may be NULL, to |object| under |key|, a literal. Owns |item| whatever happens.
 * PARLEY_ERR_NO_MEMORY. */
int json_add(cJSON *object, const char *key, cJSON *item);

/* json_add of a string. */
int json_add_string(cJSON *object, const char *key, struct slice value);

/* Adds true under |key| where |value| is true; else nothing. Error as json_add. */
int json_add_flag(cJSON *object, const char *key, bool value);

/* Appends |item| as text of at most |bytes_max| bytes to |out|.
 * PARLEY_ERR_TOO_BIG: it is longer. PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY: |out|'s. */
int json_write(const cJSON *item, size_t bytes_max, struct buffer *out);

#endif
