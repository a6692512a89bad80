#include "metrics_text.h"

#include "error.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define LINE_BYTES_MAX 256
#define NS_PER_S 1000000000u

struct metrics_writer {
    struct buffer *out;
    int err; /* the first */
};

/* A number without labels. */
struct single {
    const char *name;
    const char *type;
    const char *help;
    uint64_t value;
};

__attribute__((format(printf, 2, 3))) static void add(struct metrics_writer *writer,
                                                      const char *format, ...) {
    char line[LINE_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    PARLEY_CHECK(len >= 0 && (size_t)len < sizeof line);
    if (writer->err == PARLEY_OK)
        writer->err = buffer_append(writer->out, (struct slice){line, (size_t)len});
}

static void begin(struct metrics_writer *writer, const char *name, const char *type,
                  const char *help) {
    add(writer, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_singles(struct metrics_writer *writer, const struct single *singles, size_t count) {
    for (size_t i = 0; i < count; i++) {
        begin(writer, singles[i].name, singles[i].type, singles[i].help);
        add(writer, "%s %" PRIu64 "\n", singles[i].name, singles[i].value);
    }
}

/* Whole seconds are written without a point, and no number ends with zeros behind it: 0.00001. */
static void add_seconds(struct metrics_writer *writer, uint64_t ns) {
    char fraction[16];
    size_t len = (size_t)snprintf(fraction, sizeof fraction, ".%09u", (unsigned)(ns % NS_PER_S));
    while (fraction[len - 1] == '0')
        len--;
    add(writer, "%" PRIu64 "%.*s", ns / NS_PER_S, len > 1 ? (int)len : 0, fraction);
}

/* --- people ----------------------------------------------------------------------------------- */

static void add_people(struct metrics_writer *writer, const struct metrics_state *state) {
    const struct single singles[] = {
        {"parley_rooms", "gauge", "Rooms with somebody in them.", state->rooms},
        {"parley_members", "gauge", "People in rooms, the absent included.", state->members},
        {"parley_absent_members", "gauge", "People who lost their connection and may come back.",
         state->absent_members},
        {"parley_queued_bytes", "gauge", "Messages waiting for those who do not read.",
         state->queued_bytes},
        {"parley_queues", "gauge", "Connections with messages waiting.", state->queues},
        {"parley_draining", "gauge", "1 while people are sent elsewhere.", state->draining},
    };
    begin(writer, "parley_connections", "gauge", "People connected, by how.");
    add(writer, "parley_connections{transport=\"websocket\"} %u\n", state->websocket_connections);
    add(writer, "parley_connections{transport=\"polling\"} %u\n", state->polling_connections);
    add_singles(writer, singles, sizeof singles / sizeof singles[0]);
}

/* --- signaling -------------------------------------------------------------------------------- */

static void add_messages(struct metrics_writer *writer, const uint64_t counts[WIRE_TYPE_COUNT],
                         enum wire_direction direction) {
    for (enum wire_type type = 0; type < WIRE_TYPE_COUNT; type++) {
        if (wire_type_goes(type, direction))
            add(writer, "parley_messages_total{type=\"%s\",direction=\"%s\"} %" PRIu64 "\n",
                wire_type_name(type), direction == WIRE_TO_SERVER ? "in" : "out", counts[type]);
    }
}

static void add_signaling(struct metrics_writer *writer, const struct metrics *metrics,
                          const struct metrics_state *state) {
    const struct single singles[] = {
        {"parley_received_bytes_total", "counter", "Signaling messages that came, in bytes.",
         metrics->received_bytes},
        {"parley_sent_bytes_total", "counter", "Signaling messages sent, in bytes.",
         metrics->sent_bytes},
        {"parley_dropped_messages_total", "counter",
         "Words of others, thrown away for those who do not read.", metrics->dropped_messages},
        {"parley_relayed_messages_total", "counter",
         "Sealed messages passed on for those who find no path.", state->relayed->messages},
        {"parley_relayed_bytes_total", "counter", "The same, in bytes.", state->relayed->bytes},
        {"parley_relay_refused_messages_total", "counter", "Those that were over a budget.",
         state->relayed->refused_messages},
        {"parley_relay_refused_bytes_total", "counter", "The same, in bytes.",
         state->relayed->refused_bytes},
    };
    begin(writer, "parley_messages_total", "counter", "Signaling messages, from and to pages.");
    add_messages(writer, state->received, WIRE_TO_SERVER);
    add_messages(writer, metrics->sent, WIRE_TO_PAGE);
    add_singles(writer, singles, sizeof singles / sizeof singles[0]);
}

static void add_refusal(struct metrics_writer *writer, const char *reason, uint64_t count) {
    add(writer, "parley_refusals_total{reason=\"%s\"} %" PRIu64 "\n", reason, count);
}

static void add_refusals(struct metrics_writer *writer, const struct metrics *metrics) {
    begin(writer, "parley_refusals_total", "counter", "Connections, joins and messages refused.");
    for (enum wire_error error = 0; error < WIRE_ERROR_COUNT; error++)
        add_refusal(writer, wire_error_code(error), metrics->refusals[error]);
    add_refusal(writer, "sockets", metrics->refused_sockets);
    add_refusal(writer, "origin", metrics->refused_origins);
    add_refusal(writer, "host", metrics->refused_hosts);
}

/* Cumulative (each bucket holds those before it, too), which the struct is not. */
static void add_histogram(struct metrics_writer *writer, const char *name, const char *help,
                          const struct metrics_histogram *histogram) {
    uint64_t count = 0;
    begin(writer, name, "histogram", help);
    for (unsigned i = 0; i < METRICS_BUCKETS; i++) {
        count += histogram->buckets[i];
        add(writer, "%s_bucket{le=\"", name);
        add_seconds(writer, metrics_bound_ns(i));
        add(writer, "\"} %" PRIu64 "\n", count);
    }
    count += histogram->buckets[METRICS_BUCKETS];
    add(writer, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum ", name, count, name);
    add_seconds(writer, histogram->sum_ns);
    add(writer, "\n%s_count %" PRIu64 "\n", name, count);
}

/* --- the rest --------------------------------------------------------------------------------- */

static void add_services(struct metrics_writer *writer, const struct metrics *metrics,
                         const struct metrics_state *state) {
    const struct single singles[] = {
        {"parley_stun_answers_total", "counter", "STUN requests answered.", state->stun_answers},
        {"parley_stun_refused_total", "counter", "STUN requests above an address's limit.",
         state->stun_refused},
        {"parley_log_lines_lost_total", "counter", "Log lines that nobody read in time.",
         state->log_lines_lost},
    };
    begin(writer, "parley_http_responses_total", "counter", "HTTP answers, by class of status.");
    for (unsigned kind = 2; kind < METRICS_HTTP_KINDS; kind++)
        add(writer, "parley_http_responses_total{code=\"%uxx\"} %" PRIu64 "\n", kind,
            metrics->http_responses[kind]);
    add_singles(writer, singles, sizeof singles / sizeof singles[0]);
}

/* Under Prometheus' standard names. */
static void add_process(struct metrics_writer *writer, const struct metrics_state *state) {
    const struct single singles[] = {
        {"process_resident_memory_bytes", "gauge", "Memory in use.", state->resident_bytes},
        {"process_virtual_memory_bytes", "gauge", "Address space in use.", state->virtual_bytes},
        {"process_open_fds", "gauge", "Open file descriptors.", state->open_fds},
        {"process_max_fds", "gauge", "File descriptors allowed.", state->max_fds},
        {"process_start_time_seconds", "gauge", "When the server started, since 1970.",
         state->start_unix_s},
    };
    add_singles(writer, singles, sizeof singles / sizeof singles[0]);
    begin(writer, "process_cpu_seconds_total", "counter", "Time on processors.");
    add(writer, "process_cpu_seconds_total ");
    add_seconds(writer, state->cpu_ns);
    add(writer, "\n");
    begin(writer, "parley_build_info", "gauge", "The program's version.");
    add(writer, "parley_build_info{version=\"%s\"} 1\n", state->version);
}

int metrics_text_write(const struct metrics *metrics, const struct metrics_state *state,
                       struct buffer *out) {
    struct metrics_writer writer = {out, PARLEY_OK};
    add_people(&writer, state);
    add_signaling(&writer, metrics, state);
    add_refusals(&writer, metrics);
    add_histogram(&writer, "parley_join_seconds", "From a new connection to its place in a room.",
                  &metrics->join);
    add_histogram(&writer, "parley_relay_seconds",
                  "From a message that came to what was handed to its receiver's transport.",
                  &metrics->relay);
    add_services(&writer, metrics, state);
    add_process(&writer, state);
    return writer.err;
}
