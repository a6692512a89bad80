#include "config_value.h"

#include "error.h"
#include "host_name.h"
#include "host_port.h"
#include "ice_address.h"
#include "origin.h"

#include <stdarg.h>
#include <string.h>

/* --- errors ----------------------------------------------------------------------------------- */

/* The sentence must stay one line, whatever the value contains. */
static void make_printable(char *text) {
    for (; *text != '\0'; text++) {
        if (*text < ' ' || *text > '~')
            *text = '?';
    }
}

int config_fail(struct config_reader *reader, const char *format, ...) {
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

int config_fail_value(struct config_reader *reader, const char *value, const char *wanted) {
    return config_fail(reader, ": \"%.*s\" is not %s", CONFIG_ERROR_VALUE_BYTES_MAX, value, wanted);
}

/* --- values ----------------------------------------------------------------------------------- */

int config_read_number(struct config_reader *reader, const char *value, uint32_t min, uint32_t max,
                       uint32_t *number) {
    uint64_t read;
    if (!slice_read_number(slice_of(value), max, &read) || read < min) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "a whole number from %u to %u", min, max);
        return config_fail_value(reader, value, wanted);
    }
    *number = (uint32_t)read;
    return PARLEY_OK;
}

/* "PORT" alone is a host without a port to host_port.h. */
int config_read_metrics_listen(struct config_reader *reader, const char *value) {
    static const char wanted[] = "PORT, ADDRESS:PORT or [IPv6]:PORT";
    struct config *config = reader->config;
    struct host_port parts;
    if (!host_port_split(slice_of(value), &parts))
        return config_fail_value(reader, value, wanted);
    if (!parts.has_port && !parts.is_bracketed)
        parts = (struct host_port){
            .host = slice_of("127.0.0.1"), .port = slice_of(value), .has_port = true};
    if (!parts.has_port || parts.host.len >= CONFIG_HOST_BYTES_MAX ||
        slice_has(parts.host, ':') != parts.is_bracketed ||
        !host_port_number(&parts, 0, 0, &config->metrics_port))
        return config_fail_value(reader, value, wanted);
    memcpy(config->metrics_host, parts.host.bytes, parts.host.len);
    config->metrics_host[parts.host.len] = '\0';
    return PARLEY_OK;
}

/* --- items of lists --------------------------------------------------------------------------- */

/* "URL" or "URL,username=NAME,credential=SECRET"; the secret is the rest, commas and all. */
static void split_ice_server(struct slice text, struct wire_ice_server *server) {
    *server = (struct wire_ice_server){.url = text};
    if (!slice_cut(&text, ',', &server->url) || !slice_skip(&text, "username=") ||
        !slice_has(text, ','))
        return;
    slice_cut(&text, ',', &server->username);
    if (slice_skip(&text, "credential="))
        server->credential = text;
}

/* Refused at the start: otherwise users would find out, not the operator. */
static int check_address(struct config_reader *reader, struct slice url) {
    const char *fault = ice_address_fault(url);
    if (fault == NULL)
        return PARLEY_OK;
    int shown =
        url.len > CONFIG_ERROR_VALUE_BYTES_MAX ? CONFIG_ERROR_VALUE_BYTES_MAX : (int)url.len;
    return config_fail(reader, ": \"%.*s\" %s", shown, url.bytes, fault);
}

static int check_ice_server(struct config_reader *reader, struct slice text,
                            const struct wire_ice_server *server) {
    if (!wire_ice_url_valid(server->url))
        return config_fail(reader,
                           ": \"%.*s\" is not a stun:, turn: or turns: address such as "
                           "stun:host:3478",
                           (int)server->url.len, server->url.bytes);
    bool turn = wire_ice_url_is_turn(server->url);
    bool complete = server->username.len > 0 && server->credential.len > 0;
    if (turn && !complete)
        return config_fail(reader, ": TURN needs %.*s,username=NAME,credential=SECRET",
                           (int)server->url.len, server->url.bytes);
    if (!turn && server->url.len != text.len)
        return config_fail(reader, ": STUN takes no user name and no credential");
    if (server->username.len > ICE_ADDRESS_USERNAME_BYTES_MAX ||
        server->credential.len > WIRE_ICE_FIELD_BYTES_MAX)
        return config_fail(reader, ": a user name has at most %d bytes, and a credential %d",
                           ICE_ADDRESS_USERNAME_BYTES_MAX, WIRE_ICE_FIELD_BYTES_MAX);
    return check_address(reader, server->url);
}

