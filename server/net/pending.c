#define _GNU_SOURCE /* memmem */
#include "pending.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TLS_HANDSHAKE 0x16 /* RFC 8446, 5.1: how a TLS connection begins */
#define TLS_RECORD_HEADER_BYTES 5

struct pending_connection {
    uv_poll_t poll;
    struct pending *pending;
    struct chain_link link;
    void *owner;
    struct pending_connection **place; /* points here while this waits */
    struct fair_line *tls_line;        /* NULL: no TLS is spoken */
    struct fair_entry turn;
    uint64_t deadline_ms;
    size_t seen; /* bytes */
    int fd;
};

/* --- peeking ---------------------------------------------------------------------------------- */

enum peek { PEEK_PART, PEEK_WHOLE, PEEK_END };

/* Lines may end without "\r", as libwebsockets reads them (RFC 9112, 2.2). */
static bool has_whole_head(const char *bytes, size_t len) {
    return memmem(bytes, len, "\n\r\n", 3) != NULL || memmem(bytes, len, "\n\n", 2) != NULL;
}

/* A ClientHello is seldom more than one. */
static bool has_whole_record(const char *bytes, size_t len) {
    const unsigned char *header = (const unsigned char *)bytes;
    return len >= TLS_RECORD_HEADER_BYTES &&
           len - TLS_RECORD_HEADER_BYTES >= ((size_t)header[3] << 8 | header[4]);
}

/* Also true for a client that speaks another protocol: more bytes are of no use. */
static bool is_enough(bool encrypted, const char *bytes, size_t len) {
    return len == PENDING_HEAD_BYTES_MAX || (bytes[0] == TLS_HANDSHAKE) != encrypted ||
           (encrypted ? has_whole_record(bytes, len) : has_whole_head(bytes, len));
}

/* Checks the bytes that |fd| has; |seen| of them were seen before. */
static enum peek peek(int fd, bool encrypted, size_t *seen) {
    char bytes[PENDING_HEAD_BYTES_MAX];
    ssize_t got = recv(fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? PEEK_PART : PEEK_END;
    size_t len = (size_t)got;
    if (len == 0)
        return PEEK_END;
    if (is_enough(encrypted, bytes, len))
        return PEEK_WHOLE;
    *seen = len;
    return PEEK_PART;
}

/* The same for a waiting one that has woken up. If no byte is new although there may be more, the
 * kernel has no room for them, so it does not wait any longer. */
static enum peek peek_again(struct pending_connection *connection, bool has_ended) {
    size_t before = connection->seen;
    enum peek found = peek(connection->fd, connection->tls_line != NULL, &connection->seen);
    if (found != PEEK_PART)
        return found;
    return has_ended ? PEEK_END : connection->seen == before ? PEEK_WHOLE : PEEK_PART;
}

static void wake_up_after(int fd, size_t bytes) {
    int value = (int)bytes;
    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &value, sizeof value);
}

/* --- connections ------------------------------------------------------------------------------ */

static void on_timer(uv_timer_t *timer);

/* NULL: none waits. */
static struct pending_connection *oldest(const struct pending *pending) {
    struct chain_link *link = pending->connections.first;
    return link == NULL ? NULL : CHAIN_OWNER(link, struct pending_connection, link);
}

static void set_timer(struct pending *pending) {
    uint64_t now_ms = uv_now(pending->loop);
    const struct pending_connection *first = oldest(pending);
    if (first == NULL)
        uv_timer_stop(&pending->timer);
    else if (!uv_is_active((uv_handle_t *)&pending->timer))
        uv_timer_start(&pending->timer, on_timer,
                       first->deadline_ms > now_ms ? first->deadline_ms - now_ms : 0, 0);
}

static void on_poll_closed(uv_handle_t *handle) {
    free(handle->data);
}

/* Stops watching the socket. */
static void release(struct pending_connection *connection) {
    struct pending *pending = connection->pending;
    chain_remove(&pending->connections, &connection->link);
    *connection->place = NULL;
    fair_queue_remove(&pending->ready, &connection->turn);
    uv_poll_stop(&connection->poll);
    uv_close((uv_handle_t *)&connection->poll, on_poll_closed);
    set_timer(pending);
}

void pending_close(struct pending_connection *connection) {
    const struct pending_handlers *handlers = &connection->pending->handlers;
    release(connection);
    close(connection->fd);
    handlers->on_gone(handlers->user, connection->owner);
}

static void give_away(struct pending_connection *connection) {
    const struct pending_handlers *handlers = &connection->pending->handlers;
    release(connection);
    wake_up_after(connection->fd, 1);
    handlers->on_ready(handlers->user, connection->fd, connection->owner);
}

