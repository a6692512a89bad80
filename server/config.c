#include "config.h"

#include "error.h"
#include "origin.h"

#include <stdarg.h>
#include <string.h>

#define VARIABLE_PREFIX "PARLEY_"
#define NAME_BYTES_MAX 32        /* longest option name, with its NUL */
#define ERROR_VALUE_BYTES_MAX 80 /* as much of a bad value as an error repeats */

static const char *const default_ice_servers[] = {"stun:stun.l.google.com:19302",
                                                  "stun:stun.cloudflare.com:3478"};

struct reader {
    struct config *config;
    char *error;
    const char *source; /* what the operator wrote: "--port" or "PARLEY_PORT" */
};

struct option {
    const char *name;
    const char *value_name; /* NULL: takes no value */
    const char *help;
    int (*set)(struct reader *reader, const char *value);
    void (*clear)(struct config *config); /* not NULL: may be repeated */
};

/* --- errors ----------------------------------------------------------------------------------- */

/* The sentence must stay one line whatever was in the value. */
static void make_printable(char *text) {
    for (; *text != '\0'; text++) {
        if (*text < ' ' || *text > '~')
            *text = '?';
    }
}

__attribute__((format(printf, 2, 3))) static int fail(struct reader *reader, const char *format,
                                                      ...) {
    int used = snprintf(reader->error, CONFIG_ERROR_BYTES, "%s", reader->source);
    size_t at = used < 0 ? 0 : (size_t)used;
    if (at >= CONFIG_ERROR_BYTES)
        at = CONFIG_ERROR_BYTES - 1;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader->error + at, CONFIG_ERROR_BYTES - at, format, arguments);
    va_end(arguments);
    make_printable(reader->error);
    return PARLEY_ERR_ARGUMENT;
}

static int fail_value(struct reader *reader, const char *value, const char *wanted) {
    return fail(reader, ": \"%.*s\" is not %s", ERROR_VALUE_BYTES_MAX, value, wanted);
}

/* --- values ----------------------------------------------------------------------------------- */

static int read_number(struct reader *reader, const char *value, uint32_t min, uint32_t max,
                       uint32_t *number) {
    uint64_t read = 0;
    bool valid = *value != '\0';
    for (const char *digit = value; *digit != '\0' && valid; digit++) {
        read = read * 10 + (uint64_t)(*digit - '0');
        valid = *digit >= '0' && *digit <= '9' && read <= max;
    }
    if (!valid || read < min) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "a whole number from %u to %u", min, max);
        return fail_value(reader, value, wanted);
    }
    *number = (uint32_t)read;
    return PARLEY_OK;
}

static int set_host(struct reader *reader, const char *value) {
    if (*value == '\0')
        return fail(reader, " needs an address or a host name");
    reader->config->host = value;
    return PARLEY_OK;
}

static int read_port(struct reader *reader, const char *value, uint16_t *port) {
    uint32_t number;
    int err = read_number(reader, value, 0, UINT16_MAX, &number);
    if (err == PARLEY_OK)
        *port = (uint16_t)number;
    return err;
}

static int set_port(struct reader *reader, const char *value) {
    return read_port(reader, value, &reader->config->port);
}

static int set_stun_port(struct reader *reader, const char *value) {
    reader->config->stun_port_set = true;
    return read_port(reader, value, &reader->config->stun_port);
}

static int set_web_root(struct reader *reader, const char *value) {
    if (*value == '\0')
        return fail(reader, " needs a folder");
    reader->config->web_root = value;
    return PARLEY_OK;
}

static int set_file(struct reader *reader, const char *value, const char **file) {
    if (*value == '\0')
        return fail(reader, " needs a file");
    *file = value;
    return PARLEY_OK;
}

static int set_tls_cert(struct reader *reader, const char *value) {
    return set_file(reader, value, &reader->config->tls_cert);
}

static int set_tls_key(struct reader *reader, const char *value) {
    return set_file(reader, value, &reader->config->tls_key);
}

static int set_http_redirect_port(struct reader *reader, const char *value) {
    return read_port(reader, value, &reader->config->http_redirect_port);
}

static int set_room_members_max(struct reader *reader, const char *value) {
    return read_number(reader, value, 2, WIRE_ROOM_MEMBERS_MAX, &reader->config->room_members_max);
}

static int set_rooms_max(struct reader *reader, const char *value) {
    return read_number(reader, value, 1, CONFIG_ROOMS_MAX, &reader->config->rooms_max);
}

