#define _GNU_SOURCE /* memmem */
#include "lobby.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TLS_HANDSHAKE 0x16 /* RFC 8446, 5.1: how a TLS connection begins */
#define TLS_RECORD_HEADER_BYTES 5

struct lobby_guest {
    uv_poll_t poll;
    struct lobby *lobby;
    struct chain_link link;
    void *visitor;
    struct lobby_guest **place; /* where it says who waits */
    struct fair_line *tls_line; /* NULL: no TLS is spoken */
    struct fair_entry turn;
    uint64_t deadline_ms;
    size_t seen; /* bytes */
    int fd;
};

/* --- looking ---------------------------------------------------------------------------------- */

enum sight { SIGHT_PART, SIGHT_WHOLE, SIGHT_END };

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

/* Also true of who does not speak what is spoken here: no more of that is of any use. */
static bool is_enough(bool encrypted, const char *bytes, size_t len) {
    return len == LOBBY_HEAD_BYTES_MAX || (bytes[0] == TLS_HANDSHAKE) != encrypted ||
           (encrypted ? has_whole_record(bytes, len) : has_whole_head(bytes, len));
}

/* What has come to |fd|, of which |seen| bytes were seen before. */
static enum sight look(int fd, bool encrypted, size_t *seen) {
    char bytes[LOBBY_HEAD_BYTES_MAX];
    ssize_t got = recv(fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? SIGHT_PART : SIGHT_END;
    size_t len = (size_t)got;
    if (len == 0)
        return SIGHT_END;
    if (is_enough(encrypted, bytes, len))
        return SIGHT_WHOLE;
    *seen = len;
    return SIGHT_PART;
}

/* The same for one that waits and has been woken. Where no byte is new, and there may be more, the
 * kernel has no place for it: with what is here it need not wait any more. */
static enum sight look_again(struct lobby_guest *guest, bool has_ended) {
    size_t before = guest->seen;
    enum sight sight = look(guest->fd, guest->tls_line != NULL, &guest->seen);
    if (sight != SIGHT_PART)
        return sight;
    return has_ended ? SIGHT_END : guest->seen == before ? SIGHT_WHOLE : SIGHT_PART;
}

static void wake_up_after(int fd, size_t bytes) {
    int value = (int)bytes;
    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &value, sizeof value);
}

/* --- guests ----------------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer);

/* Who came first; NULL: nobody waits. */
static struct lobby_guest *first_guest(const struct lobby *lobby) {
    struct chain_link *link = lobby->guests.first;
    return link == NULL ? NULL : CHAIN_OWNER(link, struct lobby_guest, link);
}

static void set_timer(struct lobby *lobby) {
    uint64_t now_ms = uv_now(lobby->loop);
    const struct lobby_guest *first = first_guest(lobby);
    if (first == NULL)
        uv_timer_stop(&lobby->timer);
    else if (!uv_is_active((uv_handle_t *)&lobby->timer))
        uv_timer_start(&lobby->timer, on_timer,
                       first->deadline_ms > now_ms ? first->deadline_ms - now_ms : 0, 0);
}

static void on_poll_closed(uv_handle_t *handle) {
    free(handle->data);
}

/* The socket is watched by others from now on, or by nobody. */
static void take_out(struct lobby_guest *guest) {
    struct lobby *lobby = guest->lobby;
    chain_remove(&lobby->guests, &guest->link);
    *guest->place = NULL;
    fair_queue_remove(&lobby->ready, &guest->turn);
    uv_poll_stop(&guest->poll);
    uv_close((uv_handle_t *)&guest->poll, on_poll_closed);
    set_timer(lobby);
}

void lobby_hang_up(struct lobby_guest *guest) {
    const struct lobby_door *door = &guest->lobby->door;
    take_out(guest);
    close(guest->fd);
    door->on_gone(door->user, guest->visitor);
}

static void let_in(struct lobby_guest *guest) {
    const struct lobby_door *door = &guest->lobby->door;
    take_out(guest);
    wake_up_after(guest->fd, 1);
    door->on_ready(door->user, guest->fd, guest->visitor);
}

/* A socket that was closed meanwhile is let in as well: what reads it then will find out. */
static void on_turn(uv_idle_t *idle) {
    struct lobby *lobby = idle->data;
    struct fair_entry *entry;
    for (int i = 0; i < LOBBY_HANDSHAKES_A_TURN && (entry = fair_queue_take(&lobby->ready)); i++)
        let_in(CHAIN_OWNER(entry, struct lobby_guest, turn));
    if (fair_queue_is_empty(&lobby->ready))
        uv_idle_stop(&lobby->turns);
}

