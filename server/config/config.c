#include "config.h"

#include "error.h"
#include "option.h"

#include <string.h>

#define VARIABLE_PREFIX "PARLEY_"
#define NAME_BYTES_MAX 32        /* longest option name, with its NUL */
#define OPTIONS_MAX 64           /* in the table */
#define HELP_COLUMNS 100         /* of --help */
#define HELP_INDENT 30           /* of what is said there */
#define HELP_TEXT_BYTES_MAX 1024 /* of one option */

/* --- reading ---------------------------------------------------------------------------------- */

static int add_each(struct config_reader *reader, const struct option *option, const char *value) {
    struct slice rest = slice_of(value);
    struct slice item;
    if (!slice_cut_item(&rest, ' ', &item)) /* spaces alone are no empty list either */
        return config_fail(reader, " needs a value");
    do {
        int err = option->add(reader, item);
        if (err != PARLEY_OK)
            return err;
    } while (slice_cut_item(&rest, ' ', &item));
    return PARLEY_OK;
}

static int take_value(struct config_reader *reader, const struct option *option,
                      const char *value) {
    return option->add != NULL ? add_each(reader, option, value)
                               : option->set(reader, option, value);
}

static const struct option *option_find(struct slice name) {
    for (size_t i = 0; i < option_count; i++) {
        if (slice_equal(name, slice_of(option_table[i].name)))
            return &option_table[i];
    }
    return NULL;
}

/* "PARLEY_SOME_NAME" to "some-name"; empty when it cannot be an option. */
static struct slice name_of_variable(struct slice variable, char buffer[NAME_BYTES_MAX]) {
    if (!slice_skip(&variable, VARIABLE_PREFIX) || variable.len >= NAME_BYTES_MAX)
        return (struct slice){NULL, 0};
    for (size_t i = 0; i < variable.len; i++) {
        char c = variable.bytes[i];
        if (c == '_')
            c = '-';
        else if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        else
            return (struct slice){NULL, 0};
        buffer[i] = c;
    }
    return (struct slice){buffer, variable.len};
}

static int read_variable(struct config *config, const char *variable, char *error) {
    const char *equals = strchr(variable, '=');
    if (equals == NULL || equals[1] == '\0')
        return PARLEY_OK;
    struct slice name = {variable, (size_t)(equals - variable)};
    char buffer[NAME_BYTES_MAX];
    const struct option *option = option_find(name_of_variable(name, buffer));
    if (option == NULL || option->value_name == NULL) {
        if (config->unknown_variable == NULL && slice_skip(&name, VARIABLE_PREFIX))
            config->unknown_variable = variable;
        return PARLEY_OK;
    }
    char source[sizeof VARIABLE_PREFIX + NAME_BYTES_MAX];
    snprintf(source, sizeof source, "%.*s", (int)name.len, name.bytes);
    struct config_reader reader = {config, error, source};
    if (option->add != NULL)
        option->clear(config);
    return take_value(&reader, option, equals + 1);
}

/* Reads the option at argv[*at] and leaves *at at its last word. |given| remembers which lists the
 * command line has begun: the first use of one replaces what was there before. */
static int read_argument(struct config *config, int argc, char *const argv[], int *at,
                         bool given[OPTIONS_MAX], char *error) {
    const char *word = argv[*at];
    struct config_reader reader = {config, error, ""};
    if (strncmp(word, "--", 2) != 0 || word[2] == '\0')
        return config_fail(&reader, "options only, not \"%.*s\"; --help lists them",
                           CONFIG_ERROR_VALUE_BYTES_MAX, word);
    const char *equals = strchr(word, '=');
    struct slice name = {word + 2, equals == NULL ? strlen(word + 2) : (size_t)(equals - word - 2)};
    const struct option *option = option_find(name);
    if (option == NULL)
        return config_fail(&reader, "no option \"%.*s\"; --help lists them",
                           CONFIG_ERROR_VALUE_BYTES_MAX, word);
    char source[2 + NAME_BYTES_MAX];
    snprintf(source, sizeof source, "--%s", option->name);
    reader.source = source;
    const char *value = equals == NULL ? NULL : equals + 1;
    if (option->value_name == NULL && value != NULL)
        return config_fail(&reader, " takes no value");
    if (option->value_name != NULL && value == NULL) {
        if (*at + 1 >= argc)
            return config_fail(&reader, " needs a value");
        value = argv[++*at];
    }
    if (option->add != NULL && !given[option - option_table])
        option->clear(config);
    given[option - option_table] = true;
    return take_value(&reader, option, value);
}