static int set_connections_max(struct reader *reader, const char *value) {
    return read_number(reader, value, 1, CONFIG_CONNECTIONS_MAX, &reader->config->connections_max);
}

static int set_address_connections_max(struct reader *reader, const char *value) {
    return read_number(reader, value, 0, CONFIG_CONNECTIONS_MAX,
                       &reader->config->address_connections_max);
}

static int set_address_joins_per_minute(struct reader *reader, const char *value) {
    return read_number(reader, value, 0, CONFIG_RATE_MAX,
                       &reader->config->address_joins_per_minute);
}

static int set_address_messages_per_second(struct reader *reader, const char *value) {
    return read_number(reader, value, 0, CONFIG_RATE_MAX,
                       &reader->config->address_messages_per_second);
}

static int set_member_messages_per_second(struct reader *reader, const char *value) {
    return read_number(reader, value, 0, CONFIG_RATE_MAX,
                       &reader->config->member_messages_per_second);
}

static int set_ping_seconds(struct reader *reader, const char *value) {
    return read_number(reader, value, 1, CONFIG_PING_SECONDS_MAX, &reader->config->ping_seconds);
}

static int set_grace_seconds(struct reader *reader, const char *value) {
    return read_number(reader, value, 0, CONFIG_GRACE_SECONDS_MAX, &reader->config->grace_seconds);
}

static int set_request_seconds(struct reader *reader, const char *value) {
    return read_number(reader, value, 1, CONFIG_REQUEST_SECONDS_MAX,
                       &reader->config->request_seconds);
}

static int set_log_level(struct reader *reader, const char *value) {
    if (!log_level_find(slice_of(value), &reader->config->log_level))
        return fail_value(reader, value, "error, warn, info or debug");
    return PARLEY_OK;
}

static int set_log_format(struct reader *reader, const char *value) {
    if (!log_format_find(slice_of(value), &reader->config->log_format))
        return fail_value(reader, value, "text or json");
    return PARLEY_OK;
}

static int set_help(struct reader *reader, const char *value) {
    (void)value;
    reader->config->action = CONFIG_SHOW_HELP;
    return PARLEY_OK;
}

static int set_version(struct reader *reader, const char *value) {
    (void)value;
    reader->config->action = CONFIG_SHOW_VERSION;
    return PARLEY_OK;
}

/* --- lists ------------------------------------------------------------------------------------ */

/* Cuts the next piece between |separator|s off |rest|; false when nothing is left. */
static bool next_piece(struct slice *rest, char separator, struct slice *piece) {
    while (rest->len > 0 && rest->bytes[0] == separator) {
        rest->bytes++;
        rest->len--;
    }
    if (rest->len == 0)
        return false;
    const char *end = memchr(rest->bytes, separator, rest->len);
    piece->bytes = rest->bytes;
    piece->len = end == NULL ? rest->len : (size_t)(end - rest->bytes);
    rest->bytes += piece->len;
    rest->len -= piece->len;
    return true;
}

static bool cut_prefix(struct slice *text, const char *prefix) {
    size_t len = strlen(prefix);
    if (text->len < len || memcmp(text->bytes, prefix, len) != 0)
        return false;
    text->bytes += len;
    text->len -= len;
    return true;
}

static bool starts_with(struct slice text, const char *prefix) {
    return cut_prefix(&text, prefix);
}

/* "URL" or "URL,username=NAME,credential=SECRET"; the secret is the rest, commas and all. */
static void split_ice_server(struct slice text, struct wire_ice_server *server) {
    *server = (struct wire_ice_server){.url = text};
    const char *comma = memchr(text.bytes, ',', text.len);
    if (comma == NULL)
        return;
    server->url.len = (size_t)(comma - text.bytes);
    struct slice rest = {comma + 1, text.len - server->url.len - 1};
    if (!cut_prefix(&rest, "username="))
        return;
    comma = memchr(rest.bytes, ',', rest.len);
    if (comma == NULL)
        return;
    server->username = (struct slice){rest.bytes, (size_t)(comma - rest.bytes)};
    rest = (struct slice){comma + 1, rest.len - server->username.len - 1};
    if (cut_prefix(&rest, "credential="))
        server->credential = rest;
}

