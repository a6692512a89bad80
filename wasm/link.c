#include "link.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

struct link_candidate {
    char *bytes; /* owned: candidate, mid, ufrag in a row */
    size_t candidate_len, mid_len, ufrag_len;
};

/* Steps */

static void step_of_type(struct link *link, const struct link_env *env, enum link_step_kind kind,
                         enum link_candidate_type type) {
    for (uint32_t i = 0; i < link->step_count; i++) {
        struct link_step *step = &link->steps[i];
        if (step->kind != kind || step->type != type)
            continue;
        if (step->count < UINT16_MAX)
            step->count++;
        return;
    }
    if (link->step_count == LINK_STEPS_MAX)
        return;
    uint64_t at_ms = env->now_ms - link->started_ms;
    link->steps[link->step_count++] =
        (struct link_step){.kind = (uint8_t)kind,
                           .type = (uint8_t)type,
                           .count = 1,
                           .at_ms = at_ms < UINT32_MAX ? (uint32_t)at_ms : UINT32_MAX};
}

static void step(struct link *link, const struct link_env *env, enum link_step_kind kind) {
    step_of_type(link, env, kind, LINK_UNKNOWN_TYPE);
}

static const char *const type_names[] = {"host", "srflx", "prflx", "relay", "other"};

static enum link_candidate_type type_named(struct slice name) {
    for (int i = 0; i < LINK_UNKNOWN_TYPE; i++)
        if (slice_equal(name, slice_of(type_names[i])))
            return (enum link_candidate_type)i;
    return LINK_UNKNOWN_TYPE;
}

/* The word after " typ " of a candidate-attribute (RFC 8839, 5.1). */
static enum link_candidate_type type_of(struct slice candidate) {
    static const char mark[] = " typ ";
    const size_t mark_len = sizeof mark - 1;
    for (size_t at = 0; at + mark_len < candidate.len; at++) {
        if (memcmp(candidate.bytes + at, mark, mark_len) != 0)
            continue;
        struct slice word = {candidate.bytes + at + mark_len, 0};
        const char *end = candidate.bytes + candidate.len;
        while (word.bytes + word.len < end && word.bytes[word.len] != ' ')
            word.len++;
        return type_named(word);
    }
    return LINK_UNKNOWN_TYPE;
}

/* Signaling */

static struct slice member_id(const struct link *link) {
    return (struct slice){link->member_id, WIRE_MEMBER_ID_BYTES};
}

/* Sends |message| to the peer through the server. False: it cannot be said. */
static bool signal_peer(const struct link *link, const struct link_env *env,
                        struct wire_message *message) {
    if (!env->server_up)
        return false;
    message->member = member_id(link);
    struct buffer *bytes = actions_bytes(env->actions);
    size_t at = bytes->len;
    if (wire_write(message, WIRE_TO_SERVER, bytes) != PARLEY_OK)
        return false;
    actions_push_stored(env->actions, ACTION_SERVER_SEND, link->peer, 0,
                        actions_stored(env->actions, at));
    return true;
}

/* Remote candidates that wait */

/* Drops the last |count|. */
static void drop_candidates(struct link *link, uint32_t count) {
    while (count--)
        free(link->candidates[--link->candidate_count].bytes);
}

static char *append(char *to, struct slice piece) {
    if (piece.len)
        memcpy(to, piece.bytes, piece.len);
    return to + piece.len;
}

static void keep_candidate(struct link *link, struct slice candidate, struct slice mid,
                           struct slice ufrag) {
    if (!link->candidates)
        link->candidates = calloc(LINK_CANDIDATES_MAX, sizeof *link->candidates);
    if (!link->candidates || link->candidate_count == LINK_CANDIDATES_MAX)
        return;
    char *bytes = malloc(candidate.len + mid.len + ufrag.len + 1);
    if (!bytes)
        return;
    append(append(append(bytes, candidate), mid), ufrag);
    link->candidates[link->candidate_count++] =
        (struct link_candidate){bytes, candidate.len, mid.len, ufrag.len};
    if (link->waiting_offer.bytes)
        link->candidates_of_waiting++;
}

