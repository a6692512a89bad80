#include "path.h"

bool path_is_up(struct path path) {
    return path.server->is_open ? path.server->is_answered : link_state_is_up(path.link->state);
}

bool path_is_open(struct path path) {
    return path.server->is_open || path.link->connection == LINK_CONNECTION_CHANNEL;
}

bool path_is_closed(struct path path) {
    return path.link->state == LINK_CLOSED;
}

bool path_has_room(struct path path, uint64_t now_ms) {
    return !path.server->is_open || server_path_has_room(path.server, now_ms);
}

enum candidate_type path_own_end(struct path path) {
    return path.server->is_open ? CANDIDATE_UNKNOWN : path.link->ends.own;
}

void path_send(struct path path, struct actions *actions, struct slice message, uint64_t now_ms) {
    if (path.server->is_open)
        server_path_send(path.server, actions, message, now_ms);
    else
        actions_push_text(actions, ACTION_CHANNEL_SEND, link_peer(path.link), 0, message);
}

void path_send_kept(struct path path, struct actions *actions, struct slice kept, uint64_t now_ms) {
    if (path.server->is_open)
        server_path_send(path.server, actions, kept, now_ms);
    else
        actions_push_kept(actions, ACTION_CHANNEL_SEND, link_peer(path.link), kept);
}

void path_ask_route(struct path path, struct actions *actions) {
    if (!path.server->is_open)
        actions_push(actions, ACTION_PEER_ASK_ROUTE, link_peer(path.link), 0);
}
