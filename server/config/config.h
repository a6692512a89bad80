/* config.h - the operator's settings, from options and the environment.
 *
 * Pure: arguments and environment come in, a struct or one error sentence comes out. Every option
 * --some-name VALUE can be written --some-name=VALUE or set as PARLEY_SOME_NAME; the command line
 * wins. In the environment, the items of an option that may be repeated are separated by spaces. An
 * empty variable counts as not set.
 */
#ifndef PARLEY_CONFIG_H
#define PARLEY_CONFIG_H

#include "ip.h"
#include "log.h"
#include "wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CONFIG_ERROR_BYTES 320    /* for the sentence, with its NUL */
#define CONFIG_HOST_BYTES_MAX 256 /* a name of 253 characters, with its NUL */
#define CONFIG_ICE_SERVERS_MAX (WIRE_ICE_SERVERS_MAX - 1) /* one place is the server's own */
#define CONFIG_TURN_URLS_MAX CONFIG_ICE_SERVERS_MAX       /* these and the others together, too */
#define CONFIG_TURN_SECONDS_MIN 4
#define CONFIG_TURN_SECONDS_MAX 86400 /* credentials that everybody gets must expire soon */
#define CONFIG_ORIGINS_MAX 16
#define CONFIG_HOSTS_MAX 16
#define CONFIG_CONNECTIONS_MAX 1000000
#define CONFIG_ROOMS_MAX 1000000
#define CONFIG_PING_SECONDS_MAX 22 /* twice this is within the 45 s that we promise */
#define CONFIG_REQUEST_SECONDS_MAX 120
#define CONFIG_GRACE_SECONDS_MAX 3600
#define CONFIG_DRAIN_SECONDS_MAX 3600
#define CONFIG_RATE_MAX 1000000 /* a second or a minute; more is as good as no limit */
#define CONFIG_TRUSTED_PROXIES_MAX 16
#define CONFIG_QUEUE_KILOBYTES_MIN 64 /* four messages of the maximum size */
#define CONFIG_QUEUE_KILOBYTES_MAX 16384

enum config_action { CONFIG_SERVE, CONFIG_SHOW_HELP, CONFIG_SHOW_PAGE_HASH, CONFIG_SHOW_VERSION };

/* All text but metrics_host points into the arguments and the environment that were read. */
struct config {
    enum config_action action;
    const char *host; /* NULL: every interface, IPv4 and IPv6 */
    uint16_t port;    /* 0: a free one */
    struct wire_ice_server ice_servers[CONFIG_ICE_SERVERS_MAX];
    size_t ice_server_count;
    bool no_ice_servers;                          /* --ice-server none */
    struct slice turn_urls[CONFIG_TURN_URLS_MAX]; /* with credentials that the server makes */
    size_t turn_url_count;
    const char *turn_secret_file; /* NULL where there are no such URLs, and only there */
    uint32_t turn_seconds;        /* how long such a credential lives */
    const char *stun_host;        /* NULL: see stun_offer.h */
    uint16_t stun_port;           /* UDP; 0: no STUN server */
    bool stun_port_set;           /* by the operator, so it is an error if the port cannot be
                                     used */
    struct slice allowed_origins[CONFIG_ORIGINS_MAX];
    size_t allowed_origin_count;
    bool any_origin; /* --allow-origin '*' */
    struct slice allowed_hosts[CONFIG_HOSTS_MAX];
    size_t allowed_host_count; /* 0: any */
    const char *web_root;      /* NULL: the page that is built in */
    const char *tls_cert;      /* a file; NULL: HTTP. Both or neither */
    const char *tls_key;
    uint16_t http_redirect_port;              /* HTTP that leads to HTTPS; 0: none */
    char metrics_host[CONFIG_HOST_BYTES_MAX]; /* empty: no metrics */
    uint16_t metrics_port;                    /* 0: a free one */
    uint32_t room_members_max;
    uint32_t rooms_max;
    uint32_t connections_max;
    uint32_t address_connections_max; /* this and the next three: 0 for no limit */
    uint32_t address_joins_per_minute;
    uint32_t address_messages_per_second;
    uint32_t member_messages_per_second;
    uint32_t member_queue_kilobytes; /* for a slow reader */
    bool relay;                      /* pass on sealed messages between members */
    struct ip_range trusted_proxies[CONFIG_TRUSTED_PROXIES_MAX];
    size_t trusted_proxy_count;
    bool no_trusted_proxies;  /* --trusted-proxy none, as opposed to no such option */
    uint32_t ping_seconds;    /* silence before a ping; after the same time again the connection
                                 is dead */
    uint32_t grace_seconds;   /* from a lost socket to "left" */
    uint32_t request_seconds; /* for the head of an HTTP request; for a polling page to join */
    uint32_t drain_seconds;   /* from SIGTERM to the end, for people to go elsewhere; 0: at once */
    enum log_level log_level;
    enum log_format log_format;
    const char *unknown_variable; /* the first PARLEY_...=value that names no option, or NULL */
};

/* Reads |argv| (of |argc| strings, the first being the program's name) over |envp| (ends with NULL)
 * over the defaults into |config|.
 * PARLEY_ERR_ARGUMENT: |error| holds one sentence, printable and without a line end; |config| must
 * not be used. */
int config_read(struct config *config, int argc, char *const argv[], char *const envp[],
                char error[CONFIG_ERROR_BYTES]);

/* Prints every option with its default to |out|. */
void config_print_help(FILE *out);

#endif
