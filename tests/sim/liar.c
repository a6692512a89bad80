#include "liar.h"

#include "chat_debug.h"
#include "error.h"
#include "hello.h"
#include "room_secret.h"
#include "sdp_text.h"
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define DELAY_MAX_MS 20000
#define STEP_MAX_MS 5000 /* between members that it makes up */
#define BELIEF_MS 60000  /* HOST_GRACE_MS, and the way back to the server */
#define RELOAD_MS 5000   /* so soon a person reloads a page that gave up */

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void draw_text(struct sim *sim, char *out, size_t len) {
    for (size_t i = 0; i < len; i++)
        out[i] = base64url[sim_draw(sim, 0, 63)];
}

static struct member_id draw_id(struct sim *sim) {
    struct member_id id;
    draw_text(sim, id.bytes, sizeof id.bytes);
    id.bytes[sizeof id.bytes - 1] = 'A'; /* base64url of 16 bytes */
    return id;
}

/* Records */

static void record(struct liar_record *records, uint32_t *count, struct liar_record what,
                   struct slice text) {
    struct liar_record *place = &records[(*count)++ % LIAR_RECORDS];
    free(place->text);
    *place = what;
    place->text = malloc(text.len + 1);
    PARLEY_CHECK(place->text);
    memcpy(place->text, text.bytes, text.len);
    place->len = text.len;
}

/* NULL: there is none. */
static const struct liar_record *draw_record(struct sim *sim, const struct liar_record *records,
                                             uint32_t count) {
    uint32_t kept = count < LIAR_RECORDS ? count : LIAR_RECORDS;
    return kept ? &records[sim_draw(sim, 0, kept - 1)] : NULL;
}

static struct slice text_of(const struct liar_record *record) {
    return record ? (struct slice){record->text, record->len} : (struct slice){0};
}

static void record_hello(struct sim *sim, const struct member_id *id, struct slice hello) {
    struct liar *liar = &sim->liar;
    if (hello.len)
        record(liar->hellos, &liar->hello_count, (struct liar_record){.member = *id}, hello);
}

/* Sending */

static void send(struct socket *socket, const struct wire_message *message) {
    struct buffer bytes;
    buffer_init(&bytes, 4 * WIRE_MESSAGE_BYTES_MAX);
    PARLEY_CHECK(wire_write(message, WIRE_TO_PAGE, &bytes) == PARLEY_OK);
    host_send(socket, buffer_slice(&bytes));
    buffer_deinit(&bytes);
}

static bool can_hear(const struct socket *socket) {
    return socket->at_hub && !socket->let_go;
}

/* NULL: none was found. */
static struct socket *draw_socket(struct sim *sim) {
    const struct host *host = &sim->host;
    for (int i = 0; i < 20 && host->socket_count; i++) {
        struct socket *socket = host->sockets[sim_draw(sim, 0, host->socket_count - 1)];
        if (can_hear(socket))
            return socket;
    }
    return NULL;
}

struct delayed {
    struct chain_link link;
    struct socket *socket;
    size_t len;
    char text[];
};

static void forget(struct sim *sim, struct delayed *delayed) {
    chain_remove(&sim->liar.delayed, &delayed->link);
    free(delayed);
}

static void deliver(struct sim *sim, void *object, uint32_t serial) {
    struct delayed *delayed = object;
    if (serial == sim->liar.serial && sim->liar.lies && can_hear(delayed->socket))
        host_send(delayed->socket, (struct slice){delayed->text, delayed->len});
    forget(sim, delayed);
}

static void send_later(struct socket *socket, struct slice bytes) {
    struct sim *sim = socket->page->sim;
    struct delayed *delayed = malloc(sizeof *delayed + bytes.len);
    PARLEY_CHECK(delayed);
    *delayed = (struct delayed){.socket = socket, .len = bytes.len};
    if (bytes.len)
        memcpy(delayed->text, bytes.bytes, bytes.len);
    chain_append(&sim->liar.delayed, &delayed->link);
    sim_after(sim, sim_draw(sim, 1, DELAY_MAX_MS), deliver, delayed, sim->liar.serial);
}

/* Signals */

static void garble(struct socket *socket, struct wire_message message) {
    struct sim *sim = socket->page->sim;
    char sealed[WIRE_SEALED_BYTES_MAX];
    if (message.type == WIRE_SEALED) {
        memcpy(sealed, message.sealed.bytes, message.sealed.len);
        draw_text(sim, &sealed[sim_draw(sim, 0, (uint32_t)message.sealed.len - 1)], 1);
        message.sealed.bytes = sealed;
    } else if (message.sdp.len) {
        message.sdp = slice_of("v=0 c0g1n1"); /* a connection that does not exist */
    }
    send(socket, &message);
}

static void swap_sender(struct socket *socket, struct wire_message message) {
    struct liar *liar = &socket->page->sim->liar;
    const struct liar_record *other =
        draw_record(socket->page->sim, liar->hellos, liar->hello_count);
    message.member = other ? other->member : draw_id(socket->page->sim);
    send(socket, &message);
}

