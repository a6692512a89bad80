#include "cmocka_all.h"
#include "connection_log.h"
#include "error.h"

static struct connection_log connection_log;

static void assert_entry(uint32_t index, const char *text) {
    struct buffer words;
    buffer_init(&words, 128);
    assert_true(index < connection_log.count);
    assert_int_equal(connection_log_entry_text(&connection_log.entries[index], &words), PARLEY_OK);
    assert_true(slice_equal(buffer_slice(&words), slice_of(text)));
    buffer_deinit(&words);
}

static void entries_have_times_and_counts(void **state) {
    (void)state;
    connection_log_init(&connection_log, 100);
    connection_log_add(&connection_log, 105, CONNECTION_LOG_OFFER_SENT);
    for (uint64_t i = 0; i < 2; i++)
        connection_log_add_candidate(&connection_log, 109 + i, CONNECTION_LOG_LOCAL_CANDIDATE,
                                     slice_of("candidate:1 1 udp 1 h 9 typ host generation 0"));
    connection_log_add_candidate(&connection_log, 112, CONNECTION_LOG_REMOTE_CANDIDATE,
                                 slice_of("candidate:1 1 udp 1 h 9 typ relay"));
    connection_log_add_candidate(&connection_log, 112, CONNECTION_LOG_REMOTE_CANDIDATE,
                                 slice_of("no type"));
    assert_entry(0, "In the room together");
    assert_entry(1, "Offer sent");
    assert_int_equal(connection_log.entries[1].at_ms, 5);
    assert_entry(2, "Own candidate: host (2)");
    assert_int_equal(connection_log.entries[2].at_ms, 9);
    assert_entry(3, "Their candidate: relay");
    assert_entry(4, "Their candidate: other");
    assert_true(connection_log_has(&connection_log, CONNECTION_LOG_OFFER_SENT));
    assert_false(connection_log_has(&connection_log, CONNECTION_LOG_CLOSED));
}

static void every_kind_has_words_and_the_list_is_long_enough_for_all(void **state) {
    (void)state;
    connection_log_init(&connection_log, 0);
    for (int kind = CONNECTION_LOG_OFFER_SENT; kind <= CONNECTION_LOG_CLOSED; kind++)
        connection_log_add(&connection_log, 0, (enum connection_log_kind)kind);
    assert_int_equal(connection_log.count, CONNECTION_LOG_CLOSED + 1);
    struct buffer words;
    buffer_init(&words, 128);
    for (uint32_t i = 0; i < connection_log.count; i++) {
        buffer_clear(&words);
        assert_int_equal(connection_log_entry_text(&connection_log.entries[i], &words), PARLEY_OK);
        assert_true(words.len > 5);
    }
    buffer_deinit(&words);
}

static void counts_and_kinds_are_bounded(void **state) {
    (void)state;
    connection_log_init(&connection_log, 0);
    for (int i = 0; i < 70000; i++)
        connection_log_add(&connection_log, UINT64_MAX, CONNECTION_LOG_GARBAGE);
    assert_int_equal(connection_log.entries[1].count, UINT16_MAX);
    assert_int_equal(connection_log.entries[1].at_ms, UINT32_MAX);
    connection_log.count = CONNECTION_LOG_ENTRIES_MAX;
    connection_log_add(&connection_log, 0, CONNECTION_LOG_CLOSED);
    assert_int_equal(connection_log.count, CONNECTION_LOG_ENTRIES_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_have_times_and_counts),
        cmocka_unit_test(every_kind_has_words_and_the_list_is_long_enough_for_all),
        cmocka_unit_test(counts_and_kinds_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
