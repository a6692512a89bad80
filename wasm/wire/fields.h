/* fields.h - describes the fields of a JSON object in a table, by which it reads, writes and checks
 * the object. The formats of this folder are such tables.
 *
 * A format has a row for each of its fields, and for each kind of message a set of required and a
 * set of optional rows. Fields are read in any order, and ignored if they are not in a set; they
 * are written in the order of the rows. A value is in the message's struct; one value of each kind
 * means absent, and is not written:
 *
 *   kind      in the struct                        absent
 *   TEXT      struct slice                         empty
 *   ID        char[|max|], and behind it, where    all zeros
 *             |min| is less, its length: uint8_t
 *   NUMBER    uint32_t                             0
 *   FLAG      bool                                 false (only true is written)
 *   NAME      an enum: the index in |names|        |name_count|, also for an unknown name
 *   LIST      pointer to items, size_t of them     none
 */
#ifndef PARLEY_FIELDS_H
#define PARLEY_FIELDS_H

#include "json.h"

#include <stddef.h>

#define FIELDS_MAX 31 /* rows of one format: bits of a set */

enum field_kind { FIELD_TEXT, FIELD_ID, FIELD_NUMBER, FIELD_FLAG, FIELD_NAME, FIELD_LIST };

/* Bits: 1 << the row. */
struct field_set {
    uint32_t required, optional;
};

/* Takes the lowest row out of |left|, which is not empty. */
static inline unsigned fields_next(uint32_t *left) {
    unsigned row = (unsigned)__builtin_ctz(*left);
    *left &= *left - 1;
    return row;
}

struct field {
    const char *key; /* a literal without escapes */
    struct json_key before;
    enum field_kind kind;
    uint32_t min, max; /* bytes of a TEXT, ID or NAME, value of a NUMBER, items of a LIST */
    size_t at;         /* of the value in the struct */
    size_t count_at;   /* LIST: of the number of items */
    bool (*valid)(struct slice text); /* TEXT, where NULL is any; ID, also of its bounds */
    int error;                        /* of both: when it is read and not valid; 0: ..._FIELD */
    const struct slice *names;        /* NAME */
    uint32_t name_count;
    const struct field_items *items; /* LIST */
};

/* A name in a list of names. */
#define FIELD_NAMED(text)                                                                          \
    { text, sizeof(text) - 1 }

/* A row, and its kind with its bounds. */
#define FIELD_ROW(text, ...)                                                                       \
    { .key = (text), .before = JSON_KEY(text), __VA_ARGS__ }
#define FIELD_IS_TEXT(bytes_min, bytes_max)                                                        \
    .kind = FIELD_TEXT, .min = (bytes_min), .max = (bytes_max)
#define FIELD_IS_ID(bytes_min, bytes_max, is_valid)                                                \
    .kind = FIELD_ID, .min = (bytes_min), .max = (bytes_max), .valid = (is_valid)
#define FIELD_IS_NUMBER(value_min, value_max)                                                      \
    .kind = FIELD_NUMBER, .min = (value_min), .max = (value_max)
#define FIELD_IS_FLAG .kind = FIELD_FLAG
#define FIELD_IS_NAME(bytes_min, list)                                                             \
    .kind = FIELD_NAME, .min = (bytes_min), .max = UINT32_MAX, .names = (list),                    \
    .name_count = sizeof(list) / sizeof *(list)
#define FIELD_IS_LIST(type, count_place, items_max)                                                \
    .kind = FIELD_LIST, .max = (items_max), .count_at = (count_place), .items = &(type)

/* The items of a list: bare values of rows[0] if |bare|, otherwise objects. No row is a LIST. */
struct field_items {
    const struct field *rows;
    struct field_set set;
    size_t bytes; /* of an item in memory */
    bool bare;
};

/* Reads the fields of |set| from |object| into |message|, where they must be all zeros. Texts point
 * into |object|; lists are in memory that fields_free frees, also after an error.
 * PARLEY_ERR_FIELD: one is missing, of another kind, or out of its bounds; or its own |error|.
 * PARLEY_ERR_NO_MEMORY. */
int fields_read(const struct field *rows, struct field_set set, const cJSON *object, void *message);

/* Frees the lists that were read. */
void fields_free(const struct field *rows, struct field_set set, void *message);

/* Writes the fields of |set| as an object. PARLEY_ERR_FIELD, in |writer|: one is out of its bounds,
 * or a required one is absent. */
void fields_write(const struct field *rows, struct field_set set, const void *message,
                  struct json_writer *writer);

/* Writes |count| items of the LIST |field| as an array. Errors as fields_write. */
void fields_write_list(const struct field *field, struct json_key key, const void *items,
                       size_t count, struct json_writer *writer);

#endif
