/* The inputs of a sealed room from others. The first byte of an input says what the rest is. If it
 * is a link, writing it gives the same link. It can be a hello from the server, or the content of
 * one that somebody with the room's key sealed; an envelope; or a series of envelopes from two
 * senders with the same key that the server repeats, changes and reorders, of which exactly those
 * open that a model of the window allows. */
#include "envelope.h"
#include "error.h"
#include "hello.h"
#include "room_secret.h"
#include "script.h"
#include "text.h"

#include <string.h>

#define COUNTERS 256

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct seal_key key = {{1}};

static const struct hello_place place = {.room = {"our-room", 8},
                                         .member = {"AAECAwQFBgcICQoLDA0ODw"}};

static struct envelope_address address(void) {
    return (struct envelope_address){.room = place.room,
                                     .sender = place.member,
                                     .receiver = {"BAECAwQFBgcICQoLDA0ODw"},
                                     .type = slice_of("sealed")};
}

static void check_link(struct slice fragment) {
    struct room_secret secret;
    char written[ROOM_LINK_CHARACTERS];
    if (room_secret_read(fragment, &secret) != PARLEY_OK)
        return;
    room_secret_write(&secret, written);
    FUZZ_CHECK(slice_equal((struct slice){written, sizeof written}, fragment));
}

/* Nobody can sign or seal one by chance. */
static void check_hello(struct slice text) {
    struct hello hello;
    FUZZ_CHECK(hello_read(text, &place, &key, &hello) != PARLEY_OK);
}

static void check_inside(struct slice inside) {
    static const struct slice associated = {"plh1\x08our-roomAAECAwQFBgcICQoLDA0ODw", 35};
    const size_t room = HELLO_BYTES - SEAL_NONCE_BYTES - SEAL_TAG_BYTES;
    const struct seal_nonce nonce = {{0}};
    struct hello hello;
    uint8_t bytes[HELLO_BYTES] = {0};
    char text[HELLO_CHARACTERS];
    memcpy(bytes + SEAL_NONCE_BYTES, inside.bytes, inside.len < room ? inside.len : room);
    seal(&key, &nonce, associated, bytes + SEAL_NONCE_BYTES, room);
    text_base64url(bytes, sizeof bytes, text);
    int error = hello_read((struct slice){text, sizeof text}, &place, &key, &hello);
    FUZZ_CHECK(error == PARLEY_ERR_FIELD || error == PARLEY_ERR_SIGNATURE);
}

static enum envelope_verdict open_one(struct envelope_window *window, struct buffer *bytes,
                                      struct slice expected) {
    struct envelope_address to = address();
    struct slice text;
    enum envelope_verdict verdict = envelope_open(&key, window, &to, bytes, &text);
    FUZZ_CHECK(slice_equal(text, verdict == ENVELOPE_OPENED ? expected : (struct slice){0}));
    return verdict;
}

static void check_envelope(struct slice sealed) {
    struct envelope_window window = {0};
    struct buffer bytes;
    buffer_init(&bytes, sealed.len);
    FUZZ_CHECK(buffer_append(&bytes, sealed) == PARLEY_OK);
    FUZZ_CHECK(open_one(&window, &bytes, (struct slice){0}) != ENVELOPE_OPENED);
    FUZZ_CHECK(memcmp(&window, &(struct envelope_window){0}, sizeof window) == 0);
    buffer_deinit(&bytes);
}

/* The window as envelope.h describes it, with a memory of all counters. */
struct model {
    bool opened[COUNTERS];
    int highest; /* -1: none yet */
    int salt;
};

static enum envelope_verdict expect(struct model *model, int salt, int counter) {
    if (model->highest >= 0 && salt != model->salt)
        return ENVELOPE_OTHER_SALT;
    model->salt = salt;
    if (counter <= model->highest - ENVELOPE_WINDOW)
        return ENVELOPE_LATE;
    if (model->opened[counter])
        return ENVELOPE_REPLAYED;
    model->opened[counter] = true;
    if (counter > model->highest)
        model->highest = counter;
    return ENVELOPE_OPENED;
}

/* One of two senders with the same key. Its next counter is one above |counter|. */
static struct envelope_sender sender_at(int salt, uint64_t counter) {
    struct envelope_sender sender;
    uint8_t bytes[ENVELOPE_SALT_BYTES] = {[ENVELOPE_SALT_BYTES - 1] = (uint8_t)salt};
    envelope_sender_init(&sender, bytes);
    sender.counter = counter;
    return sender;
}

static void check_run(struct script *script) {
    static const struct slice said = {"candidate", 9};
    struct envelope_window window = {0};
    struct model model = {.highest = -1};
    uint64_t first = (uint64_t)script_byte(script) << 56;
    struct envelope_address to = address();
    struct buffer bytes;
    buffer_init(&bytes, ENVELOPE_BYTES_MAX);
    while (script->left > 0) {
        int number = script_byte(script), salt = script_once_in(script, 8);
        struct envelope_sender sender = sender_at(salt, first + (uint64_t)number);
        buffer_clear(&bytes);
        FUZZ_CHECK(envelope_write(&key, &sender, &to, said, &bytes) == PARLEY_OK);
        bool changed = script_once_in(script, 4);
        if (changed)
            bytes.bytes[script_below(script, (uint32_t)bytes.len)] ^= 4;
        enum envelope_verdict verdict = open_one(&window, &bytes, said);
        FUZZ_CHECK(changed ? verdict != ENVELOPE_OPENED : verdict == expect(&model, salt, number));
    }
    buffer_deinit(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    static void (*const checks[])(struct slice rest) = {check_link, check_hello, check_inside,
                                                        check_envelope};
    const size_t check_count = sizeof checks / sizeof *checks;
    struct script script = script_of(bytes, len);
    uint32_t which = script_below(&script, (uint32_t)check_count + 1);
    if (which < check_count)
        checks[which](script_rest(&script));
    else
        check_run(&script);
    script_free_texts(&script);
    return 0;
}
