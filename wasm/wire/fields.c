#include "fields.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(enum field_kind) == sizeof(uint32_t), "a NAME is read and written as one");

static uint32_t all_of(struct field_set set) {
    return set.required | set.optional;
}

static bool is_required(struct field_set set, unsigned row) {
    return set.required >> row & 1;
}

static bool in_bounds(const struct field *field, size_t value) {
    return value >= field->min && value <= field->max;
}

/* Reading */

static int read_string(const struct field *field, const cJSON *item, struct slice *text) {
    if (!cJSON_IsString(item))
        return PARLEY_ERR_FIELD;
    struct slice found = slice_of(item->valuestring);
    if (!in_bounds(field, found.len))
        return PARLEY_ERR_FIELD;
    *text = found;
    return PARLEY_OK;
}

static int error_of(const struct field *field) {
    return field->error ? field->error : PARLEY_ERR_FIELD;
}

/* An empty text that may be absent is. */
static int read_text(const struct field *field, const cJSON *item, bool required,
                     struct slice *text) {
    int error = read_string(field, item, text);
    if (error || !field->valid || (text->len == 0 && !required) || field->valid(*text))
        return error;
    return error_of(field);
}

/* The same for an id. */
static int read_id(const struct field *field, const cJSON *item, bool required, char *id) {
    if (!cJSON_IsString(item))
        return PARLEY_ERR_FIELD;
    struct slice text = slice_of(item->valuestring);
    if (text.len == 0 && !required)
        return PARLEY_OK;
    if (!field->valid(text))
        return error_of(field);
    memcpy(id, text.bytes, text.len);
    if (field->min < field->max)
        id[field->max] = (char)text.len;
    return PARLEY_OK;
}

static int read_number(const struct field *field, const cJSON *item, uint32_t *number) {
    if (!cJSON_IsNumber(item) ||
        !(item->valuedouble >= field->min && item->valuedouble <= field->max))
        return PARLEY_ERR_FIELD;
    *number = (uint32_t)item->valuedouble;
    return PARLEY_OK;
}

static int read_flag(const cJSON *item, bool *flag) {
    *flag = cJSON_IsTrue(item);
    return cJSON_IsBool(item) ? PARLEY_OK : PARLEY_ERR_FIELD;
}

static int read_name(const struct field *field, const cJSON *item, uint32_t *place) {
    struct slice name;
    int error = read_string(field, item, &name);
    if (error)
        return error;
    for (*place = 0; *place < field->name_count; ++*place)
        if (slice_equal(name, field->names[*place]))
            break;
    return PARLEY_OK;
}

static int read_value(const struct field *field, const cJSON *item, bool required, void *value) {
    switch (field->kind) {
    case FIELD_TEXT:
        return read_text(field, item, required, value);
    case FIELD_ID:
        return read_id(field, item, required, value);
    case FIELD_NUMBER:
        return read_number(field, item, value);
    case FIELD_FLAG:
        return read_flag(item, value);
    case FIELD_NAME:
        return read_name(field, item, value);
    case FIELD_LIST:
        break;
    }
    return PARLEY_OK; /* see read_list */
}

static int read_absent(const struct field *field, bool required, void *value) {
    if (field->kind == FIELD_TEXT)
        *(struct slice *)value = slice_of("");
    else if (field->kind == FIELD_NAME)
        *(uint32_t *)value = field->name_count;
    return required ? PARLEY_ERR_FIELD : PARLEY_OK;
}

/* All but lists. */
static int read_values(const struct field *rows, struct field_set set, const cJSON *object,
                       char *message) {
    int error = PARLEY_OK;
    for (uint32_t left = all_of(set); !error && left;) {
        unsigned i = fields_next(&left);
        bool required = is_required(set, i);
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, rows[i].key);
        error = item ? read_value(&rows[i], item, required, message + rows[i].at)
                     : read_absent(&rows[i], required, message + rows[i].at);
    }
    return error;
}

static int read_item(const struct field_items *items, const cJSON *item, char *place) {
    if (items->bare)
        return read_value(items->rows, item, true, place);
    return cJSON_IsObject(item) ? read_values(items->rows, items->set, item, place)
                                : PARLEY_ERR_FIELD;
}

/* A pointer to items of whatever type. */
static char *get_items(const struct field *field, const char *message) {
    char *items;
    memcpy(&items, message + field->at, sizeof items);
    return items;
}

static void set_items(const struct field *field, char *message, char *items, size_t count) {
    memcpy(message + field->at, &items, sizeof items);
    memcpy(message + field->count_at, &count, sizeof count);
}

