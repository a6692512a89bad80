/* crowd.h - thousands of clients of one server in one thread, and the tasks that they do while the
 * server is measured. Each task returns when it is done. Call crowd_turn between tasks, so that
 * idle clients answer pings. If the server says nothing for CROWD_PATIENCE_MS while something is
 * due, the program ends. */
#ifndef PARLEY_BENCH_CROWD_H
#define PARLEY_BENCH_CROWD_H

#include "client.h"
#include "measure.h"

#include <sys/types.h>

#define CROWD_CLIENTS_MAX 16384
#define CROWD_PATIENCE_MS 20000

/* The cost of a task. */
struct cost {
    uint64_t done;           /* joins, relayed messages, cycles or requests */
    uint64_t wall_ns;        /* from its beginning to its end */
    uint64_t server_ns;      /* CPU of the server in that time */
    uint64_t p50_ns, p99_ns; /* of round trips; 0 where none were timed */
};

struct crowd {
    const struct dialect *dialect;
    uint16_t port;
    pid_t server;
    int epoll;
    struct client *clients; /* CROWD_CLIENTS_MAX of them */
    uint32_t count;         /* that have been started */
    uint32_t next_number;   /* of a client; names it */
    uint32_t next_room;
    void (*on_event)(struct crowd *crowd, struct client *client, enum client_event event);
    uint64_t done, wanted;
    uint64_t deadline_ns; /* relaying: after it nobody begins anew */
    uint32_t in_flight;
    uint32_t room_members;
    struct samples round_trips;
};

/* Makes the crowd of |server|, a process that listens on |port| and speaks |dialect|. Nobody is
 * connected yet. */
void crowd_init(struct crowd *crowd, const struct dialect *dialect, uint16_t port, pid_t server);

/* Ends all connections and frees. */
void crowd_deinit(struct crowd *crowd);

/* Waits for at most |timeout_ms| (-1: for ever) and lets clients take what came. Returns false when
 * nothing came. */
bool crowd_turn(struct crowd *crowd, int timeout_ms);

/* Brings |count| more clients into rooms of |room_members|, at most |window| of them on their way
 * at once. */
struct cost crowd_join(struct crowd *crowd, uint32_t count, uint32_t room_members, uint32_t window);

/* The first 2 * |pairs| clients, who were brought into rooms of two, pass signals to each other for
 * |duration_ms|: one to and fro in each pair at a time. A message is done when it arrives; a round
 * trip is two. */
struct cost crowd_relay(struct crowd *crowd, uint32_t pairs, uint32_t duration_ms);

/* |count| times a client comes, enters a room of four, and leaves as soon as it is in; |window| of
 * them at once. */
struct cost crowd_cycle(struct crowd *crowd, uint32_t count, uint32_t window);

#endif