static void add_candidate(const struct link *link, const struct link_env *env,
                          const struct link_candidate *waiting) {
    const char *mid = waiting->bytes + waiting->candidate_len;
    actions_push_texts(env->actions, ACTION_PEER_ADD_CANDIDATE, link->peer,
                       (struct slice){waiting->bytes, waiting->candidate_len},
                       (struct slice){mid, waiting->mid_len},
                       (struct slice){mid + waiting->mid_len, waiting->ufrag_len});
}

/* Adds those whose description is accepted now; what belongs to an offer that waits goes on
 * waiting. */
static void add_waiting_candidates(struct link *link, const struct link_env *env) {
    uint32_t count = link->candidate_count - link->candidates_of_waiting;
    for (uint32_t i = 0; i < count; i++) {
        add_candidate(link, env, &link->candidates[i]);
        free(link->candidates[i].bytes);
    }
    link->candidate_count -= count;
    for (uint32_t i = 0; i < link->candidate_count; i++)
        link->candidates[i] = link->candidates[count + i];
}

/* Operations: each leads to one state in which its answer is awaited */

static void open_peer(struct link *link, const struct link_env *env) {
    if (link->opened)
        return;
    link->opened = true;
    actions_push_text(env->actions, ACTION_PEER_OPEN, link->peer, 0, env->ice_servers);
}

static void describe(struct link *link, const struct link_env *env, enum event_sdp kind,
                     enum link_negotiation next) {
    open_peer(link, env);
    actions_push(env->actions, ACTION_PEER_DESCRIBE, link->peer, kind);
    link->negotiation = next;
}

static void accept(struct link *link, const struct link_env *env, enum event_sdp kind,
                   struct slice sdp) {
    open_peer(link, env);
    link->ignoring = false;
    actions_push_text(env->actions, ACTION_PEER_ACCEPT, link->peer, kind, sdp);
    link->negotiation = kind == EVENT_SDP_OFFER ? LINK_ACCEPTING_OFFER : LINK_ACCEPTING_ANSWER;
}

static void drop_waiting_offer(struct link *link) {
    free((char *)(uintptr_t)link->waiting_offer.bytes);
    link->waiting_offer = (struct slice){0};
}

/* Keeps an offer until it can be accepted; the newest replaces an older one and its candidates. */
static void keep_offer(struct link *link, const struct link_env *env, struct slice sdp) {
    drop_waiting_offer(link);
    drop_candidates(link, link->candidates_of_waiting);
    link->candidates_of_waiting = 0;
    char *copy = malloc(sdp.len + 1);
    if (!copy) {
        link_close(link, env, LINK_REASON_SETUP_FAILED);
        return;
    }
    append(copy, sdp);
    link->waiting_offer = (struct slice){copy, sdp.len};
}

static void accept_waiting_offer(struct link *link, const struct link_env *env) {
    accept(link, env, EVENT_SDP_OFFER, link->waiting_offer);
    drop_waiting_offer(link);
    link->candidates_of_waiting = 0;
}

static void become_stable(struct link *link, const struct link_env *env) {
    link->negotiation = LINK_STABLE;
    if (link->waiting_offer.bytes)
        accept_waiting_offer(link, env);
}

/* Life */

void link_init(struct link *link, uint32_t peer, struct slice id, bool polite, uint64_t now_ms) {
    PARLEY_CHECK(id.len == WIRE_MEMBER_ID_BYTES);
    *link = (struct link){.peer = peer,
                          .polite = polite,
                          .started_ms = now_ms,
                          .deadline_ms = now_ms + LINK_CONNECT_TIMEOUT_MS};
    append(link->member_id, id);
    step(link, &(struct link_env){.now_ms = now_ms}, LINK_STEP_MET);
}

void link_deinit(struct link *link) {
    drop_waiting_offer(link);
    drop_candidates(link, link->candidate_count);
    free(link->candidates);
    link->candidates = NULL;
}

