/* The one scanner: pieces, lists, numbers, and hosts with ports. */
#include "host_port.h"
#include "slice.h"
#include "slices.h"

#include <stdlib.h>
#include <string.h>

static void test_slices_compare_by_bytes(void **state) {
    (void)state;
    assert_true(slice_equal(slice_of("same"), BYTES("same")));
    assert_true(slice_equal(slice_of(""), (struct slice){0}));
    assert_false(slice_equal(slice_of("same"), slice_of("sane")));
    assert_false(slice_equal(slice_of("same"), slice_of("sam")));
    assert_false(slice_equal(BYTES("a\0b"), BYTES("a\0c")));
}

static void test_numbers_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t max;
        bool is_read;
        uint64_t number;
    } rows[] = {
        {"0", 0, true, 0},
        {"1", 0, false, 0},
        {"9", 8, false, 0},
        {"65535", 65535, true, 65535},
        {"65536", 65535, false, 0},
        {"000065535", 65535, true, 65535},
        {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551616", UINT64_MAX, false, 0},
        {"99999999999999999999999", UINT64_MAX, false, 0},
        {"", UINT64_MAX, false, 0},
        {"-1", UINT64_MAX, false, 0},
        {"+1", UINT64_MAX, false, 0},
        {" 1", UINT64_MAX, false, 0},
        {"1 ", UINT64_MAX, false, 0},
        {"0x1", UINT64_MAX, false, 0},
        {"1/", UINT64_MAX, false, 0},
        {"1:", UINT64_MAX, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t number = 7;
        assert_int_equal(slice_read_number(slice_of(rows[i].text), rows[i].max, &number),
                         rows[i].is_read);
        assert_true(number == rows[i].number);
    }
}

static void test_blanks_around_are_trimmed(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"", ""}, {" \t ", ""}, {"a", "a"}, {"\t a b\t", "a b"}, {"a\n ", "a\n"}, {"\ra", "\ra"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(slice_equal(slice_trim(slice_of(rows[i][0])), slice_of(rows[i][1])));
    assert_int_equal(slice_trim((struct slice){NULL, 0}).len, 0);
}

/* "a|b": cut into a and b. */
static void test_pieces_and_items(void **state) {
    (void)state;
    static const struct {
        const char *text, *pieces, *items; /* divided by "|", each ended by one */
    } rows[] = {
        {"", "", ""},        {"a", "a|", "a|"},  {"a,b", "a|b|", "a|b|"},
        {",a", "|a|", "a|"}, {"a,", "a|", "a|"}, {" a , ,b\t", " a | |b\t|", "a|b|"},
        {",,", "||", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char pieces[32] = "", items[32] = "";
        struct slice rest = slice_of(rows[i].text), piece;
        while (slice_cut(&rest, ',', &piece)) {
            strncat(pieces, piece.bytes, piece.len);
            strcat(pieces, "|");
        }
        rest = slice_of(rows[i].text);
        while (slice_cut_item(&rest, ',', &piece)) {
            strncat(items, piece.bytes, piece.len);
            strcat(items, "|");
        }
        assert_string_equal(pieces, rows[i].pieces);
        assert_string_equal(items, rows[i].items);
    }
}

static void test_ends_and_places(void **state) {
    (void)state;
    struct slice text = slice_of("chat.html");
    assert_true(slice_skip(&text, "chat"));
    assert_false(slice_skip(&text, "chat"));
    assert_slice(text, ".html");
    assert_true(slice_ends_with(text, ".html"));
    assert_false(slice_ends_with(text, "x.html"));
    assert_int_equal(slice_find(text, 'h'), 1);
    assert_int_equal(slice_find(text, 'x'), text.len);
    assert_false(slice_has((struct slice){0}, 'x'));
    assert_slice(slice_first(text, 2), ".h");
    assert_slice(slice_drop(text, 2), "tml");
    assert_int_equal(slice_drop((struct slice){0}, 0).len, 0);
}

static void test_what_a_byte_is(void **state) {
    (void)state;
    for (int byte = -128; byte < 128; byte++) {
        const char c = (char)byte;
        bool is_hex = byte > 0 && strchr("0123456789abcdefABCDEF", c) != NULL;
        int value = is_hex ? (int)strtol((char[]){c, '\0'}, NULL, 16) : -1;
        assert_int_equal(slice_hex_value(c), value);
        assert_int_equal(slice_is_digit(c), byte >= '0' && byte <= '9');
        assert_int_equal(slice_is_letter(c),
                         (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z'));
    }
}

static void test_hosts_and_ports(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool is_split;
        const char *host;
        bool is_bracketed, is_number;
        uint16_t port;
    } rows[] = {
        {"host", true, "host", false, true, 7},
        {"host:80", true, "host", false, true, 80},
        {"host:0", true, "host", false, false, 0},
        {"host:65535", true, "host", false, true, 65535},
        {"host:65536", true, "host", false, false, 0},
        {"host:", true, "host", false, false, 0},
        {"host:8x", true, "host", false, false, 0},
        {"192.0.2.1:80", true, "192.0.2.1", false, true, 80},
        {"2001:db8::1", true, "2001:db8::1", false, true, 7},
        {"::1", true, "::1", false, true, 7},
        {"[::1]", true, "::1", true, true, 7},
        {"[::1]:443", true, "::1", true, true, 443},
        {"[::1]443", false, "", true, false, 0},
        {"[::1", false, "", true, false, 0},
        {"[]:1", false, "", true, false, 0},
        {"[", false, "", true, false, 0},
        {":80", false, "", false, false, 0},
        {":", false, "", false, false, 0},
        {"", false, "", false, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct host_port parts;
        uint16_t port = 0;
        assert_int_equal(host_port_split(slice_of(rows[i].text), &parts), rows[i].is_split);
        assert_int_equal(parts.is_bracketed, rows[i].is_bracketed);
        if (!rows[i].is_split)
            continue;
        assert_slice(parts.host, rows[i].host);
        assert_int_equal(host_port_number(&parts, 1, 7, &port), rows[i].is_number);
        assert_int_equal(port, rows[i].port);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slices_compare_by_bytes),   cmocka_unit_test(test_numbers_are_read),
        cmocka_unit_test(test_blanks_around_are_trimmed), cmocka_unit_test(test_pieces_and_items),
        cmocka_unit_test(test_ends_and_places),           cmocka_unit_test(test_what_a_byte_is),
        cmocka_unit_test(test_hosts_and_ports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
