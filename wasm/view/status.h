/* status.h - the state in words: the server, people who are out of reach, the switch that hides
 * one's address. */
#ifndef PARLEY_STATUS_H
#define PARLEY_STATUS_H

#include "join_state.h"
#include "span.h"

#include <stdbool.h>

struct ice_config;
struct keyring;
struct member;
struct room;
struct signaling;
struct transcript;

#define STATUS_TONES(X)                                                                            \
    X(QUIET)                                                                                       \
    X(BUSY)                                                                                        \
    X(WARNING)

#define STATUS_TONE_ENUM(name) STATUS_TONE_##name,
enum status_tone { STATUS_TONES(STATUS_TONE_ENUM) };
#undef STATUS_TONE_ENUM

struct status_view {
    enum join_state server;
    enum status_tone tone;    /* how the page colours the text */
    struct slice text;        /* the state in words; empty when nothing needs saying */
    const struct span *names; /* people's names in it, in order, to be highlighted */
    uint32_t name_count;
    struct slice room;              /* as in the address; empty until the server's welcome */
    struct slice room_name;         /* to be shown; likewise */
    struct slice room_kind;         /* words that stand before the name */
    struct slice name;              /* one's own */
    uint32_t name_generated;        /* 1: never chosen by the person */
    uint32_t member_count;          /* people in the room, oneself included */
    uint32_t line_first;            /* sequence number of the oldest line that is kept */
    uint32_t line_end;              /* one past the newest; some in between may be gone */
    int32_t draft_left;             /* characters the draft may still have; negative: too long */
    uint32_t full;                  /* 1: joined, and nobody else can join */
    uint32_t alone;                 /* 1: joined, and nobody else is here: time to share the link */
    uint32_t hide_address;          /* 1: one's own address is hidden */
    uint32_t can_hide_address;      /* 1: the switch for it is of use */
    struct slice hide_address_text; /* what the switch means now */
    uint32_t arriving;              /* 1: the page draws nothing yet (arrival.h) */
    uint32_t can_retry;             /* 1: refused, and a later attempt may succeed */
};

/* The sources of the view; lent for one call. */
struct status_sources {
    const struct signaling *signaling;
    const struct ice_config *ice;
    const struct room *room;
    const struct keyring *keyring;
    const struct transcript *transcript;
    int32_t draft_left;
    bool arriving;       /* as in the view */
    bool no_webrtc;      /* the browser has none */
    bool name_generated; /* the user never chose our name */
};

/* The memory that a view points to, and the current sentence about a gap. */
struct status {
    struct buffer text, hide_address;
    struct buffer gap; /* who does not reach whom; empty: nobody */
    struct span names[SPAN_NAMES_MAX];
};

void status_init(struct status *status);
void status_deinit(struct status *status);

/* From now on the status says that |one| and |other| do not reach each other; |other| NULL:
 * somebody unknown; |one| NULL: it says nothing. */
void status_say_gap(struct status *status, const struct member *one, const struct member *other);

/* Fills |view|, whose texts are valid until the next call, or until the sources change. */
void status_read(struct status *status, const struct status_sources *of, struct status_view *view);

#endif