static int check_ice_server(struct reader *reader, struct slice text,
                            const struct wire_ice_server *server) {
    if (!wire_ice_url_valid(server->url))
        return fail(reader,
                    ": \"%.*s\" is not a stun:, stuns:, turn: or turns: address such as "
                    "stun:host:3478",
                    (int)server->url.len, server->url.bytes);
    bool turn = starts_with(server->url, "turn:") || starts_with(server->url, "turns:");
    bool complete = server->username.len > 0 && server->credential.len > 0;
    if (turn && !complete)
        return fail(reader, ": TURN needs %.*s,username=NAME,credential=SECRET",
                    (int)server->url.len, server->url.bytes);
    if (!turn && server->url.len != text.len)
        return fail(reader, ": STUN takes no user name and no credential");
    if (server->username.len > WIRE_ICE_FIELD_BYTES_MAX ||
        server->credential.len > WIRE_ICE_FIELD_BYTES_MAX)
        return fail(reader, ": user name and credential have at most %d characters each",
                    WIRE_ICE_FIELD_BYTES_MAX);
    return PARLEY_OK;
}

static int add_ice_server(struct reader *reader, struct slice text) {
    struct config *config = reader->config;
    bool none = slice_equal(text, slice_of("none"));
    if (none ? config->ice_server_count > 0 : config->no_ice_servers)
        return fail(reader, ": none cannot stand together with others");
    config->no_ice_servers = none;
    if (none)
        return PARLEY_OK;
    struct wire_ice_server server;
    split_ice_server(text, &server);
    int err = check_ice_server(reader, text, &server);
    if (err != PARLEY_OK)
        return err;
    if (config->ice_server_count == CONFIG_ICE_SERVERS_MAX)
        return fail(reader, " may be given at most %d times", CONFIG_ICE_SERVERS_MAX);
    config->ice_servers[config->ice_server_count++] = server;
    return PARLEY_OK;
}

static int add_origin(struct reader *reader, struct slice text) {
    struct config *config = reader->config;
    if (slice_equal(text, slice_of("*"))) {
        config->any_origin = true;
        return PARLEY_OK;
    }
    if (!origin_valid(text))
        return fail(reader, ": \"%.*s\" is not an origin such as https://chat.example:8443, or *",
                    (int)text.len, text.bytes);
    if (config->allowed_origin_count == CONFIG_ORIGINS_MAX)
        return fail(reader, " may be given at most %d times", CONFIG_ORIGINS_MAX);
    config->allowed_origins[config->allowed_origin_count++] = text;
    return PARLEY_OK;
}

static int add_trusted_proxy(struct reader *reader, struct slice text) {
    struct config *config = reader->config;
    bool none = slice_equal(text, slice_of("none"));
    if (none ? config->trusted_proxy_count > 0 : config->no_trusted_proxies)
        return fail(reader, ": none cannot stand together with others");
    config->no_trusted_proxies = none;
    if (none)
        return PARLEY_OK;
    if (config->trusted_proxy_count == CONFIG_TRUSTED_PROXIES_MAX)
        return fail(reader, " may be given at most %d times", CONFIG_TRUSTED_PROXIES_MAX);
    if (!ip_range_read(text, &config->trusted_proxies[config->trusted_proxy_count]))
        return fail(reader,
                    ": \"%.*s\" is not an address or a range such as 10.0.0.0/8 or fd00::/8",
                    (int)text.len, text.bytes);
    config->trusted_proxy_count++;
    return PARLEY_OK;
}

static int add_each(struct reader *reader, const char *value,
                    int (*add)(struct reader *reader, struct slice piece)) {
    struct slice rest = slice_of(value);
    struct slice piece;
    if (rest.len == 0)
        return fail(reader, " needs a value");
    while (next_piece(&rest, ' ', &piece)) {
        int err = add(reader, piece);
        if (err != PARLEY_OK)
            return err;
    }
    return PARLEY_OK;
}

static int set_ice_server(struct reader *reader, const char *value) {
    return add_each(reader, value, add_ice_server);
}

static void clear_ice_servers(struct config *config) {
    config->ice_server_count = 0;
    config->no_ice_servers = false;
}

static int set_allow_origin(struct reader *reader, const char *value) {
    return add_each(reader, value, add_origin);
}

static void clear_origins(struct config *config) {
    config->allowed_origin_count = 0;
    config->any_origin = false;
}

static int set_trusted_proxy(struct reader *reader, const char *value) {
    return add_each(reader, value, add_trusted_proxy);
}

static void clear_trusted_proxies(struct config *config) {
    config->trusted_proxy_count = 0;
    config->no_trusted_proxies = false;
}

/* --- options ---------------------------------------------------------------------------------- */

