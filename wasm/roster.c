#include "roster.h"

#include "candidate.h"
#include "channel.h"
#include "error.h"
#include "hiding.h"
#include "sdp.h"

#define ASKED_MS (SIGNALING_ANSWER_MS + 1000) /* the server has had its time by then */

/* Somebody whom the server lists takes the place of somebody who is neither listed nor connected,
 * if there is no other. Where there is none they wait: they go on offering, or asking. */
static void make_place(struct chat *chat) {
    struct member *dispensable = room_find_dispensable(&chat->room);
    if (chat->room.member_count == WIRE_ROOM_MEMBERS_MAX && dispensable)
        chat_depart(chat, dispensable);
}

static struct member *add(struct chat *chat, struct slice id) {
    struct member *member;
    make_place(chat);
    if (room_add(&chat->room, id, chat->now_ms, &member) != PARLEY_OK)
        return NULL;
    member->next_out = member->confirmed = chat->outbox.end;
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
    return member;
}

static void list(struct member *member) {
    member->listed = true;
    member->leaving = false;
    member->gone_due_ms = NO_DEADLINE;
}

/* A deadline is set where there is none: what goes wrong later does not put it off. */
static void unlist(struct chat *chat, struct member *member) {
    member->listed = false;
    roster_follow_link(chat, member);
}

void roster_follow_link(struct chat *chat, struct member *member) {
    if (member->leaving)
        return;
    if (member->listed || member_connected(member)) {
        member->gone_due_ms = NO_DEADLINE;
    } else if (member->gone_due_ms == NO_DEADLINE) {
        member->gone_due_ms = chat->now_ms + ROOM_UNLISTED_MS;
        member->gone_asked = false;
    }
}

uint64_t roster_deadline_ms(const struct chat *chat, const struct member *member) {
    /* As long as the server is away, nobody can say who is gone, but themselves. */
    return signaling_is_joined(&chat->signaling) || member->leaving ? member->gone_due_ms
                                                                    : NO_DEADLINE;
}

/* That they are back may have been said to a socket of ours that was dead, or while we slept: so
 * nobody is given up before the server, asked now, has had the time to answer. */
bool roster_tick(struct chat *chat, struct member *member) {
    if (chat->now_ms < roster_deadline_ms(chat, member))
        return true;
    if (!member->gone_asked && !member->leaving) {
        member->gone_asked = true;
        member->gone_due_ms = chat->now_ms + ASKED_MS;
        signaling_doubt(&chat->signaling, chat->now_ms);
        return true;
    }
    chat_depart(chat, member);
    return false;
}

/* Turns */

static struct member *next_waiting(const struct room *room) {
    struct member *next = NULL;
    for (uint32_t i = 0; i < room->member_count; i++) {
        struct member *member = room->members[i];
        if (link_waits(&member->link) &&
            (!next || (member->link.expense.talked && !next->link.expense.talked)))
            next = member;
    }
    return next;
}

/* How many have their turn, and when the first of these is over. */
static uint32_t count_turns(const struct chat *chat, uint64_t *ends_ms) {
    uint32_t count = 0;
    *ends_ms = NO_DEADLINE;
    for (uint32_t i = 0; i < chat->room.member_count; i++) {
        uint64_t member_ms = link_turn_ends_ms(&chat->room.members[i]->link);
        count += member_ms > chat->now_ms;
        if (member_ms > chat->now_ms && member_ms < *ends_ms)
            *ends_ms = member_ms;
    }
    return count;
}

void roster_give_turns(struct chat *chat) {
    struct link_env env = chat_link_env(chat);
    struct member *member;
    chat->turns_due_ms = NO_DEADLINE;
    while ((member = next_waiting(&chat->room))) {
        uint64_t ends_ms;
        if (count_turns(chat, &ends_ms) >= LINK_TURNS) {
            chat->turns_due_ms = ends_ms;
            return;
        }
        link_take_turn(&member->link, &env);
    }
}

/* The welcome */

