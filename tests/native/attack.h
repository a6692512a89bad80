/* attack.h - attacks for the tests of hostile traffic. An attack runs in its own process, with a
 * lower priority than the server, since the tests measure the server's time.
 */
#ifndef PARLEY_ATTACK_H
#define PARLEY_ATTACK_H

#include "wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ATTACK_FRAME_HEAD_BYTES 14

struct attack {
    pid_t pid;
    int ready_fd;
};

/* Runs |run|, which never returns, against |port|; returns once it has called attack_ready. */
void attack_start(struct attack *attack, void (*run)(void), uint16_t port);
void attack_stop(struct attack *attack);

/* --- within the attack ------------------------------------------------------------------------ */

/* The attack is set up. Harmless when repeated. */
void attack_ready(void);

/* Connects from the loopback address number |from| (127.1.0.0 and on); -1 if that fails. */
int attack_dial(unsigned from);
/* The same, but the kernel buffers few bytes that are not read. */
int attack_dial_little(unsigned from);

/* Ends the connection at once, so that nothing of it stays in the kernel. -1 is harmless. */
void attack_hang_up(int fd);

/* Sends as much as there is room for. False: the connection is gone. */
bool attack_send(int fd, const void *bytes, size_t len);
bool attack_send_text(int fd, const char *text);

/* Discards what has arrived. */
void attack_drain(int fd);

/* Sends the upgrade request of the server's own page, without waiting for the answer. */
bool attack_upgrade(int fd);
/* The same with |headers|, each ending with "\r\n". */
bool attack_upgrade_with(int fd, const char *headers);

/* The same for a session that polls (poll_wire.h). */
bool attack_open_session(int fd);

/* Writes a frame's head, with a mask of zeros, into |out|; returns its length. |first| is its first
 * byte: FIN, reserved bits, opcode. */
size_t attack_frame_head(unsigned char out[ATTACK_FRAME_HEAD_BYTES], unsigned first, uint64_t len);

/* Sends a whole text message. False: the connection is gone. */
bool attack_say(int fd, const char *text);

/* Writes token number |number|, with a NUL. */
void attack_write_token(char out[WIRE_TOKEN_BYTES + 1], unsigned number);

/* Dials, upgrades and joins |room| with token number |number|. */
int attack_join(unsigned from, const char *room, unsigned number);

#endif
