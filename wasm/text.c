#include "text.h"

#include "error.h"

#include <string.h>

#define REPLACEMENT 0xFFFDu
#define INVALID UINT32_MAX
#define PUNCTUATION_MAX 64 /* after an address; bounds the work on a line made of brackets */

struct range {
    uint32_t first, last;
};

static bool in_ranges(const struct range *ranges, size_t count, uint32_t character) {
    for (size_t i = 0; i < count; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}
#define IN(ranges, character) in_ranges(ranges, sizeof(ranges) / sizeof *(ranges), character)

/* White_Space of the Unicode character database. */
static bool is_space(uint32_t character) {
    static const struct range spaces[] = {
        {0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},     {0x1680, 0x1680},
        {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
    return IN(spaces, character);
}

/* Default_Ignorable_Code_Point, and others that draw nothing on their own. */
static bool is_invisible(uint32_t character) {
    static const struct range unseen[] = {
        {0x00AD, 0x00AD},   {0x034F, 0x034F}, {0x061C, 0x061C},   {0x115F, 0x1160},
        {0x17B4, 0x17B5},   {0x180B, 0x180F}, {0x200B, 0x200F},   {0x2060, 0x2065},
        {0x2800, 0x2800},   {0x3164, 0x3164}, {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
        {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFF8}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
        {0xE0000, 0xE0FFF},
    };
    return is_space(character) || IN(unseen, character);
}

/* Controls, direction overrides and isolates, deprecated format characters, interlinear marks. */
static bool is_harmful(uint32_t character) {
    static const struct range harmful[] = {
        {0x00, 0x1F}, {0x7F, 0x9F}, {0x202A, 0x202E}, {0x2066, 0x206F}, {0xFFF9, 0xFFFB}};
    return IN(harmful, character);
}

/* How many bytes a sequence has that starts with |lead|, and the smallest character it may mean. */
static size_t sequence_bytes(unsigned char lead, uint32_t *smallest) {
    if (lead < 0x80)
        return *smallest = 0, 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return *smallest = 0x80, 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return *smallest = 0x800, 3;
    if (lead >= 0xF0 && lead <= 0xF4)
        return *smallest = 0x10000, 4;
    return 0;
}

/* Takes the character at |*at| and moves on; INVALID where the bytes are not UTF-8. */
static uint32_t next_character(struct slice text, size_t *at) {
    unsigned char lead = (unsigned char)text.bytes[*at];
    uint32_t smallest = 0;
    size_t len = sequence_bytes(lead, &smallest);
    if (len == 0 || len > text.len - *at)
        return INVALID;
    uint32_t character = len == 1 ? lead : lead & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        unsigned char next = (unsigned char)text.bytes[*at + i];
        if ((next & 0xC0) != 0x80)
            return INVALID;
        character = character << 6 | (next & 0x3F);
    }
    bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    if (character < smallest || surrogate || character > 0x10FFFF)
        return INVALID;
    *at += len;
    return character;
}

static int append_character(struct buffer *out, uint32_t character) {
    char bytes[4];
    size_t len = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; character >>= 6)
        bytes[i] = (char)(0x80 | (character & 0x3F));
    static const unsigned char leads[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    bytes[0] = (char)(leads[len] | character);
    return buffer_append(out, (struct slice){bytes, len});
}

/* Where the first eight bytes from |at| on begin that are not all ASCII, or fewer are left. */
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
        if (next_character(text, &at) == INVALID)
            return false;
    return true;
}

char text_lower(char byte) {
    return (char)(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
}

size_t text_characters(struct slice text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.bytes[i] & 0xC0) != 0x80;
    return count;
}

bool text_has_rtl(struct slice text) {
    static const struct range rtl[] = {{0x0590, 0x08FF}, {0x200F, 0x200F},   {0xFB1D, 0xFDFF},
                                       {0xFE70, 0xFEFC}, {0x10800, 0x10FFF}, {0x1E800, 0x1EFFF}};
    for (size_t at = 0; at < text.len;)
        if (IN(rtl, next_character(text, &at)))
            return true;
    return false;
}

/* What stands for |character| in a message; INVALID: nothing. */
static uint32_t plain_in_message(uint32_t character, uint32_t previous) {
    if (character == '\n' && previous == '\r')
        return INVALID;
    if (character == '\r' || character == 0x85 || character == 0x2028 || character == 0x2029)
        return '\n';
    if (character == '\n' || character == '\t')
        return character;
    return is_harmful(character) ? REPLACEMENT : character;
}

/* Invisible, but needed to write Persian, Indian scripts and emoji. */
static bool joins_or_varies(uint32_t character) {
    static const struct range needed[] = {{0x200C, 0x200D}, {0xFE00, 0xFE0F}, {0xE0020, 0xE007F}};
    return IN(needed, character);
}

/* What stands for |character| in a name; INVALID: nothing. "Al<invisible>ice" is no second
 * Alice. */
static uint32_t plain_in_name(uint32_t character, uint32_t previous) {
    if (is_space(character))
        return is_space(previous) ? INVALID : ' ';
    if (is_harmful(character))
        return REPLACEMENT;
    return is_invisible(character) && !joins_or_varies(character) ? INVALID : character;
}

typedef uint32_t (*plain_fn)(uint32_t character, uint32_t previous);

/* Appends |text| through |plain|; |visible| tells whether anything of it can be seen. */
static int append_plain(struct slice text, plain_fn plain, struct buffer *out, bool *visible) {
    uint32_t previous = ' ';
    for (size_t at = 0; at < text.len;) {
        uint32_t character = next_character(text, &at);
        if (character == INVALID)
            return PARLEY_ERR_UTF8;
        uint32_t shown = plain(character, previous);
        if (shown != INVALID || is_space(character))
            previous = character; /* what goes separates nothing */
        if (shown == INVALID)
            continue;
        *visible = *visible || !is_invisible(shown);
        int error = append_character(out, shown);
        if (error)
            return error;
    }
    return PARLEY_OK;
}

static bool is_ascii_blank(char byte) {
    return byte == ' ' || byte == '\n' || byte == '\t';
}

/* Cuts blanks off both ends of what stands in |out| from |start| on. */
static void trim(struct buffer *out, size_t start) {
    while (out->len > start && is_ascii_blank(out->bytes[out->len - 1]))
        out->len--;
    size_t skip = start;
    while (skip < out->len && is_ascii_blank(out->bytes[skip]))
        skip++;
    memmove(out->bytes + start, out->bytes + skip, out->len - skip);
    out->len -= skip - start;
}

static int clean(struct slice text, plain_fn plain, size_t characters_max, struct buffer *out) {
    size_t start = out->len;
    bool visible = false;
    int error = append_plain(text, plain, out, &visible);
    if (!error && !visible)
        error = PARLEY_ERR_EMPTY;
    if (!error) {
        trim(out, start);
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

static bool is_alphanumeric(char byte) {
    char small = text_lower(byte);
    return (small >= 'a' && small <= 'z') || (byte >= '0' && byte <= '9');
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

/* One past the last byte from |at| on that may belong to an address. */
static size_t address_end(struct slice text, size_t at) {
    while (at < text.len) {
        size_t next = at;
        uint32_t character = next_character(text, &next);
        static const struct range closing[] = {{0x2018, 0x201F}, {0x3001, 0x3002},
                                               {0x3008, 0x3011}, {0xFF01, 0xFF01},
                                               {0xFF08, 0xFF09}, {0xFF0C, 0xFF0C}};
        bool ends = is_invisible(character) || is_harmful(character) || IN(closing, character) ||
                    character == REPLACEMENT || character == '<' || character == '>' ||
                    character == '"';
        if (ends)
            break;
        at = next;
    }
    return at;
}

static size_t count_byte(struct slice text, size_t start, size_t end, char byte) {
    size_t count = 0;
    for (size_t i = start; i < end; i++)
        count += text.bytes[i] == byte;
    return count;
}

/* Gives back the punctuation that ends the sentence, not the address. */
static size_t without_punctuation(struct slice text, size_t start, size_t end) {
    for (int cut = 0; cut < PUNCTUATION_MAX && end > start; cut++) {
        char last = text.bytes[end - 1];
        char opening = (char)(last == ')' ? '(' : last == ']' ? '[' : last == '}' ? '{' : 0);
        bool unbalanced =
            opening && count_byte(text, start, end, last) > count_byte(text, start, end, opening);
        if (!unbalanced && !strchr(".,;:!?'*_", last))
            break;
        end--;
    }
    return end;
}

/* Looked at first: the rest of an address is as long as its writer likes. */
static bool begins_address(struct slice text, size_t at) {
    if (at >= text.len)
        return false;
    char first = text.bytes[at];
    return is_alphanumeric(first) || first == '[' || (unsigned char)first >= 0x80;
}

bool text_find_link(struct slice text, size_t from, size_t *start, size_t *end) {
    for (size_t at = from; at < text.len; at++) {
        size_t scheme = scheme_bytes(text, at);
        if (scheme == 0 || !begins_address(text, at + scheme))
            continue;
        size_t stop = without_punctuation(text, at, address_end(text, at + scheme));
        if (stop <= at + scheme)
            continue;
        *start = at;
        *end = stop;
        return true;
    }
    return false;
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

void text_format_time(int64_t wall_ms, int32_t utc_offset_min, char out[TEXT_TIME_BYTES]) {
    struct moment moment = local_moment(wall_ms, utc_offset_min);
    char *at = put_digits(out, moment.hour, 2);
    *put_pair(at, ':', moment.minute) = '\0';
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

void text_base64url(const uint8_t *bytes, size_t count, char *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < count; i++) {
        bits = bits << 8 | bytes[i];
        for (have += 8; have >= 6; have -= 6)
            *out++ = digits[bits >> (have - 6) & 63];
    }
    if (have)
        *out = digits[bits << (6 - have) & 63];
}
