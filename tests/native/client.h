/* client.h - for the tests that run the server as a process: starts it, and talks to it in HTTP and
 * WebSocket, correctly or as badly as a test needs.
 *
 * The program is $PARLEY_BINARY. Nothing here sleeps: functions wait with poll() for an event, at
 * most CLIENT_DEADLINE_MS, and fail the test if it does not happen.
 */
#ifndef PARLEY_CLIENT_H
#define PARLEY_CLIENT_H

#include "wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CLIENT_DEADLINE_MS 30000
#define CLIENT_BUFFER_BYTES (1024 * 1024)

/* --- the server ------------------------------------------------------------------------------- */

struct process {
    pid_t pid;
    int out_fd;    /* its standard output, a pipe */
    int err_fd;    /* its standard error, a file that only grows */
    uint16_t port; /* on which it reports to listen; 0 until then */
};

/* Starts the server with |options| (ends with NULL) and |variables| ("NAME=value", ends with
 * NULL; may be NULL). No PARLEY_ variable of the test's own environment reaches it. */
void process_start(struct process *process, const char *const options[],
                   const char *const variables[]);

/* Starts it on a free port of the loopback address, without grace for lost sockets, and waits until
 * it reports the port. */
void process_serve(struct process *process, const char *const options[]);
void process_serve_with(struct process *process, const char *const options[],
                        const char *const variables[]);

/* Waits until it ends. Returns its exit status, or 128 plus the signal. */
int process_wait(struct process *process);

/* Ends it as an operator would. Fails the test unless it exits with 0, which also means that it has
 * no leak. */
void process_stop(struct process *process);

/* Its standard error so far, and its standard output. The caller frees. */
char *process_errors(const struct process *process);
char *process_output(const struct process *process);

/* Waits until its standard error contains |text|. */
void process_await_error(const struct process *process, const char *text);

/* Milliseconds of a monotonic clock. */
uint64_t clock_ms(void);

/* --- one connection --------------------------------------------------------------------------- */

struct client {
    int fd;
    char *bytes; /* received, but not yet used */
    size_t len;
};

/* Connects to |port| of the loopback address. */
void client_open(struct client *client, uint16_t port);
/* The same from the loopback address number |last|, of 127.0.0.0 and on. */
void client_open_from(struct client *client, uint16_t port, unsigned last);
void client_close(struct client *client);

/* Sends all of |bytes|. False: the server has hung up. */
bool client_send(struct client *client, const void *bytes, size_t len);
bool client_send_text(struct client *client, const char *text);

/* Waits for more bytes. False at the end of the stream. */
bool client_receive(struct client *client);

/* True if unread bytes have arrived by now; if the server has hung up by now, whatever it sent
 * before. */
bool client_has_heard(const struct client *client);
bool client_has_ended(const struct client *client);

/* Waits until the server hangs up, and discards everything before. */
void client_await_end(struct client *client);

/* --- HTTP ------------------------------------------------------------------------------------- */

struct reply {
    int status;
    char *head; /* status line and headers, NUL-terminated */
    char *body; /* NUL-terminated too */
    size_t body_len;
};

/* Reads one answer. |head_only|: it answers a HEAD request, and has a length but no body. */
void client_read_reply(struct client *client, struct reply *reply, bool head_only);
void reply_free(struct reply *reply);

/* The value of a header, whose name is compared without case; NULL: it is missing. Valid until the
 * next call. */
const char *reply_header(const struct reply *reply, const char *name);

/* Sends "METHOD PATH HTTP/1.1", Host and |headers| (each ending with "\r\n") on a connection of
 * its own, and reads the answer. */
void http_fetch(uint16_t port, const char *method, const char *path, const char *headers,
                struct reply *reply);

/* --- WebSocket -------------------------------------------------------------------------------- */

enum { WS_CONTINUATION = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };

struct ws_frame {
    bool final;
    unsigned opcode;
    char *payload; /* NUL-terminated; valid until the next read */
    size_t len;
};

/* Asks for a WebSocket as the page of this server would, and reads the answer's head into |reply|.
 * |headers|, unless NULL, replace the Origin line. */
void ws_handshake(struct client *client, uint16_t port, const char *headers, struct reply *reply);

/* Connects and upgrades. Fails the test if the server refuses it. */
void ws_open(struct client *client, uint16_t port);
void ws_open_from(struct client *client, uint16_t port, unsigned last);

/* Sends one frame, valid or not. |bits|: FIN and the reserved bits (0x80 is a final frame). */
bool ws_send_frame(struct client *client, unsigned bits, unsigned opcode, bool masked,
                   const void *payload, size_t len);
bool ws_send_text(struct client *client, const char *text);

/* Reads one frame. False: the server has hung up. */
bool ws_read_frame(struct client *client, struct ws_frame *frame);

/* Reads the next message, which must be of |type|, and answers pings before it. The caller calls
 * wire_message_deinit. */
void ws_expect(struct client *client, enum wire_type type, struct wire_message *message);
/* The same without returning the message. */
void ws_skip(struct client *client, enum wire_type type);

/* Reads an error message |error|, with a sentence. */
void ws_expect_error(struct client *client, enum wire_error error);

/* Reads an error message |error|, then nothing but a close frame with its code and reason,
 * answers it and waits for the end of the connection. */
void ws_expect_refusal(struct client *client, enum wire_error error);

/* Reads until a close frame, which must have |code|; answers it and waits for the end. */
void ws_expect_close(struct client *client, unsigned code);

/* --- people ----------------------------------------------------------------------------------- */

/* The message with which a newcomer joins |room| (NULL: a room that the server makes). Valid until
 * the next call. */
const char *join_text(const char *room);

struct person {
    struct client client;
    char id[WIRE_MEMBER_ID_BYTES + 1];
};

/* Connects and joins |room|, where |others| people are already. */
void person_join(struct person *person, uint16_t port, const char *room, size_t others);

/* Sends an offer to the member |to|. */
void person_offer(struct person *person, const char *to, const char *sdp);

/* Reads an offer, which must be |sdp| from |from|. */
void person_expect_offer(struct person *person, const char *from, const char *sdp);

struct pair {
    struct person ann, bob;
    unsigned rounds;
};

/* Two people in a room of their own. pair_talk lets them exchange messages, and fails if one does
 * not arrive. */
void pair_join(struct pair *pair, uint16_t port, const char *room);
void pair_talk(struct pair *pair);
void pair_leave(struct pair *pair);

#endif
