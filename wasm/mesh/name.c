#include "name.h"

#include "error.h"
#include "skeleton.h"
#include "text.h"
#include "unicode.h"

#include <string.h>

_Static_assert(NAME_NUMBER_BYTES_MAX >= sizeof " (4294967295)" - 1, "every number has place");

/* Ends that only the core adds to names */

static bool opens(uint32_t character) {
    return character == '(' || character == '[' || character == '{' ||
           unicode_class_of(character) == UNICODE_OPENING;
}

static bool closes(uint32_t character) {
    return character == ')' || character == ']' || character == '}' ||
           unicode_class_of(character) == UNICODE_CLOSING;
}

/* One character, with brackets around it, is a number from 1 to 20. */
static bool is_number_in_brackets(uint32_t character) {
    return character >= 0x2474 && character <= 0x2487;
}

/* "(lO)" may be somebody's nickname, "(1O)" is a number. */
static bool is_ours(const uint32_t *characters, size_t count) {
    bool number = true, you = true;
    size_t figures = 0, letters = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t letter = skeleton_letter(characters[i]);
        if (letter == SKELETON_NOTHING)
            continue;
        bool figure = letter >= '0' && letter <= '9';
        number = number && (figure || letter == 'o' || letter == 'i' || letter == 'l');
        letter = letter == '0' ? 'o' : letter;
        you = you && letters < 3 && letter == (unsigned char)"you"[letters];
        figures += figure;
        letters++;
    }
    return (number && figures > 0) || (you && letters == 3);
}

/* The beginning of such an end, if one stands before |end|; else |end|. */
static size_t start_of_ours(const uint32_t *characters, size_t end) {
    size_t last = end;
    while (last > 0 && skeleton_letter(characters[last - 1]) == SKELETON_NOTHING)
        last--;
    if (last > 0 && is_number_in_brackets(characters[last - 1]))
        return last - 1;
    if (last == 0 || !closes(characters[last - 1]))
        return end;
    size_t first = last - 1;
    while (first > 0 && !opens(characters[first - 1]))
        first--;
    return first > 0 && is_ours(characters + first, last - 1 - first) ? first - 1 : end;
}

static size_t bytes_without_ours(struct slice name) {
    uint32_t characters[PEER_NAME_CHARACTERS_MAX];
    size_t starts[PEER_NAME_CHARACTERS_MAX + 1] = {0}, count = 0;
    for (size_t at = 0; at < name.len; starts[++count] = at)
        characters[count] = unicode_next(name, &at);
    for (size_t end = count; (end = start_of_ours(characters, end)) < count;)
        count = end;
    size_t bytes = starts[count];
    return bytes > 0 && name.bytes[bytes - 1] == ' ' ? bytes - 1 : bytes;
}

struct slice name_without_ours(struct slice name) {
    size_t bytes = bytes_without_ours(name);
    return (struct slice){name.bytes, bytes ? bytes : name.len};
}

/* Showing */

struct slice name_chosen(const struct name *name) {
    return (struct slice){name->bytes, name->chosen_bytes};
}

struct slice name_shown(const struct name *name) {
    return (struct slice){name->bytes, name->shown_bytes};
}

void name_set(struct name *name, struct slice chosen) {
    PARLEY_CHECK(chosen.len > 0 && chosen.len <= PEER_NAME_BYTES_MAX);
    if (slice_equal(name_chosen(name), chosen))
        return;
    memcpy(name->bytes, chosen.bytes, chosen.len);
    name->chosen_bytes = chosen.len;
    name_give_number(name, 1);
}

static int append_number(struct buffer *out, uint32_t number) {
    int error = buffer_append(out, slice_of(" ("));
    if (!error)
        error = buffer_append_number(out, number);
    return error ? error : buffer_append(out, slice_of(")"));
}

void name_give_number(struct name *name, uint32_t number) {
    struct buffer out = {.bytes = name->bytes,
                         .len = name->chosen_bytes,
                         .capacity = sizeof name->bytes,
                         .bytes_max = sizeof name->bytes};
    PARLEY_CHECK(number == 1 || append_number(&out, number) == PARLEY_OK);
    name->shown_bytes = out.len;
    name->number = number;
    name->skeleton = skeleton_of(name_shown(name));
}

void name_append(struct buffer *out, struct slice name) {
    PARLEY_CHECK(buffer_append(out, slice_of(NAME_ISOLATE_START)) == PARLEY_OK &&
                 buffer_append(out, name) == PARLEY_OK &&
                 buffer_append(out, slice_of(NAME_ISOLATE_END)) == PARLEY_OK);
}

int name_clean(struct slice wish, struct buffer *out) {
    int error = text_clean_name(wish, PEER_NAME_CHARACTERS_MAX, out);
    if (!error)
        out->len = name_without_ours(buffer_slice(out)).len;
    return error;
}
