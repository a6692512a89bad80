#include "link.h"

const char *link_reason_text(enum link_reason reason) {
    switch (reason) {
    case LINK_REASON_NO_ANSWER:
        return "Their browser does not answer.";
    case LINK_REASON_NO_PATH:
        return "There is no direct path between your networks, and this server offers no relay.";
    case LINK_REASON_NO_PATH_RELAYED:
        return "There is no path between your networks, not even through this server's relay.";
    case LINK_REASON_RELAY_REFUSED:
        return "The connection between you needs this server's relay, which refused us. The "
               "server's log says why.";
    case LINK_REASON_RELAY_SILENT:
        return "The connection between you needs this server's relay, which does not answer.";
    case LINK_REASON_NO_RELAY:
        return "You hide your address, and this server offers no relay.";
    case LINK_REASON_SETUP_FAILED:
        return "The two browsers could not agree on a connection.";
    case LINK_REASON_SILENT:
        return "The network between you does not answer.";
    case LINK_REASON_CHANNEL_CLOSED:
        return "The connection ended.";
    case LINK_REASON_NO_SERVER:
        return "The server that introduces you is out of reach.";
    case LINK_REASON_SPENT:
        return "After so many interruptions this page waits some minutes; reloading it helps at "
               "once.";
    case LINK_REASON_NOT_OPENED:
        return "Your browser opens no more connections for this page. Reload it to go on.";
    case LINK_REASON_MISBEHAVED:
        return "Their browser kept sending messages that make no sense.";
    case LINK_REASON_UNPROVED:
        return "Their end of the connection is not the one that the two of you agreed on. Somebody "
               "may be between you.";
    case LINK_REASON_NONE:
    case LINK_REASON_GONE:
        break;
    }
    return "";
}
