/* member_list.h - the people in the room as the page lists them, and the log of each
 * connection. */
#ifndef PARLEY_MEMBER_LIST_H
#define PARLEY_MEMBER_LIST_H

#include "buffer.h"

#include <stdint.h>

struct room;

#define CONTACTS(X)                                                                                \
    X(SELF)                                                                                        \
    X(CONNECTING)                                                                                  \
    X(CONNECTED)                                                                                   \
    X(RECONNECTING)                                                                                \
    X(LOST) /* for good */

#define CONTACT_ENUM(name) CONTACT_##name,
enum contact { CONTACTS(CONTACT_ENUM) };
#undef CONTACT_ENUM

struct member_view {
    uint32_t peer;       /* stable while the person is here; 0 for oneself */
    uint32_t connection; /* the number of PEER_... events and actions; 0: none now */
    enum contact state;
    uint32_t colour; /* 0 to ROOM_COLOURS - 1 */
    struct slice name;
    struct slice state_text;       /* "connecting", "connected directly", "connection lost", ... */
    struct slice reason;           /* why they are out of reach, in a sentence; otherwise empty */
    uint32_t connection_log_count; /* for chat_connection_log_view */
};

/* One entry of a connection log, for the details panel. */
struct connection_log_view {
    uint32_t at_ms; /* since this member was first heard of */
    struct slice text;
};

/* The memory that a view points to. */
struct member_list {
    struct buffer log_entry;
};

void member_list_init(struct member_list *list);
void member_list_deinit(struct member_list *list);

/* The |index|-th person in the room, oneself first, then in the order of arrival.
 * PARLEY_ERR_ARGUMENT: no such person. */
int member_list_read(const struct room *room, uint32_t index, struct member_view *view);

/* Entry |entry| of the log of member |index|; its text is valid until the next call.
 * PARLEY_ERR_ARGUMENT: no such entry. */
int member_list_read_connection_log(struct member_list *list, const struct room *room,
                                    uint32_t index, uint32_t entry,
                                    struct connection_log_view *view);

#endif