void link_close(struct link *link, const struct link_env *env, enum link_reason reason) {
    if (link->phase == LINK_CLOSED)
        return;
    step(link, env, LINK_STEP_CLOSED);
    link->phase = LINK_CLOSED;
    link->reason = reason;
    link->deadline_ms = LINK_NO_DEADLINE;
    if (link->opened)
        actions_push(env->actions, ACTION_PEER_CLOSE, link->peer, 0);
    link_deinit(link);
}

void link_offer(struct link *link, const struct link_env *env) {
    if (link->phase != LINK_CLOSED && link->negotiation == LINK_STABLE)
        describe(link, env, EVENT_SDP_OFFER, LINK_OFFERING);
}

/* What the other side sends */

static void receive_offer_in_glare(struct link *link, const struct link_env *env,
                                   struct slice sdp) {
    if (!link->polite) {
        step(link, env, LINK_STEP_OFFER_IGNORED);
        link->ignoring = true;
        return;
    }
    step(link, env, LINK_STEP_OFFER_RECEIVED);
    keep_offer(link, env, sdp);
    if (link->waiting_offer.bytes && link->negotiation == LINK_OFFERED)
        describe(link, env, EVENT_SDP_ROLLBACK, LINK_YIELDING);
}

static void receive_offer(struct link *link, const struct link_env *env, struct slice sdp) {
    if (link->negotiation == LINK_OFFERING || link->negotiation == LINK_OFFERED) {
        receive_offer_in_glare(link, env, sdp);
        return;
    }
    step(link, env, LINK_STEP_OFFER_RECEIVED);
    if (link->negotiation == LINK_STABLE)
        accept(link, env, EVENT_SDP_OFFER, sdp);
    else
        keep_offer(link, env, sdp);
}

void link_receive_description(struct link *link, const struct link_env *env, enum event_sdp kind,
                              struct slice sdp) {
    if (link->phase == LINK_CLOSED)
        return;
    if (kind == EVENT_SDP_OFFER && link->remote_offers++ == LINK_REMOTE_OFFERS_MAX) {
        link_close(link, env, LINK_REASON_MISBEHAVED);
    } else if (kind == EVENT_SDP_OFFER) {
        receive_offer(link, env, sdp);
    } else if (kind == EVENT_SDP_ANSWER && link->negotiation == LINK_OFFERED) {
        step(link, env, LINK_STEP_ANSWER_RECEIVED);
        accept(link, env, EVENT_SDP_ANSWER, sdp);
    }
}

/* True when the description that the next candidates belong to is not accepted yet. */
static bool must_wait(const struct link *link) {
    return !link->remote_accepted || link->waiting_offer.bytes ||
           link->negotiation == LINK_ACCEPTING_OFFER || link->negotiation == LINK_ACCEPTING_ANSWER;
}

void link_receive_candidate(struct link *link, const struct link_env *env, struct slice candidate,
                            struct slice mid, struct slice ufrag) {
    if (link->phase == LINK_CLOSED || link->ignoring ||
        link->remote_candidates == LINK_REMOTE_CANDIDATES_MAX)
        return;
    link->remote_candidates++;
    if (candidate.len)
        step_of_type(link, env, LINK_STEP_REMOTE_CANDIDATE, type_of(candidate));
    else
        step(link, env, LINK_STEP_REMOTE_END);
    if (must_wait(link))
        keep_candidate(link, candidate, mid, ufrag);
    else
        actions_push_texts(env->actions, ACTION_PEER_ADD_CANDIDATE, link->peer, candidate, mid,
                           ufrag);
}

/* What the browser answers */

static void send_description(struct link *link, const struct link_env *env, enum wire_type type,
                             struct slice sdp) {
    if (!signal_peer(link, env, &(struct wire_message){.type = type, .sdp = sdp})) {
        if (env->server_up) /* else the deadline will tell */
            link_close(link, env, LINK_REASON_SETUP_FAILED);
        return;
    }
    step(link, env, type == WIRE_OFFER ? LINK_STEP_OFFER_SENT : LINK_STEP_ANSWER_SENT);
}

