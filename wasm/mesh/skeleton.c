#include "skeleton.h"

#include "skeleton_table.h"
#include "text.h"
#include "unicode.h"

#define NOTHING SKELETON_NOTHING
#define HANGUL_FIRST 0xAC00u
#define HANGUL_LAST 0xD7A3u
#define FNV_START 2166136261u
#define FNV_PRIME 16777619u

/* Accents, points and other characters that a reader overlooks. */
static bool is_passed_over(uint32_t character) {
    static const struct unicode_range marks[] = {
        {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05C7}, {0x0610, 0x061A},
        {0x0640, 0x0640}, {0x064B, 0x065F}, {0x0670, 0x0670}, {0x1AB0, 0x1AFF},
        {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F}};
    return unicode_is_invisible(character) || UNICODE_IN(marks, character);
}

/* The plain letter of a wide, mathematical, circled, squared or flag letter. */
static uint32_t undress(uint32_t character) {
    if (character >= 0xFF01 && character <= 0xFF5E)
        return character - 0xFF01 + '!';
    if (character >= 0x24B6 && character <= 0x24E9)
        return 'a' + (character - 0x24B6) % 26;
    if (character >= 0x1F130 && character <= 0x1F189)
        return 'a' + (character - 0x1F130) % 32;
    if (character >= 0x1D400 && character <= 0x1D6A3)
        return 'a' + (character - 0x1D400) % 26;
    if (character >= 0x1F1E6 && character <= 0x1F1FF)
        return 'a' + character - 0x1F1E6;
    if (character >= 0x1D6A8 && character <= 0x1D7C9)
        return 0x0391 + (character - 0x1D6A8) % 58 / 26 * 6 + (character - 0x1D6A8) % 58;
    if (character >= 0xAB70 && character <= 0xABBF) /* small Cherokee */
        return character - 0xAB70 + 0x13A0;
    if (character >= 0x1D7CE && character <= 0x1D7FF)
        return '0' + (character - 0x1D7CE) % 10;
    return character;
}

/* The ASCII small letter that it looks like, or else its own small letter. */
static uint32_t small_twin(uint32_t character) {
    for (size_t i = 0; i < sizeof skeleton_blocks / sizeof *skeleton_blocks; i++) {
        if (character < skeleton_blocks[i].first || character > skeleton_blocks[i].last)
            continue;
        char letter = skeleton_blocks[i].letters[character - skeleton_blocks[i].first];
        if (letter != '.')
            return (unsigned char)letter;
    }
    if (character < 0x80)
        return (unsigned char)text_lower((char)character);
    if ((character >= 0x0391 && character <= 0x03A9) ||
        (character >= 0x0410 && character <= 0x042F))
        return character + 0x20;
    if (character >= 0x0400 && character <= 0x040F)
        return character + 0x50;
    if (character >= 0x0460 && character <= 0x0527)
        return character | 1;
    return character >= 0x0531 && character <= 0x0556 ? character + 0x30 : character;
}

uint32_t skeleton_letter(uint32_t character) {
    return is_passed_over(character) ? NOTHING : small_twin(undress(character));
}

/* The letter that represents all that look like |character|. */
static uint32_t stand_in(uint32_t character) {
    uint32_t letter = skeleton_letter(character);
    if (letter == '0')
        return 'o';
    return letter == '1' || letter == 'i' || letter == '|' ? 'l' : letter;
}

static uint32_t mix(uint32_t hash, uint32_t letter) {
    return letter == NOTHING ? hash : (hash ^ letter) * FNV_PRIME;
}

/* The letter that two letters together look like; NOTHING: none. */
static uint32_t pair(uint32_t before, uint32_t letter) {
    if (before == 'r' && letter == 'n')
        return 'm';
    return before == 'v' && letter == 'v' ? 'w' : NOTHING;
}

struct skeleton {
    uint32_t hash;   /* of all letters but the last, */
    uint32_t before; /* which may yet be half of another; NOTHING: none came */
    uint32_t marks;  /* on that: a sum, for their order is not seen */
};

static void end_letter(struct skeleton *skeleton) {
    skeleton->hash = mix(mix(skeleton->hash, skeleton->before), skeleton->marks);
    skeleton->marks = NOTHING;
}

static void add_plain(struct skeleton *skeleton, uint32_t character) {
    uint32_t letter = stand_in(character);
    uint32_t both = skeleton->marks ? NOTHING : pair(skeleton->before, letter);
    if (letter == NOTHING)
        return;
    if (unicode_extends(letter)) {
        skeleton->marks += mix(FNV_START, letter);
        return;
    }
    if (both == NOTHING)
        end_letter(skeleton);
    skeleton->before = both != NOTHING ? both : letter;
}

/* A syllable of Hangul counts as its parts (Unicode, 3.12). */
static void add_syllable(struct skeleton *skeleton, uint32_t syllable) {
    uint32_t index = syllable - HANGUL_FIRST, trailing = index % 28;
    add_plain(skeleton, 0x1100 + index / 28 / 21);
    add_plain(skeleton, 0x1161 + index / 28 % 21);
    if (trailing)
        add_plain(skeleton, 0x11A7 + trailing);
}

/* The table's number at |*at|. */
static uint32_t next_number(size_t *at) {
    uint32_t number = 0, shift = 0;
    uint8_t byte;
    do {
        byte = skeleton_drawn[(*at)++];
        number |= (byte & 0x7Fu) << shift;
        shift += 7;
    } while (byte & 0x80u);
    return number;
}

/* The same, as a way down (odd) or up. */
static uint32_t next_way(size_t *at) {
    uint32_t number = next_number(at);
    return number & 1 ? 0 - (number + 1) / 2 : number / 2;
}

static void add(struct skeleton *skeleton, uint32_t character) {
    uint32_t row = 0, first = 0, other = 0;
    for (size_t at = 0; at < sizeof skeleton_drawn && row < character;) {
        uint32_t head = next_number(&at), way = head / SKELETON_MANY;
        uint32_t letters = head % SKELETON_MANY + 1;
        if (letters == SKELETON_MANY)
            letters = next_number(&at);
        row += way;
        first += way + next_way(&at);
        if (row == character)
            add_plain(skeleton, first);
        for (uint32_t i = 1; i < letters; i++) {
            other += next_way(&at);
            if (row == character)
                add_plain(skeleton, other);
        }
        if (row == character)
            return;
    }
    add_plain(skeleton, character);
}

uint32_t skeleton_of(struct slice name) {
    struct skeleton skeleton = {.hash = FNV_START, .before = NOTHING};
    for (size_t at = 0; at < name.len;) {
        uint32_t character = unicode_next(name, &at);
        if (character >= HANGUL_FIRST && character <= HANGUL_LAST)
            add_syllable(&skeleton, character);
        else
            add(&skeleton, character);
    }
    end_letter(&skeleton);
    return skeleton.hash;
}
