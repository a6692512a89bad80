#include "timeline.h"

#include "error.h"
#include "fold.h"
#include "url.h"
#include "weight.h"

#include <string.h>

#define TEXT_BYTES_MAX 65536

void timeline_init(struct timeline *timeline) {
    *timeline = (struct timeline){0};
    buffer_init(&timeline->text, TEXT_BYTES_MAX);
    buffer_init(&timeline->run, TEXT_BYTES_MAX);
}

void timeline_deinit(struct timeline *timeline) {
    buffer_deinit(&timeline->text);
    buffer_deinit(&timeline->run);
}

void timeline_clear(struct timeline *timeline) {
    memset(timeline->opened, 0, sizeof timeline->opened);
}

static bool is_open(const struct timeline *timeline, uint32_t sequence) {
    for (uint32_t i = 0; i < TIMELINE_OPEN_MAX; i++)
        if (timeline->opened[i] == sequence + 1)
            return true;
    return false;
}

void timeline_fold(struct timeline *timeline, struct actions *actions, uint32_t sequence) {
    uint32_t last = TIMELINE_OPEN_MAX - 1;
    for (uint32_t i = 0; i < last; i++)
        if (timeline->opened[i] == sequence + 1)
            last = i;
    uint32_t left = timeline->opened[last];
    memmove(&timeline->opened[1], &timeline->opened[0], last * sizeof *timeline->opened);
    timeline->opened[0] = left == sequence + 1 ? 0 : sequence + 1;
    actions_push(actions, ACTION_LINE_CHANGED, 0, sequence);
    if (left && left != sequence + 1)
        actions_push(actions, ACTION_LINE_CHANGED, 0, left - 1);
}

static uint32_t find_links(struct slice text, struct span links[TIMELINE_LINKS_MAX]) {
    uint32_t count = 0;
    size_t start, end;
    for (size_t from = 0; count < TIMELINE_LINKS_MAX; from = end) {
        if (!url_find(text, from, &start, &end))
            break;
        links[count++] = (struct span){(uint32_t)start, (uint32_t)end};
    }
    return count;
}

static void say_count(struct buffer *out, uint32_t count, const char *one, const char *many) {
    if (count == 0)
        return;
    PARLEY_CHECK(buffer_append(out, slice_of(out->len ? ", " : "")) == PARLEY_OK &&
                 buffer_append_number(out, count) == PARLEY_OK &&
                 buffer_append(out, slice_of(count == 1 ? one : many)) == PARLEY_OK);
}

/* A summary of notes in a row, if there are many. */
static struct slice run_text(struct timeline *timeline, struct transcript *transcript,
                             const struct line *line) {
    const uint32_t *counts = transcript_count_run(transcript, line);
    uint32_t total = 0;
    struct buffer *out = &timeline->run;
    buffer_clear(out);
    for (int kind = 0; kind < LINE_KIND_COUNT; kind++)
        total += counts[kind];
    if (total < TIMELINE_RUN_MIN)
        return buffer_slice(out);
    say_count(out, counts[LINE_HERE], " connected", " connected");
    say_count(out, counts[LINE_JOINED], " joined", " joined");
    say_count(out, counts[LINE_LEFT], " left", " left");
    say_count(out, counts[LINE_RENAMED], " new name", " new names");
    say_count(out, counts[LINE_LOST], " problem", " problems");
    say_count(out, counts[LINE_WARNING], " warning", " warnings");
    return buffer_slice(out);
}

static void read_text(struct timeline *timeline, const struct transcript *transcript,
                      const struct line *line, struct line_view *view) {
    size_t end = fold_end(line->text);
    view->own = line->peer == 0;
    view->continues = transcript_continues(transcript, line);
    view->link_count = find_links(line->text, timeline->links);
    view->foldable = end < line->text.len;
    view->folded = view->foldable && !is_open(timeline, line->sequence);
    if (view->folded)
        view->shown = (uint32_t)end;
    view->weight = weight_of((struct slice){line->text.bytes, view->shown});
    if (!view->continues)
        view->weight += weight_of(line->author);
    if (line->unread)
        view->mark = slice_of("Nobody was here to read this.");
}

static void read_note(struct timeline *timeline, struct transcript *transcript,
                      const struct line *line, struct line_view *view) {
    struct buffer *text = &timeline->text;
    buffer_clear(text);
    PARLEY_CHECK(buffer_append(text, line->text) == PARLEY_OK);
    view->name_count = span_take_names(text, timeline->names);
    view->text = buffer_slice(text);
    view->shown = (uint32_t)view->text.len;
    view->weight = weight_of(view->text);
    view->run = line->run;
    view->run_text = run_text(timeline, transcript, line);
}

int timeline_read(struct timeline *timeline, struct transcript *transcript, uint32_t sequence,
                  struct line_view *view) {
    const struct line *line = transcript_find(transcript, sequence);
    if (!line)
        return PARLEY_ERR_ARGUMENT;
    text_format_iso(line->wall_ms, line->utc_offset_min, timeline->iso);
    *view = (struct line_view){.sequence = sequence,
                               .kind = line->kind,
                               .new_day = transcript_begins_day(transcript, line),
                               .colour = line->colour,
                               .author = line->author,
                               .text = line->text,
                               .shown = (uint32_t)line->text.len,
                               .mark = slice_of(""),
                               .run_text = slice_of(""),
                               .iso = slice_of(timeline->iso),
                               .links = timeline->links,
                               .names = timeline->names};
    if (line->kind == LINE_TEXT)
        read_text(timeline, transcript, line, view);
    else
        read_note(timeline, transcript, line, view);
    return PARLEY_OK;
}
