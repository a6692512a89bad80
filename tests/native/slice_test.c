/* The scanner: pieces, lists, numbers, and hosts with ports. */
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

/* Fails unless |cut| divides |text| into |pieces|, which has a "|" after each piece. */
static void assert_cut(const char *text, bool (*cut)(struct slice *, char, struct slice *),
                       const char *pieces) {
    struct slice rest = slice_of(text), piece;
    struct buffer found;
    buffer_init(&found, 64);
    while (cut(&rest, ',', &piece)) {
        assert_int_equal(buffer_append(&found, piece), 0);
        assert_int_equal(buffer_append(&found, slice_of("|")), 0);
    }
    assert_slice(buffer_slice(&found), pieces);
    buffer_deinit(&found);
}

static void test_pieces_and_items(void **state) {
    (void)state;
    static const char *const rows[][3] = {
        {"", "", ""},        {"a", "a|", "a|"},  {"a,b", "a|b|", "a|b|"},
        {",a", "|a|", "a|"}, {"a,", "a|", "a|"}, {" a , ,b\t", " a | |b\t|", "a|b|"},
        {",,", "||", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_cut(rows[i][0], slice_cut, rows[i][1]);
        assert_cut(rows[i][0], slice_cut_item, rows[i][2]);
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

static void test_the_kind_of_a_byte(void **state) {
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
        const char *text, *host;
        uint16_t port;
        bool is_split, is_bracketed, is_number;
    } rows[] = {
        {"host", "host", 7, true, false, true},
        {"host:80", "host", 80, true, false, true},
        {"host:0", "host", 0, true, false, false},
        {"host:65535", "host", 65535, true, false, true},
        {"host:65536", "host", 0, true, false, false},
        {"host:", "host", 0, true, false, false},
        {"host:8x", "host", 0, true, false, false},
        {"192.0.2.1:80", "192.0.2.1", 80, true, false, true},
        {"2001:db8::1", "2001:db8::1", 7, true, false, true},
        {"::1", "::1", 7, true, false, true},
        {"[::1]", "::1", 7, true, true, true},
        {"[::1]:443", "::1", 443, true, true, true},
        {"[::1]443", "", 0, false, true, false},
        {"[::1", "", 0, false, true, false},
        {"[]:1", "", 0, false, true, false},
        {"[", "", 0, false, true, false},
        {":80", "", 0, false, false, false},
        {":", "", 0, false, false, false},
        {"", "", 0, false, false, false},
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
        cmocka_unit_test(test_ends_and_places),           cmocka_unit_test(test_the_kind_of_a_byte),
        cmocka_unit_test(test_hosts_and_ports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
