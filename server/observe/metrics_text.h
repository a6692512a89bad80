/* metrics_text.h - the server's numbers as text that Prometheus and others read.
 *
 * The format is Prometheus' text exposition format 0.0.4; names follow its conventions (base units,
 * "_total" for counters). Labels are names of this program's own enums: strangers cannot choose
 * them, and their number is fixed.
 */
#ifndef PARLEY_METRICS_TEXT_H
#define PARLEY_METRICS_TEXT_H

#include "buffer.h"
#include "hub.h"
#include "metrics.h"

#define METRICS_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define METRICS_TEXT_BYTES_MAX 32768 /* twice as much as all of it with the longest numbers */

/* Values of this moment, and counters outside struct metrics. */
struct metrics_state {
    const char *version;
    uint32_t websocket_connections, polling_connections;
    uint32_t rooms;
    uint32_t members; /* the absent included */
    uint32_t absent_members;
    bool draining;
    uint64_t queued_bytes;    /* for all slow readers */
    uint64_t queues;          /* how many these are */
    const uint64_t *received; /* messages from pages, WIRE_TYPE_COUNT of them, by type */
    const struct hub_relayed *relayed;
    uint64_t stun_answers, stun_refused;
    uint64_t log_lines_lost;
    uint64_t resident_bytes, virtual_bytes;
    uint64_t open_fds, max_fds;
    uint64_t cpu_ns;
    uint64_t start_unix_s;
};

/* Appends all of it to |out|. Errors as buffer_append; |out| then has only a part. */
int metrics_text_write(const struct metrics *metrics, const struct metrics_state *state,
                       struct buffer *out);

#endif
