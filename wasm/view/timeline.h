/* timeline.h - the lines of the conversation as the page shows them: texts with their links, long
 * ones folded, and runs of notes summed up in one. */
#ifndef PARLEY_TIMELINE_H
#define PARLEY_TIMELINE_H

#include "action.h"
#include "span.h"
#include "text.h"
#include "transcript.h"

#define TIMELINE_LINKS_MAX 32 /* addresses made clickable in one line */
#define TIMELINE_RUN_MIN 4    /* notes in a row are summed up in one */
#define TIMELINE_OPEN_MAX 16  /* open long texts; one more folds the one opened first */

struct line_view {
    uint32_t sequence;
    enum line_kind kind;
    uint32_t own;       /* 1: said by oneself */
    uint32_t continues; /* 1: continues under the previous line's name and time */
    uint32_t new_day;   /* 1: the first line of its day */
    uint32_t foldable;  /* 1: too long to be shown whole; EVENT_FOLD opens and folds it */
    uint32_t folded;    /* 1: only the beginning of |text| is shown, */
    uint32_t shown;     /* this many of its bytes; otherwise all */
    uint32_t weight;    /* of what is shown (weight.h) */
    uint32_t run;       /* of a note: the number of the first in its run */
    uint32_t colour;
    struct slice author;   /* of a text; empty for the other kinds */
    struct slice text;     /* what was said, or the sentence to show */
    struct slice mark;     /* a remark about it, in a sentence; otherwise empty */
    struct slice run_text; /* of a note: the summary of its run if that is long; otherwise empty */
    struct slice iso;      /* the local time in ISO 8601 with its offset */
    const struct span *links; /* http and https addresses in text, in order */
    uint32_t link_count;
    const struct span *names; /* people's names in a sentence, in order, to be highlighted */
    uint32_t name_count;
};

/* The memory that a view points to, and which lines are open. */
struct timeline {
    struct buffer text, run;
    char iso[TEXT_ISO_BYTES];
    struct span links[TIMELINE_LINKS_MAX], names[SPAN_NAMES_MAX];
    uint32_t opened[TIMELINE_OPEN_MAX]; /* numbers + 1 of open lines; 0: none */
};

void timeline_init(struct timeline *timeline);
void timeline_deinit(struct timeline *timeline);

/* All lines are gone. */
void timeline_clear(struct timeline *timeline);

/* Opens a long line, and folds the one opened first if too many are open; or folds it again. */
void timeline_fold(struct timeline *timeline, struct actions *actions, uint32_t sequence);

/* The line with |sequence|; its texts are valid until the next call, or until the transcript
 * changes. PARLEY_ERR_ARGUMENT: not kept (any more). |transcript| caches what it counted. */
int timeline_read(struct timeline *timeline, struct transcript *transcript, uint32_t sequence,
                  struct line_view *view);

#endif
