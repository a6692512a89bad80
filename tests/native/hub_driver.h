/* hub_driver.h - a hub without sockets, for its tests: inputs in, actions out.
 *
 * After each input, |sent| has the hub's sends and closes, and |notes| counts its notes. */
#ifndef PARLEY_HUB_DRIVER_H
#define PARLEY_HUB_DRIVER_H

#include "cmocka_all.h"
#include "hub.h"

#define SENT_MAX 512
#define TIMEOUT_MS 10000
#define NOTE_COUNT (HUB_NOTE_SENT + 1)
#define LEAVE "{\"type\":\"leave\"}"
#define UNLOAD "{\"type\":\"leave\",\"back\":true}"

struct sent {
    enum hub_action_kind kind;
    hub_handle to;
    uint16_t close_code;
    enum wire_error error;
    char text[WIRE_WELCOME_BYTES_MAX + 1];
};

extern struct hub *hub;
extern struct sent *sent; /* the last input's sends and closes, without notes */
extern int sent_count, notes[NOTE_COUNT];
extern char last_target[WIRE_MEMBER_ID_BYTES + 1];
extern char last_room[WIRE_ROOM_ID_BYTES_MAX + 1]; /* of the last note that names a room */

/* If true, member_with makes everybody acquainted. False until a test sets it. */
extern bool all_meet;

/* Makes the hub with these limits of hub_config. Returns 0 or a named error. */
int start_hub(uint32_t connections, uint32_t rooms, uint32_t members, uint32_t grace_ms);

/* The same, with a relay; NULL: none. */
int start_hub_with(uint32_t connections, uint32_t rooms, uint32_t members, uint32_t grace_ms,
                   const struct turn *turn);

/* For cmocka: frees it. */
int stop_hub(void **state);

/* Takes all actions. Every function below calls it. */
void collect(void);

int connect_one(hub_handle *handle, uint64_t now_ms);
hub_handle must_connect(void);
void disconnect_at(hub_handle handle, uint64_t now_ms);
void tick(uint64_t now_ms);
void say(hub_handle from, const char *text);
void say_at(hub_handle from, uint64_t now_ms, const char *text);

/* Sends a join. |token| is a number that stands for a token. */
void join_with(hub_handle handle, uint64_t now_ms, const char *room, unsigned token, bool back);

/* With a token that nobody else has. */
void join(hub_handle handle, const char *room);

/* Connects, joins and keeps the id that the hub gave. */
hub_handle member_of(const char *room, char id[WIRE_MEMBER_ID_BYTES + 1]);

/* The same with |token|. */
hub_handle member_with(const char *room, unsigned token, bool back, uint64_t now_ms,
                       char id[WIRE_MEMBER_ID_BYTES + 1]);

/* |handle|, which entered a room with the last input, answers somebody there. If it is alone, a
 * visitor comes, answers it and leaves. The actions of this are not kept. */
void make_acquainted(hub_handle handle, uint64_t now_ms);

/* Reads the |index|-th action as a message to the page. The caller deinits. */
struct wire_message message_at(int index, hub_handle to);

void assert_error_at(int index, hub_handle to, enum wire_error error);
void assert_close_at(int index, hub_handle to, uint16_t code, enum wire_error error);

/* |to| was told |error| and closed, and there was no other action. */
void assert_refused(hub_handle to, enum wire_error error);

/* |to| is told that |who| joined (perhaps is back) or left (perhaps with a goodbye). */
void assert_hears_joined(int index, hub_handle to, const char *who, bool back);
void assert_hears_left(int index, hub_handle to, const char *who, bool goodbye);

/* The same, but |who| may be back at once on another page. */
void assert_hears_left_for_now(int index, hub_handle to, const char *who, bool goodbye);

/* |to| is welcomed as |id| to the members |first| and |second|, in that order; NULL: no more. */
void assert_welcome(int index, hub_handle to, const char *id, const char *first,
                    const char *second);

#endif
