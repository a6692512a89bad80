/* Log lines: both formats, and that no value can forge a line, a field or a terminal's state. */
#define _POSIX_C_SOURCE 200809L
#include "log.h"

#include "cmocka_all.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NOON_MS 1735732800123u /* 2025-01-01T12:00:00.123Z */

static char line[LOG_LINE_BYTES_MAX + 1];

static const char *format(enum log_format log_format, const struct log_field *fields,
                          size_t count) {
    size_t len =
        log_format_line(line, log_format, NOON_MS, LOG_LEVEL_INFO, "joined", fields, count);
    assert_true(len <= LOG_LINE_BYTES_MAX);
    line[len] = '\0';
    return line;
}

static void test_text(void **state) {
    (void)state;
    const struct log_field fields[] = {log_text("room", slice_of("blue-hill")),
                                       log_number("members", 3)};
    assert_string_equal(format(LOG_FORMAT_TEXT, fields, 2),
                        "2025-01-01T12:00:00.123Z info joined room=blue-hill members=3\n");
}

static void test_json(void **state) {
    (void)state;
    const struct log_field fields[] = {log_text("room", slice_of("blue-hill")),
                                       log_number("members", UINT64_MAX)};
    assert_string_equal(format(LOG_FORMAT_JSON, fields, 2),
                        "{\"time\":\"2025-01-01T12:00:00.123Z\",\"level\":\"info\","
                        "\"event\":\"joined\",\"room\":\"blue-hill\","
                        "\"members\":18446744073709551615}\n");
}

/* Every byte value twice: more bytes than the log shows of a value. */
static struct slice hostile_value(char bytes[512]) {
    for (size_t i = 0; i < 512; i++)
        bytes[i] = (char)i;
    return (struct slice){bytes, 512};
}

static void assert_printable_line(const char *text) {
    size_t len = strlen(text);
    assert_int_equal(text[len - 1], '\n');
    for (size_t i = 0; i + 1 < len; i++)
        assert_in_range(text[i], ' ', '~');
}

static void test_hostile_value(void **state) {
    (void)state;
    char bytes[512];
    const struct log_field field = log_text("origin", hostile_value(bytes));
    assert_printable_line(format(LOG_FORMAT_TEXT, &field, 1));
    assert_printable_line(format(LOG_FORMAT_JSON, &field, 1));
    cJSON *json = cJSON_Parse(line);
    assert_non_null(json);
    assert_int_equal(cJSON_GetArraySize(json), 4);
    cJSON_Delete(json);
}

static void test_forging_fails(void **state) {
    (void)state;
    const struct log_field field =
        log_text("origin", slice_of("x\n2025 info joined room=fake\",\"level\":\"error"));
    assert_string_equal(format(LOG_FORMAT_TEXT, &field, 1),
                        "2025-01-01T12:00:00.123Z info joined origin=\"x\\u000a2025 info joined "
                        "room=fake\\\",\\\"level\\\":\\\"error\"\n");
    format(LOG_FORMAT_JSON, &field, 1);
    cJSON *json = cJSON_Parse(line);
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(json, "level")->valuestring, "info");
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(json, "origin")->valuestring,
                        "x\n2025 info joined room=fake\",\"level\":\"error");
    cJSON_Delete(json);
}

static void test_empty_and_spaced_values_are_quoted(void **state) {
    (void)state;
    const struct log_field fields[] = {log_text("a", slice_of("")), log_text("b", slice_of("c d"))};
    assert_string_equal(format(LOG_FORMAT_TEXT, fields, 2),
                        "2025-01-01T12:00:00.123Z info joined a=\"\" b=\"c d\"\n");
}

static void test_too_many_fields_are_left_out_whole(void **state) {
    (void)state;
    char bytes[512];
    struct log_field fields[12];
    for (size_t i = 0; i < 12; i++)
        fields[i] = log_text("value", hostile_value(bytes));
    assert_printable_line(format(LOG_FORMAT_JSON, fields, 12));
    cJSON *json = cJSON_Parse(line);
    assert_non_null(json);
    cJSON_Delete(json);
}