static const struct option options[] = {
    {"host", "ADDRESS", "address or host name to listen on; default: all, IPv4 and IPv6", set_host,
     NULL},
    {"port", "NUMBER", "default 3000; 0 picks a free one and prints it", set_port, NULL},
    {"ice-server", "URL",
     "stun:HOST:PORT, or turn:HOST:PORT,username=NAME,credential=SECRET;\n"
     "stuns: and turns: where these speak TLS;\n"
     "may be repeated; none for none; default: two public STUN servers",
     set_ice_server, clear_ice_servers},
    {"tls-cert", "FILE",
     "certificate and those that signed it, in PEM: serve HTTPS instead of\n"
     "HTTP; read again at SIGHUP",
     set_tls_cert, NULL},
    {"tls-key", "FILE", "its key, in PEM", set_tls_key, NULL},
    {"http-redirect-port", "NUMBER", "HTTP port that leads to HTTPS, such as 80; default 0: none",
     set_http_redirect_port, NULL},
    {"stun-port", "NUMBER",
     "UDP port of the built-in STUN server; 0 for none; default 3478, where\n"
     "it is free and --host is not this machine alone",
     set_stun_port, NULL},
    {"allow-origin", "ORIGIN",
     "let pages from ORIGIN, such as https://chat.example, connect too;\n"
     "may be repeated; * for any",
     set_allow_origin, clear_origins},
    {"web-root", "DIR", "serve the page from a folder, for developing", set_web_root, NULL},
    {"room-members-max", "NUMBER", "people in one room, 2 to 64; default 32", set_room_members_max,
     NULL},
    {"rooms-max", "NUMBER", "rooms at once; default 10000", set_rooms_max, NULL},
    {"connections-max", "NUMBER", "people connected at once; default 10000", set_connections_max,
     NULL},
    {"address-connections-max", "NUMBER",
     "people connected at once from one address, or one IPv6 /64;\n"
     "0 for any number; default 500",
     set_address_connections_max, NULL},
    {"address-joins-per-minute", "NUMBER",
     "people who come from one address; 0 for any number; default 600",
     set_address_joins_per_minute, NULL},
    {"address-messages-per-second", "NUMBER",
     "signaling messages from one address, and 20 times as many at\n"
     "once; 0 for any number; default 2000",
     set_address_messages_per_second, NULL},
    {"member-messages-per-second", "NUMBER",
     "signaling messages from one person, and 20 times as many at\n"
     "once; 0 for any number; default 100",
     set_member_messages_per_second, NULL},
    {"trusted-proxy", "CIDR",
     "take clients' addresses from the X-Forwarded-For or Forwarded of a\n"
     "proxy at this address or range; may be repeated; none says that\n"
     "there is no proxy, not on this machine either",
     set_trusted_proxy, clear_trusted_proxies},
    {"ping-seconds", "NUMBER",
     "ping after this much silence, 1 to 22; as much again without an\n"
     "answer, and the connection counts as dead; default 20",
     set_ping_seconds, NULL},
    {"grace-seconds", "NUMBER",
     "time to come back after a lost connection before the others hear\n"
     "that somebody left, 0 to 3600; default 30",
     set_grace_seconds, NULL},
    {"request-seconds", "NUMBER",
     "time an HTTP request's head may take, and a page that polls to\n"
     "join a room, 1 to 120; default 10",
     set_request_seconds, NULL},
    {"log-level", "LEVEL", "error, warn, info or debug; default info", set_log_level, NULL},
    {"log-format", "FORMAT", "text or json, on standard error; default text", set_log_format, NULL},
    {"help", NULL, "print this and exit", set_help, NULL},
    {"version", NULL, "print the version and exit", set_version, NULL},
};
#define OPTION_COUNT (sizeof options / sizeof options[0])

static const struct option *option_find(struct slice name) {
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (slice_equal(name, slice_of(options[i].name)))
            return &options[i];
    }
    return NULL;
}

/* "PARLEY_SOME_NAME" to "some-name"; empty when it cannot be an option. */
static struct slice name_of_variable(struct slice variable, char buffer[NAME_BYTES_MAX]) {
    if (!cut_prefix(&variable, VARIABLE_PREFIX) || variable.len >= NAME_BYTES_MAX)
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
        if (config->unknown_variable == NULL && starts_with(name, VARIABLE_PREFIX))
            config->unknown_variable = variable;
        return PARLEY_OK;
    }
    char source[sizeof VARIABLE_PREFIX + NAME_BYTES_MAX];
    snprintf(source, sizeof source, "%.*s", (int)name.len, name.bytes);
    struct reader reader = {config, error, source};
    if (option->clear != NULL)
        option->clear(config);
    return option->set(&reader, equals + 1);
}

