#include "script.h"

#include <string.h>

#define LONG_TEXTS_FROM 0xE0
#define LONG_TEXT_STEP 512
#define LONG_TEXT_BACK 8 /* for lengths just below and just above a limit */
#define LARGE_NUMBERS_FROM 0xF0
#define SCRATCH_BYTES_MAX (128u << 10)

struct script script_of(const uint8_t *bytes, size_t len) {
    return (struct script){.at = bytes, .left = len};
}

struct buffer *script_scratch(void) {
    static struct buffer scratch = {.bytes_max = SCRATCH_BYTES_MAX};
    buffer_clear(&scratch);
    return &scratch;
}

void script_free_texts(struct script *script) {
    while (script->text_count > 0)
        free(script->texts[--script->text_count]);
}

uint8_t script_byte(struct script *script) {
    if (script->left == 0)
        return 0;
    script->left--;
    return *script->at++;
}

uint32_t script_below(struct script *script, uint32_t end) {
    return script_byte(script) % end;
}

bool script_once_in(struct script *script, uint32_t times) {
    return script_below(script, times) == times - 1;
}

uint32_t script_number(struct script *script) {
    uint8_t first = script_byte(script);
    if (first < LARGE_NUMBERS_FROM)
        return first;
    uint32_t number = 0;
    for (int i = 0; i < 4; i++)
        number = number << 8 | script_byte(script);
    return number;
}

static char *new_text(struct script *script, size_t len) {
    FUZZ_CHECK(script->text_count < SCRIPT_TEXTS_MAX);
    char *text = malloc(len ? len : 1);
    FUZZ_CHECK(text);
    return script->texts[script->text_count++] = text;
}

struct slice script_copy(struct script *script, struct slice bytes) {
    char *text = new_text(script, bytes.len);
    if (bytes.len)
        memcpy(text, bytes.bytes, bytes.len);
    return (struct slice){text, bytes.len};
}

static struct slice long_text(struct script *script, uint8_t size) {
    size_t len = (size_t)(size - LONG_TEXTS_FROM + 1) * LONG_TEXT_STEP + script_byte(script);
    len -= LONG_TEXT_BACK;
    char *text = new_text(script, len);
    memset(text, script_byte(script), len);
    return (struct slice){text, len};
}

static struct slice literal_text(struct script *script, size_t len) {
    if (len > script->left)
        len = script->left;
    if (len == 0)
        return (struct slice){"", 0};
    char *text = new_text(script, len);
    memcpy(text, script->at, len);
    script->at += len;
    script->left -= len;
    return (struct slice){text, len};
}

struct slice script_text(struct script *script) {
    uint8_t size = script_byte(script);
    return size < LONG_TEXTS_FROM ? literal_text(script, size) : long_text(script, size);
}

struct slice script_rest(struct script *script) {
    return literal_text(script, script->left);
}

struct room_id script_room_id(struct slice text) {
    struct room_id id = {0};
    id.len = (uint8_t)(text.len < sizeof id.bytes ? text.len : sizeof id.bytes);
    if (id.len)
        memcpy(id.bytes, text.bytes, id.len);
    return id;
}
