/* Frames that libwebsockets would accept, but a server must refuse (RFC 6455). */
#include "frames.h"

#include "cmocka_all.h"

#include <string.h>

#define BYTES(text) text, sizeof(text) - 1
#define MASK "\1\2\3\4"

static struct frames frames;
static size_t frame_at;

static uint16_t read_new(const char *bytes, size_t len) {
    frames = (struct frames){0};
    return frames_read(&frames, 0, bytes, len, &frame_at);
}

/* Reads them byte by byte. */
static uint16_t read_bytes(const char *bytes, size_t len) {
    uint16_t code = 0;
    frames = (struct frames){0};
    for (size_t i = 0; i < len && code == 0; i++)
        code = frames_read(&frames, 0, bytes + i, 1, &frame_at);
    return code;
}

static void test_good_frames(void **state) {
    (void)state;
    static char longest[14 + 65536] = "\x82\xff\0\0\0\0\0\1\0\0" MASK;
    static char middle[8 + 126] = "\x81\xfe\0\x7e" MASK;
    assert_int_equal(read_new(BYTES("\x81\x83" MASK "abc\x89\x80" MASK "\x88\x80" MASK)), 0);
    assert_int_equal(read_bytes(BYTES("\x81\x83" MASK "abc\x89\x80" MASK "\x88\x80" MASK)), 0);
    assert_int_equal(read_new(middle, sizeof middle), 0);
    assert_int_equal(read_bytes(middle, sizeof middle), 0);
    assert_int_equal(read_new(longest, sizeof longest), 0);
    assert_int_equal(frames.payload_left, 0);
    assert_int_equal(frames.head_len, 0);
}

static void test_frames_without_a_mask(void **state) {
    (void)state;
    assert_int_equal(read_new(BYTES("\x81\x03"
                                    "abc")),
                     1002);
    assert_int_equal(frame_at, 0);
    assert_int_equal(read_new(BYTES("\x81\x83" MASK "abc\x89\x01x")), 1002);
    assert_int_equal(frame_at, 9);
    assert_int_equal(read_bytes(BYTES("\x81\x83" MASK "abc\x89\x01x")), 1002);
    assert_true(frame_at == SIZE_MAX);
}

static void test_lengths_that_are_too_long(void **state) {
    (void)state;
    assert_int_equal(read_new(BYTES("\x81\xfe\0\x7d" MASK)), 1002);
    assert_int_equal(read_new(BYTES("\x81\xff\0\0\0\0\0\0\xff\xff" MASK)), 1002);
    assert_int_equal(read_bytes(BYTES("\x81\xff\0\0\0\0\0\0\xff\xff" MASK)), 1002);
}

static uint16_t read_close(unsigned code, const char *reason) {
    char frame[64] = "\x88";
    size_t len = 2 + strlen(reason);
    frame[1] = (char)(0x80 | len); /* a mask of zeros */
    frame[6] = (char)(code >> 8);
    frame[7] = (char)code;
    memcpy(frame + 8, reason, strlen(reason));
    return read_new(frame, 6 + len);
}

static void test_close_frames(void **state) {
    (void)state;
    static const unsigned good[] = {1000, 1001, 1003, 1007, 1012, 1014, 3000, 4999};
    static const unsigned bad[] = {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(read_close(good[i], "bye"), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(read_close(bad[i], ""), 1002);
    assert_int_equal(read_close(1000, "\xff\xfe"), 1007);
    assert_int_equal(read_new(BYTES("\x88\x81" MASK "x")), 1002);
    assert_int_equal(read_new(BYTES("\x88\x82\xff\xff\xff\xff\xfc\x17")), 0); /* 1000, masked */
}

/* Whole messages have their own limit. */
static void test_the_pace(void **state) {
    (void)state;
    static const char *const counted[] = {"\x89\x80" MASK, "\x8a\x80" MASK, "\x00\x80" MASK};
    for (size_t i = 0; i < 3; i++) {
        frames = (struct frames){0};
        for (int j = 0; j < FRAMES_BURST; j++)
            assert_int_equal(frames_read(&frames, 0, counted[i], 6, &frame_at), 0);
        assert_int_equal(frames_read(&frames, 0, BYTES("\x80\x80" MASK), &frame_at), 0);
        assert_int_equal(frames_read(&frames, 0, counted[i], 6, &frame_at), 1008);
        assert_int_equal(frame_at, 0);
    }
}

static void test_our_close_frame_is_a_clients(void **state) {
    (void)state;
    char frame[FRAMES_CLOSE_BYTES];
    frames_write_close(1002, frame);
    assert_memory_equal(frame, "\x88\x82\0\0\0\0\x03\xea", sizeof frame);
    assert_int_equal(read_new(frame, sizeof frame), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_frames),
        cmocka_unit_test(test_frames_without_a_mask),
        cmocka_unit_test(test_lengths_that_are_too_long),
        cmocka_unit_test(test_close_frames),
        cmocka_unit_test(test_the_pace),
        cmocka_unit_test(test_our_close_frame_is_a_clients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
