#include "span.h"

#include "name.h"

uint32_t span_take_names(struct buffer *text, struct span names[SPAN_NAMES_MAX]) {
    const struct slice start = slice_of(NAME_ISOLATE_START), end = slice_of(NAME_ISOLATE_END);
    uint32_t count = 0, kept = 0;
    for (size_t at = 0; at < text->len;) {
        struct slice mark = {text->bytes + at, text->len - at < start.len ? 0 : start.len};
        bool begins = slice_equal(mark, start), ends = slice_equal(mark, end);
        bool fits = count < SPAN_NAMES_MAX;
        if (begins && fits)
            names[count].start = kept;
        if (ends && fits)
            names[count++].end = kept;
        if (!begins && !ends)
            text->bytes[kept++] = text->bytes[at];
        at += begins || ends ? start.len : 1;
    }
    text->len = kept;
    return count;
}
