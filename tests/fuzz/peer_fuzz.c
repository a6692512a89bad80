/* Messages between browsers. An input is the bytes of a message. If it can be read, writing and
 * reading it again gives the same message, and its texts are clean. */
#include "cluster.h"
#include "error.h"
#include "peer_message.h"
#include "script.h"
#include "text.h"
#include "unicode.h"
#include "url.h"

#include <string.h>

#define OUT_BYTES_MAX (2u * PEER_MESSAGE_BYTES_MAX)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_same(const struct peer_message *one, const struct peer_message *two) {
    FUZZ_CHECK(one->type == two->type && one->session == two->session);
    FUZZ_CHECK(one->number == two->number && one->heard == two->heard);
    FUZZ_CHECK(one->first == two->first && one->next == two->next);
    FUZZ_CHECK(one->route == two->route && one->back == two->back);
    FUZZ_CHECK(slice_equal(one->text, two->text));
    FUZZ_CHECK(one->member_count == two->member_count);
    for (size_t i = 0; i < one->member_count; i++)
        FUZZ_CHECK(member_id_equal(&one->members[i], &two->members[i]));
}

static void check_written_again(const struct peer_message *message) {
    struct buffer out;
    struct peer_message again;
    buffer_init(&out, OUT_BYTES_MAX);
    int error = peer_message_write(message, &out);
    FUZZ_CHECK(error == PARLEY_OK || error == PARLEY_ERR_TOO_BIG);
    if (error == PARLEY_OK) {
        FUZZ_CHECK(out.len <= PEER_MESSAGE_BYTES_MAX);
        FUZZ_CHECK(peer_message_read(buffer_slice(&out), &again) == PARLEY_OK);
        check_same(message, &again);
        peer_message_deinit(&again);
    }
    buffer_deinit(&out);
}

/* Checks that a letter has a limited number of marks, and that a name begins visibly. */
static void check_clusters(struct slice text, bool is_name) {
    size_t run = 0;
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        uint32_t character = unicode_next(text, &at);
        run = unicode_extends(character) ? run + 1 : 0;
        FUZZ_CHECK(run <= CLUSTER_MARKS_MAX);
        FUZZ_CHECK(!is_name || start > 0 || !(run || unicode_is_invisible(character)));
    }
}

static void check_clean(struct slice text, bool is_name) {
    struct buffer again;
    buffer_init(&again, OUT_BYTES_MAX);
    int error = is_name ? text_clean_name(text, PEER_NAME_CHARACTERS_MAX, &again)
                        : text_clean_message(text, PEER_TEXT_CHARACTERS_MAX, &again);
    FUZZ_CHECK(error == PARLEY_OK && slice_equal(buffer_slice(&again), text));
    buffer_deinit(&again);
}

static void check_text(const struct peer_message *message) {
    if (message->text.len == 0)
        return;
    bool is_name = message->type != PEER_MESSAGE_TEXT;
    FUZZ_CHECK(text_utf8_valid(message->text));
    FUZZ_CHECK(text_characters(message->text) <=
               (is_name ? PEER_NAME_CHARACTERS_MAX : PEER_TEXT_CHARACTERS_MAX));
    FUZZ_CHECK(!is_name || message->text.len <= PEER_NAME_BYTES_MAX);
    check_clusters(message->text, is_name);
    check_clean(message->text, is_name);
}

/* Checks that the links in a text are in order, not empty, and within it. */
static void check_links(struct slice text) {
    size_t start, end, from = 0;
    while (url_find(text, from, &start, &end)) {
        FUZZ_CHECK(start >= from && end > start && end <= text.len);
        from = end;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct script script = script_of(bytes, len);
    struct peer_message message;
    if (peer_message_read(script_rest(&script), &message) == PARLEY_OK) {
        check_text(&message);
        check_links(message.text);
        check_written_again(&message);
        peer_message_deinit(&message);
    }
    script_free_texts(&script);
    return 0;
}
