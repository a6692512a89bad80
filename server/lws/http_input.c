#define _GNU_SOURCE /* recvfrom's flags */
#include "http_input.h"

#include "error.h"
#include "frames.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define DISCARDED_BYTES_MAX (1u << 20)

/* --- which sockets ---------------------------------------------------------------------------- */

/* By descriptor, because recv() gets nothing else. */
static struct watched_socket {
    struct http_input *input; /* NULL: it is not watched */
    struct frames frames;
    bool is_framed; /* frames come over it, watched or not */
    bool has_ended; /* nothing more of them is handed over */
} * watched;
static size_t watched_count;

static int make_room(size_t fd) {
    size_t count = fd < 64 ? 64 : 2 * fd;
    if (fd < watched_count)
        return PARLEY_OK;
    struct watched_socket *more = realloc(watched, count * sizeof *more);
    if (more == NULL)
        return PARLEY_ERR_NO_MEMORY;
    memset(more + watched_count, 0, (count - watched_count) * sizeof *more);
    watched = more;
    watched_count = count;
    return PARLEY_OK;
}

static struct http_input *input_of(int fd) {
    return fd >= 0 && (size_t)fd < watched_count ? watched[fd].input : NULL;
}

static void keep_nothing(struct http_input *input) {
    free(input->kept);
    input->kept = NULL;
    input->kept_len = 0;
}

int http_input_begin(struct http_input *input, int fd) {
    int err = make_room((size_t)fd);
    if (err != PARLEY_OK)
        return err;
    *input = (struct http_input){.fd = fd, .is_watched = true};
    watched[fd] = (struct watched_socket){.input = input};
    return PARLEY_OK;
}

void http_input_end(struct http_input *input) {
    if (input->is_watched && input_of(input->fd) == input)
        http_input_forget(input->fd);
    input->is_watched = false;
    keep_nothing(input);
}

void http_input_settle(struct http_input *input) {
    if (input->is_watched && input_of(input->fd) == input)
        watched[input->fd].input = NULL;
    http_input_end(input);
}

void http_input_forget(int fd) {
    if (fd >= 0 && (size_t)fd < watched_count)
        watched[fd] = (struct watched_socket){0};
}

void http_input_detach(struct http_input *input) {
    input->is_detached = true;
}

void http_input_next(struct http_input *input) {
    input->is_detached = false;
    if (input->state == HTTP_INPUT_ANSWERING)
        input->state = HTTP_INPUT_HEAD;
}