int config_add_ice_server(struct config_reader *reader, struct slice text) {
    struct config *config = reader->config;
    bool none = slice_equal(text, slice_of("none"));
    if (none ? config->ice_server_count > 0 : config->no_ice_servers)
        return config_fail(reader, ": none cannot be combined with others");
    config->no_ice_servers = none;
    if (none)
        return PARLEY_OK;
    struct wire_ice_server server;
    split_ice_server(text, &server);
    int err = check_ice_server(reader, text, &server);
    if (err != PARLEY_OK)
        return err;
    if (config->ice_server_count == CONFIG_ICE_SERVERS_MAX)
        return config_fail(reader, " may be given at most %d times", CONFIG_ICE_SERVERS_MAX);
    config->ice_servers[config->ice_server_count++] = server;
    return PARLEY_OK;
}

int config_add_turn_url(struct config_reader *reader, struct slice text) {
    struct config *config = reader->config;
    if (!wire_ice_url_is_turn(text))
        return config_fail(reader,
                           ": \"%.*s\" is not a turn: or turns: address such as "
                           "turn:host:3478?transport=tcp",
                           (int)text.len, text.bytes);
    int err = check_address(reader, text);
    if (err != PARLEY_OK)
        return err;
    if (config->turn_url_count == CONFIG_TURN_URLS_MAX)
        return config_fail(reader, " may be given at most %d times", CONFIG_TURN_URLS_MAX);
    config->turn_urls[config->turn_url_count++] = text;
    return PARLEY_OK;
}

int config_add_origin(struct config_reader *reader, struct slice text) {
    struct config *config = reader->config;
    if (slice_equal(text, slice_of("*"))) {
        config->any_origin = true;
        return PARLEY_OK;
    }
    if (!origin_valid(text))
        return config_fail(reader,
                           ": \"%.*s\" is not an origin such as https://chat.example:8443, or *",
                           (int)text.len, text.bytes);
    if (config->allowed_origin_count == CONFIG_ORIGINS_MAX)
        return config_fail(reader, " may be given at most %d times", CONFIG_ORIGINS_MAX);
    config->allowed_origins[config->allowed_origin_count++] = text;
    return PARLEY_OK;
}

int config_add_host(struct config_reader *reader, struct slice text) {
    struct config *config = reader->config;
    if (!host_name_valid(text))
        return config_fail(reader,
                           ": \"%.*s\" is not a name such as chat.example.org, or .example.org for "
                           "all below, without a port",
                           (int)text.len, text.bytes);
    if (config->allowed_host_count == CONFIG_HOSTS_MAX)
        return config_fail(reader, " may be given at most %d times", CONFIG_HOSTS_MAX);
    config->allowed_hosts[config->allowed_host_count++] = text;
    return PARLEY_OK;
}

int config_add_trusted_proxy(struct config_reader *reader, struct slice text) {
    struct config *config = reader->config;
    bool none = slice_equal(text, slice_of("none"));
    if (none ? config->trusted_proxy_count > 0 : config->no_trusted_proxies)
        return config_fail(reader, ": none cannot be combined with others");
    config->no_trusted_proxies = none;
    if (none)
        return PARLEY_OK;
    if (config->trusted_proxy_count == CONFIG_TRUSTED_PROXIES_MAX)
        return config_fail(reader, " may be given at most %d times", CONFIG_TRUSTED_PROXIES_MAX);
    if (!ip_range_read(text, &config->trusted_proxies[config->trusted_proxy_count]))
        return config_fail(reader,
                           ": \"%.*s\" is not an address or a range such as 10.0.0.0/8 or fd00::/8",
                           (int)text.len, text.bytes);
    config->trusted_proxy_count++;
    return PARLEY_OK;
}