static int read_list(const struct field *field, const cJSON *array, char *message) {
    size_t count = cJSON_IsArray(array) ? (size_t)cJSON_GetArraySize(array) : 0;
    if (!cJSON_IsArray(array) || !in_bounds(field, count))
        return PARLEY_ERR_FIELD;
    if (count == 0)
        return PARLEY_OK;
    char *place = calloc(count, field->items->bytes);
    if (!place)
        return PARLEY_ERR_NO_MEMORY;
    set_items(field, message, place, count);
    int error = PARLEY_OK;
    for (const cJSON *item = array->child; !error && item; item = item->next) {
        error = read_item(field->items, item, place);
        place += field->items->bytes;
    }
    return error;
}

int fields_read(const struct field *rows, struct field_set set, const cJSON *object,
                void *message) {
    int error = read_values(rows, set, object, message);
    for (uint32_t left = all_of(set); !error && left;) {
        unsigned i = fields_next(&left);
        const cJSON *array = rows[i].kind == FIELD_LIST
                                 ? cJSON_GetObjectItemCaseSensitive(object, rows[i].key)
                                 : NULL;
        if (array) /* else there is none, as read_values found */
            error = read_list(&rows[i], array, message);
    }
    return error;
}

void fields_free(const struct field *rows, struct field_set set, void *message) {
    for (uint32_t left = all_of(set); left;) {
        unsigned i = fields_next(&left);
        if (rows[i].kind != FIELD_LIST)
            continue;
        free(get_items(&rows[i], message));
        set_items(&rows[i], message, NULL, 0);
    }
}

/* Writing */

static void write_text(const struct field *field, struct json_key key, bool required,
                       struct slice text, struct json_writer *writer) {
    if (text.len == 0 && !required)
        return;
    if (!in_bounds(field, text.len) || (field->valid && !field->valid(text)))
        json_fail(writer, PARLEY_ERR_FIELD);
    else
        json_put_string(writer, key, text);
}

/* As text; empty: none. */
static struct slice id_text(const struct field *field, const char *id) {
    size_t len = field->min < field->max ? (unsigned char)id[field->max] : field->max;
    return (struct slice){id, *id ? len : 0};
}

static void write_number(const struct field *field, bool required, uint32_t number,
                         struct json_writer *writer) {
    if (number == 0 && !required)
        return;
    if (in_bounds(field, number))
        json_put_number(writer, field->before, number);
    else
        json_fail(writer, PARLEY_ERR_FIELD);
}

static void write_name(const struct field *field, bool required, uint32_t place,
                       struct json_writer *writer) {
    if (place < field->name_count)
        json_put_string(writer, field->before, field->names[place]);
    else if (required)
        json_fail(writer, PARLEY_ERR_FIELD);
}

static void write_value(const struct field *field, struct json_key key, bool required,
                        const void *value, struct json_writer *writer) {
    switch (field->kind) {
    case FIELD_TEXT:
        write_text(field, key, required, *(const struct slice *)value, writer);
        break;
    case FIELD_ID:
        write_text(field, key, required, id_text(field, value), writer);
        break;
    case FIELD_NUMBER:
        write_number(field, required, *(const uint32_t *)value, writer);
        break;
    case FIELD_FLAG:
        json_put_flag(writer, key, *(const bool *)value);
        break;
    case FIELD_NAME:
        write_name(field, required, *(const uint32_t *)value, writer);
        break;
    case FIELD_LIST: /* see fields_write */
        break;
    }
}

static void write_item(const struct field_items *items, const char *item,
                       struct json_writer *writer) {
    if (items->bare) {
        write_value(items->rows, JSON_NO_KEY, true, item, writer);
        return;
    }
    json_open(writer, JSON_NO_KEY, '{');
    for (uint32_t left = all_of(items->set); left;) {
        unsigned i = fields_next(&left);
        write_value(&items->rows[i], items->rows[i].before, is_required(items->set, i),
                    item + items->rows[i].at, writer);
    }
    json_close(writer, '}');
}

void fields_write_list(const struct field *field, struct json_key key, const void *items,
                       size_t count, struct json_writer *writer) {
    if (!in_bounds(field, count)) {
        json_fail(writer, PARLEY_ERR_FIELD);
        return;
    }
    json_open(writer, key, '[');
    for (size_t i = 0; i < count; i++)
        write_item(field->items, (const char *)items + i * field->items->bytes, writer);
    json_close(writer, ']');
}

static void write_field(const struct field *field, bool required, const char *message,
                        struct json_writer *writer) {
    size_t count;
    if (field->kind != FIELD_LIST) {
        write_value(field, field->before, required, message + field->at, writer);
        return;
    }
    memcpy(&count, message + field->count_at, sizeof count);
    if (count || required)
        fields_write_list(field, field->before, get_items(field, message), count, writer);
}

void fields_write(const struct field *rows, struct field_set set, const void *message,
                  struct json_writer *writer) {
    json_open(writer, JSON_NO_KEY, '{');
    for (uint32_t left = all_of(set); left;) {
        unsigned i = fields_next(&left);
        write_field(&rows[i], is_required(set, i), message, writer);
    }
    json_close(writer, '}');
}