/* A socket that was closed meanwhile is passed on too: its reader will notice. */
static void on_turn(uv_idle_t *idle) {
    struct pending *pending = idle->data;
    struct fair_entry *entry;
    for (int i = 0; i < PENDING_HANDSHAKES_A_TURN && (entry = fair_queue_take(&pending->ready));
         i++)
        give_away(CHAIN_OWNER(entry, struct pending_connection, turn));
    if (fair_queue_is_empty(&pending->ready))
        uv_idle_stop(&pending->turns);
}

/* All bytes that it waited for have arrived. */
static void get_ready(struct pending_connection *connection) {
    struct pending *pending = connection->pending;
    if (connection->tls_line == NULL) {
        give_away(connection);
        return;
    }
    uv_poll_stop(&connection->poll);
    fair_queue_add(&pending->ready, connection->tls_line, &connection->turn);
    uv_idle_start(&pending->turns, on_turn);
}

static void on_readable(uv_poll_t *poll, int status, int events) {
    struct pending_connection *connection = poll->data;
    enum peek found = status < 0 ? PEEK_END : peek_again(connection, (events & UV_DISCONNECT) != 0);
    if (found == PEEK_END)
        pending_close(connection);
    else if (found == PEEK_WHOLE)
        get_ready(connection);
    else
        wake_up_after(connection->fd, connection->seen + 1);
}

/* The timer may be early for newer ones, never late. */
static void on_timer(uv_timer_t *timer) {
    struct pending *pending = timer->data;
    struct pending_connection *first;
    while ((first = oldest(pending)) != NULL && first->deadline_ms <= uv_now(pending->loop))
        pending_close(first);
    set_timer(pending);
}

static void turn_away(struct pending *pending, int fd, void *owner) {
    close(fd);
    pending->handlers.on_gone(pending->handlers.user, owner);
}

/* |newcomer| has the fields that are not set here. NULL: it is refused. */
static struct pending_connection *wait_for(struct pending *pending,
                                           const struct pending_connection *newcomer) {
    struct pending_connection *connection = malloc(sizeof *connection);
    if (connection != NULL)
        *connection = *newcomer;
    if (connection == NULL || uv_poll_init(pending->loop, &connection->poll, newcomer->fd) != 0) {
        free(connection);
        turn_away(pending, newcomer->fd, newcomer->owner);
        return NULL;
    }
    connection->poll.data = connection;
    connection->pending = pending;
    connection->deadline_ms = uv_now(pending->loop) + pending->wait_ms;
    chain_append(&pending->connections, &connection->link);
    *connection->place = connection;
    if (connection->seen > 0)
        wake_up_after(connection->fd, connection->seen + 1);
    uv_poll_start(&connection->poll, UV_READABLE | UV_DISCONNECT, on_readable);
    set_timer(pending);
    return connection;
}

/* --- all of them ------------------------------------------------------------------------------ */

void pending_init(struct pending *pending, uv_loop_t *loop, uint64_t wait_ms,
                  const struct pending_handlers *handlers) {
    *pending = (struct pending){.handlers = *handlers, .loop = loop, .wait_ms = wait_ms};
    uv_timer_init(loop, &pending->timer);
    pending->timer.data = pending;
    uv_idle_init(loop, &pending->turns);
    pending->turns.data = pending;
}

void pending_deinit(struct pending *pending) {
    while (pending_evict_oldest(pending)) {
    }
    if (uv_is_closing((uv_handle_t *)&pending->timer))
        return;
    uv_close((uv_handle_t *)&pending->timer, NULL);
    uv_close((uv_handle_t *)&pending->turns, NULL);
}

void pending_add(struct pending *pending, int fd, struct fair_line *tls_line, void *owner,
                 struct pending_connection **place) {
    struct pending_connection newcomer = {
        .owner = owner, .place = place, .tls_line = tls_line, .fd = fd};
    enum peek found = peek(fd, tls_line != NULL, &newcomer.seen);
    if (found == PEEK_END) {
        turn_away(pending, fd, owner);
    } else if (found == PEEK_WHOLE && tls_line == NULL) {
        pending->handlers.on_ready(pending->handlers.user, fd, owner);
    } else {
        struct pending_connection *connection = wait_for(pending, &newcomer);
        if (connection != NULL && found == PEEK_WHOLE)
            get_ready(connection);
    }
}

bool pending_evict_oldest(struct pending *pending) {
    struct pending_connection *first = oldest(pending);
    if (first != NULL)
        pending_close(first);
    return first != NULL;
}
