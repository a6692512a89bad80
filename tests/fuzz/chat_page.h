/* chat_page.h - a page as the core sees it: it takes the core's actions, and checks that a page
 * could carry them out.
 *
 * A lawful page obeys event.h and action.h: it reports only events that can have happened. A wild
 * page reports anything at any time. Then fewer things are checked, but the core must survive.
 */
#ifndef PARLEY_FUZZ_CHAT_PAGE_H
#define PARLEY_FUZZ_CHAT_PAGE_H

#include "action.h"
#include "chat_polling.h"
#include "event.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define PAGE_PEOPLE 64u /* how many ids a script can name; page_person_id */

enum page_socket { PAGE_SOCKET_NONE, PAGE_SOCKET_DIALING, PAGE_SOCKET_OPEN };

/* The operation under way on a connection. */
enum page_operation { PAGE_IDLE, PAGE_DESCRIBING, PAGE_ACCEPTING };

struct page_peer {
    uint32_t number; /* 0: not used */
    enum page_operation operation;
    enum event_sdp sdp; /* of the operation */
    bool accepted;      /* it has a remote description */
    bool channel_opened, channel_closed;
    bool buffer_due, route_due; /* to be reported */
    bool hello_said;
    uint64_t next_text; /* the lowest number that the next text may have */
};

struct page {
    bool lawful;
    bool unloaded;     /* only START may follow */
    bool hide_address; /* the user's setting */
    enum page_socket socket;
    struct page_polling polling;
    bool joining[EVENT_TRANSPORT_COUNT]; /* a join, or a question before it, went this way */
    struct room_id room;                 /* of the last join */
    bool sealed;                         /* the room that it entered last */
    struct page_peer peers[WIRE_ROOM_MEMBERS_MAX];
    uint32_t last_peer;                /* the highest number so far */
    uint32_t connections[PAGE_PEOPLE]; /* ours, as last signaled to each person */
    uint32_t session;                  /* ours, from the last hello */
    uint32_t texts_end;                /* one past the number of the last text we said */
    uint32_t texts_heard;              /* correctly numbered ones, from all others */
    bool shown[ACTION_COUNT];          /* SHOW_... of the last event */
    uint32_t actions;                  /* of the last event */
};

/* The id of person |index|: all the same but the first byte. */
struct member_id page_person_id(uint32_t index);

/* True if this page could report |event|; reports it. */
bool page_may_report(const struct page *page, const struct event *event);
void page_report(struct page *page, const struct event *event);

/* True if the server can send something in an answer; if it also has a WebSocket, the script
 * chooses. */
bool page_hears_polled(const struct page *page);

/* Takes one action. */
void page_take(struct page *page, const struct action *action);

/* The open connection |number|; NULL: there is none. */
struct page_peer *page_find(struct page *page, uint32_t number);

/* Makes the next event that is due, such as the end of an operation, or a channel that opens.
 * False: none is due. |start|: the index of the connection to look at first. */
bool page_next_report(struct page *page, uint32_t start, struct event *event);

#endif
