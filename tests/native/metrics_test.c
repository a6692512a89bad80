/* The counters, and the text format that Prometheus reads. */
#include "metrics_text.h"

#include "error.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#define US 1000ull
#define S 1000000000ull

static struct metrics metrics;
static uint64_t received[WIRE_TYPE_COUNT];
static struct hub_relayed relayed;
static struct metrics_state state;
static struct buffer out;

static int set_up(void **test_state) {
    (void)test_state;
    metrics = (struct metrics){.timed = true};
    memset(received, 0, sizeof received);
    relayed = (struct hub_relayed){0};
    state = (struct metrics_state){.version = "1.2.3", .received = received, .relayed = &relayed};
    buffer_init(&out, METRICS_TEXT_BYTES_MAX);
    return 0;
}

static int tear_down(void **test_state) {
    (void)test_state;
    buffer_deinit(&out);
    return 0;
}

static void write_all(void) {
    buffer_clear(&out);
    assert_int_equal(metrics_text_write(&metrics, &state, &out), PARLEY_OK);
    assert_int_equal(buffer_append(&out, (struct slice){"", 1}), PARLEY_OK);
}

/* Asserts that the text has |line| as a whole line. */
static void expect(const char *line) {
    char wanted[256];
    snprintf(wanted, sizeof wanted, "\n%s\n", line);
    if (strstr(out.bytes, wanted) == NULL)
        fail_msg("no line \"%s\" in:\n%s", line, out.bytes);
}

static void test_counts_and_states(void **test_state) {
    (void)test_state;
    state.websocket_connections = 3;
    state.draining = true;
    state.cpu_ns = 1500000000;
    received[WIRE_OFFER] = 4;
    metrics.sent[WIRE_OFFER] = 5;
    metrics.refusals[WIRE_ERROR_ROOM_FULL] = UINT64_MAX;
    metrics.refused_origins = 2;
    relayed = (struct hub_relayed){1, 2, 3, 4};
    write_all();
    expect("# TYPE parley_connections gauge");
    expect("parley_connections{transport=\"websocket\"} 3");
    expect("parley_connections{transport=\"polling\"} 0");
    expect("parley_draining 1");
    expect("parley_messages_total{type=\"offer\",direction=\"in\"} 4");
    expect("parley_messages_total{type=\"offer\",direction=\"out\"} 5");
    expect("parley_messages_total{type=\"welcome\",direction=\"out\"} 0");
    expect("parley_refusals_total{reason=\"room_full\"} 18446744073709551615");
    expect("parley_refusals_total{reason=\"origin\"} 2");
    expect("parley_relayed_messages_total 1");
    expect("parley_relayed_bytes_total 2");
    expect("parley_relay_refused_messages_total 3");
    expect("parley_relay_refused_bytes_total 4");
    expect("process_cpu_seconds_total 1.5");
    expect("parley_build_info{version=\"1.2.3\"} 1");
}

/* Each type is counted in the directions in which it is sent, and in no other. */
static void test_each_type_is_counted_in_its_directions(void **test_state) {
    (void)test_state;
    static const struct {
        enum wire_type type;
        bool comes, goes;
    } rows[WIRE_TYPE_COUNT] = {
        {WIRE_JOIN, true, false},       {WIRE_LEAVE, true, false},
        {WIRE_OFFER, true, true},       {WIRE_ANSWER, true, true},
        {WIRE_CANDIDATE, true, true},   {WIRE_ASK, true, true},
        {WIRE_SEALED, true, true},      {WIRE_PING, true, false},
        {WIRE_WELCOME, false, true},    {WIRE_JOINED, false, true},
        {WIRE_LEFT, false, true},       {WIRE_PONG, false, true},
        {WIRE_CREDENTIALS, true, true}, {WIRE_RELAY_FAILED, true, false},
        {WIRE_ERROR, false, true},      {WIRE_RELAY, true, true},
    };
    for (size_t i = 0; i < WIRE_TYPE_COUNT; i++) {
        received[rows[i].type] = 100 + i;
        metrics.sent[rows[i].type] = 200 + i;
    }
    write_all();
    for (size_t i = 0; i < WIRE_TYPE_COUNT; i++) {
        char in[128], out_line[128];
        const char *name = wire_type_name(rows[i].type);
        snprintf(in, sizeof in, "\nparley_messages_total{type=\"%s\",direction=\"in\"} %zu\n", name,
                 100 + i);
        snprintf(out_line, sizeof out_line,
                 "\nparley_messages_total{type=\"%s\",direction=\"out\"} %zu\n", name, 200 + i);
        assert_int_equal(strstr(out.bytes, in) != NULL, rows[i].comes);
        assert_int_equal(strstr(out.bytes, out_line) != NULL, rows[i].goes);
    }
}

static void test_a_histogram(void **test_state) {
    (void)test_state;
    metrics_observe(&metrics.relay, 0);
    metrics_observe(&metrics.relay, 10 * US); /* a bucket includes its bound */
    metrics_observe(&metrics.relay, 10 * US + 1);
    metrics_observe(&metrics.relay, 30 * S);
    metrics_observe(&metrics.relay, 31 * S);
    write_all();
    expect("parley_relay_seconds_bucket{le=\"0.00001\"} 2");
    expect("parley_relay_seconds_bucket{le=\"0.000025\"} 3");
    expect("parley_relay_seconds_bucket{le=\"10\"} 3");
    expect("parley_relay_seconds_bucket{le=\"30\"} 4");
    expect("parley_relay_seconds_bucket{le=\"+Inf\"} 5");
    expect("parley_relay_seconds_sum 61.000020001");
    expect("parley_relay_seconds_count 5");
    expect("parley_join_seconds_count 0");
}

static void test_bounds_rise(void **test_state) {
    (void)test_state;
    for (unsigned i = 1; i < METRICS_BUCKETS; i++)
        assert_true(metrics_bound_ns(i) > metrics_bound_ns(i - 1));
}

static void test_responses_by_class(void **test_state) {
    (void)test_state;
    metrics_count_response(&metrics, 200);
    metrics_count_response(&metrics, 299);
    metrics_count_response(&metrics, 404);
    metrics_count_response(&metrics, 999); /* there is none */
    write_all();
    expect("parley_http_responses_total{code=\"2xx\"} 2");
    expect("parley_http_responses_total{code=\"4xx\"} 1");
    expect("parley_http_responses_total{code=\"5xx\"} 0");
}

/* Even with the longest numbers, the text takes at most half of the room. Without enough room there
 * is an error. */
static void test_room(void **test_state) {
    (void)test_state;
    memset(&metrics, 0xff, sizeof metrics);
    memset(received, 0xff, sizeof received);
    memset(&state, 0xff, sizeof state);
    metrics.timed = state.draining = true;
    state.version = "1.2.3";
    state.received = received;
    memset(&relayed, 0xff, sizeof relayed);
    state.relayed = &relayed;
    write_all();
    assert_true(out.len <= METRICS_TEXT_BYTES_MAX / 2);
    struct buffer small;
    buffer_init(&small, 1000);
    assert_int_equal(metrics_text_write(&metrics, &state, &small), PARLEY_ERR_FULL);
    assert_true(small.len <= 1000);
    buffer_deinit(&small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_counts_and_states, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_each_type_is_counted_in_its_directions, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_histogram, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bounds_rise, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_responses_by_class, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_room, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