void link_described(struct link *link, const struct link_env *env, enum event_sdp kind,
                    struct slice sdp) {
    if (link->phase == LINK_CLOSED)
        return;
    if (kind == EVENT_SDP_ANSWER && link->negotiation == LINK_ANSWERING) {
        send_description(link, env, WIRE_ANSWER, sdp);
        if (link->phase != LINK_CLOSED)
            become_stable(link, env);
    } else if (kind == EVENT_SDP_OFFER && link->negotiation == LINK_OFFERING) {
        if (link->waiting_offer.bytes) {
            describe(link, env, EVENT_SDP_ROLLBACK, LINK_YIELDING);
            return;
        }
        send_description(link, env, WIRE_OFFER, sdp);
        link->negotiation = LINK_OFFERED;
    }
}

static void accepted(struct link *link, const struct link_env *env) {
    link->remote_accepted = true;
    add_waiting_candidates(link, env);
}

void link_done(struct link *link, const struct link_env *env) {
    if (link->phase == LINK_CLOSED)
        return;
    if (link->negotiation == LINK_YIELDING) {
        step(link, env, LINK_STEP_OFFER_WITHDRAWN);
        accept_waiting_offer(link, env);
    } else if (link->negotiation == LINK_ACCEPTING_OFFER) {
        accepted(link, env);
        describe(link, env, EVENT_SDP_ANSWER, LINK_ANSWERING);
    } else if (link->negotiation == LINK_ACCEPTING_ANSWER) {
        accepted(link, env);
        become_stable(link, env);
    }
}

void link_failed(struct link *link, const struct link_env *env) {
    link_close(link, env, LINK_REASON_SETUP_FAILED);
}

void link_local_candidate(struct link *link, const struct link_env *env, struct slice candidate,
                          struct slice mid, struct slice ufrag) {
    if (link->phase == LINK_CLOSED)
        return;
    if (candidate.len)
        step_of_type(link, env, LINK_STEP_LOCAL_CANDIDATE, type_of(candidate));
    else
        step(link, env, LINK_STEP_LOCAL_END);
    signal_peer(link, env,
                &(struct wire_message){
                    .type = WIRE_CANDIDATE, .candidate = candidate, .mid = mid, .ufrag = ufrag});
}

void link_candidate_failed(struct link *link, const struct link_env *env) {
    if (link->phase != LINK_CLOSED)
        step(link, env, LINK_STEP_CANDIDATE_FAILED);
}

void link_step_seen(struct link *link, const struct link_env *env, enum link_step_kind kind) {
    step(link, env, kind);
}

static enum link_reason no_path(const struct link_env *env) {
    return env->has_relay ? LINK_REASON_NO_PATH_RELAYED : LINK_REASON_NO_PATH;
}

void link_peer_state(struct link *link, const struct link_env *env, enum event_peer_state state) {
    if (link->phase == LINK_CLOSED)
        return;
    if (state == EVENT_PEER_STATE_CONNECTED)
        step(link, env, LINK_STEP_PATH_FOUND);
    else if (state == EVENT_PEER_STATE_DISCONNECTED)
        step(link, env, LINK_STEP_INTERRUPTED);
    else if (state == EVENT_PEER_STATE_FAILED || state == EVENT_PEER_STATE_CLOSED)
        link_close(link, env,
                   link->phase == LINK_CONNECTED ? LINK_REASON_CONNECTION_LOST : no_path(env));
}

void link_route(struct link *link, const struct link_env *env, struct slice local,
                struct slice remote) {
    enum link_candidate_type types[] = {type_named(local), type_named(remote)};
    if (link->phase == LINK_CLOSED || types[0] == LINK_UNKNOWN_TYPE)
        return;
    link->relayed = types[0] == LINK_RELAY || types[1] == LINK_RELAY;
    step(link, env, link->relayed ? LINK_STEP_ROUTE_RELAYED : LINK_STEP_ROUTE_DIRECT);
}