/* Something earlier, to its receiver or to somebody else. */
static void repeat(struct sim *sim) {
    const struct liar_record *signal = draw_record(sim, sim->liar.signals, sim->liar.signal_count);
    struct socket *socket = sim_chance(sim, 70) ? signal->socket : draw_socket(sim);
    if (socket && can_hear(socket))
        send_later(socket, text_of(signal));
}

static void lie_about_signal(struct socket *socket, const struct wire_message *message,
                             struct slice bytes) {
    struct sim *sim = socket->page->sim;
    struct socket *other;
    switch (sim_draw(sim, 0, 5)) {
    case 0:
        garble(socket, *message);
        break;
    case 1: /* it is dropped */
        break;
    case 2:
        send_later(socket, bytes);
        break;
    case 3:
        host_send(socket, bytes);
        repeat(sim);
        break;
    case 4:
        other = draw_socket(sim);
        if (other)
            host_send(other, bytes);
        break;
    default:
        swap_sender(socket, *message);
        break;
    }
}

static void pass_signal(struct socket *socket, const struct wire_message *message,
                        struct slice bytes) {
    struct sim *sim = socket->page->sim;
    struct liar *liar = &sim->liar;
    record(liar->signals, &liar->signal_count,
           (struct liar_record){.member = message->member, .socket = socket}, bytes);
    if (liar->lies & LIES_SIGNALS && sim_chance(sim, liar->percent))
        lie_about_signal(socket, message, bytes);
    else
        host_send(socket, bytes);
}

/* Hellos */

static struct slice draw_earlier_hello(struct sim *sim, const struct member_id *of) {
    const struct liar *liar = &sim->liar;
    for (int i = 0; i < 10; i++) {
        const struct liar_record *hello = draw_record(sim, liar->hellos, liar->hello_count);
        if (!hello || !of || member_id_equal(&hello->member, of))
            return text_of(hello);
    }
    return (struct slice){0};
}

/* Another hello for |id| than |hello|; empty: none. */
static struct slice swap_hello(struct sim *sim, const struct member_id *id) {
    switch (sim_draw(sim, 0, 2)) {
    case 0:
        return (struct slice){0};
    case 1:
        return draw_earlier_hello(sim, NULL); /* somebody's */
    default:
        return draw_earlier_hello(sim, id);
    }
}

/* As somebody writes it who knows the room's id, but not its secret. */
static struct slice write_hello(struct sim *sim, const struct room_id *room,
                                const struct member_id *id, char out[HELLO_CHARACTERS]) {
    uint8_t seed[SIGN_SEED_BYTES];
    struct room_root root;
    struct room_keys keys;
    struct hello hello = {0};
    struct sign_secret_key identity;
    struct exchange_secret_key exchange;
    struct seal_nonce nonce;
    draw_text(sim, (char *)seed, sizeof seed);
    draw_text(sim, (char *)nonce.bytes, sizeof nonce.bytes);
    room_root_of_open(room, &root);
    room_root_keys(&root, NULL, &keys);
    sign_key_pair(seed, &hello.identity, &identity);
    exchange_key_pair(seed, &hello.exchange, &exchange);
    hello_write(&hello, &(struct hello_place){*room, *id}, &identity, &keys.hello, &nonce, out);
    return (struct slice){out, HELLO_CHARACTERS};
}

/* Members */

static void pass_joined(struct socket *socket, struct wire_message message) {
    struct sim *sim = socket->page->sim;
    struct liar *liar = &sim->liar;
    record_hello(sim, &message.member, message.hello);
    if (liar->lies & LIES_HELLOS && sim_chance(sim, liar->percent)) {
        message.hello = swap_hello(sim, &message.member);
        socket->deceived = true;
    }
    if (liar->lies & LIES_MEMBERS && sim_chance(sim, liar->percent)) {
        message.back = !message.back;
        socket->deceived = true;
    }
    send(socket, &message);
}

/* In an open room, everybody can write hellos: the first identity that is met under an id stays. */
static bool may_write(const struct sim *sim, const struct liar_record *known,
                      const struct member_id *id) {
    return sim->sealed || !known || !member_id_equal(&known->member, id);
}

static void make_up_member(struct socket *socket) {
    struct sim *sim = socket->page->sim;
    struct liar *liar = &sim->liar;
    char own[HELLO_CHARACTERS];
    const struct liar_record *known = draw_record(sim, liar->hellos, liar->hello_count);
    struct wire_message message = {.type = WIRE_JOINED,
                                   .member =
                                       known && sim_chance(sim, 50) ? known->member : draw_id(sim),
                                   .back = sim_chance(sim, 50)};
    const struct room_id *room = &chat_debug(socket->page->chat).keyring->room;
    message.hello = room->len && may_write(sim, known, &message.member) && sim_chance(sim, 40)
                        ? write_hello(sim, room, &message.member, own)
                        : swap_hello(sim, &message.member);
    socket->deceived = true;
    send(socket, &message);
}

