#include "config.h"

#include "config_value.h"
#include "error.h"
#include "ice_address.h"

#include <stddef.h>
#include <string.h>

#define VARIABLE_PREFIX "PARLEY_"
#define NAME_BYTES_MAX 32 /* longest option name, with its NUL */

static const char *const default_ice_servers[] = {"stun:stun.l.google.com:19302",
                                                  "stun:stun.cloudflare.com:3478"};

/* Either |set| takes the value, or |add| each of its items, for lists, which may be repeated. */
struct option {
    const char *name;
    const char *value_name; /* NULL: takes no value */
    const char *help;
    int (*set)(struct config_reader *reader, const struct option *option, const char *value);
    int (*add)(struct config_reader *reader, struct slice item);
    void (*clear)(struct config *config); /* with |add|: empties the list */
    size_t field;                         /* where in struct config the value is kept */
    uint32_t min, max;                    /* of a number */
    const char *wanted;                   /* in place of an empty text */
};

/* --- values ----------------------------------------------------------------------------------- */

static void *field_of(const struct config_reader *reader, const struct option *option) {
    return (char *)reader->config + option->field;
}

static int set_number(struct config_reader *reader, const struct option *option,
                      const char *value) {
    return config_read_number(reader, value, option->min, option->max, field_of(reader, option));
}

static int set_port(struct config_reader *reader, const struct option *option, const char *value) {
    uint32_t number = 0;
    int err = config_read_number(reader, value, 0, UINT16_MAX, &number);
    if (err == PARLEY_OK)
        *(uint16_t *)field_of(reader, option) = (uint16_t)number;
    return err;
}

static int set_stun_port(struct config_reader *reader, const struct option *option,
                         const char *value) {
    reader->config->stun_port_set = true;
    int err = set_port(reader, option, value);
    if (err == PARLEY_OK && ice_address_port_blocked(reader->config->stun_port))
        return config_fail(reader, ": browsers block port %s; use another, such as %d", value,
                           CONFIG_STUN_PORT_DEFAULT);
    return err;
}

static int set_text(struct config_reader *reader, const struct option *option, const char *value) {
    if (*value == '\0')
        return config_fail(reader, " needs %s", option->wanted);
    *(const char **)field_of(reader, option) = value;
    return PARLEY_OK;
}

static int set_log_level(struct config_reader *reader, const struct option *option,
                         const char *value) {
    (void)option;
    if (!log_level_find(slice_of(value), &reader->config->log_level))
        return config_fail_value(reader, value, "error, warn, info or debug");
    return PARLEY_OK;
}

static int set_log_format(struct config_reader *reader, const struct option *option,
                          const char *value) {
    (void)option;
    if (!log_format_find(slice_of(value), &reader->config->log_format))
        return config_fail_value(reader, value, "text or json");
    return PARLEY_OK;
}

static int set_metrics_listen(struct config_reader *reader, const struct option *option,
                              const char *value) {
    (void)option;
    return config_read_metrics_listen(reader, value);
}

static int set_help(struct config_reader *reader, const struct option *option, const char *value) {
    (void)option;
    (void)value;
    reader->config->action = CONFIG_SHOW_HELP;
    return PARLEY_OK;
}

static int set_version(struct config_reader *reader, const struct option *option,
                       const char *value) {
    (void)option;
    (void)value;
    reader->config->action = CONFIG_SHOW_VERSION;
    return PARLEY_OK;
}

static void clear_ice_servers(struct config *config) {
    config->ice_server_count = 0;
    config->no_ice_servers = false;
}

static void clear_turn_urls(struct config *config) {
    config->turn_url_count = 0;
}

static void clear_origins(struct config *config) {
    config->allowed_origin_count = 0;
    config->any_origin = false;
}

static void clear_hosts(struct config *config) {
    config->allowed_host_count = 0;
}

static void clear_trusted_proxies(struct config *config) {
    config->trusted_proxy_count = 0;
    config->no_trusted_proxies = false;
}

/* --- options ---------------------------------------------------------------------------------- */

