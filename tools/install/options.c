/* options.c - writes what the table of options (option.h) says of them into the manual and into
 * server/README.md:
 *
 *   parley_options man FILE      FILE on standard output, with the manual's list in it
 *   parley_options readme FILE   the same, with the README's table
 *
 * They stand between the line with MARK_BEGIN and the one with MARK_END.
 */
#include "error.h"
#include "option.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK_BEGIN "options: written by parley_options"
#define MARK_END "end of options"
#define TEXT_BYTES_MAX 4096
#define COLUMNS 3

static void append(struct buffer *out, const char *text) {
    PARLEY_CHECK(buffer_append(out, slice_of(text)) == PARLEY_OK);
}

/* --- the manual (mdoc) ------------------------------------------------------------------------ */

/* Each sentence begins a line, as mdoc wants it. */
static void print_prose(struct slice text) {
    while (text.len > 0 && text.bytes[0] == ' ')
        slice_skip(&text, " ");
    while (text.len > 0 && text.bytes[text.len - 1] == ' ')
        text.len--;
    for (size_t i = 0; i < text.len; i++) {
        bool ends = text.bytes[i] == ' ' && i > 0 && text.bytes[i - 1] == '.';
        putchar(ends ? '\n' : text.bytes[i]);
    }
    if (text.len > 0)
        putchar('\n');
}

/* |code| and the punctuation that |rest| begins with, which is cut off. */
static void print_code(struct slice code, struct slice *rest) {
    if (slice_skip(&code, "--"))
        printf(".Fl \\-%.*s", (int)code.len, code.bytes);
    else
        printf(".Li %.*s", (int)code.len, code.bytes);
    while (rest->len > 0 && strchr(",.;:)", rest->bytes[0]) != NULL) {
        printf(" %c", rest->bytes[0]);
        *rest = (struct slice){rest->bytes + 1, rest->len - 1};
    }
    putchar('\n');
}

static void print_marked(struct slice text) {
    struct slice prose, code;
    while (slice_cut(&text, '`', &prose)) {
        print_prose(prose);
        if (slice_cut(&text, '`', &code))
            print_code(code, &text);
    }
}

static void print_manual_item(const struct option *option) {
    struct buffer text;
    buffer_init(&text, TEXT_BYTES_MAX);
    printf(".It Fl \\-%s", option->name);
    if (option->value_name != NULL)
        printf(" Ar ");
    for (const char *c = option->value_name; c != NULL && *c != '\0'; c++)
        putchar(tolower((unsigned char)*c));
    putchar('\n');
    PARLEY_CHECK(option_describe(option, &text) == PARLEY_OK);
    text.bytes[0] = (char)toupper((unsigned char)text.bytes[0]);
    if (option_default(option) != NULL) {
        append(&text, "; default: ");
        append(&text, option_default(option));
    }
    append(&text, ".");
    print_marked(buffer_slice(&text));
    if (option->more != NULL)
        print_marked(slice_of(option->more));
    buffer_deinit(&text);
}

static void print_manual(void) {
    puts(".Bl -tag -width indent");
    for (size_t i = 0; i < option_count; i++)
        print_manual_item(&option_table[i]);
    puts(".El");
}

/* --- the README (Markdown) -------------------------------------------------------------------- */

struct row {
    struct buffer cells[COLUMNS];
};

static void append_see(const char *heading, struct buffer *out) {
    append(out, "; see [");
    append(out, heading);
    append(out, "](#");
    for (; *heading != '\0'; heading++) {
        const char anchor[] = {*heading == ' ' ? '-' : (char)tolower((unsigned char)*heading), 0};
        append(out, anchor);
    }
    append(out, ")");
}

static void fill_row(struct row *row, const struct option *option) {
    for (size_t i = 0; i < COLUMNS; i++)
        buffer_init(&row->cells[i], TEXT_BYTES_MAX);
    append(&row->cells[0], "`--");
    append(&row->cells[0], option->name);
    append(&row->cells[0], option->value_name == NULL ? "" : " ");
    append(&row->cells[0], option->value_name == NULL ? "" : option->value_name);
    append(&row->cells[0], "`");
    PARLEY_CHECK(option_describe(option, &row->cells[1]) == PARLEY_OK);
    if (option->see != NULL)
        append_see(option->see, &row->cells[1]);
    append(&row->cells[2], option_default(option) == NULL ? "" : option_default(option));
}

static void print_row(const struct row *row, const size_t widths[COLUMNS]) {
    for (size_t i = 0; i < COLUMNS; i++)
        printf("| %-*.*s ", (int)widths[i], (int)row->cells[i].len, row->cells[i].bytes);
    puts("|");
}

static void print_rule(const size_t widths[COLUMNS]) {
    for (size_t i = 0; i < COLUMNS; i++) {
        fputs("| ", stdout);
        for (size_t dash = 0; dash < widths[i]; dash++)
            putchar('-');
        putchar(' ');
    }
    puts("|");
}

static void print_table(void) {
    static const char *const headings[COLUMNS] = {"option", "meaning", "default"};
    size_t widths[COLUMNS] = {0};
    struct row *rows = calloc(option_count + 1, sizeof *rows);
    PARLEY_CHECK(rows != NULL);
    for (size_t i = 0; i < COLUMNS; i++) {
        buffer_init(&rows[0].cells[i], TEXT_BYTES_MAX);
        append(&rows[0].cells[i], headings[i]);
    }
    for (size_t i = 0; i < option_count; i++)
        fill_row(&rows[i + 1], &option_table[i]);
    for (size_t i = 0; i < COLUMNS * (option_count + 1); i++) {
        size_t len = rows[i / COLUMNS].cells[i % COLUMNS].len;
        if (len > widths[i % COLUMNS])
            widths[i % COLUMNS] = len;
    }
    putchar('\n');
    for (size_t i = 0; i <= option_count; i++) {
        print_row(&rows[i], widths);
        if (i == 0)
            print_rule(widths);
        for (size_t j = 0; j < COLUMNS; j++)
            buffer_deinit(&rows[i].cells[j]);
    }
    putchar('\n');
    free(rows);
}

/* --- files ------------------------------------------------------------------------------------ */

/* Copies |in|, with what |print| writes between the marks. False: there are no marks. */
static bool copy(FILE *in, void (*print)(void)) {
    char line[TEXT_BYTES_MAX];
    bool inside = false, found = false;
    while (fgets(line, sizeof line, in) != NULL) {
        if (strstr(line, MARK_END) != NULL)
            inside = false;
        if (!inside)
            fputs(line, stdout);
        if (strstr(line, MARK_BEGIN) != NULL) {
            inside = found = true;
            print();
        }
    }
    return found && !inside;
}

int main(int argc, char *argv[]) {
    bool manual = argc == 3 && strcmp(argv[1], "man") == 0;
    bool readme = argc == 3 && strcmp(argv[1], "readme") == 0;
    FILE *in = manual || readme ? fopen(argv[2], "r") : NULL;
    if (in == NULL) {
        fputs("usage: parley_options man|readme FILE\n", stderr);
        return EXIT_FAILURE;
    }
    bool done = copy(in, manual ? print_manual : print_table);
    fclose(in);
    return done && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
