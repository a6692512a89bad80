#include "transcript.h"

#include "error.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

enum { AUTHOR_ROOM, AUTHOR_PEOPLE };

#define MINUTES_PER_DAY 1440
#define MS_PER_MINUTE 60000

static int add_author(struct transcript *transcript) {
    struct transcript_author *authors =
        table_reserve(transcript->authors, transcript->author_count, &transcript->author_capacity,
                      sizeof *authors);
    if (!authors)
        return PARLEY_ERR_NO_MEMORY;
    transcript->authors = authors;
    transcript->authors[transcript->author_count++] = (struct transcript_author){0};
    return PARLEY_OK;
}

int transcript_init(struct transcript *transcript) {
    *transcript = (struct transcript){0};
    transcript->lines = calloc(TRANSCRIPT_LINES_MAX, sizeof(struct line *));
    return transcript->lines && add_author(transcript) == PARLEY_OK ? PARLEY_OK
                                                                    : PARLEY_ERR_NO_MEMORY;
}

static size_t text_bytes(const struct line *line) {
    return line->author.len + line->text.len;
}

/* Finding */

/* The index of |sequence|, or of the next line that is kept. */
static uint32_t index_of(const struct transcript *transcript, uint32_t sequence) {
    uint32_t low = 0, high = transcript->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (transcript->lines[middle]->sequence < sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct line *transcript_find(const struct transcript *transcript, uint32_t sequence) {
    uint32_t index = index_of(transcript, sequence);
    bool kept = index < transcript->count && transcript->lines[index]->sequence == sequence;
    return kept ? transcript->lines[index] : NULL;
}

uint32_t transcript_first(const struct transcript *transcript) {
    return transcript->count ? transcript->lines[0]->sequence : transcript->end;
}

const struct line *transcript_before(const struct transcript *transcript, const struct line *line) {
    uint32_t index = index_of(transcript, line->sequence);
    return index ? transcript->lines[index - 1] : NULL;
}

/* Authors */

static struct transcript_author *author_of(struct transcript *transcript, const struct line *line) {
    return &transcript->authors[line->author_index];
}

/* The index of |peer| if they have lines; else a free place, or the end. */
static uint32_t find_author(const struct transcript *transcript, uint32_t peer) {
    uint32_t place = transcript->author_count;
    for (uint32_t i = AUTHOR_PEOPLE; i < transcript->author_count; i++) {
        const struct transcript_author *author = &transcript->authors[i];
        if (author->line_count && !author->gone && author->peer == peer)
            return i;
        if (!author->line_count && place == transcript->author_count)
            place = i;
    }
    return place;
}

/* Sets |line|'s author. */
static int choose_author(struct transcript *transcript, struct line *line) {
    uint32_t index =
        line->kind == LINE_TEXT ? find_author(transcript, line->peer) : (uint32_t)AUTHOR_ROOM;
    int error = index == transcript->author_count ? add_author(transcript) : PARLEY_OK;
    if (error)
        return error;
    struct transcript_author *author = &transcript->authors[index];
    if (author->line_count == 0)
        *author = (struct transcript_author){.peer = line->peer};
    line->author_index = index;
    return PARLEY_OK;
}

void transcript_author_gone(struct transcript *transcript, uint32_t peer) {
    uint32_t index = find_author(transcript, peer);
    if (index < transcript->author_count)
        transcript->authors[index].gone = true;
}

void transcript_others_gone(struct transcript *transcript) {
    for (uint32_t i = AUTHOR_PEOPLE; i < transcript->author_count; i++)
        transcript->authors[i].gone = transcript->authors[i].peer != 0;
}

/* Dropping */

static void drop(struct transcript *transcript, uint32_t index) {
    struct line *line = transcript->lines[index];
    struct transcript_author *author = author_of(transcript, line);
    author->line_count--;
    author->bytes -= text_bytes(line);
    transcript->bytes -= text_bytes(line);
    if (transcript->counted.run == line->run)
        transcript->counted.counts[line->kind]--;
    transcript->count--;
    memmove(&transcript->lines[index], &transcript->lines[index + 1],
            (transcript->count - index) * sizeof(struct line *));
    free(line);
}

void transcript_clear(struct transcript *transcript) {
    while (transcript->count)
        drop(transcript, transcript->count - 1);
}

void transcript_deinit(struct transcript *transcript) {
    if (transcript->lines)
        transcript_clear(transcript);
    free(transcript->lines);
    free(transcript->authors);
    *transcript = (struct transcript){0};
}

static size_t share_of(const struct transcript_author *author, bool in_lines) {
    return in_lines ? author->line_count : author->bytes;
}

/* The author with the most lines, or bytes; those who are gone count together. */
static uint32_t greediest(const struct transcript *transcript, bool in_lines) {
    const struct transcript_author *authors = transcript->authors;
    uint32_t here = AUTHOR_ROOM, gone = AUTHOR_ROOM;
    size_t all_gone = 0;
    for (uint32_t i = AUTHOR_PEOPLE; i < transcript->author_count; i++) {
        size_t share = share_of(&authors[i], in_lines);
        uint32_t *most = authors[i].gone ? &gone : &here;
        all_gone += authors[i].gone ? share : 0;
        bool first = authors[i].gone && gone == AUTHOR_ROOM;
        if (first || share > share_of(&authors[*most], in_lines))
            *most = i;
    }
    return all_gone > share_of(&authors[here], in_lines) ? gone : here;
}

bool transcript_make_place(struct transcript *transcript, size_t bytes, uint32_t *dropped) {
    bool too_many = transcript->count == TRANSCRIPT_LINES_MAX;
    if (transcript->count == 0 || (!too_many && transcript->bytes + bytes <= TRANSCRIPT_BYTES_MAX))
        return false;
    uint32_t author = greediest(transcript, too_many);
    uint32_t index = 0;
    while (transcript->lines[index]->author_index != author)
        PARLEY_CHECK(++index < transcript->count);
    *dropped = transcript->lines[index]->sequence;
    drop(transcript, index);
    return true;
}

/* Adding */

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

/* Notes in a row belong together; that one came in begins something. */
static bool is_counted(const struct line *line) {
    return line->kind != LINE_TEXT && line->kind != LINE_ENTERED;
}

static uint32_t run_of(const struct transcript *transcript, const struct line *line) {
    if (transcript->count == 0 || !is_counted(line))
        return transcript->end;
    const struct line *last = transcript->lines[transcript->count - 1];
    return is_counted(last) ? last->run : transcript->end;
}

int transcript_add(struct transcript *transcript, const struct line *line) {
    size_t bytes = text_bytes(line);
    if (bytes > TRANSCRIPT_BYTES_MAX)
        return PARLEY_ERR_TOO_LONG;
    struct line *copy = copy_line(line);
    if (!copy)
        return PARLEY_ERR_NO_MEMORY;
    for (uint32_t dropped; transcript_make_place(transcript, bytes, &dropped);)
        continue;
    if (choose_author(transcript, copy) != PARLEY_OK) {
        free(copy);
        return PARLEY_ERR_NO_MEMORY;
    }
    copy->run = run_of(transcript, line);
    copy->sequence = transcript->end++;
    struct transcript_author *author = author_of(transcript, copy);
    author->line_count++;
    author->bytes += bytes;
    transcript->bytes += bytes;
    transcript->lines[transcript->count++] = copy;
    if (transcript->counted.run == copy->run)
        transcript->counted.counts[copy->kind]++;
    return PARLEY_OK;
}

/* Which belong together */

bool transcript_continues(const struct transcript *transcript, const struct line *line) {
    const struct line *last = transcript_before(transcript, line);
    if (!last || last->kind != LINE_TEXT || line->kind != LINE_TEXT || last->peer != line->peer)
        return false;
    uint64_t passed_ms = (uint64_t)line->wall_ms - (uint64_t)last->wall_ms;
    return line->wall_ms >= last->wall_ms && passed_ms <= TRANSCRIPT_GROUP_MS &&
           slice_equal(last->author, line->author) && !transcript_begins_day(transcript, line);
}

static int64_t day_of(const struct line *line) {
    int64_t minutes = line->wall_ms / MS_PER_MINUTE + line->utc_offset_min;
    return (minutes - (minutes < 0 ? MINUTES_PER_DAY - 1 : 0)) / MINUTES_PER_DAY;
}

bool transcript_begins_day(const struct transcript *transcript, const struct line *line) {
    const struct line *last = transcript_before(transcript, line);
    return !last || day_of(last) != day_of(line);
}

const uint32_t *transcript_count_run(struct transcript *transcript, const struct line *line) {
    if (transcript->counted.run == line->run)
        return transcript->counted.counts;
    transcript->counted = (struct transcript_run){.run = line->run};
    uint32_t index = index_of(transcript, line->run);
    for (; index < transcript->count && transcript->lines[index]->run == line->run; index++)
        transcript->counted.counts[transcript->lines[index]->kind]++;
    return transcript->counted.counts;
}