static const struct option options[] = {
    {"host", "ADDRESS", "address or host name to listen on; default: all, IPv4 and IPv6",
     .set = set_text, .field = offsetof(struct config, host),
     .wanted = "an address or a host name"},
    {"port", "NUMBER", "default 3000; 0 picks a free one and prints it", .set = set_port,
     .field = offsetof(struct config, port)},
    {"ice-server", "URL",
     "stun:HOST:PORT, or turn:HOST:PORT,username=NAME,credential=SECRET;\n"
     "turns: where that speaks TLS;\n"
     "may be repeated; none for none; default: two public STUN servers",
     .add = config_add_ice_server, .clear = clear_ice_servers},
    {"turn-url", "URL",
     "turn:HOST:PORT or turns:HOST:PORT, with ?transport=tcp where that is\n"
     "meant: a relay that knows --turn-secret-file; may be repeated",
     .add = config_add_turn_url, .clear = clear_turn_urls},
    {"turn-secret-file", "FILE",
     "the secret that Parley and that relay (coturn: static-auth-secret)\n"
     "share, in one line; read again at SIGHUP",
     .set = set_text, .field = offsetof(struct config, turn_secret_file), .wanted = "a file"},
    {"turn-seconds", "NUMBER",
     "how long a credential for it lives, 4 to 86400; the page gets new\n"
     "ones before; default 600",
     .set = set_number, .field = offsetof(struct config, turn_seconds),
     .min = CONFIG_TURN_SECONDS_MIN, .max = CONFIG_TURN_SECONDS_MAX},
    {"tls-cert", "FILE",
     "certificate and those that signed it, in PEM: serve HTTPS instead of\n"
     "HTTP; read again at SIGHUP",
     .set = set_text, .field = offsetof(struct config, tls_cert), .wanted = "a file"},
    {"tls-key", "FILE", "its key, in PEM", .set = set_text,
     .field = offsetof(struct config, tls_key), .wanted = "a file"},
    {"http-redirect-port", "NUMBER", "HTTP port that leads to HTTPS, such as 80; default 0: none",
     .set = set_port, .field = offsetof(struct config, http_redirect_port)},
    {"stun-host", "ADDRESS",
     "address or host name where the STUN server listens; default: as\n"
     "--host, or all where that is this machine alone and a proxy is in front",
     .set = set_text, .field = offsetof(struct config, stun_host),
     .wanted = "an address or a host name"},
    {"stun-port", "NUMBER",
     "UDP port of the built-in STUN server; 0 for none; default 3478, where\n"
     "it is free",
     .set = set_stun_port, .field = offsetof(struct config, stun_port)},
    {"metrics-listen", "ADDRESS:PORT",
     "answer /metrics for Prometheus there; only PORT: on 127.0.0.1; IPv6 in\n"
     "brackets; 0 picks a free port; nothing guards it; default: nowhere",
     .set = set_metrics_listen},
    {"allow-origin", "ORIGIN",
     "let pages from ORIGIN, such as https://chat.example, connect too;\n"
     "may be repeated; * for any",
     .add = config_add_origin, .clear = clear_origins},
    {"allow-host", "NAME",
     "answer only where the server is asked for under this name, such as\n"
     "chat.example.org; .example.org for all below; may be repeated;\n"
     "addresses and localhost are always answered; default: any name",
     .add = config_add_host, .clear = clear_hosts},
    {"web-root", "DIR", "serve the page from a folder, for developing", .set = set_text,
     .field = offsetof(struct config, web_root), .wanted = "a folder"},
    {"room-members-max", "NUMBER", "people in one room, 2 to 64; default 32", .set = set_number,
     .field = offsetof(struct config, room_members_max), .min = 2, .max = WIRE_ROOM_MEMBERS_MAX},
    {"rooms-max", "NUMBER", "rooms at once; default 10000", .set = set_number,
     .field = offsetof(struct config, rooms_max), .min = 1, .max = CONFIG_ROOMS_MAX},
    {"connections-max", "NUMBER", "people connected at once; default 10000", .set = set_number,
     .field = offsetof(struct config, connections_max), .min = 1, .max = CONFIG_CONNECTIONS_MAX},
    {"address-connections-max", "NUMBER",
     "people connected at once from one address, or one IPv6 /64;\n"
     "0 for any number; default 500",
     .set = set_number, .field = offsetof(struct config, address_connections_max), .min = 0,
     .max = CONFIG_CONNECTIONS_MAX},
    {"address-joins-per-minute", "NUMBER",
     "people who come from one address; 0 for any number; default 600", .set = set_number,
     .field = offsetof(struct config, address_joins_per_minute), .min = 0, .max = CONFIG_RATE_MAX},
    {"address-messages-per-second", "NUMBER",
     "signaling messages from one address, and 20 times as many at\n"
     "once; 0 for any number; default 2000",
     .set = set_number, .field = offsetof(struct config, address_messages_per_second), .min = 0,
     .max = CONFIG_RATE_MAX},
    {"member-messages-per-second", "NUMBER",
     "signaling messages from one person, and 20 times as many at\n"
     "once; 0 for any number; default 100",
     .set = set_number, .field = offsetof(struct config, member_messages_per_second), .min = 0,
     .max = CONFIG_RATE_MAX},
    {"member-queue-kilobytes", "NUMBER",
     "what may wait for one person who does not read, 64 to 16384;\n"
     "default 256",
     .set = set_number, .field = offsetof(struct config, member_queue_kilobytes),
     .min = CONFIG_QUEUE_KILOBYTES_MIN, .max = CONFIG_QUEUE_KILOBYTES_MAX},
    {"trusted-proxy", "CIDR",
     "take clients' addresses from the X-Forwarded-For or Forwarded of a\n"
     "proxy at this address or range; may be repeated; none says that\n"
     "there is no proxy, not on this machine either",
     .add = config_add_trusted_proxy, .clear = clear_trusted_proxies},
    {"ping-seconds", "NUMBER",
     "ping after this much silence, 1 to 22; as much again without an\n"
     "answer, and the connection counts as dead; default 20",
     .set = set_number, .field = offsetof(struct config, ping_seconds), .min = 1,
     .max = CONFIG_PING_SECONDS_MAX},
    {"grace-seconds", "NUMBER",
     "time to come back after a lost connection before the others hear\n"
     "that somebody left, 0 to 3600; default 30",
     .set = set_number, .field = offsetof(struct config, grace_seconds), .min = 0,
     .max = CONFIG_GRACE_SECONDS_MAX},
    {"request-seconds", "NUMBER",
     "time an HTTP request's head may take, and a page that polls to\n"
     "join a room, 1 to 120; default 10",
     .set = set_number, .field = offsetof(struct config, request_seconds), .min = 1,
     .max = CONFIG_REQUEST_SECONDS_MAX},
    {"drain-seconds", "NUMBER",
     "after SIGTERM, send people to the server that takes over spread over\n"
     "this time, 0 to 3600; default 0: leave at once",
     .set = set_number, .field = offsetof(struct config, drain_seconds), .min = 0,
     .max = CONFIG_DRAIN_SECONDS_MAX},
    {"log-level", "LEVEL", "error, warn, info or debug; default info", .set = set_log_level},
    {"log-format", "FORMAT", "text or json, on standard error; default text",
     .set = set_log_format},
    {"help", NULL, "print this and exit", .set = set_help},
    {"version", NULL, "print the version and exit", .set = set_version},
};
#define OPTION_COUNT (sizeof options / sizeof options[0])