bool http_input_is_kept(const struct http_input *input) {
    return input->kept_len > 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Reads bytes from TLS or from the bare socket. */
struct source {
    SSL *tls; /* NULL: none */
    int fd;
};

/* Returns the same as recv() and SSL_read(). */
static ssize_t read_source(const struct source *source, void *bytes, size_t len) {
    size_t got = 0;
    if (source->tls == NULL)
        return recvfrom(source->fd, bytes, len, 0, NULL, NULL);
    return SSL_read_ex(source->tls, bytes, len, &got) == 1 ? (ssize_t)got : -1;
}

static bool keep(struct http_input *input, const char *bytes, size_t len) {
    PARLEY_CHECK(input->kept == NULL);
    if (len == 0)
        return true;
    input->kept = malloc(len);
    if (input->kept == NULL)
        return false;
    memcpy(input->kept, bytes, len);
    input->kept_len = len;
    return true;
}

/* The other way round: all that was kept, into |bytes|. */
static size_t take_kept(struct http_input *input, char *bytes) {
    size_t len = input->kept_len;
    if (len > 0)
        memcpy(bytes, input->kept, len);
    keep_nothing(input);
    return len;
}

/* "Nothing yet", as recv() says it. After SSL_read_ex found nothing, OpenSSL says the same. */
static ssize_t nothing_yet(void) {
    errno = EAGAIN;
    return -1;
}

/* Of TCP, MSG_TRUNC throws away. */
void http_input_discard(struct http_input *input) {
    size_t left = DISCARDED_BYTES_MAX;
    ssize_t got = 1;
    while (input->is_watched && got > 0 && (size_t)got <= left) {
        left -= (size_t)got;
        got = recvfrom(input->fd, NULL, DISCARDED_BYTES_MAX, MSG_DONTWAIT | MSG_TRUNC, NULL, NULL);
    }
}

/* --- frames ----------------------------------------------------------------------------------- */

/* Coarse: good enough for a rate of ten a second. */
static uint64_t coarse_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Returns how many bytes are handed over, within |size|: the |len| that came or, from a frame on
 * that must end the connection, a client's close frame, whose code libwebsockets answers. */
static ssize_t pass_frames(struct watched_socket *watch, char *bytes, ssize_t len, size_t size) {
    size_t fine;
    if (len <= 0)
        return len;
    if (watch->has_ended)
        return 0;
    uint16_t code = frames_read(&watch->frames, coarse_ms(), bytes, (size_t)len, &fine);
    if (code == 0)
        return len;
    watch->has_ended = true;
    if (fine == SIZE_MAX || size - fine < FRAMES_CLOSE_BYTES)
        return 0;
    frames_write_close(code, bytes + fine);
    return (ssize_t)(fine + FRAMES_CLOSE_BYTES);
}

/* --- handing over ----------------------------------------------------------------------------- */

/* Replaces a request that is refused. */
static size_t write_refused(char *out) {
    static const char text[] = "GET / HTTP/1.1\r\nconnection: close\r\n\r\n";
    memcpy(out, text, sizeof text - 1);
    return sizeof text - 1;
}

/* As much of the body as fits into |size| bytes, of what is kept and of what comes. */
static ssize_t take_body(struct http_input *input, const struct source *source, char *out,
                         size_t size) {
    char bytes[REQUEST_HEAD_BYTES_MAX];
    size_t kept_len = take_kept(input, bytes);
    size_t wanted = size < input->body_left ? size : (size_t)input->body_left;
    size_t len = kept_len < wanted ? kept_len : wanted;
    memcpy(out, bytes, len);
    if (!keep(input, bytes + len, kept_len - len))
        return 0;
    ssize_t got = 1;
    while (len < wanted && (got = read_source(source, out + len, wanted - len)) > 0)
        len += (size_t)got;
    input->body_left -= len;
    if (input->body_left == 0)
        input->state = HTTP_INPUT_ANSWERING;
    return len > 0 || wanted == 0 ? (ssize_t)len : got;
}

/* The first |head_len| of the |len| bytes are a head, or all of them will never be one. */
static ssize_t hand_over(struct http_input *input, const struct source *source, const char *bytes,
                         size_t len, size_t head_len, char *out, size_t size) {
    size_t plain_len = 0;
    if (head_len > 0)
        plain_len = request_head_read((struct slice){bytes, head_len}, &input->head, out);
    if (plain_len == 0) {
        input->state = HTTP_INPUT_ENDED;
        return (ssize_t)write_refused(out);
    }
    if (!keep(input, bytes + head_len, len - head_len))
        return 0;
    if (input->head.is_websocket) {
        struct watched_socket *watch = &watched[input->fd];
        size_t kept_len = take_kept(input, out + plain_len);
        input->state = HTTP_INPUT_OPEN;
        watch->is_framed = true;
        return (ssize_t)plain_len +
               pass_frames(watch, out + plain_len, (ssize_t)kept_len, size - plain_len);
    }
    input->state = input->head.has_body ? HTTP_INPUT_ENDED : HTTP_INPUT_ANSWERING;
    if (!input->head.passes_body)
        return (ssize_t)plain_len;
    input->state = HTTP_INPUT_BODY;
    input->body_left = input->head.body_len;
    ssize_t body_len = take_body(input, source, out + plain_len, size - plain_len);
    return (ssize_t)plain_len + (body_len > 0 ? body_len : 0);
}

static ssize_t take_head(struct http_input *input, const struct source *source, char *out,
                         size_t size) {
    char bytes[REQUEST_HEAD_BYTES_MAX];
    size_t len = take_kept(input, bytes);
    size_t searched = 0;
    for (;;) {
        const struct slice seen = {bytes, len};
        size_t head_len = request_head_len(seen, searched);
        if (head_len > 0 || request_head_is_hopeless(seen, &input->head))
            return hand_over(input, source, bytes, len, head_len, out, size);
        ssize_t got = read_source(source, bytes + len, sizeof bytes - len);
        if (got <= 0)
            return keep(input, bytes, len) ? got : 0;
        searched = len;
        len += (size_t)got;
    }
}

/* While a request is answered nothing is handed over, but a closed connection must be noticed. So
 * bytes are read and kept; a client that sends too many ahead is disconnected. */
static ssize_t take_nothing(struct http_input *input, const struct source *source) {
    char bytes[REQUEST_HEAD_BYTES_MAX];
    size_t len = take_kept(input, bytes);
    ssize_t got = 0;
    input->is_last = input->is_last || input->is_detached;
    while (len < sizeof bytes && (got = read_source(source, bytes + len, sizeof bytes - len)) > 0)
        len += (size_t)got;
    return len < sizeof bytes && got < 0 && keep(input, bytes, len) ? got : 0;
}

static ssize_t take(struct http_input *input, const struct source *source, char *out, size_t size) {
    if (input->state == HTTP_INPUT_OPEN)
        return pass_frames(&watched[input->fd], out, read_source(source, out, size), size);
    if (size < HTTP_INPUT_BYTES)
        return nothing_yet(); /* not the call that reads requests */
    switch (input->state) {
    case HTTP_INPUT_HEAD:
        return take_head(input, source, out, size);
    case HTTP_INPUT_BODY:
        return take_body(input, source, out, size);
    case HTTP_INPUT_ANSWERING:
        return take_nothing(input, source);
    case HTTP_INPUT_OPEN:
    case HTTP_INPUT_ENDED:
        break;
    }
    return 0;
}

static ssize_t read_any(int fd, const struct source *source, char *out, size_t size) {
    struct http_input *input = input_of(fd);
    if (input != NULL)
        return take(input, source, out, size);
    ssize_t got = read_source(source, out, size);
    bool is_framed = fd >= 0 && (size_t)fd < watched_count && watched[fd].is_framed;
    return is_framed ? pass_frames(&watched[fd], out, got, size) : got;
}

/* --- in place of the libraries' --------------------------------------------------------------- */

/* POSIX.1-2017, recv: recvfrom without an address. */
ssize_t recv(int fd, void *buf, size_t n, int flags) {
    const struct source source = {NULL, fd};
    return flags != 0 ? recvfrom(fd, buf, n, flags, NULL, NULL) : read_any(fd, &source, buf, n);
}

/* SSL_read(3): the same as SSL_read_ex, but for how it says how much there was. */
int SSL_read(SSL *ssl, void *buf, int num) {
    const struct source source = {ssl, -1};
    return (int)read_any(SSL_get_fd(ssl), &source, buf, (size_t)num);
}