static void enter(struct chat *chat, const struct wire_message *message) {
    const struct token *token = &chat->signaling.token;
    room_enter(&chat->room, message->room, message->member);
    room_keep_own_colour(&chat->room, token->wished, token->colour);
    actions_push_text(&chat->actions, ACTION_ROOM_NAMED, 0, 0, message->room);
    for (size_t i = 0; i < message->member_count; i++) {
        struct member *member = add(chat, message->members[i]);
        if (member)
            member->was_here = true; /* they offer: those already in the room do */
    }
    room_choose_own_colour(&chat->room);
    signaling_keep_colour(&chat->signaling, &chat->env, room_own_wish(&chat->room),
                          chat->room.self_colour);
    chat_note(chat, LINE_ENTERED, NULL, "You are in the room", "");
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
}

/* Somebody came while we were away, and waits for an offer of those who were there. */
static void meet_latecomer(struct chat *chat, struct slice id) {
    struct link_env env = chat_link_env(chat);
    struct member *member = add(chat, id);
    if (member)
        link_begin(&member->link, &env);
}

static void list_known(struct chat *chat, const struct wire_message *message) {
    struct link_env env = chat_link_env(chat);
    for (size_t i = 0; i < message->member_count; i++) {
        struct member *member = room_find_id(&chat->room, message->members[i]);
        if (!member)
            continue;
        list(member);
        link_nudge(&member->link, &env, true); /* what was said before went nowhere */
    }
}

/* Those whom we know keep their places: so newcomers come after all of them. */
static void return_to(struct chat *chat, const struct wire_message *message) {
    for (uint32_t i = 0; i < chat->room.member_count; i++) {
        struct member *member = chat->room.members[i];
        if (member->leaving)
            continue;
        member->gone_due_ms = NO_DEADLINE; /* they may be on their way back, as we were */
        unlist(chat, member);
    }
    list_known(chat, message);
    for (size_t i = 0; i < message->member_count; i++)
        if (!room_find_id(&chat->room, message->members[i]))
            meet_latecomer(chat, message->members[i]);
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
}

void roster_welcome(struct chat *chat, const struct wire_message *message) {
    if (chat->room.id_len && slice_equal(room_self_id(&chat->room), message->member)) {
        return_to(chat, message);
        return;
    }
    chat_forget_members(chat); /* for the others we are somebody else now */
    enter(chat, message);
}

/* Who comes and goes */

/* Ends the conversation with the member's page, whatever its state is. */
static void rest(struct chat *chat, struct member *member) {
    struct link_env env = chat_link_env(chat);
    enum link_phase before = member->link.phase;
    link_rest(&member->link, &env);
    chat_follow_link(chat, member, before);
}

void roster_expect_back(struct chat *chat, struct member *member) {
    if (!member->leaving) {
        member->gone_due_ms = chat->now_ms + ROOM_LEAVING_MS;
        member->was_well = member_connected(member);
    }
    if (member->was_well)
        channel_given(chat, member);
    member->leaving = true;
    member->listed = false;
    rest(chat, member);
}

/* A known member has a new page: the same person, so that nothing is said about it. */
static struct member *meet_again(struct chat *chat, struct member *member) {
    rest(chat, member);
    list(member);
    budget_arrive(&member->link.expense);
    return member;
}

/* |member|: NULL where they are not known. */
static void receive_joined(struct chat *chat, struct member *member,
                           const struct wire_message *message) {
    struct link_env env = chat_link_env(chat);
    if (member && message->back) {
        list(member);
        link_nudge(&member->link, &env, true); /* they heard nothing of it meanwhile */
        actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
        return;
    }
    if (member && member->link.phase == LINK_CLOSED) {
        chat_depart(chat, member); /* for good; a new page begins anew */
        member = NULL;
    }
    member = member ? meet_again(chat, member) : add(chat, message->member);
    if (member)
        link_offer(&member->link, &env);
}

/* Who only lost the server can still be talked to. */
static void receive_left(struct chat *chat, struct member *member,
                         const struct wire_message *message) {
    if (message->back)
        roster_expect_back(chat, member);
    else if (message->goodbye || !member_connected(member))
        chat_depart(chat, member);
    else
        unlist(chat, member);
}

/* Signals: a browser is given nothing of them that was not understood here */

static void pass_on(struct chat *chat, struct member *member, const struct wire_message *message) {
    struct link_env env = chat_link_env(chat);
    enum link_phase before = member->link.phase;
    if (member->leaving)
        list(member); /* they are back, and the server forgot to say so */
    link_receive(&member->link, &env, message);
    chat_follow_link(chat, member, before);
}

