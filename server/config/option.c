#include "option.h"

#include "error.h"
#include "ice_address.h"

#include <stddef.h>
#include <string.h>

_Static_assert(CONFIG_QUEUE_KILOBYTES_MIN * 1024 >= 4 * WIRE_MESSAGE_BYTES_MAX,
               "four of the longest messages may wait");
_Static_assert(2 * CONFIG_PING_SECONDS_MAX <= 45, "the dead are noticed within 45 seconds");

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
        return config_fail(reader, ": browsers block port %s; use another, such as %s", value,
                           option->default_value);
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

static int set_switch(struct config_reader *reader, const struct option *option,
                      const char *value) {
    bool is_on = strcmp(value, "on") == 0;
    if (!is_on && strcmp(value, "off") != 0)
        return config_fail_value(reader, value, "on or off");
    *(bool *)field_of(reader, option) = is_on;
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

static int set_page_hash(struct config_reader *reader, const struct option *option,
                         const char *value) {
    (void)option;
    (void)value;
    reader->config->action = CONFIG_SHOW_PAGE_HASH;
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

/* --- the table -------------------------------------------------------------------------------- */

#define FIELD(name) .field = offsetof(struct config, name)
#define NUMBER(name, least, most) .set = set_number, FIELD(name), .min = (least), .max = (most)
#define PORT(name) .set = set_port, FIELD(name)
#define TEXT(name, what) .set = set_text, FIELD(name), .wanted = (what)
#define LIST(item, empty) .add = (item), .clear = (empty)

const struct option option_table[] = {
    {"host", "ADDRESS", "address or host name to listen on", .default_words = "all, IPv4 and IPv6",
     TEXT(host, "an address or a host name")},
    {"port", "NUMBER", "port to listen on", .zero = "0 picks a free one and prints it",
     .default_value = "3000", PORT(port)},
    {"ice-server", "URL",
     "a server that helps browsers to find a path to each other: `stun:HOST:PORT`, or "
     "`turn:HOST:PORT,username=NAME,credential=SECRET`, with `turns:` for TLS; `none` for no "
     "server",
     .more =
         "Addresses that some browsers refuse, such as `stuns:` or a blocked port, are an error. "
         "Everybody who opens the page can read the name and the secret.",
     .default_value = "stun:stun.l.google.com:19302 stun:stun.cloudflare.com:3478",
     .default_words = "two public STUN servers", LIST(config_add_ice_server, clear_ice_servers)},
    {"turn-url", "URL",
     "a relay that knows the secret of `--turn-secret-file`: `turn:HOST:PORT` or "
     "`turns:HOST:PORT`, with `?transport=tcp` for TCP",
     .see = "A relay", .default_words = "none", LIST(config_add_turn_url, clear_turn_urls)},
    {"turn-secret-file", "FILE",
     "file with one line, the secret that Parley and that relay (coturn: `static-auth-secret`) "
     "share; read again at SIGHUP",
     TEXT(turn_secret_file, "a file")},
    {"turn-seconds", "NUMBER", "lifetime of a user name and password for the relay",
     .more =
         "The page gets new ones before they expire. They are made for an address (an IPv6 /64), "
         "so the relay counts everybody who shares it as one user. People who are alone in "
         "their room get none.",
     .default_value = "600",
     NUMBER(turn_seconds, CONFIG_TURN_SECONDS_MIN, CONFIG_TURN_SECONDS_MAX)},
    {"tls-cert", "FILE",
     "certificate chain in PEM: serve HTTPS instead of HTTP, on the same port; "
     "read again at SIGHUP",
     .more = "SIGHUP disconnects nobody.", .see = "TLS", .default_words = "HTTP",
     TEXT(tls_cert, "a file")},
    {"tls-key", "FILE",
     "the certificate's key, in PEM, without a pass phrase; read again at SIGHUP",
     TEXT(tls_key, "a file")},
    {"http-redirect-port", "NUMBER", "HTTP port that redirects to HTTPS, such as 80",
     .zero = "0 for none",
     .more = "Browsers are then told to use only HTTPS on this host name, on all ports (HSTS).",
     .default_value = "0", .default_words = "none", PORT(http_redirect_port)},
    {"stun-host", "ADDRESS",
     "address or host name where the built-in STUN server listens; by default the same as "
     "`--host`, or all addresses if that is a loopback address and a proxy is in front",
     .more =
         "Parley assumes a proxy in front if `--trusted-proxy` or `--allow-host` is set, or if a "
         "page came over TLS.",
     .see = "The STUN server", TEXT(stun_host, "an address or a host name")},
    {"stun-port", "NUMBER", "UDP port of the built-in STUN server", .zero = "0 for none",
     .more = "It tells browsers their own address, and is offered to them before other servers. "
             "Ports that browsers block, such as 5060, are an error.",
     .default_value = "3478", /* RFC 8489, 18.6 */
     .default_words = "3478, if it is free", .set = set_stun_port, FIELD(stun_port)},
    {"metrics-listen", "ADDRESS:PORT",
     "answer `/metrics` for Prometheus there, without access control; `PORT` alone means "
     "127.0.0.1; IPv6 in brackets; port 0 picks a free one",
     .more = "Nothing else is answered there, and the log tells the port. Use addresses that other "
             "machines can reach only in a private network.",
     .see = "Watching it", .default_words = "nowhere", .set = set_metrics_listen},
    {"allow-origin", "ORIGIN",
     "let pages from this origin, such as `https://chat.example`, connect too; `*` for any",
     .default_words = "the served host only", LIST(config_add_origin, clear_origins)},
    {"allow-host", "NAME",
     "answer only requests for this host name, such as `chat.example.org`; `.example.org` for all "
     "names below it; IP addresses and localhost are always answered",
     .more = "Even without this option, requests for unknown names get no figures from `/healthz` "
             "and no answer from `/metrics`.",
     .default_words = "any name", LIST(config_add_host, clear_hosts)},
    {"web-root", "DIR", "serve the page from a folder, for development",
     .default_words = "the built-in page", TEXT(web_root, "a folder")},
    {"room-members-max", "NUMBER", "people in one room", .default_value = "32",
     NUMBER(room_members_max, 2, WIRE_ROOM_MEMBERS_MAX)},
    {"rooms-max", "NUMBER", "rooms at once", .default_value = "10000",
     NUMBER(rooms_max, 1, CONFIG_ROOMS_MAX)},
    {"connections-max", "NUMBER", "people connected at once",
     .more = "Each takes a file descriptor; if there are fewer, Parley says so and accepts fewer "
             "people.",
     .default_value = "10000", NUMBER(connections_max, 1, CONFIG_CONNECTIONS_MAX)},
    {"address-connections-max", "NUMBER",
     "people connected at once from one address, or one IPv6 /64", .zero = "0 for any number",
     .default_value = "500", NUMBER(address_connections_max, 0, CONFIG_CONNECTIONS_MAX)},
    {"address-joins-per-minute", "NUMBER", "people who join from one address in a minute",
     .zero = "0 for any number",
     .more = "They may all come at once. Others wait, for at most 15 seconds, in a line that moves "
             "four times as fast. There is no line if the number is below 60.",
     .default_value = "600", NUMBER(address_joins_per_minute, 0, CONFIG_RATE_MAX)},
    {"address-messages-per-second", "NUMBER",
     "signaling messages from one address, and 20 times as many at once",
     .zero = "0 for any number", .default_value = "2000",
     NUMBER(address_messages_per_second, 0, CONFIG_RATE_MAX)},
    {"member-messages-per-second", "NUMBER",
     "signaling messages from one person, and 20 times as many at once", .zero = "0 for any number",
     .default_value = "100", NUMBER(member_messages_per_second, 0, CONFIG_RATE_MAX)},
    {"member-queue-kilobytes", "NUMBER", "size of the queue for one person who reads too slowly",
     .more =
         "A person whose queue is full is disconnected. Messages from other people may use half "
         "of it; those that do not fit are dropped.",
     .default_value = "256",
     NUMBER(member_queue_kilobytes, CONFIG_QUEUE_KILOBYTES_MIN, CONFIG_QUEUE_KILOBYTES_MAX)},
    {"relay", "SWITCH",
     "`on` or `off`: pass on what people write to each other, encrypted, if their browsers find no "
     "path to each other",
     .see = "Limits", .default_value = "on", .set = set_switch, FIELD(relay)},
    {"trusted-proxy", "CIDR",
     "take clients' addresses from the `X-Forwarded-For` or `Forwarded` of a proxy at this address "
     "or range, such as `10.0.0.0/8`; `none` says that there is no proxy, even on this machine",
     .more = "The proxy must set the header that it uses, and not pass on a client's own. By "
             "default, limits by address do not apply to this machine itself, since a proxy may "
             "run on it.",
     .see = "Limits", LIST(config_add_trusted_proxy, clear_trusted_proxies)},
    {"ping-seconds", "NUMBER",
     "ping after this much silence; a connection without an answer after the same time again "
     "counts as dead",
     .default_value = "20", NUMBER(ping_seconds, 1, CONFIG_PING_SECONDS_MAX)},
    {"grace-seconds", "NUMBER",
     "time to come back after a lost connection, before the others are told that somebody left",
     .default_value = "30", NUMBER(grace_seconds, 0, CONFIG_GRACE_SECONDS_MAX)},
    {"request-seconds", "NUMBER",
     "time limit for the head of an HTTP request, and for a polling page to join a room",
     .default_value = "10", NUMBER(request_seconds, 1, CONFIG_REQUEST_SECONDS_MAX)},
    {"drain-seconds", "NUMBER",
     "after SIGTERM, send people to the new server one by one, spread over this time",
     .more =
         "Newcomers are refused meanwhile. SIGINT, or a second SIGTERM, ends the program at once "
         "in any case.",
     .see = "Restarting", .default_value = "0", .default_words = "0: leave at once",
     NUMBER(drain_seconds, 0, CONFIG_DRAIN_SECONDS_MAX)},
    {"log-level", "LEVEL", "`error`, `warn`, `info` or `debug`", .default_value = "info",
     .set = set_log_level},
    {"log-format", "FORMAT", "`text` or `json`, on standard error", .default_value = "text",
     .set = set_log_format},
    {"help", NULL, "print the options and exit", .set = set_help},
    {"page-hash", NULL, "print the SHA-256 of the built-in page and of each of its files, and exit",
     .see = "Checking the page", .set = set_page_hash},
    {"version", NULL, "print the version and exit", .set = set_version},
};
const size_t option_count = sizeof option_table / sizeof *option_table;

/* --- texts ------------------------------------------------------------------------------------ */

static int append_range(const struct option *option, struct buffer *out) {
    char range[48];
    snprintf(range, sizeof range, "; %u to %u", option->min, option->max);
    return buffer_append(out, slice_of(range));
}

int option_describe(const struct option *option, struct buffer *out) {
    int err = buffer_append(out, slice_of(option->meaning));
    if (err == PARLEY_OK && option->add != NULL)
        err = buffer_append(out, slice_of("; may be repeated"));
    if (err == PARLEY_OK && option->zero != NULL) {
        err = buffer_append(out, slice_of("; "));
        return err == PARLEY_OK ? buffer_append(out, slice_of(option->zero)) : err;
    }
    return err == PARLEY_OK && option->max > 0 ? append_range(option, out) : err;
}

const char *option_default(const struct option *option) {
    return option->default_words != NULL ? option->default_words : option->default_value;
}
