/* chat_page.h - a page as the core sees it: takes its actions and checks that a page could carry
 * them out.
 *
 * A lawful page obeys event.h and action.h: it reports only what can have happened. A wild page
 * reports anything at any time; then less is checked, but the core must survive.
 */
#ifndef PARLEY_FUZZ_CHAT_PAGE_H
#define PARLEY_FUZZ_CHAT_PAGE_H

#include "action.h"
#include "chat_polling.h"
#include "event.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define PAGE_PEOPLE 64u /* whose ids a script can name; page_person_id */

enum page_socket { PAGE_SOCKET_NONE, PAGE_SOCKET_DIALING, PAGE_SOCKET_OPEN };

/* The operation under way on a connection. */
enum page_operation { PAGE_IDLE, PAGE_DESCRIBING, PAGE_ACCEPTING };

struct page_peer {
    uint32_t number; /* 0: not used */
    enum page_operation operation;
    enum event_sdp sdp; /* of the operation */
    bool accepted;      /* some remote description */
    bool channel_opened, channel_closed;
    bool buffer_due, route_due; /* to be reported */
    bool hello_said;
    uint64_t next_text; /* the least number that the next text may have */
};

struct page {
    bool lawful;
    bool unloaded;     /* no event but START until then */
    bool hide_address; /* the address */
    enum page_socket socket;
    struct page_polling polling;
    bool joining[EVENT_TRANSPORT_COUNT]; /* the join was sent by it, or a question before */
    struct room_id room;                 /* asked for in the last join */
    struct page_peer peers[WIRE_ROOM_MEMBERS_MAX];
    uint32_t last_peer;                /* numbers grow */
    uint32_t connections[PAGE_PEOPLE]; /* ours as we last signaled it to a person */
    uint32_t session;                  /* ours, from the last hello */
    uint32_t texts_end;                /* one past the number of the last text we said */
    uint32_t texts_heard;              /* from all others, where they number them well */
    bool shown[ACTION_COUNT];          /* SHOW_... of the last event */
    uint32_t actions;                  /* of the last event */
};

/* The id of person |index|: all the same but the first byte. */
struct member_id page_person_id(uint32_t index);

/* Whether this page could report an event; and the report itself. */
bool page_may_report(const struct page *page, const struct event *event);
void page_report(struct page *page, const struct event *event);

/* True if the server can send something in an answer; if it also has a WebSocket, the script
 * chooses. */
bool page_hears_polled(const struct page *page);

/* Takes one action. */
void page_take(struct page *page, const struct action *action);

/* The open connection |number|; NULL: there is none. */
struct page_peer *page_find(struct page *page, uint32_t number);

/* Makes an event of something that is due: an operation's answer, a channel that opens. False: all
 * is done. |start|: of which connection first. */
bool page_next_report(struct page *page, uint32_t start, struct event *event);

#endif