/* Reads the option at argv[*at] and leaves *at at its last word. |given| remembers which lists the
 * command line has begun: the first use of one replaces what was there before. */
static int read_argument(struct config *config, int argc, char *const argv[], int *at,
                         bool given[OPTION_COUNT], char *error) {
    const char *word = argv[*at];
    struct reader reader = {config, error, ""};
    if (strncmp(word, "--", 2) != 0 || word[2] == '\0')
        return fail(&reader, "options only, not \"%.*s\"; --help lists them", ERROR_VALUE_BYTES_MAX,
                    word);
    const char *equals = strchr(word, '=');
    struct slice name = {word + 2, equals == NULL ? strlen(word + 2) : (size_t)(equals - word - 2)};
    const struct option *option = option_find(name);
    if (option == NULL)
        return fail(&reader, "no option \"%.*s\"; --help lists them", ERROR_VALUE_BYTES_MAX, word);
    char source[2 + NAME_BYTES_MAX];
    snprintf(source, sizeof source, "--%s", option->name);
    reader.source = source;
    const char *value = equals == NULL ? NULL : equals + 1;
    if (option->value_name == NULL && value != NULL)
        return fail(&reader, " takes no value");
    if (option->value_name != NULL && value == NULL) {
        if (*at + 1 >= argc)
            return fail(&reader, " needs a value");
        value = argv[++*at];
    }
    if (option->clear != NULL && !given[option - options])
        option->clear(config);
    given[option - options] = true;
    return option->set(&reader, value);
}

static void set_defaults(struct config *config) {
    *config = (struct config){.port = 3000,
                              .stun_port = CONFIG_STUN_PORT_DEFAULT,
                              .room_members_max = 32,
                              .rooms_max = 10000,
                              .connections_max = 10000,
                              .address_connections_max = 500,
                              .address_joins_per_minute = 600,
                              .address_messages_per_second = 2000,
                              .member_messages_per_second = 100,
                              .ping_seconds = 20,
                              .grace_seconds = 30,
                              .request_seconds = 10,
                              .log_level = LOG_LEVEL_INFO,
                              .log_format = LOG_FORMAT_TEXT};
    for (size_t i = 0; i < sizeof default_ice_servers / sizeof default_ice_servers[0]; i++)
        config->ice_servers[config->ice_server_count++].url = slice_of(default_ice_servers[i]);
}

/* Options that mean nothing without others. */
static int check_together(struct config *config, char *error) {
    struct reader reader = {config, error, "--tls-cert"};
    if (config->tls_cert != NULL && config->tls_key == NULL)
        return fail(&reader, " needs --tls-key too");
    reader.source = "--tls-key";
    if (config->tls_key != NULL && config->tls_cert == NULL)
        return fail(&reader, " needs --tls-cert too");
    reader.source = "--http-redirect-port";
    if (config->http_redirect_port != 0 && config->tls_cert == NULL)
        return fail(&reader, " needs --tls-cert: without it nothing speaks HTTPS here");
    return PARLEY_OK;
}

int config_read(struct config *config, int argc, char *const argv[], char *const envp[],
                char error[CONFIG_ERROR_BYTES]) {
    set_defaults(config);
    error[0] = '\0';
    for (size_t i = 0; envp[i] != NULL; i++) {
        int err = read_variable(config, envp[i], error);
        if (err != PARLEY_OK)
            return err;
    }
    bool given[OPTION_COUNT] = {false};
    for (int at = 1; at < argc; at++) {
        int err = read_argument(config, argc, argv, &at, given, error);
        if (err != PARLEY_OK)
            return err;
    }
    return config->action == CONFIG_SERVE ? check_together(config, error) : PARLEY_OK;
}

static void print_help_text(FILE *out, const char *help) {
    const char *end;
    while ((end = strchr(help, '\n')) != NULL) {
        fprintf(out, "%.*s\n%30s", (int)(end - help), help, "");
        help = end + 1;
    }
    fprintf(out, "%s\n", help);
}

void config_print_help(FILE *out) {
    fputs("Usage: parley [options]\n\n"
          "Serves the chat's page and introduces the people who open it.\n\n",
          out);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &options[i];
        char left[64];
        snprintf(left, sizeof left, "--%s %s", option->name,
                 option->value_name == NULL ? "" : option->value_name);
        fprintf(out, "  %-28s", left);
        print_help_text(out, option->help);
    }
    fputs("\nEach option but the last two can also be set in the environment: --log-level as\n"
          "PARLEY_LOG_LEVEL. The command line wins. Lists are divided by spaces there.\n",
          out);
}