/* As if the operator had written them. */
static void set_defaults(struct config *config, char *error) {
    struct config_reader reader = {config, error, "default"};
    *config = (struct config){.action = CONFIG_SERVE};
    for (size_t i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        if (option->default_value != NULL)
            PARLEY_CHECK(take_value(&reader, option, option->default_value) == PARLEY_OK);
    }
    config->stun_port_set = false;
}

static int check_turn(struct config *config, char *error) {
    struct config_reader reader = {config, error, "--turn-url"};
    if (config->turn_url_count > 0 && config->turn_secret_file == NULL)
        return config_fail(&reader, " needs --turn-secret-file too");
    if (config->turn_url_count + config->ice_server_count > CONFIG_ICE_SERVERS_MAX)
        return config_fail(&reader, ": with those of --ice-server there are more than %d",
                           CONFIG_ICE_SERVERS_MAX);
    reader.source = "--turn-secret-file";
    if (config->turn_secret_file != NULL && config->turn_url_count == 0)
        return config_fail(&reader, " needs --turn-url too");
    return PARLEY_OK;
}

/* Options that mean nothing without others. */
static int check_together(struct config *config, char *error) {
    struct config_reader reader = {config, error, "--tls-cert"};
    if (config->tls_cert != NULL && config->tls_key == NULL)
        return config_fail(&reader, " needs --tls-key too");
    reader.source = "--tls-key";
    if (config->tls_key != NULL && config->tls_cert == NULL)
        return config_fail(&reader, " needs --tls-cert too");
    reader.source = "--http-redirect-port";
    if (config->http_redirect_port != 0 && config->tls_cert == NULL)
        return config_fail(&reader, " needs --tls-cert: without it nothing speaks HTTPS here");
    return check_turn(config, error);
}

int config_read(struct config *config, int argc, char *const argv[], char *const envp[],
                char error[CONFIG_ERROR_BYTES]) {
    PARLEY_CHECK(option_count <= OPTIONS_MAX);
    set_defaults(config, error);
    error[0] = '\0';
    for (size_t i = 0; envp[i] != NULL; i++) {
        int err = read_variable(config, envp[i], error);
        if (err != PARLEY_OK)
            return err;
    }
    bool given[OPTIONS_MAX] = {false};
    for (int at = 1; at < argc; at++) {
        int err = read_argument(config, argc, argv, &at, given, error);
        if (err != PARLEY_OK)
            return err;
    }
    return config->action == CONFIG_SERVE ? check_together(config, error) : PARLEY_OK;
}

/* --- help ------------------------------------------------------------------------------------- */

/* Prints |text|, whose first line begins at HELP_INDENT, without the marks around what is typed. */
static void print_help_text(FILE *out, struct slice text) {
    struct slice word;
    int at = HELP_INDENT;
    while (slice_cut(&text, ' ', &word)) {
        int len = 0;
        for (size_t i = 0; i < word.len; i++)
            len += word.bytes[i] != '`';
        if (at > HELP_INDENT && at + 1 + len > HELP_COLUMNS) {
            fprintf(out, "\n%*s", HELP_INDENT, "");
            at = HELP_INDENT;
        } else if (at > HELP_INDENT) {
            at += fprintf(out, " ");
        }
        for (size_t i = 0; i < word.len; i++)
            if (word.bytes[i] != '`')
                fputc(word.bytes[i], out);
        at += len;
    }
    fputc('\n', out);
}

static void print_help_of(FILE *out, const struct option *option) {
    struct buffer text;
    char left[64];
    buffer_init(&text, HELP_TEXT_BYTES_MAX);
    snprintf(left, sizeof left, "  --%s %s", option->name,
             option->value_name == NULL ? "" : option->value_name);
    fprintf(out, "%-*s", HELP_INDENT, left);
    if (strlen(left) >= HELP_INDENT)
        fprintf(out, "\n%*s", HELP_INDENT, "");
    PARLEY_CHECK(option_describe(option, &text) == PARLEY_OK);
    if (option_default(option) != NULL) {
        PARLEY_CHECK(buffer_append(&text, slice_of("; default: ")) == PARLEY_OK);
        PARLEY_CHECK(buffer_append(&text, slice_of(option_default(option))) == PARLEY_OK);
    }
    print_help_text(out, buffer_slice(&text));
    buffer_deinit(&text);
}

void config_print_help(FILE *out) {
    fputs("Usage: parley [options]\n\n"
          "Serves the chat's page and introduces the people who open it.\n\n",
          out);
    for (size_t i = 0; i < option_count; i++)
        print_help_of(out, &option_table[i]);
    fputs("\nEach option with a value can also be set in the environment: --log-level as\n"
          "PARLEY_LOG_LEVEL, with spaces between the items of a list. The command line wins.\n",
          out);
}