/* All that it waited for is here. */
static void get_ready(struct lobby_guest *guest) {
    struct lobby *lobby = guest->lobby;
    if (guest->tls_line == NULL) {
        let_in(guest);
        return;
    }
    uv_poll_stop(&guest->poll);
    fair_queue_add(&lobby->ready, guest->tls_line, &guest->turn);
    uv_idle_start(&lobby->turns, on_turn);
}

static void on_readable(uv_poll_t *poll, int status, int events) {
    struct lobby_guest *guest = poll->data;
    enum sight sight = status < 0 ? SIGHT_END : look_again(guest, (events & UV_DISCONNECT) != 0);
    if (sight == SIGHT_END)
        lobby_hang_up(guest);
    else if (sight == SIGHT_WHOLE)
        get_ready(guest);
    else
        wake_up_after(guest->fd, guest->seen + 1);
}

/* Early for those who came since it was set, never late. */
static void on_timer(uv_timer_t *timer) {
    struct lobby *lobby = timer->data;
    struct lobby_guest *first;
    while ((first = first_guest(lobby)) != NULL && first->deadline_ms <= uv_now(lobby->loop))
        lobby_hang_up(first);
    set_timer(lobby);
}

static void refuse(struct lobby *lobby, int fd, void *visitor) {
    close(fd);
    lobby->door.on_gone(lobby->door.user, visitor);
}

/* |newcomer| says all but what is the lobby's own. NULL: it is refused. */
static struct lobby_guest *wait_for(struct lobby *lobby, const struct lobby_guest *newcomer) {
    struct lobby_guest *guest = malloc(sizeof *guest);
    if (guest != NULL)
        *guest = *newcomer;
    if (guest == NULL || uv_poll_init(lobby->loop, &guest->poll, newcomer->fd) != 0) {
        free(guest);
        refuse(lobby, newcomer->fd, newcomer->visitor);
        return NULL;
    }
    guest->poll.data = guest;
    guest->lobby = lobby;
    guest->deadline_ms = uv_now(lobby->loop) + lobby->wait_ms;
    chain_append(&lobby->guests, &guest->link);
    *guest->place = guest;
    if (guest->seen > 0)
        wake_up_after(guest->fd, guest->seen + 1);
    uv_poll_start(&guest->poll, UV_READABLE | UV_DISCONNECT, on_readable);
    set_timer(lobby);
    return guest;
}

/* --- the lobby -------------------------------------------------------------------------------- */

void lobby_init(struct lobby *lobby, uv_loop_t *loop, uint64_t wait_ms,
                const struct lobby_door *door) {
    *lobby = (struct lobby){.door = *door, .loop = loop, .wait_ms = wait_ms};
    uv_timer_init(loop, &lobby->timer);
    lobby->timer.data = lobby;
    uv_idle_init(loop, &lobby->turns);
    lobby->turns.data = lobby;
}

void lobby_deinit(struct lobby *lobby) {
    while (lobby_turn_out(lobby)) {
    }
    if (uv_is_closing((uv_handle_t *)&lobby->timer))
        return;
    uv_close((uv_handle_t *)&lobby->timer, NULL);
    uv_close((uv_handle_t *)&lobby->turns, NULL);
}

void lobby_enter(struct lobby *lobby, int fd, struct fair_line *tls_line, void *visitor,
                 struct lobby_guest **place) {
    struct lobby_guest newcomer = {
        .visitor = visitor, .place = place, .tls_line = tls_line, .fd = fd};
    enum sight sight = look(fd, tls_line != NULL, &newcomer.seen);
    if (sight == SIGHT_END) {
        refuse(lobby, fd, visitor);
    } else if (sight == SIGHT_WHOLE && tls_line == NULL) {
        lobby->door.on_ready(lobby->door.user, fd, visitor);
    } else {
        struct lobby_guest *guest = wait_for(lobby, &newcomer);
        if (guest != NULL && sight == SIGHT_WHOLE)
            get_ready(guest);
    }
}

bool lobby_turn_out(struct lobby *lobby) {
    struct lobby_guest *first = first_guest(lobby);
    if (first != NULL)
        lobby_hang_up(first);
    return first != NULL;
}
