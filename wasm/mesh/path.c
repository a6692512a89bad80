#include "path.h"

bool path_is_up(struct path path) {
    return link_state_is_up(path.link->state);
}

bool path_is_open(struct path path) {
    return path.link->connection == LINK_CONNECTION_CHANNEL;
}

bool path_is_closed(struct path path) {
    return path.link->state == LINK_CLOSED;
}

enum candidate_type path_own_end(struct path path) {
    return path.link->ends.own;
}

void path_send(struct path path, struct actions *actions, struct action_bytes message) {
    actions_push_stored(actions, ACTION_CHANNEL_SEND, link_peer(path.link), 0, message);
}

void path_send_kept(struct path path, struct actions *actions, struct slice kept) {
    actions_push_kept(actions, ACTION_CHANNEL_SEND, link_peer(path.link), kept);
}

void path_ask_route(struct path path, struct actions *actions) {
    actions_push(actions, ACTION_PEER_ASK_ROUTE, link_peer(path.link), 0);
}
