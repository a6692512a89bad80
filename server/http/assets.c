#include "assets.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

#define QUALITY_MAX 1000 /* q=1, in thousandths: q-values have at most three decimals */
#define QUALITY_UNSET (-1)

static const struct {
    const char *name;
    const char *etag_suffix;
} codings[ASSET_CODING_COUNT] = {
    [ASSET_BROTLI] = {"br", "-br"}, [ASSET_GZIP] = {"gzip", "-gz"}, [ASSET_IDENTITY] = {NULL, ""}};

const struct asset *assets_find(struct slice path) {
    for (size_t i = 0; i < assets_count; i++) {
        if (slice_equal(path, slice_of(assets_table[i].path)))
            return &assets_table[i];
    }
    return NULL;
}

const struct asset *assets_find_source(struct slice source_path) {
    for (size_t i = 0; i < assets_count; i++) {
        if (slice_equal(source_path, slice_of(assets_table[i].source_path)))
            return &assets_table[i];
    }
    return NULL;
}

struct asset_encoding assets_encoding(const struct asset *asset, enum asset_coding coding) {
    switch (coding) {
    case ASSET_BROTLI:
        return asset->brotli;
    case ASSET_GZIP:
        return asset->gzip;
    case ASSET_IDENTITY:
    case ASSET_CODING_COUNT:
        break;
    }
    return asset->identity;
}

const char *assets_coding_name(enum asset_coding coding) {
    return codings[coding].name;
}

/* --- Accept-Encoding -------------------------------------------------------------------------- */

/* "0.75" in thousandths; what is no q-value accepts nothing. */
static int read_quality(struct slice text) {
    if (text.len == 0 || text.len > 5 || (text.bytes[0] != '0' && text.bytes[0] != '1') ||
        (text.len > 1 && text.bytes[1] != '.'))
        return 0;
    int quality = (text.bytes[0] - '0') * QUALITY_MAX;
    int unit = QUALITY_MAX / 10;
    for (size_t i = 2; i < text.len; i++, unit /= 10) {
        if (!slice_is_digit(text.bytes[i]))
            return 0;
        quality += (text.bytes[i] - '0') * unit;
    }
    return quality > QUALITY_MAX ? 0 : quality;
}

/* "gzip;q=0.5" into a name and a quality. */
static int read_element(struct slice element, struct slice *name) {
    struct slice parameter;
    int quality = QUALITY_MAX;
    *name = (struct slice){NULL, 0};
    slice_cut(&element, ';', name);
    *name = slice_trim(*name);
    while (slice_cut_item(&element, ';', &parameter))
        if (slice_skip(&parameter, "q=") || slice_skip(&parameter, "Q="))
            quality = read_quality(parameter);
    return quality;
}

static void read_accept_encoding(struct slice header, int qualities[ASSET_CODING_COUNT]) {
    int others = QUALITY_UNSET;
    struct slice element;
    for (int i = 0; i < ASSET_CODING_COUNT; i++)
        qualities[i] = QUALITY_UNSET;
    while (slice_cut_item(&header, ',', &element)) {
        struct slice name;
        int quality = read_element(element, &name);
        if (text_equal_without_case(name, slice_of("br")))
            qualities[ASSET_BROTLI] = quality;
        else if (text_equal_without_case(name, slice_of("gzip")) ||
                 text_equal_without_case(name, slice_of("x-gzip")))
            qualities[ASSET_GZIP] = quality;
        else if (text_equal_without_case(name, slice_of("identity")))
            qualities[ASSET_IDENTITY] = quality;
        else if (text_equal_without_case(name, slice_of("*")))
            others = quality;
    }
    for (int i = 0; i < ASSET_CODING_COUNT; i++) {
        if (qualities[i] == QUALITY_UNSET)
            qualities[i] = others == QUALITY_UNSET ? 0 : others;
    }
}

enum asset_coding assets_choose_coding(const struct asset *asset, struct slice accept_encoding) {
    int qualities[ASSET_CODING_COUNT];
    read_accept_encoding(accept_encoding, qualities);
    enum asset_coding best = ASSET_IDENTITY;
    for (int i = ASSET_IDENTITY; i >= 0; i--) {
        enum asset_coding coding = (enum asset_coding)i;
        if (assets_encoding(asset, coding).bytes != NULL && qualities[i] > 0 &&
            qualities[i] >= qualities[best])
            best = coding;
    }
    return best;
}

/* --- entity tags ------------------------------------------------------------------------------ */

void assets_etag(const struct asset *asset, enum asset_coding coding,
                 char out[ASSETS_ETAG_BYTES_MAX]) {
    size_t len = strlen(asset->etag);
    int unquoted = len == 0 ? 0 : (int)len - 1; /* up to the closing quote */
    snprintf(out, ASSETS_ETAG_BYTES_MAX, "%.*s%s\"", unquoted, asset->etag,
             codings[coding].etag_suffix);
}

bool assets_etag_matches(struct slice if_none_match, const char *etag) {
    struct slice element;
    while (slice_cut_item(&if_none_match, ',', &element)) {
        if (text_equal_without_case(element, slice_of("*")))
            return true;
        slice_skip(&element, "W/");
        if (slice_equal(element, slice_of(etag)))
            return true;
    }
    return false;
}

/* --- content types ---------------------------------------------------------------------------- */

const char *assets_content_type(struct slice path) {
    static const char *const types[][2] = {
#define CONTENT_TYPE(end, type) {end, type},
#include "content_types.def"
#undef CONTENT_TYPE
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (path.len > strlen(types[i][0]) && slice_ends_with(path, types[i][0]))
            return types[i][1];
    }
    return "application/octet-stream";
}
