#include "poll_header.h"

#include "origin.h"

static unsigned length_refusal(const struct poll_header *header, const char **sentence) {
    size_t len_max = header->names_session ? POLL_BODY_BYTES_MAX : POLL_OPEN_BODY_BYTES_MAX;
    uint64_t len;
    bool is_long = header->length.len == 0 || header->length.len > POLL_LENGTH_DIGITS_MAX;
    *sentence = "Say how long the body is, with Content-Length.\n";
    if (header->has_coding || !header->has_length)
        return 411;
    *sentence = "Content-Length must be a number.\n";
    if (header->length.len > 0 && !slice_is_number(header->length))
        return 400;
    *sentence = "That is too much at once.\n";
    if (is_long || !slice_read_number(header->length, len_max, &len))
        return 413;
    *sentence = "The body is empty.\n";
    return len == 0 ? 400 : 0;
}

unsigned poll_header_refusal(const struct poll_header *header, const char **sentence) {
    *sentence = "This address is for pages of this server that poll, with POST.\n";
    if (!header->is_post)
        return 405;
    *sentence = ORIGIN_FOREIGN_SENTENCE "\n";
    if (header->is_foreign)
        return 403;
    *sentence = "The server is shutting down.\n";
    if (header->is_late && !header->names_session)
        return 503;
    *sentence = "There is no such session.\n";
    if (header->names_session && !header->knows_session)
        return 410;
    return length_refusal(header, sentence);
}
