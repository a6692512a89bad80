/* option.h - the one table of options, from which the parser, --help, the manual and
 * server/README.md follow. For config/ and for tools/install/options.c, which writes the latter
 * two.
 */
#ifndef PARLEY_OPTION_H
#define PARLEY_OPTION_H

#include "config_value.h"

struct option {
    const char *name;       /* "port" */
    const char *value_name; /* "NUMBER"; NULL: it takes no value */

    /* Clauses without a capital letter or a full stop, separated by "; ". `Literal text` is in
     * backquotes. Do not repeat what follows from other fields. */
    const char *meaning;
    const char *zero;          /* a clause: what 0 means; NULL: nothing special */
    const char *more;          /* sentences for the manual alone; NULL: none */
    const char *see;           /* the heading in server/README.md with more about it; NULL: none */
    const char *default_value; /* as an operator would write it; NULL: nothing is set */
    const char *default_words; /* how texts describe it; NULL: by the value itself */

    /* Either |set| takes the value, or |add| each of its items, for lists, which may be
     * repeated. */
    int (*set)(struct config_reader *reader, const struct option *option, const char *value);
    int (*add)(struct config_reader *reader, struct slice item);
    void (*clear)(struct config *config); /* with |add|: empties the list */
    size_t field;                         /* where in struct config the value is kept */
    uint32_t min, max;                    /* of a number; max is 0 where it is none, or a port */
    const char *wanted;                   /* in place of an empty text */
};

extern const struct option option_table[];
extern const size_t option_count;

/* Appends the description for all texts, in one line: meaning, range, whether it may be repeated.
 * Errors of buffer_append. */
int option_describe(const struct option *option, struct buffer *out);

/* Its default as texts describe it; NULL: it has none. */
const char *option_default(const struct option *option);

#endif