static void step(struct sim *sim, void *object, uint32_t serial) {
    (void)object;
    if (serial != sim->liar.serial || !(sim->liar.lies & LIES_MEMBERS))
        return;
    struct socket *socket = draw_socket(sim);
    if (socket && socket->page->alive && sim_chance(sim, sim->liar.percent))
        make_up_member(socket);
    sim_after(sim, sim_draw(sim, 1, STEP_MAX_MS), step, NULL, serial);
}

/* The welcome */

static void lie_about_hellos(struct sim *sim, struct wire_message *message, struct slice *hellos) {
    for (size_t i = 0; i < message->member_count; i++)
        hellos[i] = sim_chance(sim, sim->liar.percent)
                        ? swap_hello(sim, &message->members[i])
                        : (i < message->hello_count ? message->hellos[i] : (struct slice){0});
    message->hellos = hellos;
    message->hello_count = message->member_count;
}

static void lie_about_room(struct sim *sim, struct wire_message *message) {
    if (!sim->sealed || sim_chance(sim, 50))
        room_id_read(slice_of("another-room"), &message->room);
    else if (message->member_count && sim_chance(sim, 50))
        message->member = message->members[0];
    else
        message->member = draw_id(sim);
}

static void pass_welcome(struct socket *socket, struct wire_message message) {
    struct sim *sim = socket->page->sim;
    struct liar *liar = &sim->liar;
    struct slice hellos[WIRE_ROOM_MEMBERS_MAX];
    for (size_t i = 0; i < message.hello_count; i++)
        record_hello(sim, &message.members[i], message.hellos[i]);
    if (liar->lies & LIES_HELLOS && sim_chance(sim, liar->percent)) {
        lie_about_hellos(sim, &message, hellos);
        socket->deceived = true;
    }
    if (liar->lies & LIES_WELCOME && sim_chance(sim, liar->percent)) {
        lie_about_room(sim, &message);
        socket->deceived = true;
    }
    send(socket, &message);
}

/* All of them */

void liar_pass(struct socket *socket, struct slice bytes) {
    struct wire_message message;
    if (!socket->page->sim->liar.lies || wire_read(bytes, WIRE_TO_PAGE, &message) != PARLEY_OK) {
        host_send(socket, bytes);
        return;
    }
    switch (message.type) {
    case WIRE_RELAY:
        WIRE_SIGNALS(WIRE_CASE)
        pass_signal(socket, &message, bytes);
        break;
    case WIRE_JOINED:
        pass_joined(socket, message);
        break;
    case WIRE_WELCOME:
        pass_welcome(socket, message);
        break;
    case WIRE_LEFT:
    case WIRE_PONG:
    case WIRE_CREDENTIALS:
    case WIRE_ERROR:
    case WIRE_JOIN:
    case WIRE_LEAVE:
    case WIRE_PING:
    case WIRE_RELAY_FAILED:
    case WIRE_TYPE_COUNT:
        host_send(socket, bytes);
        break;
    }
    wire_message_deinit(&message);
}

void liar_begin(struct sim *sim, uint32_t lies, uint32_t percent) {
    struct liar *liar = &sim->liar;
    liar->lies = lies & LIES_ALL;
    liar->percent = percent;
    liar->serial++;
    step(sim, NULL, liar->serial);
}

static bool gave_up(const struct page *page) {
    if (!page->alive || page->stopped)
        return false;
    const struct signaling *signaling = chat_debug(page->chat).signaling;
    return signaling->dialing.state == JOIN_STATE_REFUSED &&
           slice_equal(buffer_slice(&signaling->refusal),
                       slice_of("The server did not open the room that was asked for."));
}

/* A stopped page may give up later, when it continues. */
static void reload(struct sim *sim, void *object, uint32_t serial) {
    (void)object;
    if (serial != sim->liar.serial)
        return;
    for (uint32_t i = 0; i < sim->page_count; i++)
        if (gave_up(&sim->pages[i])) {
            page_unload(&sim->pages[i]);
            page_start(&sim->pages[i]);
        }
    sim_after(sim, RELOAD_MS, reload, NULL, serial);
}

void liar_end(struct sim *sim) {
    sim->liar.lies = 0;
    sim->liar.last_ms = sim->now_ms;
    for (uint32_t i = 0; i < sim->host.socket_count; i++) {
        struct socket *socket = sim->host.sockets[i];
        if (socket->deceived && (socket->at_hub || socket->polled))
            host_give_up(socket);
        socket->deceived = false;
    }
    reload(sim, NULL, sim->liar.serial);
}

bool liar_is_believed(const struct sim *sim) {
    const struct liar *liar = &sim->liar;
    return liar->lies || (liar->last_ms && sim->now_ms < liar->last_ms + BELIEF_MS);
}

void liar_deinit(struct sim *sim) {
    for (struct chain_link *link; (link = sim->liar.delayed.first);)
        forget(sim, CHAIN_OWNER(link, struct delayed, link));
    for (uint32_t i = 0; i < LIAR_RECORDS; i++) {
        free(sim->liar.hellos[i].text);
        free(sim->liar.signals[i].text);
    }
}
