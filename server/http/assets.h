/* assets.h - the packed page: finding a file, and agreeing with a browser on how to send it.
 *
 * The table is generated (tools/pack-assets.mjs): files under content-hashed names, which may be
 * cached for ever, and "/" for the page itself, which is revalidated each time.
 */
#ifndef PARLEY_ASSETS_H
#define PARLEY_ASSETS_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

#define ASSETS_ETAG_BYTES_MAX 64 /* with its NUL */

/* The asset with the page's hash: lines of text, each with its "\n". First the SHA-256 of the other
 * lines; these are "SHA-256  path" for every other asset, of its identity coding, in the order of
 * the paths. */
#define ASSETS_PAGE_HASH_PATH "/page-hash.txt"

/* Content codings (RFC 9110, 8.4.1), the smaller result first. */
enum asset_coding { ASSET_BROTLI, ASSET_GZIP, ASSET_IDENTITY, ASSET_CODING_COUNT };

struct asset_encoding {
    const unsigned char *bytes; /* NULL: not offered */
    size_t bytes_len;
};

struct asset {
    const char *path;        /* the request's: "/chat.1f2e3d4c5b6a.js"; "/" for the page */
    const char *source_path; /* "/chat.js"; "/index.html" */
    const char *etag;        /* of the identity coding, quoted */
    bool immutable;          /* the name changes with the content */
    struct asset_encoding identity, gzip, brotli;
};

extern const struct asset assets_table[];
extern const size_t assets_count;

/* The sources that a Content-Security-Policy must allow besides files (CSP 3, 2.3.1): the hashes of
 * the scripts and of the styles in the page, each after a space. Empty: there are none. */
extern const char assets_script_sources[];
extern const char assets_style_sources[];

/* The asset with that request path, or with that source path; NULL for none. */
const struct asset *assets_find(struct slice path);
const struct asset *assets_find_source(struct slice source_path);

/* The bytes of |asset| in |coding|; its bytes are NULL where it is not offered. */
struct asset_encoding assets_encoding(const struct asset *asset, enum asset_coding coding);

/* The coding's name in Content-Encoding; NULL for identity. */
const char *assets_coding_name(enum asset_coding coding);

/* Chooses among the codings of |asset| by an Accept-Encoding header (RFC 9110, 12.5.3): the highest
 * q-value, and among equals the smallest. Empty: identity. If the header refuses everything, also
 * identity: RFC 9110 allows it, and an unreadable page is no worse than no page. */
enum asset_coding assets_choose_coding(const struct asset *asset, struct slice accept_encoding);

/* Writes the entity tag of |asset| in |coding|: a tag of its own for each (RFC 9110, 8.8.3.3). */
void assets_etag(const struct asset *asset, enum asset_coding coding,
                 char out[ASSETS_ETAG_BYTES_MAX]);

/* True when an If-None-Match header (a list, or "*") names |etag|, by weak comparison (RFC 9110,
 * 13.1.2 and 8.8.3.2): the client has this already. */
bool assets_etag_matches(struct slice if_none_match, const char *etag);

/* The content type for a file's name, by its extension; "application/octet-stream" for unknown. */
const char *assets_content_type(struct slice path);

#endif
