/* abi.h - the core as WebAssembly exports: the one C file that web/core.js talks to.
 *
 * A module instance holds one chat. Texts go in through one input area: a's bytes, then b's, then
 * c's, without gaps. Structs that come out are read with the offsets that parley_layout() gives, so
 * that JavaScript repeats no number of C's:
 *
 *   {"enums":{"event":{"START":0,...},"action":{...},"start":{...},"sdp":{...},"peerState":{...},
 *             "server":{...},"tone":{...},"member":{...},"line":{...}},
 *    "limits":{"eventBytes":65536,...},
 *    "structs":{"action":{"kind":[0,"action"],"a":[12,"slice"],...},"status":{...},"member":{...},
 *               "connection_log":{...},"line":{...},"span":{...}},
 *    "sizes":{"span":8}}
 *
 * Types: u32, i32, ptr (u32), slice (two u32: address, length in bytes); any other is an enum of
 * that name (u32), which JavaScript reads as the name that the number has there.
 * The module imports nothing; its memory may grow at any call, which detaches old views of it.
 */
#ifndef PARLEY_ABI_H
#define PARLEY_ABI_H

#include "chat.h"

/* A NUL-terminated JSON text, as above. Never freed. */
const char *parley_layout(void);

/* Makes the chat. 0 or an error of chat_create; once an instance. */
int parley_create(void);

/* The input area: EVENT_BYTES_MAX bytes. The address never changes. */
char *parley_input(void);

/* chat_handle with the texts that lie in the input area. PARLEY_ERR_ARGUMENT as well where the
 * lengths pass the area. Times as in struct event. */
int parley_handle(uint32_t kind, uint32_t peer, uint32_t code, uint32_t a_len, uint32_t b_len,
                  uint32_t c_len, double now_ms, double wall_ms, int32_t utc_offset_min);

/* chat_next_action: struct action or NULL. */
const struct action *parley_next_action(void);

/* chat_deadline_ms; Infinity for never. */
double parley_deadline_ms(void);

/* The views; NULL where the chat_..._view returns an error. Each call overwrites the one before. */
const struct status_view *parley_status(void);
const struct member_view *parley_member(uint32_t index);
const struct connection_log_view *parley_connection_log(uint32_t index, uint32_t entry);
const struct line_view *parley_line(uint32_t sequence);

/* chat_error_text: a NUL-terminated sentence. Never freed. */
const char *parley_error_text(uint32_t kind, int error);

/* error_place, after a trap. */
unsigned parley_error_place(void);

#endif
