#include "friendly_name.h"

#include "error.h"

static const char *const manners[] = {
    "Amber",   "Brave",  "Bright", "Calm",  "Clever", "Copper", "Coral", "Crisp",
    "Dapper",  "Eager",  "Early",  "Fair",  "Gentle", "Golden", "Happy", "Hazel",
    "Honest",  "Indigo", "Ivory",  "Jade",  "Jolly",  "Keen",   "Kind",  "Lively",
    "Lucky",   "Maple",  "Mellow", "Merry", "Misty",  "Neat",   "Noble", "Olive",
    "Patient", "Plucky", "Polite", "Proud", "Quick",  "Quiet",  "Rosy",  "Ruby",
    "Rustic",  "Silver", "Sunny",  "Swift", "Tender", "Velvet", "Warm",  "Witty"};

static const char *const animals[] = {
    "Badger",   "Bear",    "Beaver",   "Bison",   "Crane",  "Deer",     "Dolphin", "Dove",
    "Falcon",   "Ferret",  "Finch",    "Fox",     "Gecko",  "Goose",    "Hare",    "Hawk",
    "Hedgehog", "Heron",   "Ibex",     "Jackdaw", "Koala",  "Lark",     "Lemur",   "Lynx",
    "Magpie",   "Marmot",  "Marten",   "Mole",    "Moose",  "Newt",     "Otter",   "Owl",
    "Panda",    "Pelican", "Puffin",   "Quail",   "Rabbit", "Raven",    "Robin",   "Salmon",
    "Seal",     "Sparrow", "Squirrel", "Stork",   "Swan",   "Tortoise", "Walrus",  "Wren"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

int friendly_name(const uint8_t random[2], struct buffer *out) {
    size_t start = out->len;
    int error = buffer_append(out, slice_of(manners[random[0] % COUNT(manners)]));
    if (!error)
        error = buffer_append(out, slice_of(" "));
    if (!error)
        error = buffer_append(out, slice_of(animals[random[1] % COUNT(animals)]));
    if (error)
        out->len = start;
    return error;
}
