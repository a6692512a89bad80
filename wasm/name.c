#include "name.h"

#include "error.h"
#include "skeleton.h"

#include <string.h>

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
