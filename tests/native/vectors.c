#include "vectors.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (1 << 18)
#define FIELDS_MAX 16

static char *held[FIELDS_MAX]; /* the memory of vector_bytes */
static size_t held_count;

static void release(void) {
    while (held_count > 0)
        free(held[--held_count]);
}

static cJSON *read_vectors(void) {
    static char text[FILE_BYTES_MAX];
    FILE *file = fopen(PARLEY_VECTORS, "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    assert_true(feof(file));
    (void)fclose(file);
    text[len] = '\0';
    cJSON *groups = cJSON_Parse(text);
    assert_non_null(groups);
    return groups;
}

void for_each_vector(const char *group, void (*check)(const cJSON *vector)) {
    cJSON *groups = read_vectors();
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(groups, group), *vector;
    assert_true(cJSON_GetArraySize(list) > 0);
    cJSON_ArrayForEach(vector, list) {
        print_message("  %s: %s\n", group, vector_text(vector, "name"));
        check(vector);
        release();
    }
    cJSON_Delete(groups);
}

static const cJSON *field_of(const cJSON *vector, const char *field) {
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(vector, field);
    if (!found)
        fail_msg("no field %s", field);
    return found;
}

struct slice vector_bytes(const cJSON *vector, const char *field) {
    const char *hex = vector_text(vector, field);
    size_t len = strlen(hex) / 2;
    char *bytes = malloc(len ? len : 1);
    assert_non_null(bytes);
    assert_true(held_count < FIELDS_MAX && strlen(hex) % 2 == 0);
    held[held_count++] = bytes;
    for (size_t i = 0; i < len; i++) {
        int high = slice_hex_value(hex[2 * i]), low = slice_hex_value(hex[2 * i + 1]);
        assert_true(high >= 0 && low >= 0);
        bytes[i] = (char)(high << 4 | low);
    }
    return (struct slice){bytes, len};
}

void vector_copy(const cJSON *vector, const char *field, uint8_t *out, size_t len) {
    struct slice bytes = vector_bytes(vector, field);
    assert_int_equal(bytes.len, len);
    memcpy(out, bytes.bytes, len);
}

bool vector_has(const cJSON *vector, const char *field) {
    return cJSON_HasObjectItem(vector, field);
}

const char *vector_text(const cJSON *vector, const char *field) {
    const cJSON *found = field_of(vector, field);
    assert_true(cJSON_IsString(found));
    return found->valuestring;
}

uint32_t vector_number(const cJSON *vector, const char *field) {
    const cJSON *found = field_of(vector, field);
    assert_true(cJSON_IsNumber(found) && found->valuedouble >= 0);
    return (uint32_t)found->valuedouble;
}

void assert_vector_bytes(const cJSON *vector, const char *field, const uint8_t *bytes, size_t len) {
    struct slice expected = vector_bytes(vector, field);
    assert_int_equal(len, expected.len);
    assert_memory_equal(bytes, expected.bytes, len);
}
