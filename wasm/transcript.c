#include "transcript.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

int transcript_init(struct transcript *transcript) {
    *transcript = (struct transcript){0};
    transcript->lines = calloc(TRANSCRIPT_LINES_MAX, sizeof(struct line *));
    return transcript->lines ? PARLEY_OK : PARLEY_ERR_NO_MEMORY;
}

static struct line **place_of(const struct transcript *transcript, uint32_t sequence) {
    return &transcript->lines[sequence % TRANSCRIPT_LINES_MAX];
}

static size_t text_bytes(const struct line *line) {
    return line->author.len + line->text.len;
}

static void drop_first(struct transcript *transcript) {
    struct line **place = place_of(transcript, transcript->first++);
    transcript->bytes -= text_bytes(*place);
    free(*place);
    *place = NULL;
}

void transcript_clear(struct transcript *transcript) {
    while (transcript->first != transcript->end)
        drop_first(transcript);
}

void transcript_deinit(struct transcript *transcript) {
    if (transcript->lines)
        transcript_clear(transcript);
    free(transcript->lines);
    *transcript = (struct transcript){0};
}

const struct line *transcript_find(const struct transcript *transcript, uint32_t sequence) {
    bool kept = sequence - transcript->first < transcript->end - transcript->first;
    return kept ? *place_of(transcript, sequence) : NULL;
}

static bool continues(const struct transcript *transcript, const struct line *line) {
    const struct line *last = transcript_find(transcript, transcript->end - 1);
    if (!last || last->kind != LINE_TEXT || line->kind != LINE_TEXT || last->peer != line->peer)
        return false;
    uint64_t passed_ms = (uint64_t)line->wall_ms - (uint64_t)last->wall_ms;
    return line->wall_ms >= last->wall_ms && passed_ms <= TRANSCRIPT_GROUP_MS &&
           slice_equal(last->author, line->author);
}

static struct slice copy_to(char *to, struct slice from) {
    if (from.len)
        memcpy(to, from.bytes, from.len);
    return (struct slice){to, from.len};
}

/* One block of memory: the line, then its texts. */
static struct line *copy_line(const struct line *line) {
    struct line *copy = malloc(sizeof *copy + text_bytes(line));
    if (!copy)
        return NULL;
    *copy = *line;
    char *texts = (char *)(copy + 1);
    copy->author = copy_to(texts, line->author);
    copy->text = copy_to(texts + line->author.len, line->text);
    return copy;
}

int transcript_add(struct transcript *transcript, const struct line *line) {
    size_t bytes = text_bytes(line);
    if (bytes > TRANSCRIPT_BYTES_MAX)
        return PARLEY_ERR_TOO_LONG;
    struct line *copy = copy_line(line);
    if (!copy)
        return PARLEY_ERR_NO_MEMORY;
    copy->continues = continues(transcript, line);
    while (transcript->end - transcript->first == TRANSCRIPT_LINES_MAX ||
           transcript->bytes + bytes > TRANSCRIPT_BYTES_MAX)
        drop_first(transcript);
    *place_of(transcript, transcript->end++) = copy;
    transcript->bytes += bytes;
    return PARLEY_OK;
}