static sdp_candidate_filter *candidate_filter(const struct chat *chat) {
    return chat->ice.hiding ? hiding_take_candidate : candidate_take;
}

/* A candidate is an address that our browser sends to: their number is what keeps a stranger from
 * having it look through our network. Further ones are dropped. */
static bool filter_description(struct chat *chat, struct link *link, struct slice sdp,
                               struct buffer *out) {
    uint32_t left =
        pace_left(&link->candidates, chat->now_ms, LINK_CANDIDATES_MS, LINK_CANDIDATES_AT_ONCE);
    uint32_t before = left;
    bool taken = sdp_filter(sdp, candidate_filter(chat), &left, out) == PARLEY_OK;
    for (; before > left; before--)
        pace_take(&link->candidates, chat->now_ms, LINK_CANDIDATES_MS, LINK_CANDIDATES_AT_ONCE);
    return taken;
}

/* No browser makes a description that is refused: that page is hostile. */
static void receive_description(struct chat *chat, struct member *member,
                                const struct wire_message *message) {
    struct wire_message taken = *message;
    struct buffer sdp;
    buffer_init(&sdp, SDP_WRITTEN_BYTES_MAX);
    if (filter_description(chat, &member->link, message->sdp, &sdp)) {
        taken.sdp = buffer_slice(&sdp);
        pass_on(chat, member, &taken);
    } else {
        steps_add(&member->link.steps, chat->now_ms, STEP_GARBAGE);
        chat_hang_up(chat, member);
    }
    buffer_deinit(&sdp);
}

static void receive_candidate(struct chat *chat, struct member *member,
                              const struct wire_message *message) {
    struct wire_message taken = *message;
    struct buffer candidate;
    buffer_init(&candidate, CANDIDATE_WRITTEN_BYTES_MAX);
    bool end = message->candidate.len == 0;
    if (!end && !pace_take(&member->link.candidates, chat->now_ms, LINK_CANDIDATES_MS,
                           LINK_CANDIDATES_AT_ONCE))
        return;
    bool named = candidate_ufrag_valid(message->ufrag);
    if (named && (end || candidate_filter(chat)(message->candidate, &candidate))) {
        taken.candidate = buffer_slice(&candidate);
        pass_on(chat, member, &taken);
    } else {
        steps_add(&member->link.steps, chat->now_ms, STEP_CANDIDATE_UNSAFE);
        actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    }
    buffer_deinit(&candidate);
}

/* |member|: NULL where they are not known, and have no place. */
static void receive_signal(struct chat *chat, struct member *member,
                           const struct wire_message *message) {
    if (!member || member->link.phase == LINK_CLOSED)
        return;
    switch (message->type) {
    case WIRE_OFFER:
    case WIRE_ANSWER:
        receive_description(chat, member, message);
        break;
    case WIRE_CANDIDATE:
        receive_candidate(chat, member, message);
        break;
    case WIRE_ASK:
        pass_on(chat, member, message);
        break;
    case WIRE_TYPE_COUNT:
        WIRE_OTHERS(WIRE_CASE)
        break;
    }
}

void roster_receive(struct chat *chat, const struct wire_message *message) {
    struct member *member = room_find_id(&chat->room, message->member);
    switch (message->type) {
    case WIRE_JOINED:
        receive_joined(chat, member, message);
        break;
    case WIRE_LEFT:
        if (member)
            receive_left(chat, member, message);
        break;
    case WIRE_OFFER:
    case WIRE_ASK: /* the server relays for those only who are here */
        receive_signal(chat, member ? member : add(chat, message->member), message);
        break;
    case WIRE_ANSWER:
    case WIRE_CANDIDATE:
        receive_signal(chat, member, message);
        break;
    case WIRE_PONG:
        break;
    case WIRE_WELCOME: /* these three are taken before */
    case WIRE_CREDENTIALS:
    case WIRE_ERROR:
    case WIRE_JOIN: /* and these never come to a page */
    case WIRE_LEAVE:
    case WIRE_PING:
    case WIRE_RELAY_FAILED:
    case WIRE_TYPE_COUNT:
        break;
    }
}
