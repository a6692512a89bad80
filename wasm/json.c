#include "json.h"

#include "error.h"
#include "text.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

/* cJSON_PrintPreallocated wants a few bytes more than it writes. */
#define PRINT_SLACK_BYTES 8

struct scan {
    size_t depth, values;
    bool in_string;
};

/* True for four hexadecimal digits that do not mean NUL: cJSON takes any other letters for 0. */
static bool is_character_number(const char *digits) {
    static const char hexadecimal[] = "0123456789abcdefABCDEF";
    for (int i = 0; i < 4; i++)
        if (!memchr(hexadecimal, digits[i], sizeof hexadecimal - 1))
            return false;
    return memcmp(digits, "0000", 4) != 0;
}

#define EIGHT_OF(byte) (0x0101010101010101u * (byte))

/* True where one of |eight| bytes is less than |limit|, which is at most 0x80: only such a byte
 * borrows from a top bit that it did not have itself. */
static bool any_below(uint64_t eight, uint64_t limit) {
    return (eight - EIGHT_OF(limit)) & ~eight & EIGHT_OF(0x80u);
}

/* How many of |len| bytes in a string are, eight by eight, no quote, backslash or control. */
static size_t plain_bytes(const char *bytes, size_t len) {
    size_t at = 0;
    uint64_t eight;
    for (; at + sizeof eight <= len; at += sizeof eight) {
        memcpy(&eight, bytes + at, sizeof eight);
        if (any_below(eight, 0x20) || any_below(eight ^ EIGHT_OF('"'), 1) ||
            any_below(eight ^ EIGHT_OF('\\'), 1))
            break;
    }
    return at;
}

/* One step inside a string. Returns how many bytes it took; 0: refused. */
static size_t scan_in_string(struct scan *scan, const char *at, size_t left) {
    size_t plain = plain_bytes(at, left);
    if (plain)
        return plain;
    if (*at == '"')
        scan->in_string = false;
    if ((unsigned char)*at < 0x20)
        return 0;
    if (*at != '\\')
        return 1;
    if (left < 2)
        return 0;
    if (at[1] != 'u')
        return 2;
    return left >= 6 && is_character_number(at + 2) ? 6 : 0;
}

/* One step between strings. False: refused. */
static bool scan_between(struct scan *scan, const char *at, char previous) {
    switch (*at) {
    case '"':
        scan->in_string = true;
        return true;
    case '{':
    case '[':
        scan->values++;
        return ++scan->depth <= JSON_DEPTH_MAX;
    case '}':
    case ']':
        return scan->depth-- > 0;
    case ',':
    case ':':
        scan->values++;
        return true;
    case '.':
    case 'E':
        return false;
    case 'e':
        return previous < '0' || previous > '9';
    default: /* all controls are white space to cJSON */
        return (unsigned char)*at >= 0x20 || strchr("\t\r\n", *at);
    }
}

/* What cJSON would let pass or pay too much for. */
static bool is_acceptable(struct slice bytes) {
    struct scan scan = {0};
    for (size_t at = 0; at < bytes.len;) {
        size_t step = 1;
        if (scan.in_string)
            step = scan_in_string(&scan, bytes.bytes + at, bytes.len - at);
        else if (!scan_between(&scan, bytes.bytes + at, at ? bytes.bytes[at - 1] : ' '))
            step = 0;
        if (step == 0 || scan.values > JSON_VALUES_MAX)
            return false;
        at += step;
    }
    return !scan.in_string && scan.depth == 0;
}

static bool is_blank(const char *at, const char *end) {
    while (at < end && strchr(" \t\r\n", *at))
        at++;
    return at == end;
}

int json_read(struct slice bytes, cJSON **object) {
    *object = NULL;
    if (!text_utf8_valid(bytes))
        return PARLEY_ERR_UTF8;
    if (bytes.len == 0 || memchr(bytes.bytes, 0, bytes.len) || !is_acceptable(bytes))
        return PARLEY_ERR_JSON;
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(bytes.bytes, bytes.len, &end, false);
    if (!cJSON_IsObject(root) || !is_blank(end, bytes.bytes + bytes.len)) {
        cJSON_Delete(root);
        return PARLEY_ERR_JSON;
    }
    *object = root;
    return PARLEY_OK;
}

int json_get_string(const cJSON *object, const char *key, size_t min, size_t max, bool required,
                    struct slice *value) {
    *value = (struct slice){"", 0};
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!item)
        return required ? PARLEY_ERR_FIELD : PARLEY_OK;
    if (!cJSON_IsString(item))
        return PARLEY_ERR_FIELD;
    struct slice found = slice_of(item->valuestring);
    if (found.len < min || found.len > max)
        return PARLEY_ERR_FIELD;
    *value = found;
    return PARLEY_OK;
}

int json_get_number(const cJSON *object, const char *key, uint32_t *value) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= UINT32_MAX))
        return PARLEY_ERR_FIELD;
    *value = (uint32_t)item->valuedouble;
    return PARLEY_OK;
}

int json_get_flag(const cJSON *object, const char *key, bool *value) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    *value = cJSON_IsTrue(item);
    return !item || cJSON_IsBool(item) ? PARLEY_OK : PARLEY_ERR_FIELD;
}

cJSON *json_string(struct slice value) {
    if (value.len && memchr(value.bytes, 0, value.len))
        return NULL;
    cJSON *item = cJSON_CreateNull();
    char *copy = cJSON_malloc(value.len + 1);
    if (!item || !copy) {
        cJSON_Delete(item);
        cJSON_free(copy);
        return NULL;
    }
    if (value.len)
        memcpy(copy, value.bytes, value.len);
    copy[value.len] = '\0';
    item->type = cJSON_String;
    item->valuestring = copy;
    return item;
}

int json_add(cJSON *object, const char *key, cJSON *item) {
    if (item && cJSON_AddItemToObjectCS(object, key, item))
        return PARLEY_OK;
    cJSON_Delete(item);
    return PARLEY_ERR_NO_MEMORY;
}

int json_add_string(cJSON *object, const char *key, struct slice value) {
    return json_add(object, key, json_string(value));
}

int json_add_flag(cJSON *object, const char *key, bool value) {
    return value ? json_add(object, key, cJSON_CreateTrue()) : PARLEY_OK;
}

int json_write(const cJSON *item, size_t bytes_max, struct buffer *out) {
    size_t room = bytes_max + PRINT_SLACK_BYTES;
    int error = buffer_reserve(out, room);
    if (error)
        return error;
    PARLEY_CHECK(room <= INT_MAX);
    char *start = out->bytes + out->len;
    if (!cJSON_PrintPreallocated((cJSON *)(uintptr_t)item, start, (int)room, false))
        return PARLEY_ERR_TOO_BIG;
    size_t len = strlen(start);
    if (len > bytes_max)
        return PARLEY_ERR_TOO_BIG;
    out->len += len;
    return PARLEY_OK;
}
