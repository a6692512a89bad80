/* The name that people have until they choose one. */
#include "friendly_name.h"

#include "error.h"
#include "peer_message.h"
#include "slices.h"
#include "text.h"

static void draw(uint8_t first, uint8_t second, struct buffer *out) {
    buffer_clear(out);
    assert_int_equal(friendly_name((const uint8_t[]){first, second}, out), PARLEY_OK);
}

static void test_every_draw_is_a_name_that_peers_accept(void **state) {
    (void)state;
    struct buffer name, clean;
    buffer_init(&name, PEER_NAME_BYTES_MAX);
    buffer_init(&clean, PEER_NAME_BYTES_MAX);
    for (unsigned draw_number = 0; draw_number < 256; draw_number++) {
        draw((uint8_t)draw_number, (uint8_t)(255 - draw_number), &name);
        buffer_clear(&clean);
        assert_int_equal(text_clean_name(buffer_slice(&name), PEER_NAME_CHARACTERS_MAX, &clean),
                         PARLEY_OK);
        assert_true(slice_equal(buffer_slice(&name), buffer_slice(&clean)));
        assert_non_null(memchr(name.bytes, ' ', name.len));
    }
    buffer_deinit(&name);
    buffer_deinit(&clean);
}

static void test_both_bytes_count(void **state) {
    (void)state;
    struct buffer one, other;
    buffer_init(&one, PEER_NAME_BYTES_MAX);
    buffer_init(&other, PEER_NAME_BYTES_MAX);
    draw(0, 0, &one);
    draw(1, 0, &other);
    assert_false(slice_equal(buffer_slice(&one), buffer_slice(&other)));
    draw(0, 1, &other);
    assert_false(slice_equal(buffer_slice(&one), buffer_slice(&other)));
    draw(0, 0, &other);
    assert_true(slice_equal(buffer_slice(&one), buffer_slice(&other)));
    buffer_deinit(&one);
    buffer_deinit(&other);
}

static void test_without_room_nothing_is_appended(void **state) {
    (void)state;
    for (size_t bytes_max = 1; bytes_max < 8; bytes_max++) {
        struct buffer out;
        buffer_init(&out, bytes_max);
        append_times(&out, "x", 1);
        assert_int_equal(friendly_name((const uint8_t[]){0, 0}, &out), PARLEY_ERR_FULL);
        assert_slice(buffer_slice(&out), "x");
        buffer_deinit(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_draw_is_a_name_that_peers_accept),
        cmocka_unit_test(test_both_bytes_count),
        cmocka_unit_test(test_without_room_nothing_is_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
