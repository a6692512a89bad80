#include "phrases.h"

#include "error.h"
#include "peer_message.h"
#include "wire.h"

#define TEXT_OF(number) #number
#define DECIMAL(number) TEXT_OF(number)

const char *phrases_error(enum event_kind kind, int error) {
    bool name = kind == EVENT_RENAME;
    switch ((enum parley_error)error) {
    case PARLEY_OK:
        return "";
    case PARLEY_ERR_EMPTY:
        return name ? "A name needs at least one visible character." : "Write a message first.";
    case PARLEY_ERR_TOO_LONG:
        return name ? "A name has at most " DECIMAL(PEER_NAME_CHARACTERS_MAX) " characters."
                    : "A message has at most " DECIMAL(PEER_TEXT_CHARACTERS_MAX) " characters.";
    case PARLEY_ERR_STATE:
        return "There is no room to say it in yet.";
    case PARLEY_ERR_NO_MEMORY:
    case PARLEY_ERR_ARGUMENT:
    case PARLEY_ERR_FULL:
    case PARLEY_ERR_UTF8:
    case PARLEY_ERR_JSON:
    case PARLEY_ERR_TYPE:
    case PARLEY_ERR_FIELD:
    case PARLEY_ERR_TOO_BIG:
    case PARLEY_ERR_ROOM:
    case PARLEY_ERR_FORGED:
    case PARLEY_ERR_KEY:
    case PARLEY_ERR_SIGNATURE:
        break;
    }
    return "That cannot be sent.";
}

const char *phrases_no_room(struct slice address) {
    return slice_skip(&address, "#")
               ? "This link is not complete. Ask for it again, and copy all of it."
               : wire_error_sentence(WIRE_ERROR_BAD_ROOM);
}
