/* load.c - the load generator: a crowd of clients. It reads tasks from standard input, one per
 * line, and answers each with one line of JSON.
 *
 *   load DIALECT PORT PID       the server at PORT of 127.0.0.1, which is the process PID
 *
 *   join COUNT ROOM WINDOW      COUNT more clients join rooms of ROOM, WINDOW at the same time
 *   relay PAIRS MS              signals go back and forth in so many rooms of two
 *   cycle COUNT WINDOW          COUNT times a client connects, enters a room and leaves
 *   fetch CONNECTIONS MS        requests of the page, over kept connections
 *
 * The answer has the number done, the wall time, the server's CPU time, and the round trips, in
 * nanoseconds. The program ends with its standard input.
 */
#define _DEFAULT_SOURCE /* sys/resource.h */
#include "crowd.h"
#include "dialect.h"
#include "fetch.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define LINE_BYTES_MAX 128

static void print_cost(struct cost cost) {
    printf("{\"done\":%llu,\"wallNs\":%llu,\"serverNs\":%llu,\"p50Ns\":%llu,\"p99Ns\":%llu}\n",
           (unsigned long long)cost.done, (unsigned long long)cost.wall_ns,
           (unsigned long long)cost.server_ns, (unsigned long long)cost.p50_ns,
           (unsigned long long)cost.p99_ns);
    fflush(stdout);
}

static void obey(struct crowd *crowd, const char *line) {
    char verb[16];
    unsigned first = 0, second = 0, third = 0;
    /* NOLINTNEXTLINE(cert-err34-c): our own runner wrote the numbers */
    int words = sscanf(line, "%15s %u %u %u", verb, &first, &second, &third);
    if (words == 4 && strcmp(verb, "join") == 0)
        print_cost(crowd_join(crowd, first, second, third));
    else if (words == 3 && strcmp(verb, "relay") == 0)
        print_cost(crowd_relay(crowd, first, second));
    else if (words == 3 && strcmp(verb, "cycle") == 0)
        print_cost(crowd_cycle(crowd, first, second));
    else if (words == 3 && strcmp(verb, "fetch") == 0)
        print_cost(fetch(crowd->port, crowd->server, "/", first, second));
    else
        die("no such task: %s", line);
}

static void raise_descriptor_limit(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Idle clients continue to answer pings between tasks. */
static void serve(struct crowd *crowd) {
    char line[LINE_BYTES_MAX];
    struct pollfd waited[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                              {.fd = crowd->epoll, .events = POLLIN}};
    setvbuf(stdin, NULL, _IONBF, 0); /* poll does not see buffered input */
    while (poll(waited, 2, -1) > 0) {
        if (waited[1].revents)
            crowd_turn(crowd, 0);
        if (!waited[0].revents)
            continue;
        if (!fgets(line, sizeof line, stdin))
            return;
        obey(crowd, line);
    }
}

int main(int argc, char *argv[]) {
    static struct crowd crowd;
    const struct dialect *dialect = argc == 4 ? dialect_find(argv[1]) : NULL;
    if (!dialect)
        die("usage: load parley|socketio|peerserver|floor PORT PID");
    raise_descriptor_limit();
    crowd_init(&crowd, dialect, (uint16_t)strtoul(argv[2], NULL, 10),
               (pid_t)strtol(argv[3], NULL, 10));
    serve(&crowd);
    crowd_deinit(&crowd);
    return EXIT_SUCCESS;
}