static void test_short_ids(void **state) {
    (void)state;
    assert_int_equal(log_short_id(slice_of("abcdefghijklm")).len, 6);
    assert_int_equal(log_short_id(slice_of("abcdef")).len, 3);
    assert_int_equal(log_short_id(slice_of("abcd")).len, 2);
    assert_int_equal(log_short_id(slice_of("a")).len, 0);
    assert_int_equal(log_short_id(slice_of("")).len, 0);
}

static void test_names(void **state) {
    (void)state;
    enum log_level level;
    enum log_format log_format;
    assert_true(log_level_find(slice_of("warn"), &level));
    assert_int_equal(level, LOG_LEVEL_WARN);
    assert_false(log_level_find(slice_of("WARN"), &level));
    assert_true(log_format_find(slice_of("json"), &log_format));
    assert_int_equal(log_format, LOG_FORMAT_JSON);
    assert_false(log_format_find(slice_of(""), &log_format));
}

static void test_level_decides_what_is_written(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    log_init(LOG_LEVEL_WARN, LOG_FORMAT_TEXT, ends[1]);
    LOG(LOG_LEVEL_INFO, "quiet", log_number("n", 1));
    LOG(LOG_LEVEL_WARN, "loud", log_number("n", 2));
    assert_false(log_enabled(LOG_LEVEL_DEBUG));
    close(ends[1]);
    char text[256] = "";
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    close(ends[0]);
    assert_null(strstr(text, "quiet"));
    assert_non_null(strstr(text, " warn loud n=2\n"));
}

/* Fills |fd|, the writing end of a pipe, which stays blocking. */
static void fill(int fd) {
    static const char bytes[4096];
    int flags = fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    while (write(fd, bytes, sizeof bytes) > 0 || write(fd, bytes, 1) > 0)
        continue;
    fcntl(fd, F_SETFL, flags);
}

static void drain(int fd) {
    char bytes[4096];
    struct pollfd pollfd = {.fd = fd, .events = POLLIN};
    while (poll(&pollfd, 1, 0) == 1)
        assert_true(read(fd, bytes, sizeof bytes) > 0);
}

/* If nobody reads, lines are lost, but the server does not wait. */
static void test_a_full_pipe_does_not_block(void **state) {
    (void)state;
    int ends[2];
    char text[1024] = "";
    assert_int_equal(pipe(ends), 0);
    log_init(LOG_LEVEL_INFO, LOG_FORMAT_TEXT, ends[1]);
    fill(ends[1]);
    alarm(10);
    for (unsigned i = 0; i < 3; i++)
        LOG(LOG_LEVEL_INFO, "lost", log_number("n", i));
    alarm(0);
    drain(ends[0]);
    LOG(LOG_LEVEL_INFO, "heard", log_number("n", 3));
    LOG(LOG_LEVEL_INFO, "heard", log_number("n", 4));
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    assert_null(strstr(text, "lost"));
    assert_non_null(strstr(text, " warn unlogged lines=3\n"));
    assert_non_null(strstr(text, " info heard n=3\n"));
    assert_null(strstr(strstr(text, "unlogged") + 1, "unlogged"));
    close(ends[0]);
    close(ends[1]);
}

static void test_limiter(void **state) {
    (void)state;
    struct log_limiter limiter = {.lines_max = 2, .window_ms = 1000};
    uint32_t dropped;
    assert_true(log_limiter_take(&limiter, 5000, &dropped));
    assert_true(log_limiter_take(&limiter, 5001, &dropped));
    assert_false(log_limiter_take(&limiter, 5002, &dropped));
    assert_false(log_limiter_take(&limiter, 5999, &dropped));
    assert_true(log_limiter_take(&limiter, 6000, &dropped));
    assert_int_equal(dropped, 2);
    assert_true(log_limiter_take(&limiter, 6001, &dropped));
    assert_int_equal(dropped, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_hostile_value),
        cmocka_unit_test(test_forging_fails),
        cmocka_unit_test(test_empty_and_spaced_values_are_quoted),
        cmocka_unit_test(test_too_many_fields_are_left_out_whole),
        cmocka_unit_test(test_short_ids),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_level_decides_what_is_written),
        cmocka_unit_test(test_a_full_pipe_does_not_block),
        cmocka_unit_test(test_limiter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
