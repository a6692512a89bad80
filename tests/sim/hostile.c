#include "hostile.h"

#include "chat_debug.h"
#include "sdp_text.h"
#include "sim.h"

#include <string.h>

#define TWISTED_BYTES_MAX 20000

/* %s: a member's id. */
static const char *const to_server[] = {
    "{\"type\":\"ask\",\"to\":\"%s\"}",
    "{\"type\":\"ask\",\"to\":\"%s\",\"connection\":7,\"for\":4294967295}",
    "{\"type\":\"offer\",\"to\":\"%s\",\"sdp\":\"" SDP_JSON("c1g1n1") "\",\"connection\":1}",
    "{\"type\":\"offer\",\"to\":\"%s\",\"sdp\":\"nonsense\",\"connection\":99}",
    "{\"type\":\"answer\",\"to\":\"%s\",\"sdp\":\"" SDP_JSON(
        "c2g1n1") "\",\"connection\":5,\"for\":1}",
    "{\"type\":\"candidate\",\"to\":\"%s\",\"candidate\":\"x\",\"connection\":3}",
    "{\"type\":\"join\",\"version\":2,\"room\":\"sim-room\",\"token\":\"AAAAAAAAAAAAAAAAAAAAAA\"}",
    "{\"type\":\"leave\",\"to\":\"%s\"}",
    "{\"type\":\"ping\"}",
    "[[[[[[%s",
};

static const char *const to_peer[] = {
    "{\"type\":\"hello\",\"version\":2,\"name\":\"%s\",\"session\":1}",
    "{\"type\":\"hello\",\"version\":9,\"name\":\"x\",\"session\":4294967295,\"heard\":1}",
    "{\"type\":\"text\",\"text\":\"%s\",\"number\":4294967295}",
    "{\"type\":\"text\",\"text\":\"x\",\"number\":4294967294}",
    "{\"type\":\"text\",\"text\":\"x\",\"number\":0}",
    "{\"type\":\"ping\",\"next\":4294967295}",
    "{\"type\":\"pong\",\"next\":2147483648}",
    "{\"type\":\"reach\",\"members\":[\"%s\",\"AAAAAAAAAAAAAAAAAAAAAA\"]}",
    "{\"type\":\"reach\",\"members\":[]}",
    "{\"type\":\"name\",\"name\":\"%s\"}",
    "{\"type\":\"bye\"}",
    "{\"type\":\"bye\"}}%s",
};

#define COUNT(list) ((uint32_t)(sizeof(list) / sizeof(list)[0]))

static const char *draw_template(struct page *page, bool server) {
    return server ? to_server[sim_draw(page->sim, 0, COUNT(to_server) - 1)]
                  : to_peer[sim_draw(page->sim, 0, COUNT(to_peer) - 1)];
}

/* Replaces the template's %s by the id of somebody in the room. */
static struct slice fill(struct page *page, const char *template, char *out) {
    const struct room *room = chat_debug(page->chat).room;
    char id[WIRE_MEMBER_ID_BYTES + 1] = "nobody";
    if (room->member_count) {
        uint32_t who = sim_draw(page->sim, 0, room->member_count - 1);
        memcpy(id, room->members[who]->link.member_id.bytes, WIRE_MEMBER_ID_BYTES);
        id[WIRE_MEMBER_ID_BYTES] = '\0';
    }
    const char *hole = strstr(template, "%s");
    int before = hole ? (int)(hole - template) : (int)strlen(template);
    int len = snprintf(out, TWISTED_BYTES_MAX, "%.*s%s%s", before, template, hole ? id : "",
                       hole ? hole + 2 : "");
    return (struct slice){out, (size_t)len};
}

static struct slice twist(struct page *page, bool server, struct slice bytes, char *out) {
    struct sim *sim = page->sim;
    if (bytes.len == 0 || bytes.len > TWISTED_BYTES_MAX || sim_chance(sim, 60))
        return fill(page, draw_template(page, server), out);
    memcpy(out, bytes.bytes, bytes.len);
    uint32_t last = (uint32_t)bytes.len - 1;
    if (sim_chance(sim, 50))
        out[sim_draw(sim, 0, last)] = (char)sim_draw(sim, 0, 255);
    else
        bytes.len = sim_draw(sim, 0, last);
    return (struct slice){out, bytes.len};
}

static bool is_tempted(struct page *page) {
    return page->hostile && page->alive && sim_chance(page->sim, page->twist_percent);
}

void hostile_send(struct page *page, struct socket *socket, struct slice bytes) {
    char twisted[TWISTED_BYTES_MAX];
    if (is_tempted(page))
        socket_send(socket, twist(page, true, bytes, twisted));
    else
        socket_send(socket, bytes);
}

void hostile_say(struct connection *connection, struct slice bytes) {
    char twisted[TWISTED_BYTES_MAX];
    if (is_tempted(connection->page))
        browser_send(connection, twist(connection->page, false, bytes, twisted));
    else
        browser_send(connection, bytes);
}
