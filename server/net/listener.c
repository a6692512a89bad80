#define _GNU_SOURCE /* accept4 */
#include "listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

static void watch(struct listener *listener);

static void on_pause_over(uv_timer_t *timer) {
    watch(timer->data);
}

/* Our descriptors are counted, but the system's may still run out, and the limit may be lowered
 * while we run. */
static bool is_exhausted(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void pause_accepting(struct listener *listener, int error) {
    for (size_t i = 0; i < listener->sockets.count; i++)
        uv_poll_stop(&listener->polls[i]);
    uv_timer_start(&listener->pause, on_pause_over, LISTENER_PAUSE_MS, 0);
    listener->on_exhausted(listener->user, error);
}

/* False when nobody waits, or there is no descriptor. A client that has gone again is no reason to
 * stop. */
static bool accept_one(struct listener *listener, int fd) {
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    struct ip peer = {{0}};
    const int on = 1;
    int accepted = accept4(fd, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) {
        int error = errno;
        if (is_exhausted(error))
            pause_accepting(listener, error);
        return error == ECONNABORTED || error == EINTR;
    }
    setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ip_of_socket((struct sockaddr *)&address, &peer);
    listener->on_accept(listener->user, accepted, &peer);
    return true;
}

static void on_readable(uv_poll_t *poll, int status, int events) {
    struct listener *listener = poll->data;
    (void)events;
    if (status < 0)
        return;
    int fd;
    if (uv_fileno((const uv_handle_t *)poll, &fd) != 0)
        return;
    for (int i = 0; i < LISTENER_BATCH; i++) {
        if (!accept_one(listener, fd))
            return;
    }
}

static void watch(struct listener *listener) {
    for (size_t i = 0; i < listener->sockets.count; i++)
        uv_poll_start(&listener->polls[i], UV_READABLE, on_readable);
}

void listener_start(struct listener *listener, uv_loop_t *loop) {
    if (listener->sockets.count == 0)
        return;
    for (size_t i = 0; i < listener->sockets.count; i++) {
        uv_poll_init(loop, &listener->polls[i], listener->sockets.fds[i]);
        listener->polls[i].data = listener;
    }
    uv_timer_init(loop, &listener->pause);
    listener->pause.data = listener;
    watch(listener);
}

void listener_stop(struct listener *listener) {
    if (listener->sockets.count > 0)
        uv_close((uv_handle_t *)&listener->pause, NULL);
    for (size_t i = 0; i < listener->sockets.count; i++)
        uv_close((uv_handle_t *)&listener->polls[i], NULL);
    sockets_close(&listener->sockets);
}
