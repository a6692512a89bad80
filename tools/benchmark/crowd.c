#include "crowd.h"

#include "dialect.h"
#include "error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_MAX 512
#define NS_PER_MS 1000000u
#define CYCLE_ROOM_MEMBERS 4

void crowd_init(struct crowd *crowd, const struct dialect *dialect, uint16_t port, pid_t server) {
    *crowd = (struct crowd){.dialect = dialect, .port = port, .server = server};
    crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
    crowd->clients = calloc(CROWD_CLIENTS_MAX, sizeof *crowd->clients);
    if (crowd->epoll < 0 || !crowd->clients)
        die("no crowd: %s", strerror(errno));
}

void crowd_deinit(struct crowd *crowd) {
    for (uint32_t i = 0; i < crowd->count; i++)
        client_deinit(&crowd->clients[i]);
    free(crowd->clients);
    free(crowd->round_trips.values);
    close(crowd->epoll);
}

static void on_client_event(void *user, struct client *client, enum client_event event) {
    struct crowd *crowd = user;
    if (crowd->on_event)
        crowd->on_event(crowd, client, event);
}

bool crowd_turn(struct crowd *crowd, int timeout_ms) {
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(crowd->epoll, events, EVENTS_MAX, timeout_ms);
    for (int i = 0; i < count; i++)
        client_receive(events[i].data.ptr, on_client_event, crowd);
    return count > 0;
}

/* --- tasks ------------------------------------------------------------------------------------ */

static struct cost begin(struct crowd *crowd, uint64_t wanted,
                         void (*on_event)(struct crowd *crowd, struct client *client,
                                          enum client_event event)) {
    crowd->on_event = on_event;
    crowd->done = 0;
    crowd->wanted = wanted;
    crowd->in_flight = 0;
    samples_clear(&crowd->round_trips);
    return (struct cost){.server_ns = measure_cpu_ns(crowd->server), .wall_ns = measure_now_ns()};
}

static void wait_for_turn(struct crowd *crowd) {
    if (!crowd_turn(crowd, CROWD_PATIENCE_MS))
        die("the server is silent: %llu done of %llu, %u under way",
            (unsigned long long)crowd->done, (unsigned long long)crowd->wanted, crowd->in_flight);
}

static struct cost finish(struct crowd *crowd, struct cost begun) {
    crowd->on_event = NULL;
    samples_sort(&crowd->round_trips);
    return (struct cost){.done = crowd->done,
                         .wall_ns = measure_now_ns() - begun.wall_ns,
                         .server_ns = measure_cpu_ns(crowd->server) - begun.server_ns,
                         .p50_ns = samples_at(&crowd->round_trips, 0.5),
                         .p99_ns = samples_at(&crowd->round_trips, 0.99)};
}

/* --- joining ---------------------------------------------------------------------------------- */

static void start_client(struct crowd *crowd, struct client *client, uint32_t room) {
    client->dialect = crowd->dialect;
    client->number = crowd->next_number++;
    client->room = room;
    client_start(client, crowd->port, crowd->epoll);
    crowd->in_flight++;
}

static void start_next(struct crowd *crowd) {
    uint32_t nth = (uint32_t)crowd->done + crowd->in_flight;
    uint32_t room = crowd->next_room + nth / crowd->room_members;
    start_client(crowd, &crowd->clients[crowd->count++], room);
}

static void on_joining(struct crowd *crowd, struct client *client, enum client_event event) {
    (void)client;
    if (event != CLIENT_ENTERED)
        return;
    crowd->done++;
    crowd->in_flight--;
}

struct cost crowd_join(struct crowd *crowd, uint32_t count, uint32_t room_members,
                       uint32_t window) {
    if (room_members == 0 || count > CROWD_CLIENTS_MAX - crowd->count)
        die("%u more clients in rooms of %u: there are %u of %d", count, room_members, crowd->count,
            CROWD_CLIENTS_MAX);
    struct cost begun = begin(crowd, count, on_joining);
    crowd->room_members = room_members;
    while (crowd->done < count) {
        while (crowd->in_flight < window && crowd->done + crowd->in_flight < count)
            start_next(crowd);
        wait_for_turn(crowd);
    }
    crowd->next_room += (count + room_members - 1) / room_members;
    return finish(crowd, begun);
}

/* --- relaying --------------------------------------------------------------------------------- */

static bool begins_round(const struct crowd *crowd, const struct client *client) {
    return (client - crowd->clients) % 2 == 0;
}

static void on_relaying(struct crowd *crowd, struct client *client, enum client_event event) {
    if (event != CLIENT_SIGNALLED)
        return;
    uint64_t now_ns = measure_now_ns();
    crowd->done++;
    if (begins_round(crowd, client)) {
        samples_add(&crowd->round_trips, now_ns - client->sent_ns);
        client->sent_ns = now_ns;
    }
    if (now_ns < crowd->deadline_ns)
        client_signal(client);
    else
        crowd->in_flight--;
}

struct cost crowd_relay(struct crowd *crowd, uint32_t pairs, uint32_t duration_ms) {
    if (crowd->count < 2 * pairs)
        die("%u pairs of %u clients", pairs, crowd->count);
    for (uint32_t i = 0; i < 2 * pairs; i++)
        client_compose(&crowd->clients[i], &crowd->clients[i ^ 1]);
    struct cost begun = begin(crowd, 0, on_relaying);
    crowd->deadline_ns = begun.wall_ns + (uint64_t)duration_ms * NS_PER_MS;
    for (uint32_t i = 0; i < 2 * pairs; i += 2) {
        crowd->clients[i].sent_ns = measure_now_ns();
        client_signal(&crowd->clients[i]);
        crowd->in_flight++;
    }
    while (crowd->in_flight > 0)
        wait_for_turn(crowd);
    return finish(crowd, begun);
}

/* --- coming and going ------------------------------------------------------------------------- */

static void cycle(struct crowd *crowd, struct client *client) {
    start_client(crowd, client, crowd->next_room + crowd->next_number / CYCLE_ROOM_MEMBERS);
}

static void on_cycling(struct crowd *crowd, struct client *client, enum client_event event) {
    if (event == CLIENT_ENTERED)
        client_leave(client);
    if (event != CLIENT_LEFT)
        return;
    crowd->done++;
    crowd->in_flight--;
    if (crowd->done + crowd->in_flight < crowd->wanted)
        cycle(crowd, client);
}

struct cost crowd_cycle(struct crowd *crowd, uint32_t count, uint32_t window) {
    if (window > CROWD_CLIENTS_MAX - crowd->count)
        die("no place for %u more clients", window);
    struct cost begun = begin(crowd, count, on_cycling);
    struct client *clients = crowd->clients + crowd->count; /* all of them leave again */
    for (uint32_t i = 0; i < window && i < count; i++)
        cycle(crowd, &clients[i]);
    while (crowd->in_flight > 0)
        wait_for_turn(crowd);
    return finish(crowd, begun);
}
