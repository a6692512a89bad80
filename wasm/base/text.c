#include "text.h"

#include "cluster.h"
#include "error.h"
#include "joiner.h"
#include "unicode.h"

#include <string.h>

#define REPLACEMENT 0xFFFDu
#define INVALID UNICODE_INVALID

/* Controls, direction overrides and isolates, deprecated format characters, interlinear marks. */
static bool is_harmful(uint32_t character) {
    static const struct unicode_range harmful[] = {
        {0x00, 0x1F}, {0x7F, 0x9F}, {0x202A, 0x202E}, {0x2066, 0x206F}, {0xFFF9, 0xFFFB}};
    return UNICODE_IN(harmful, character);
}

/* The start of the first eight bytes from |at| on that are not all ASCII, or of fewer at the
 * end. */
static size_t skip_ascii(struct slice text, size_t at) {
    uint64_t eight;
    for (; at + sizeof eight <= text.len; at += sizeof eight) {
        memcpy(&eight, text.bytes + at, sizeof eight);
        if (eight & 0x8080808080808080u)
            break;
    }
    return at;
}

bool text_utf8_valid(struct slice text) {
    for (size_t at = skip_ascii(text, 0); at < text.len; at = skip_ascii(text, at))
        if (unicode_next(text, &at) == INVALID)
            return false;
    return true;
}

