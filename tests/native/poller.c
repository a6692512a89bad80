#define _POSIX_C_SOURCE 200809L /* strdup */
#include "poller.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint16_t server_port;

void poller_use(uint16_t port) {
    server_port = port;
}

void post_with(struct client *client, const char *version, const char *headers, const char *body) {
    static char request[POLLER_BODY_BYTES_MAX + 1024];
    snprintf(request, sizeof request,
             "POST /poll HTTP/%s\r\nHost: 127.0.0.1:%u\r\n%sContent-Length: %zu\r\n\r\n%s", version,
             server_port, headers, strlen(body), body);
    client_send_text(client, request);
}

void post(struct client *client, const char *secret, const char *body) {
    char headers[256];
    int len = snprintf(headers, sizeof headers, "Origin: http://127.0.0.1:%u\r\n", server_port);
    if (secret != NULL)
        snprintf(headers + len, sizeof headers - (size_t)len, "Parley-Session: %s\r\n", secret);
    post_with(client, "1.1", headers, body);
}

void assert_reply(struct client *client, int status, const char *body) {
    struct reply reply;
    client_read_reply(client, &reply, false);
    if (reply.status != status || (body != NULL && strcmp(reply.body, body) != 0))
        fail_msg("expected %d %s, got %d %s", status, body, reply.status, reply.body);
    assert_string_equal(reply_header(&reply, "Cache-Control"), "no-store");
    reply_free(&reply);
}

void poller_open(struct poller *poller) {
    struct reply reply;
    *poller = (struct poller){0};
    client_open(&poller->client, server_port);
    client_open(&poller->waiting, server_port);
    post(&poller->client, NULL, "open\n");
    client_read_reply(&poller->client, &reply, false);
    assert_int_equal(reply.status, 200);
    assert_int_equal(sscanf(reply.body, "session %40[0-9a-f]\n", poller->secret), 1);
    assert_int_equal(strlen(poller->secret), POLLER_SECRET_BYTES);
    reply_free(&reply);
}

void poller_close(struct poller *poller) {
    client_close(&poller->client);
    client_close(&poller->waiting);
}

void poller_send(struct poller *poller, const char *message) {
    static char body[POLLER_BODY_BYTES_MAX];
    char expected[64];
    snprintf(body, sizeof body, "send %u\n%s\n", poller->sent, message);
    snprintf(expected, sizeof expected, "expect %u\n", ++poller->sent);
    post(&poller->client, poller->secret, body);
    assert_reply(&poller->client, 200, expected);
}

void poller_ask(struct poller *poller) {
    char body[64];
    snprintf(body, sizeof body, "poll %u\n", poller->received);
    post(&poller->waiting, poller->secret, body);
}

char *poller_listen(struct poller *poller) {
    struct reply reply;
    char first[64];
    client_read_reply(&poller->waiting, &reply, false);
    assert_int_equal(reply.status, 200);
    int len = snprintf(first, sizeof first, "messages %u\n", poller->received);
    if (strncmp(reply.body, first, (size_t)len) != 0)
        fail_msg("expected %s, got %s", first, reply.body);
    char *lines = strdup(reply.body + len);
    for (const char *at = lines; (at = strchr(at, '\n')) != NULL; at++)
        poller->received++;
    reply_free(&reply);
    return lines;
}

char *poller_poll(struct poller *poller) {
    for (;;) {
        poller_ask(poller);
        char *lines = poller_listen(poller);
        if (lines[0] != '\0')
            return lines;
        free(lines);
    }
}

void assert_has(char *lines, const char *part) {
    if (strstr(lines, part) == NULL)
        fail_msg("%s has no %s", lines, part);
    free(lines);
}

void poller_join(struct poller *poller, const char *room) {
    poller_open(poller);
    poller_send(poller, join_text(room));
    char *lines = poller_poll(poller);
    const char *you = strstr(lines, "\"you\":\"");
    assert_non_null(you);
    memcpy(poller->id, you + 7, WIRE_MEMBER_ID_BYTES);
    free(lines);
}

const char *offer_text(const char *to, const char *sdp) {
    static char text[WIRE_MESSAGE_BYTES_MAX];
    snprintf(text, sizeof text,
             "{\"type\":\"offer\",\"to\":\"%s\",\"sdp\":\"%s\",\"connection\":1}", to, sdp);
    return text;
}
