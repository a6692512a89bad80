#define _GNU_SOURCE /* memmem, strcasestr */
#include "fetch.h"

#include "error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 65536
#define REQUEST_BYTES_MAX 512
#define NS_PER_MS 1000000u
#define LENGTH_HEADER "\r\nContent-Length:"

/* One connection that waits for the rest of an answer. */
struct fetcher {
    int fd;
    uint64_t sent_ns;
    size_t left; /* bytes of the body; 0: the head comes next, in one piece */
};

struct fetching {
    char request[REQUEST_BYTES_MAX];
    size_t request_len, body_len;
    struct fetcher fetchers[FETCH_CONNECTIONS_MAX];
    uint64_t deadline_ns, done;
    uint32_t in_flight;
    struct samples round_trips;
};

static void ask(const struct fetching *fetching, struct fetcher *fetcher) {
    fetcher->sent_ns = measure_now_ns();
    if (send(fetcher->fd, fetching->request, fetching->request_len, MSG_NOSIGNAL) !=
        (ssize_t)fetching->request_len)
        die("the server does not read requests");
}

/* Returns the size of the head in |bytes|, which is NUL-terminated. */
static size_t read_head(struct fetching *fetching, struct fetcher *fetcher, const char *bytes) {
    const char *end = strstr(bytes, "\r\n\r\n"), *length = strcasestr(bytes, LENGTH_HEADER);
    if (!end || !length || length > end || strncmp(bytes, "HTTP/1.1 200 ", 13) != 0)
        die("this is no file: %.200s", bytes);
    fetcher->left = strtoul(length + strlen(LENGTH_HEADER), NULL, 10);
    if (fetching->body_len == 0)
        fetching->body_len = fetcher->left;
    if (fetcher->left == 0 || fetcher->left != fetching->body_len)
        die("a file of %zu bytes, then one of %zu", fetching->body_len, fetcher->left);
    return (size_t)(end - bytes) + 4;
}

static void on_answer(struct fetching *fetching, struct fetcher *fetcher) {
    fetching->done++;
    samples_add(&fetching->round_trips, measure_now_ns() - fetcher->sent_ns);
    if (measure_now_ns() < fetching->deadline_ns)
        ask(fetching, fetcher);
    else
        fetching->in_flight--;
}

static void receive(struct fetching *fetching, struct fetcher *fetcher) {
    static char bytes[READ_BYTES + 1];
    ssize_t got = recv(fetcher->fd, bytes, READ_BYTES, 0);
    if (got <= 0)
        die("the server closed a connection that should be kept");
    bytes[got] = '\0';
    size_t taken = fetcher->left ? 0 : read_head(fetching, fetcher, bytes);
    size_t body = (size_t)got - taken;
    if (body > fetcher->left)
        die("an answer is longer than it says");
    fetcher->left -= body;
    if (fetcher->left == 0)
        on_answer(fetching, fetcher);
}

static void run(struct fetching *fetching, int epoll) {
    struct epoll_event events[FETCH_CONNECTIONS_MAX];
    while (fetching->in_flight > 0) {
        int count = epoll_wait(epoll, events, FETCH_CONNECTIONS_MAX, CROWD_PATIENCE_MS);
        if (count <= 0)
            die("the server does not answer");
        for (int i = 0; i < count; i++)
            receive(fetching, events[i].data.ptr);
    }
}

struct cost fetch(uint16_t port, pid_t server, const char *path, uint32_t connections,
                  uint32_t duration_ms) {
    static struct fetching fetching;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (connections == 0 || connections > FETCH_CONNECTIONS_MAX || epoll < 0)
        die("fetching takes 1 to %d connections", FETCH_CONNECTIONS_MAX);
    samples_clear(&fetching.round_trips);
    fetching.done = fetching.body_len = 0;
    fetching.request_len =
        (size_t)snprintf(fetching.request, sizeof fetching.request,
                         "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", path, port);
    uint64_t cpu_ns = measure_cpu_ns(server), begun_ns = measure_now_ns();
    fetching.deadline_ns = begun_ns + (uint64_t)duration_ms * NS_PER_MS;
    for (fetching.in_flight = 0; fetching.in_flight < connections; fetching.in_flight++) {
        struct fetcher *fetcher = &fetching.fetchers[fetching.in_flight];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = fetcher};
        *fetcher = (struct fetcher){.fd = client_connect(fetching.in_flight, port)};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fetcher->fd, &event);
        ask(&fetching, fetcher);
    }
    run(&fetching, epoll);
    samples_sort(&fetching.round_trips);
    struct cost cost = {.done = fetching.done,
                        .wall_ns = measure_now_ns() - begun_ns,
                        .server_ns = measure_cpu_ns(server) - cpu_ns,
                        .p50_ns = samples_at(&fetching.round_trips, 0.5),
                        .p99_ns = samples_at(&fetching.round_trips, 0.99)};
    for (uint32_t i = 0; i < connections; i++)
        close(fetching.fetchers[i].fd);
    close(epoll);
    return cost;
}