/* Cuts the next item off |rest|; false when nothing is left. */
static bool next_item(struct slice *rest, struct slice *item) {
    while (config_cut_prefix(rest, " ")) {
    }
    const char *end = rest->len == 0 ? NULL : memchr(rest->bytes, ' ', rest->len);
    *item = (struct slice){rest->bytes, end == NULL ? rest->len : (size_t)(end - rest->bytes)};
    rest->bytes += item->len;
    rest->len -= item->len;
    return item->len > 0;
}

static int add_each(struct config_reader *reader, const struct option *option, const char *value) {
    struct slice rest = slice_of(value);
    struct slice item;
    if (!next_item(&rest, &item)) /* spaces alone are no empty list either */
        return config_fail(reader, " needs a value");
    do {
        int err = option->add(reader, item);
        if (err != PARLEY_OK)
            return err;
    } while (next_item(&rest, &item));
    return PARLEY_OK;
}

static int take_value(struct config_reader *reader, const struct option *option,
                      const char *value) {
    return option->add != NULL ? add_each(reader, option, value)
                               : option->set(reader, option, value);
}

static const struct option *option_find(struct slice name) {
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (slice_equal(name, slice_of(options[i].name)))
            return &options[i];
    }
    return NULL;
}

/* "PARLEY_SOME_NAME" to "some-name"; empty when it cannot be an option. */
static struct slice name_of_variable(struct slice variable, char buffer[NAME_BYTES_MAX]) {
    if (!config_cut_prefix(&variable, VARIABLE_PREFIX) || variable.len >= NAME_BYTES_MAX)
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
        if (config->unknown_variable == NULL && config_cut_prefix(&name, VARIABLE_PREFIX))
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
                         bool given[OPTION_COUNT], char *error) {
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
    if (option->add != NULL && !given[option - options])
        option->clear(config);
    given[option - options] = true;
    return take_value(&reader, option, value);
}

static void set_defaults(struct config *config) {
    *config = (struct config){.port = 3000,
                              .stun_port = CONFIG_STUN_PORT_DEFAULT,
                              .turn_seconds = 600,
                              .room_members_max = 32,
                              .rooms_max = 10000,
                              .connections_max = 10000,
                              .address_connections_max = 500,
                              .address_joins_per_minute = 600,
                              .address_messages_per_second = 2000,
                              .member_messages_per_second = 100,
                              .member_queue_kilobytes = 256,
                              .ping_seconds = 20,
                              .grace_seconds = 30,
                              .request_seconds = 10,
                              .log_level = LOG_LEVEL_INFO,
                              .log_format = LOG_FORMAT_TEXT};
    for (size_t i = 0; i < sizeof default_ice_servers / sizeof default_ice_servers[0]; i++)
        config->ice_servers[config->ice_server_count++].url = slice_of(default_ice_servers[i]);
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
        if (strlen(left) >= 28)
            fprintf(out, "\n%30s", "");
        print_help_text(out, option->help);
    }
    fputs("\nEach option but the last two can also be set in the environment: --log-level as\n"
          "PARLEY_LOG_LEVEL. The command line wins. Lists are divided by spaces there.\n",
          out);
}
