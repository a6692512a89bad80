/* crowd.h - thousands of clients of one server in one thread, and the tasks that they do while the
 * server is measured. Each task returns when it is done. Call crowd_turn between tasks, so that
 * idle clients answer pings. If the server sends nothing for CROWD_PATIENCE_MS while a client waits
 * for it, the program ends. */
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
    uint64_t p50_ns, p99_ns; /* of round trips; 0: none were timed */
};

struct crowd {
    const struct dialect *dialect;
    uint16_t port;
    pid_t server;
    int epoll;
    struct client *clients; /* CROWD_CLIENTS_MAX of them */
    uint32_t count;         /* how many have been started */
    uint32_t next_number;   /* of a client */
    uint32_t next_room;
    void (*on_event)(struct crowd *crowd, struct client *client, enum client_event event);
    uint64_t done, wanted;
    uint64_t deadline_ns; /* relaying: after it, no pair begins another round trip */
    uint32_t in_flight;
    uint32_t room_members;
    struct samples round_trips;
};

/* Makes a crowd for |server|, a process that listens on |port| and speaks |dialect|. No client is
 * connected yet. */
void crowd_init(struct crowd *crowd, const struct dialect *dialect, uint16_t port, pid_t server);

/* Ends all connections and frees. */
void crowd_deinit(struct crowd *crowd);

/* Waits for at most |timeout_ms| (-1: forever) and lets clients read what arrives. False: nothing
 * arrived. */
bool crowd_turn(struct crowd *crowd, int timeout_ms);

/* Lets |count| more clients join rooms of |room_members|, at most |window| of them at the same
 * time. */
struct cost crowd_join(struct crowd *crowd, uint32_t count, uint32_t room_members, uint32_t window);

/* The first 2 * |pairs| clients, which have joined rooms of two, send signals to each other for
 * |duration_ms|. Each pair has one signal in transit, back and forth. A message is done when it
 * arrives; a round trip is two messages. */
struct cost crowd_relay(struct crowd *crowd, uint32_t pairs, uint32_t duration_ms);

/* |count| times, a client connects, enters a room of four, and leaves at once; |window| of them at
 * the same time. */
struct cost crowd_cycle(struct crowd *crowd, uint32_t count, uint32_t window);

#endif
