/* option.h - the one table of options: what the parser, --help, the manual and server/README.md
 * know of each, and its default. For config/ and for tools/install/options.c, which writes the
 * latter two.
 */
#ifndef PARLEY_OPTION_H
#define PARLEY_OPTION_H

#include "config_value.h"

struct option {
    const char *name;       /* "port" */
    const char *value_name; /* "NUMBER"; NULL: it takes no value */

    /* Clauses without a capital letter or a full stop, divided by "; ". `What is typed` stands
     * between back quotes. Nothing is said again that follows from other fields. */
    const char *meaning;
    const char *zero;          /* a clause: what 0 means; NULL: no more than other numbers */
    const char *more;          /* sentences for the manual alone; NULL: none */
    const char *see;           /* the heading of server/README.md where more stands; NULL: none */
    const char *default_value; /* as an operator would write it; NULL: nothing is set */
    const char *default_words; /* what texts say instead; NULL: the value itself */

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

/* Appends all that is said of it in every text, in one line: meaning, range, whether it may be
 * repeated. Errors of buffer_append. */
int option_describe(const struct option *option, struct buffer *out);

/* The name of its default in texts; NULL: it has none. */
const char *option_default(const struct option *option);

#endif
