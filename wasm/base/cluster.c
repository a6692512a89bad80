#include "cluster.h"

#include "unicode.h"

#define ZERO_WIDTH_JOINER 0x200Du
#define TAMIL_PULLI 0x0BCDu   /* a virama that joins nothing, as in a long "mmmm" */
#define COMPOSED_MARKS_MAX 3u /* of a letter's decomposition (NFKD), such as U+1F82 */

/* Marks that are two (NFKD). */
static bool is_double(uint32_t character) {
    return character == 0x0344 || character == 0x0F73 || character == 0x0F75 || character == 0x0F81;
}

static bool is_joint(uint32_t character) {
    return character == ZERO_WIDTH_JOINER ||
           (character != TAMIL_PULLI && unicode_class_of(character) == UNICODE_VIRAMA);
}

/* The parts of a syllable in their order; 0: no Hangul, or a syllable that is whole. */
static int hangul_part(uint32_t character) {
    static const struct unicode_range leading[] = {{0x1100, 0x115F}, {0xA960, 0xA97C}};
    static const struct unicode_range vowels[] = {{0x1160, 0x11A7}, {0xD7B0, 0xD7C6}};
    static const struct unicode_range trailing[] = {{0x11A8, 0x11FF}, {0xD7CB, 0xD7FB}};
    return UNICODE_IN(leading, character)    ? 1
           : UNICODE_IN(vowels, character)   ? 2
           : UNICODE_IN(trailing, character) ? 3
                                             : 0;
}

static bool continues_syllable(uint32_t previous, uint32_t character) {
    int before = hangul_part(previous), part = hangul_part(character);
    bool whole = previous >= 0xAC00 && previous <= 0xD7A3;
    return (before && part && before <= part) || (whole && part > 1);
}

static bool take_mark(struct cluster *cluster, uint32_t character) {
    unsigned marks = cluster->marks + 1 + is_double(character);
    unsigned joints = cluster->joints + is_joint(character);
    /* A joiner leaves room for the mark that it may stand before. */
    if (marks + (character == ZERO_WIDTH_JOINER) > CLUSTER_MARKS_MAX || joints > CLUSTER_JOINTS_MAX)
        return false;
    *cluster = (struct cluster){character, marks, joints};
    return true;
}

bool cluster_take(struct cluster *cluster, uint32_t character) {
    if (unicode_extends(character))
        return take_mark(cluster, character);
    unsigned joints = 0;
    if (continues_syllable(cluster->previous, character)) {
        joints = cluster->joints + 1;
        if (joints > CLUSTER_JOINTS_MAX)
            return false;
    } else if (character >= 0x80 && is_joint(cluster->previous)) {
        joints = cluster->joints;
    }
    *cluster = (struct cluster){character, character < 0x80 ? 0 : COMPOSED_MARKS_MAX, joints};
    return true;
}
