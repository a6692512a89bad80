#include "url.h"

#include "text.h"
#include "unicode.h"

#include <string.h>

#define BRACKETS_MAX 16 /* open in one address */
#define REPLACEMENT 0xFFFDu

static bool is_alphanumeric(char byte) {
    return slice_is_letter(byte) || slice_is_digit(byte);
}

static bool starts_with(struct slice text, size_t at, const char *small) {
    for (; *small; small++, at++)
        if (at >= text.len || text_lower(text.bytes[at]) != *small)
            return false;
    return true;
}

/* The length of "http://" or "https://" at |at|; 0 when neither stands there. */
static size_t scheme_bytes(struct slice text, size_t at) {
    if (at > 0 && is_alphanumeric(text.bytes[at - 1]))
        return 0;
    if (starts_with(text, at, "http://"))
        return 7;
    return starts_with(text, at, "https://") ? 8 : 0;
}

/* Looked at first: the rest of an address is as long as its writer likes. */
static bool begins_address(struct slice text, size_t at) {
    if (at >= text.len)
        return false;
    char first = text.bytes[at];
    return is_alphanumeric(first) || first == '[' || (unsigned char)first >= 0x80;
}

static bool is_ascii_of(const char *list, uint32_t character) {
    return character > 0 && character < 0x80 && strchr(list, (char)character);
}

static bool ends_address(uint32_t character) {
    bool control = character < ' ' || (character >= 0x7F && character < 0xA0);
    return control || is_ascii_of("<>\"", character) || unicode_is_invisible(character) ||
           unicode_class_of(character) == UNICODE_TERMINAL || character == REPLACEMENT;
}

/* Of the address only where more of it follows. |around|: what stands before it, such as a '*'. */
static bool is_punctuation(uint32_t character, char around) {
    bool wraps = (unsigned char)around == character && is_ascii_of("*_~`|", character);
    bool general = character >= 0x2010 && character <= 0x205E; /* dashes, dots */
    return wraps || general || is_ascii_of(".,;:!?'", character);
}

static bool opens(uint32_t character) {
    return is_ascii_of("([{", character) || unicode_class_of(character) == UNICODE_OPENING;
}

static bool closes(uint32_t character) {
    return is_ascii_of(")]}", character) || unicode_class_of(character) == UNICODE_CLOSING;
}

/* The two of a pair are neighbours, or have one between them, as [ and ] do. */
static bool is_pair(uint32_t opening, uint32_t closing) {
    return closing - opening == 1 || closing - opening == 2;
}

/* One past the last byte of the address that goes on at |at|. */
static size_t address_end(struct slice text, size_t at, char around) {
    uint32_t brackets[BRACKETS_MAX];
    size_t depth = 0, end = at;
    while (at < text.len) {
        uint32_t character = unicode_next(text, &at);
        if (ends_address(character))
            break;
        if (opens(character)) {
            if (depth == BRACKETS_MAX)
                break;
            brackets[depth++] = character;
            continue;
        }
        if (closes(character) && !(depth > 0 && is_pair(brackets[--depth], character)))
            break;
        if (!is_punctuation(character, around))
            end = at;
    }
    return end;
}

/* The name of a room ends where its characters do, whatever script goes on behind it. */
static size_t room_end(struct slice text, size_t start, size_t end) {
    for (size_t at = start; at < end; at++) {
        if (!starts_with((struct slice){text.bytes, end}, at, "?roomid="))
            continue;
        for (at += strlen("?roomid="); at < end && (unsigned char)text.bytes[at] < 0x80; at++)
            continue;
        return at;
    }
    return end;
}

bool url_find(struct slice text, size_t from, size_t *start, size_t *end) {
    for (size_t at = from; at < text.len; at++) {
        size_t scheme = scheme_bytes(text, at);
        if (scheme == 0 || !begins_address(text, at + scheme))
            continue;
        size_t stop = address_end(text, at + scheme, at > 0 ? text.bytes[at - 1] : '\0');
        if (stop <= at + scheme)
            continue;
        *start = at;
        *end = room_end(text, at, stop);
        return true;
    }
    return false;
}
