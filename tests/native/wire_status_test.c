/* A page's reports of relays that fail. */
#include "cmocka_all.h"
#include "error.h"
#include "wire.h"

#include <stdio.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void test_it_is_read_as_it_was_written(void **state) {
    (void)state;
    struct buffer out;
    struct wire_message message = {.type = WIRE_RELAY_FAILED, .status = 401}, again;
    buffer_init(&out, 4 * WIRE_MESSAGE_BYTES_MAX);
    assert_int_equal(wire_write(&message, WIRE_TO_SERVER, &out), PARLEY_OK);
    assert_true(
        slice_equal(buffer_slice(&out), slice_of("{\"type\":\"relay_failed\",\"status\":401}")));
    assert_int_equal(wire_read(buffer_slice(&out), WIRE_TO_SERVER, &again), PARLEY_OK);
    assert_int_equal(again.status, 401);
    wire_message_deinit(&again);
    assert_int_equal(wire_write(&message, WIRE_TO_PAGE, &out), PARLEY_ERR_TYPE);
    message.status = WIRE_STATUS_MIN - 1;
    assert_int_equal(wire_write(&message, WIRE_TO_SERVER, &out), PARLEY_ERR_FIELD);
    buffer_deinit(&out);
}

static void test_a_status_has_its_bounds(void **state) {
    (void)state;
    static const struct {
        const char *status;
        int error;
    } rows[] = {{"299", PARLEY_ERR_FIELD},
                {"300", PARLEY_OK},
                {"799", PARLEY_OK},
                {"800", PARLEY_ERR_FIELD},
                {"0", PARLEY_ERR_FIELD},
                {"-1", PARLEY_ERR_FIELD},
                {"null", PARLEY_ERR_FIELD},
                {"\"401\"", PARLEY_ERR_FIELD},
                {"4294967697", PARLEY_ERR_FIELD}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[64];
        struct wire_message message;
        snprintf(text, sizeof text, "{\"type\":\"relay_failed\",\"status\":%s}", rows[i].status);
        assert_int_equal(wire_read(slice_of(text), WIRE_TO_SERVER, &message), rows[i].error);
        wire_message_deinit(&message);
        assert_int_equal(wire_read(slice_of(text), WIRE_TO_PAGE, &message), PARLEY_ERR_TYPE);
        wire_message_deinit(&message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_read_as_it_was_written),
        cmocka_unit_test(test_a_status_has_its_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
