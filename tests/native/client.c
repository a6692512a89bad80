#define _GNU_SOURCE /* memfd_create, pipe2, strcasestr */
#include "client.h"

#include "error.h"

#include "cmocka_all.h"
#include "made_ids.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGUMENTS_MAX 32
#define VARIABLES_MAX 256
#define OUTPUT_BYTES_MAX 65536
#define PAYLOAD_BYTES_MAX (1024 * 1024)

uint64_t clock_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void await_readable(int fd, const char *what) {
    struct pollfd pollfd = {.fd = fd, .events = POLLIN};
    if (poll(&pollfd, 1, CLIENT_DEADLINE_MS) <= 0)
        fail_msg("waited in vain for %s", what);
}

/* --- the server ------------------------------------------------------------------------------- */

static void run_child(const char *const options[], const char *const variables[], int out,
                      int errors) {
    char *argv[ARGUMENTS_MAX] = {(char *)(uintptr_t) "parley"};
    char *envp[VARIABLES_MAX] = {NULL};
    size_t count = 0;
    for (size_t i = 0; options[i] != NULL && i + 2 < ARGUMENTS_MAX; i++)
        argv[i + 1] = (char *)(uintptr_t)options[i];
    for (size_t i = 0; variables != NULL && variables[i] != NULL; i++) /* the first one counts */
        envp[count++] = (char *)(uintptr_t)variables[i];
    for (size_t i = 0; environ[i] != NULL && count + 1 < VARIABLES_MAX; i++) {
        if (strncmp(environ[i], "PARLEY_", 7) != 0)
            envp[count++] = environ[i];
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* the server ends even if the test fails */
    dup2(out, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    const char *binary = getenv("PARLEY_BINARY");
    execve(binary == NULL ? "" : binary, argv, envp);
    _exit(127);
}

void process_start(struct process *process, const char *const options[],
                   const char *const variables[]) {
    int out[2];
    assert_non_null(getenv("PARLEY_BINARY"));
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    *process = (struct process){.out_fd = out[0], .err_fd = memfd_create("errors", MFD_CLOEXEC)};
    assert_true(process->err_fd >= 0);
    process->pid = fork();
    assert_true(process->pid >= 0);
    if (process->pid == 0)
        run_child(options, variables, out[1], process->err_fd);
    close(out[1]);
}

static void read_port(struct process *process) {
    char text[OUTPUT_BYTES_MAX] = "";
    size_t len = 0;
    while (process->port == 0) {
        await_readable(process->out_fd, "the server's address");
        ssize_t got = read(process->out_fd, text + len, sizeof text - 1 - len);
        if (got <= 0)
            fail_msg("the server ended: %s", process_errors(process));
        len += (size_t)got;
        text[len] = '\0';
        const char *line = strstr(text, "http://127.0.0.1:");
        if (line != NULL && strchr(line, '\n') != NULL)
            process->port = (uint16_t)atoi(line + strlen("http://127.0.0.1:"));
    }
}

void process_serve(struct process *process, const char *const options[]) {
    process_serve_with(process, options, NULL);
}

void process_serve_with(struct process *process, const char *const options[],
                        const char *const variables[]) {
    const char *all[ARGUMENTS_MAX] = {"--host=127.0.0.1", "--port=0", "--grace-seconds=0"};
    for (size_t i = 0; options[i] != NULL; i++)
        all[i + 3] = options[i];
    process_start(process, all, variables);
    read_port(process);
}

int process_wait(struct process *process) {
    int status = 0;
    uint64_t deadline_ms = clock_ms() + CLIENT_DEADLINE_MS;
    await_readable(process->out_fd, "the server's end"); /* end of file: it closed its output */
    while (waitpid(process->pid, &status, WNOHANG) == 0) {
        if (clock_ms() > deadline_ms)
            fail_msg("the server does not end");
        poll(NULL, 0, 1);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void process_stop(struct process *process) {
    kill(process->pid, SIGTERM);
    int status = process_wait(process);
    if (status != 0)
        fail_msg("exit status %d: %s", status, process_errors(process));
    close(process->out_fd);
    close(process->err_fd);
}

char *process_errors(const struct process *process) {
    struct stat status;
    assert_int_equal(fstat(process->err_fd, &status), 0);
    char *text = calloc(1, (size_t)status.st_size + 1);
    assert_non_null(text);
    assert_true(pread(process->err_fd, text, (size_t)status.st_size, 0) >= 0);
    return text;
}

char *process_output(const struct process *process) {
    char *text = calloc(1, OUTPUT_BYTES_MAX);
    assert_non_null(text);
    for (size_t len = 0; len < OUTPUT_BYTES_MAX - 1;) {
        await_readable(process->out_fd, "output");
        ssize_t got = read(process->out_fd, text + len, OUTPUT_BYTES_MAX - 1 - len);
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    return text;
}

void process_await_error(const struct process *process, const char *text) {
    uint64_t deadline_ms = clock_ms() + CLIENT_DEADLINE_MS;
    for (;;) {
        char *errors = process_errors(process);
        bool found = strstr(errors, text) != NULL;
        free(errors);
        if (found)
            return;
        if (clock_ms() > deadline_ms)
            fail_msg("the log never said \"%s\"", text);
        poll(NULL, 0, 5); /* poll cannot wait for a file */
    }
}

/* --- one connection --------------------------------------------------------------------------- */

void client_open(struct client *client, uint16_t port) {
    client_open_from(client, port, 1);
}

void client_open_from(struct client *client, uint16_t port, unsigned last) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(0x7f000000 + last)};
    *client = (struct client){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                              .bytes = malloc(CLIENT_BUFFER_BYTES + 1)};
    assert_non_null(client->bytes);
    int late = 1; /* connect chooses the port, which must be free only for this destination */
    setsockopt(client->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &late, sizeof late);
    assert_int_equal(bind(client->fd, (struct sockaddr *)&address, sizeof address), 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    assert_int_equal(connect(client->fd, (struct sockaddr *)&address, sizeof address), 0);
    int on = 1;
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void client_close(struct client *client) {
    close(client->fd);
    free(client->bytes);
    *client = (struct client){.fd = -1};
}

bool client_send(struct client *client, const void *bytes, size_t len) {
    const char *at = bytes;
    while (len > 0) {
        struct pollfd pollfd = {.fd = client->fd, .events = POLLOUT};
        if (poll(&pollfd, 1, CLIENT_DEADLINE_MS) <= 0)
            fail_msg("the server does not read");
        ssize_t sent = send(client->fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN)
            return false;
        at += sent < 0 ? 0 : sent;
        len -= sent < 0 ? 0 : (size_t)sent;
    }
    return true;
}

bool client_send_text(struct client *client, const char *text) {
    return client_send(client, text, strlen(text));
}

bool client_receive(struct client *client) {
    await_readable(client->fd, "the server's answer");
    assert_true(client->len < CLIENT_BUFFER_BYTES);
    ssize_t got =
        recv(client->fd, client->bytes + client->len, CLIENT_BUFFER_BYTES - client->len, 0);
    if (got <= 0)
        return false;
    client->len += (size_t)got;
    return true;
}

static void consume(struct client *client, size_t len) {
    memmove(client->bytes, client->bytes + len, client->len - len);
    client->len -= len;
}

bool client_has_heard(const struct client *client) {
    char byte;
    return recv(client->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

bool client_has_ended(const struct client *client) {
    struct pollfd pollfd = {.fd = client->fd, .events = POLLRDHUP};
    return poll(&pollfd, 1, 0) == 1;
}

void client_await_end(struct client *client) {
    do
        client->len = 0;
    while (client_receive(client));
}

/* --- HTTP ------------------------------------------------------------------------------------- */

static char *copy(const char *bytes, size_t len) {
    char *made = malloc(len + 1);
    assert_non_null(made);
    memcpy(made, bytes, len);
    made[len] = '\0';
    return made;
}

static void read_head(struct client *client, struct reply *reply) {
    char *end;
    for (;;) {
        client->bytes[client->len] = '\0';
        end = strstr(client->bytes, "\r\n\r\n");
        if (end != NULL)
            break;
        if (!client_receive(client))
            fail_msg("the server hung up without an answer");
    }
    size_t len = (size_t)(end - client->bytes) + 4;
    *reply = (struct reply){.head = copy(client->bytes, len - 2)};
    consume(client, len);
    reply->status = len > 12 ? atoi(reply->head + strlen("HTTP/1.1 ")) : 0;
}

void client_read_reply(struct client *client, struct reply *reply, bool head_only) {
    read_head(client, reply);
    const char *length = reply_header(reply, "Content-Length");
    reply->body_len = length == NULL || head_only ? 0 : (size_t)atol(length);
    while (client->len < reply->body_len) {
        if (!client_receive(client))
            fail_msg("the server hung up in the middle of an answer");
    }
    reply->body = copy(client->bytes, reply->body_len);
    consume(client, reply->body_len);
}

void reply_free(struct reply *reply) {
    free(reply->head);
    free(reply->body);
}

const char *reply_header(const struct reply *reply, const char *name) {
    static char value[4096];
    char line[128];
    snprintf(line, sizeof line, "\r\n%s: ", name);
    const char *at = strcasestr(reply->head, line);
    if (at == NULL)
        return NULL;
    at += strlen(line);
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r"), at);
    return value;
}

void http_fetch(uint16_t port, const char *method, const char *path, const char *headers,
                struct reply *reply) {
    struct client client;
    char request[8192];
    snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s\r\n", method,
             path, port, headers);
    client_open(&client, port);
    client_send_text(&client, request);
    client_read_reply(&client, reply, strcmp(method, "HEAD") == 0);
    client_close(&client);
}

/* --- WebSocket -------------------------------------------------------------------------------- */

static void handshake_from(struct client *client, uint16_t port, unsigned last, const char *headers,
                           struct reply *reply) {
    char origin[64];
    char request[4096];
    snprintf(origin, sizeof origin, "Origin: http://127.0.0.1:%u\r\n", port);
    snprintf(request, sizeof request,
             "GET /signal HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n%s\r\n",
             port, headers == NULL ? origin : headers);
    client_open_from(client, port, last);
    client_send_text(client, request);
    read_head(client, reply);
    reply->body = NULL;
}

void ws_handshake(struct client *client, uint16_t port, const char *headers, struct reply *reply) {
    handshake_from(client, port, 1, headers, reply);
}

void ws_open_from(struct client *client, uint16_t port, unsigned last) {
    struct reply reply;
    handshake_from(client, port, last, NULL, &reply);
    assert_int_equal(reply.status, 101);
    /* RFC 6455, 1.3, has this key and this answer. */
    assert_string_equal(reply_header(&reply, "Sec-WebSocket-Accept"),
                        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_null(reply_header(&reply, "Sec-WebSocket-Extensions"));
    reply_free(&reply);
}

void ws_open(struct client *client, uint16_t port) {
    ws_open_from(client, port, 1);
}

static size_t write_length(unsigned char *out, unsigned mask_bit, size_t len) {
    if (len < 126) {
        out[0] = (unsigned char)(mask_bit | len);
        return 1;
    }
    size_t bytes = len < 65536 ? 2 : 8;
    out[0] = (unsigned char)(mask_bit | (bytes == 2 ? 126 : 127));
    for (size_t i = 0; i < bytes; i++)
        out[1 + i] = (unsigned char)((uint64_t)len >> (8 * (bytes - 1 - i)));
    return 1 + bytes;
}

bool ws_send_frame(struct client *client, unsigned bits, unsigned opcode, bool masked,
                   const void *payload, size_t len) {
    static const unsigned char mask[4] = {0x12, 0x34, 0x56, 0x78};
    unsigned char *frame = malloc(len + 14);
    assert_non_null(frame);
    frame[0] = (unsigned char)(bits | opcode);
    size_t at = 1 + write_length(frame + 1, masked ? 0x80 : 0, len);
    if (masked) {
        memcpy(frame + at, mask, sizeof mask);
        at += sizeof mask;
    }
    for (size_t i = 0; i < len; i++)
        frame[at + i] =
            (unsigned char)(((const unsigned char *)payload)[i] ^ (masked ? mask[i & 3] : 0));
    bool sent = client_send(client, frame, at + len);
    free(frame);
    return sent;
}

bool ws_send_text(struct client *client, const char *text) {
    return ws_send_frame(client, 0x80, WS_TEXT, true, text, strlen(text));
}

/* Waits for |len| bytes. False at the end of the stream. */
static bool await_bytes(struct client *client, size_t len) {
    while (client->len < len) {
        if (!client_receive(client))
            return false;
    }
    return true;
}

bool ws_read_frame(struct client *client, struct ws_frame *frame) {
    static char payload[PAYLOAD_BYTES_MAX];
    if (!await_bytes(client, 2))
        return false;
    const unsigned char *bytes = (const unsigned char *)client->bytes;
    size_t head = 2;
    size_t len = bytes[1];
    assert_true(len < 127); /* the server never masks, and sends at most 64 KiB */
    if (len == 126) {
        head = 4;
        if (!await_bytes(client, head))
            return false;
        len = (size_t)bytes[2] << 8 | bytes[3];
    }
    if (!await_bytes(client, head + len))
        return false;
    *frame = (struct ws_frame){(bytes[0] & 0x80) != 0, bytes[0] & 0xfu, payload, len};
    memcpy(payload, client->bytes + head, len);
    payload[len] = '\0';
    consume(client, head + len);
    return true;
}

/* Reads the next frame that is neither a ping, which it answers, nor a pong. */
static void read_data_frame(struct client *client, struct ws_frame *frame) {
    *frame = (struct ws_frame){.opcode = WS_PONG};
    while (frame->opcode == WS_PING || frame->opcode == WS_PONG) {
        if (!ws_read_frame(client, frame))
            fail_msg("the server hung up without a close frame");
        if (frame->opcode == WS_PING)
            ws_send_frame(client, 0x80, WS_PONG, true, frame->payload, frame->len);
    }
}

void ws_expect(struct client *client, enum wire_type type, struct wire_message *message) {
    struct ws_frame frame;
    read_data_frame(client, &frame);
    assert_int_equal(frame.opcode, WS_TEXT);
    assert_true(frame.final);
    struct slice bytes = {frame.payload, frame.len};
    if (wire_read(bytes, WIRE_TO_PAGE, message) != PARLEY_OK || message->type != type)
        fail_msg("expected %s, got %s", wire_type_name(type), frame.payload);
}

void ws_skip(struct client *client, enum wire_type type) {
    struct wire_message message;
    ws_expect(client, type, &message);
    wire_message_deinit(&message);
}

static void expect_close(struct client *client, const struct ws_frame *frame, unsigned code,
                         const char *reason) {
    assert_int_equal(frame->opcode, WS_CLOSE);
    assert_true(frame->len >= 2);
    assert_int_equal((unsigned char)frame->payload[0] << 8 | (unsigned char)frame->payload[1],
                     code);
    if (reason != NULL)
        assert_string_equal(frame->payload + 2, reason);
    ws_send_frame(client, 0x80, WS_CLOSE, true, frame->payload, 2);
    client_await_end(client);
}

void ws_expect_error(struct client *client, enum wire_error error) {
    struct wire_message message;
    ws_expect(client, WIRE_ERROR, &message);
    assert_string_equal(wire_error_code(message.error), wire_error_code(error));
    assert_true(message.sentence.len > 0);
    wire_message_deinit(&message);
}

void ws_expect_refusal(struct client *client, enum wire_error error) {
    struct ws_frame frame;
    ws_expect_error(client, error);
    read_data_frame(client, &frame);
    expect_close(client, &frame, wire_error_close_code(error), wire_error_code(error));
}

void ws_expect_close(struct client *client, unsigned code) {
    struct ws_frame frame;
    do
        read_data_frame(client, &frame);
    while (frame.opcode != WS_CLOSE);
    expect_close(client, &frame, code, NULL);
}

/* --- people ----------------------------------------------------------------------------------- */

const char *join_text(const char *room) {
    static char text[256];
    static unsigned token;
    char named[WIRE_ROOM_ID_BYTES_MAX + 16] = "";
    if (room != NULL)
        snprintf(named, sizeof named, "\"room\":\"%s\",", room);
    snprintf(text, sizeof text, "{\"type\":\"join\",\"version\":%d,%s\"token\":\"%022u\"}",
             WIRE_VERSION, named, ++token);
    return text;
}

void person_join(struct person *person, uint16_t port, const char *room, size_t others) {
    struct wire_message message;
    ws_open(&person->client, port);
    ws_send_text(&person->client, join_text(room));
    ws_expect(&person->client, WIRE_WELCOME, &message);
    assert_int_equal(message.member_count, others);
    assert_true(room_id_is(&message.room, room));
    assert_true(message.member.bytes[0] != '\0');
    memcpy(person->id, message.member.bytes, WIRE_MEMBER_ID_BYTES);
    person->id[WIRE_MEMBER_ID_BYTES] = '\0';
    wire_message_deinit(&message);
}

void person_offer(struct person *person, const char *to, const char *sdp) {
    char text[WIRE_MESSAGE_BYTES_MAX];
    snprintf(text, sizeof text,
             "{\"type\":\"offer\",\"to\":\"%s\",\"sdp\":\"%s\",\"connection\":1}", to, sdp);
    ws_send_text(&person->client, text);
}

void person_expect_offer(struct person *person, const char *from, const char *sdp) {
    struct wire_message message;
    ws_expect(&person->client, WIRE_OFFER, &message);
    assert_true(member_id_is(&message.member, from));
    assert_true(slice_equal(message.sdp, slice_of(sdp)));
    wire_message_deinit(&message);
}

void pair_join(struct pair *pair, uint16_t port, const char *room) {
    pair->rounds = 0;
    person_join(&pair->ann, port, room, 0);
    person_join(&pair->bob, port, room, 1);
    ws_skip(&pair->ann.client, WIRE_JOINED);
}

void pair_talk(struct pair *pair) {
    char sdp[64];
    snprintf(sdp, sizeof sdp, "round %u", ++pair->rounds);
    person_offer(&pair->ann, pair->bob.id, sdp);
    person_expect_offer(&pair->bob, pair->ann.id, sdp);
    person_offer(&pair->bob, pair->ann.id, sdp);
    person_expect_offer(&pair->ann, pair->bob.id, sdp);
}

void pair_leave(struct pair *pair) {
    client_close(&pair->ann.client);
    client_close(&pair->bob.client);
}
