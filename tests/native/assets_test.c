/* Content negotiation with the test's own table instead of the generated one. */
#include "assets.h"

#include "cmocka_all.h"

#include <string.h>

#define BYTES(text) ((const unsigned char *)(text)), sizeof(text) - 1

const struct asset assets_table[] = {
    {"/", "/index.html", "\"aa\"", false, {BYTES("page")}, {BYTES("gz")}, {BYTES("br")}},
    {"/chat.0123.js", "/chat.js", "\"bb\"", true, {BYTES("script")}, {BYTES("gz")}, {NULL, 0}},
    {"/dot.png", "/dot.png", "\"cc\"", false, {BYTES("dot")}, {NULL, 0}, {NULL, 0}},
};
const size_t assets_count = 3;
const char assets_script_sources[] = "";
const char assets_style_sources[] = "";

static enum asset_coding choose(const char *accept_encoding) {
    return assets_choose_coding(&assets_table[0], slice_of(accept_encoding));
}

static void test_find(void **state) {
    (void)state;
    assert_ptr_equal(assets_find(slice_of("/")), &assets_table[0]);
    assert_ptr_equal(assets_find(slice_of("/chat.0123.js")), &assets_table[1]);
    assert_null(assets_find(slice_of("/chat.js")));
    assert_null(assets_find(slice_of("")));
    assert_null(assets_find(slice_of("/index.html")));
    assert_ptr_equal(assets_find_source(slice_of("/index.html")), &assets_table[0]);
    assert_null(assets_find_source(slice_of("/")));
}

static void test_browsers(void **state) {
    (void)state;
    assert_int_equal(choose("gzip, deflate, br"), ASSET_BROTLI);
    assert_int_equal(choose("gzip, deflate, br, zstd"), ASSET_BROTLI);
    assert_int_equal(choose("gzip, deflate"), ASSET_GZIP);
    assert_int_equal(choose(""), ASSET_IDENTITY);
}

static void test_quality(void **state) {
    (void)state;
    assert_int_equal(choose("br;q=0.5, gzip;q=0.8"), ASSET_GZIP);
    assert_int_equal(choose("br;q=0.8, gzip;q=0.8"), ASSET_BROTLI);
    assert_int_equal(choose("gzip;q=0.001"), ASSET_GZIP);
    assert_int_equal(choose("gzip;q=0"), ASSET_IDENTITY);
    assert_int_equal(choose("gzip;q=0.000, br;q=0.0"), ASSET_IDENTITY);
    assert_int_equal(choose("identity, gzip;q=0.9"), ASSET_IDENTITY);
    assert_int_equal(choose("identity;q=0.5, gzip;q=1.0"), ASSET_GZIP);
    assert_int_equal(choose("BR ; Q=1.000 ,\tgzip"), ASSET_BROTLI);
    assert_int_equal(choose("x-gzip"), ASSET_GZIP);
    assert_int_equal(choose("br; level=4;q=0.1, gzip;q=0.2"), ASSET_GZIP);
}

static void test_star(void **state) {
    (void)state;
    assert_int_equal(choose("*"), ASSET_BROTLI);
    assert_int_equal(choose("br;q=0, *"), ASSET_GZIP);
    assert_int_equal(choose("*;q=0, gzip"), ASSET_GZIP);
    assert_int_equal(choose("*;q=0.1, identity"), ASSET_IDENTITY);
    assert_int_equal(choose("identity;q=0, *;q=0.5"), ASSET_BROTLI);
}

static void test_everything_refused_still_gets_the_page(void **state) {
    (void)state;
    assert_int_equal(choose("*;q=0"), ASSET_IDENTITY);
    assert_int_equal(choose("identity;q=0"), ASSET_IDENTITY);
    assert_int_equal(choose("identity;q=0, zstd"), ASSET_IDENTITY);
}

static void test_malformed(void **state) {
    (void)state;
    static const char *const bad[] = {"gzip;q=",     "gzip;q=1.1",    "gzip;q=2", "gzip;q=-1",
                                      "gzip;q=0.5x", "gzip;q=1.0000", "gzip;q=a", ",,,",
                                      ";q=1",        "gz ip",         "\xff\xfe", "gzipp",
                                      "q=1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(choose(bad[i]), ASSET_IDENTITY);
    assert_int_equal(choose(",gzip,,"), ASSET_GZIP);
}

static void test_only_what_is_offered(void **state) {
    (void)state;
    struct slice all = slice_of("br, gzip");
    assert_int_equal(assets_choose_coding(&assets_table[1], all), ASSET_GZIP);
    assert_int_equal(assets_choose_coding(&assets_table[2], all), ASSET_IDENTITY);
    assert_int_equal(assets_choose_coding(&assets_table[1], slice_of("br")), ASSET_IDENTITY);
    assert_memory_equal(assets_encoding(&assets_table[0], ASSET_BROTLI).bytes, "br", 2);
    assert_null(assets_coding_name(ASSET_IDENTITY));
    assert_string_equal(assets_coding_name(ASSET_BROTLI), "br");
}

static void test_etag_of_each_coding(void **state) {
    (void)state;
    char etag[ASSETS_ETAG_BYTES_MAX];
    assets_etag(&assets_table[0], ASSET_IDENTITY, etag);
    assert_string_equal(etag, "\"aa\"");
    assets_etag(&assets_table[0], ASSET_BROTLI, etag);
    assert_string_equal(etag, "\"aa-br\"");
    assets_etag(&assets_table[0], ASSET_GZIP, etag);
    assert_string_equal(etag, "\"aa-gz\"");
}

static void test_if_none_match(void **state) {
    (void)state;
    assert_true(assets_etag_matches(slice_of("\"aa\""), "\"aa\""));
    assert_true(assets_etag_matches(slice_of("W/\"aa\""), "\"aa\""));
    assert_true(assets_etag_matches(slice_of("\"x\", W/\"y\" ,\"aa\""), "\"aa\""));
    assert_true(assets_etag_matches(slice_of("*"), "\"aa\""));
    assert_false(assets_etag_matches(slice_of(""), "\"aa\""));
    assert_false(assets_etag_matches(slice_of("aa"), "\"aa\""));
    assert_false(assets_etag_matches(slice_of("\"aa-br\""), "\"aa\""));
    assert_false(assets_etag_matches(slice_of("\"aa"), "\"aa\""));
    assert_false(assets_etag_matches(slice_of("W/"), "\"aa\""));
}

static void test_content_types(void **state) {
    (void)state;
    assert_string_equal(assets_content_type(slice_of("/a.wasm")), "application/wasm");
    assert_string_equal(assets_content_type(slice_of("/a.html")), "text/html; charset=utf-8");
    assert_string_equal(assets_content_type(slice_of("/a")), "application/octet-stream");
    assert_string_equal(assets_content_type(slice_of(".js")), "application/octet-stream");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_browsers),
        cmocka_unit_test(test_quality),
        cmocka_unit_test(test_star),
        cmocka_unit_test(test_everything_refused_still_gets_the_page),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_only_what_is_offered),
        cmocka_unit_test(test_etag_of_each_coding),
        cmocka_unit_test(test_if_none_match),
        cmocka_unit_test(test_content_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