void link_channel_opened(struct link *link, const struct link_env *env) {
    if (link->phase != LINK_CONNECTING)
        return;
    step(link, env, LINK_STEP_CHANNEL_OPEN);
    link->phase = LINK_CONNECTED;
    link->deadline_ms = LINK_NO_DEADLINE;
    actions_push(env->actions, ACTION_PEER_ASK_ROUTE, link->peer, 0);
}

void link_channel_closed(struct link *link, const struct link_env *env) {
    link_close(link, env, LINK_REASON_CHANNEL_CLOSED);
}

void link_tick(struct link *link, const struct link_env *env) {
    if (env->now_ms < link->deadline_ms)
        return;
    link_close(link, env, link->remote_accepted ? no_path(env) : LINK_REASON_NO_ANSWER);
}

uint64_t link_deadline_ms(const struct link *link) {
    return link->deadline_ms;
}

/* Words */

const char *link_reason_text(enum link_reason reason) {
    switch (reason) {
    case LINK_REASON_NO_ANSWER:
        return "Their browser did not answer in time.";
    case LINK_REASON_NO_PATH:
        return "There is no direct path between your networks, and this server offers no relay.";
    case LINK_REASON_NO_PATH_RELAYED:
        return "There is no path between your networks, not even through this server's relay.";
    case LINK_REASON_SETUP_FAILED:
        return "The two browsers could not agree on a connection.";
    case LINK_REASON_CONNECTION_LOST:
        return "The network between you broke.";
    case LINK_REASON_CHANNEL_CLOSED:
        return "Their side closed the connection.";
    case LINK_REASON_MISBEHAVED:
        return "Their browser kept sending what makes no sense.";
    case LINK_REASON_NONE:
    case LINK_REASON_GONE:
        break;
    }
    return "";
}

static const char *step_name(enum link_step_kind kind) {
    static const char *const names[] = {
        [LINK_STEP_MET] = "In the room together",
        [LINK_STEP_OFFER_SENT] = "Offer sent",
        [LINK_STEP_OFFER_RECEIVED] = "Offer received",
        [LINK_STEP_OFFER_IGNORED] = "Offers crossed: theirs ignored",
        [LINK_STEP_OFFER_WITHDRAWN] = "Offers crossed: ours withdrawn",
        [LINK_STEP_ANSWER_SENT] = "Answer sent",
        [LINK_STEP_ANSWER_RECEIVED] = "Answer received",
        [LINK_STEP_LOCAL_CANDIDATE] = "Own candidate: ",
        [LINK_STEP_REMOTE_CANDIDATE] = "Their candidate: ",
        [LINK_STEP_LOCAL_END] = "Own candidates complete",
        [LINK_STEP_REMOTE_END] = "Their candidates complete",
        [LINK_STEP_CANDIDATE_FAILED] = "Candidate refused",
        [LINK_STEP_PATH_FOUND] = "Path found",
        [LINK_STEP_INTERRUPTED] = "Interrupted",
        [LINK_STEP_CHANNEL_OPEN] = "Channel open",
        [LINK_STEP_ROUTE_DIRECT] = "Connected directly",
        [LINK_STEP_ROUTE_RELAYED] = "Connected through a relay",
        [LINK_STEP_GARBAGE] = "Senseless message ignored",
        [LINK_STEP_CLOSED] = "Closed"};
    return names[kind];
}

static int append_count(uint16_t count, struct buffer *out) {
    int error = buffer_append(out, slice_of(" ("));
    if (!error)
        error = buffer_append_number(out, count);
    return error ? error : buffer_append(out, slice_of(")"));
}

int link_step_text(const struct link_step *step, struct buffer *out) {
    int error = buffer_append(out, slice_of(step_name((enum link_step_kind)step->kind)));
    bool typed =
        step->kind == LINK_STEP_LOCAL_CANDIDATE || step->kind == LINK_STEP_REMOTE_CANDIDATE;
    if (!error && typed)
        error = buffer_append(out, slice_of(type_names[step->type]));
    if (!error && step->count > 1)
        error = append_count(step->count, out);
    return error;
}