char text_lower(char byte) {
    return (char)(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
}

bool text_equal_without_case(struct slice left, struct slice right) {
    if (left.len != right.len)
        return false;
    for (size_t i = 0; i < left.len; i++)
        if (text_lower(left.bytes[i]) != text_lower(right.bytes[i]))
            return false;
    return true;
}

static bool begins_character(char byte) {
    return ((unsigned char)byte & 0xC0) != 0x80;
}

size_t text_characters(struct slice text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += begins_character(text.bytes[i]);
    return count;
}

struct slice text_first_characters(struct slice text, size_t count) {
    size_t len = 0;
    while (len < text.len && (!begins_character(text.bytes[len]) || count-- > 0))
        len++;
    return (struct slice){text.bytes, len};
}

/* Cleaning */

/* The state of a text while it is cleaned. */
struct cleaner {
    struct slice text;
    size_t at; /* of the next character in it */
    struct buffer *out;
    uint32_t previous; /* the last one, but for those that go */
    uint32_t base;     /* of what comes now, in a name; 0: none */
    struct cluster cluster;
    size_t first_line, end; /* in |out|: where the first line begins that is not blank, and one past
                               the last character that is no space */
    bool begun;             /* that line */
    bool visible;           /* something of it */
};

/* The character to write for |character|; INVALID: none. */
typedef uint32_t (*plain_fn)(const struct cleaner *cleaner, uint32_t character);

static uint32_t plain_in_message(const struct cleaner *cleaner, uint32_t character) {
    if (character == '\n' && cleaner->previous == '\r')
        return INVALID;
    if (character == '\r' || character == 0x85 || character == 0x2028 || character == 0x2029)
        return '\n';
    if (character == '\n' || character == '\t')
        return character;
    return is_harmful(character) ? REPLACEMENT : character;
}

/* The character after the one that is looked at. */
static uint32_t next_of(const struct cleaner *cleaner) {
    size_t at = cleaner->at;
    return at < cleaner->text.len ? unicode_next(cleaner->text, &at) : INVALID;
}

/* Letters and ideographs that keyboards do not make: each is drawn as another one or as several,
 * and stands in Unicode only for the sake of older codes. */
static bool is_for_compatibility(uint32_t character) {
    static const struct unicode_range ranges[] = {
        {0x2E80, 0x2FDF}, /* radicals */
        {0xF900, 0xFA0D}, /* CJK Compatibility Ideographs, but for twelve that have no other form */
        {0xFA10, 0xFA10},  {0xFA12, 0xFA12},   {0xFA15, 0xFA1E}, {0xFA20, 0xFA20}, {0xFA22, 0xFA22},
        {0xFA25, 0xFA26},  {0xFA2A, 0xFAFF},   {0xFB50, 0xFDCF}, /* Arabic Presentation Forms */
        {0xFE70, 0xFEFC},  {0x1EE00, 0x1EEFF},                   /* Arabic mathematical letters */
        {0x2F800, 0x2FA1F}};
    return UNICODE_IN(ranges, character);
}

static uint32_t plain_in_name(const struct cleaner *cleaner, uint32_t character) {
    if (unicode_is_space(character))
        return unicode_is_space(cleaner->previous) ? INVALID : ' ';
    if (is_harmful(character) || character == REPLACEMENT || is_for_compatibility(character))
        return INVALID;
    bool extends = unicode_extends(character), kept;
    if (unicode_class_of(character) == UNICODE_IGNORABLE)
        kept = cleaner->base && joiner_is_needed(cleaner->base, cleaner->cluster.previous,
                                                 character, next_of(cleaner));
    else
        kept = extends ? cleaner->base != 0 : !unicode_is_invisible(character);
    return kept ? character : INVALID;
}

/* Appends |character| unless its letter has too much of that already. */
static int append_clean(struct cleaner *cleaner, uint32_t character) {
    if (!cluster_take(&cleaner->cluster, character))
        return PARLEY_OK;
    bool space = unicode_is_space(character);
    if (space)
        cleaner->base = 0;
    else if (!unicode_extends(character))
        cleaner->base = character;
    cleaner->visible = cleaner->visible || !unicode_is_invisible(character);
    cleaner->begun = cleaner->begun || !space;
    int error = unicode_append(cleaner->out, character);
    if (!space)
        cleaner->end = cleaner->out->len;
    else if (character == '\n' && !cleaner->begun)
        cleaner->first_line = cleaner->out->len;
    return error;
}

static int append_all(struct cleaner *cleaner, plain_fn plain) {
    int error = PARLEY_OK;
    while (!error && cleaner->at < cleaner->text.len) {
        uint32_t character = unicode_next(cleaner->text, &cleaner->at);
        if (character == INVALID)
            return PARLEY_ERR_UTF8;
        uint32_t shown = plain(cleaner, character);
        if (shown != INVALID || unicode_is_space(character))
            cleaner->previous = character; /* what goes separates nothing */
        if (shown != INVALID)
            error = append_clean(cleaner, shown);
    }
    return error || cleaner->visible ? error : PARLEY_ERR_EMPTY;
}

/* Cuts what stands in |out| from |start| on down to its lines [first, end). */
static void trim(struct buffer *out, size_t start, size_t first, size_t end) {
    memmove(out->bytes + start, out->bytes + first, end - first);
    out->len = start + (end - first);
}

static int clean(struct slice text, plain_fn plain, size_t characters_max, struct buffer *out) {
    size_t start = out->len;
    struct cleaner cleaner = {
        .text = text, .out = out, .previous = ' ', .first_line = start, .end = start};
    int error = append_all(&cleaner, plain);
    if (!error) {
        trim(out, start, cleaner.first_line, cleaner.end);
        if (text_characters((struct slice){out->bytes + start, out->len - start}) > characters_max)
            error = PARLEY_ERR_TOO_LONG;
    }
    if (error)
        out->len = start;
    return error;
}

int text_clean_message(struct slice text, size_t characters_max, struct buffer *out) {
    return clean(text, plain_in_message, characters_max, out);
}

int text_clean_name(struct slice name, size_t characters_max, struct buffer *out) {
    return clean(name, plain_in_name, characters_max, out);
}

#define DAY_MS 86400000LL
#define YEAR_9999_END_MS 253402300799999LL
#define YEAR_0_START_MS (-62167219200000LL)

struct moment {
    int year, month, day, hour, minute, second;
};

static bool is_leap(int year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Turns |days| since 1970-01-01 into a date: whole 400-year cycles first, then years and months. */
static void set_date(struct moment *moment, long long days) {
    const long long cycle_days = 146097;
    long long cycles = days / cycle_days - (days % cycle_days < 0);
    days -= cycles * cycle_days;
    moment->year = (int)(1970 + 400 * cycles);
    for (; days >= 365 + is_leap(moment->year); moment->year++)
        days -= 365 + is_leap(moment->year);
    for (moment->month = 1; days >= month_days(moment->year, moment->month); moment->month++)
        days -= month_days(moment->year, moment->month);
    moment->day = (int)days + 1;
}

static long long clamp(long long value, long long least, long long most) {
    return value < least ? least : value > most ? most : value;
}

static struct moment local_moment(int64_t wall_ms, int32_t utc_offset_min) {
    long long utc = clamp(wall_ms, YEAR_0_START_MS, YEAR_9999_END_MS);
    long long local = clamp(utc + utc_offset_min * 60000LL, YEAR_0_START_MS, YEAR_9999_END_MS);
    long long days = local / DAY_MS - (local % DAY_MS < 0);
    int seconds = (int)((local - days * DAY_MS) / 1000);
    struct moment moment = {
        .hour = seconds / 3600, .minute = seconds / 60 % 60, .second = seconds % 60};
    set_date(&moment, days);
    return moment;
}

/* Writes |number| with |digits| digits and returns where the next character goes. */
static char *put_digits(char *out, int number, int digits) {
    for (int i = digits - 1; i >= 0; i--, number /= 10)
        out[i] = (char)('0' + number % 10);
    return out + digits;
}

static char *put_pair(char *out, char separator, int number) {
    *out = separator;
    return put_digits(out + 1, number, 2);
}

void text_format_iso(int64_t wall_ms, int32_t utc_offset_min, char out[TEXT_ISO_BYTES]) {
    struct moment moment = local_moment(wall_ms, utc_offset_min);
    long long signed_offset = utc_offset_min;
    int offset = (int)((signed_offset < 0 ? -signed_offset : signed_offset) % (100 * 60));
    char *at = put_digits(out, moment.year, 4);
    at = put_pair(at, '-', moment.month);
    at = put_pair(at, '-', moment.day);
    at = put_pair(at, 'T', moment.hour);
    at = put_pair(at, ':', moment.minute);
    at = put_pair(at, ':', moment.second);
    at = put_pair(at, utc_offset_min < 0 ? '-' : '+', offset / 60);
    *put_pair(at, ':', offset % 60) = '\0';
}

/* Bytes as text */

static const char base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void text_base64url(const uint8_t *bytes, size_t count, char *out) {
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < count; i++) {
        bits = bits << 8 | bytes[i];
        for (have += 8; have >= 6; have -= 6)
            *out++ = base64url_digits[bits >> (have - 6) & 63];
    }
    if (have)
        *out = base64url_digits[bits << (6 - have) & 63];
}

bool text_base64url_read(struct slice text, uint8_t *out, size_t count) {
    const struct slice all = {base64url_digits, sizeof base64url_digits - 1};
    uint32_t bits = 0;
    unsigned have = 0;
    if (text.len != (8 * count + 5) / 6)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        size_t digit = slice_find(all, text.bytes[i]);
        if (digit == all.len)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        have += 6;
        if (have >= 8) {
            have -= 8;
            *out++ = (uint8_t)(bits >> have);
        }
    }
    return (bits & ((1u << have) - 1)) == 0;
}
