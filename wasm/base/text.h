/* text.h - checks and cleans what people write: UTF-8, length, harmful characters.
 *
 * A character here is a Unicode code point. Text that passed text_clean_message or text_clean_name
 * is valid UTF-8 and holds no control character (but line feed and tab in messages), no character
 * that overrides or isolates text direction (Unicode TR9, the attack of CVE-2021-42574), no line or
 * paragraph separator, and no more marks on one letter than cluster.h allows. Cleaning it again
 * changes nothing.
 */
#ifndef PARLEY_TEXT_H
#define PARLEY_TEXT_H

#include "buffer.h"

#include <stdint.h>

#define TEXT_ISO_BYTES 32 /* "2026-11-22T14:05:09+01:00" and a NUL */

/* True when all of |text| is UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above
 * U+10FFFF. */
bool text_utf8_valid(struct slice text);

/* |byte| in lower case, if it is an ASCII letter. */
char text_lower(char byte);

/* True when both are equal, ignoring the case of ASCII letters. */
bool text_equal_without_case(struct slice left, struct slice right);

/* How many characters |text|, valid UTF-8, has. */
size_t text_characters(struct slice text);

/* The beginning of |text|, valid UTF-8, of |count| characters; all of it where it has fewer. */
struct slice text_first_characters(struct slice text, size_t count);

/* Appends |text| to |out| as a chat message: cleaned as above, with U+FFFD in place of forbidden
 * characters. CR LF and CR become LF; blank lines at the start and white space at the end are
 * removed, the first line's indentation is not.
 * PARLEY_ERR_UTF8; PARLEY_ERR_EMPTY: nothing visible; PARLEY_ERR_TOO_LONG: more than
 * |characters_max| are left; PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY: |out|'s. Then |out| is as it
 * was. */
int text_clean_message(struct slice text, size_t characters_max, struct buffer *out);

/* As text_clean_message, for a name: any run of white space becomes one space. Forbidden characters
 * are removed. So are invisible characters except those that joiner.h allows, marks without a
 * letter, and radicals, ideographs and Arabic letters that exist in Unicode only for compatibility,
 * since they look like others.
 * PARLEY_ERR_EMPTY: no letter or emoji is left. */
int text_clean_name(struct slice name, size_t characters_max, struct buffer *out);

/* Writes the local time of |wall_ms| (since 1970 UTC) in ISO 8601 with its offset. Years 0 to 9999;
 * a time outside them is written as the nearest one. */
void text_format_iso(int64_t wall_ms, int32_t utc_offset_min, char out[TEXT_ISO_BYTES]);

/* Writes |count| bytes in base64url without padding (RFC 4648, 5): 4 characters for 3 bytes, 2 or 3
 * for the last one or two. */
void text_base64url(const uint8_t *bytes, size_t count, char *out);

/* Reads |text|, |count| bytes as text_base64url writes them. False: it is anything else, also with
 * padding, or with bits in the last character that belong to no byte; |out| then has no meaning. */
bool text_base64url_read(struct slice text, uint8_t *out, size_t count);

#endif
