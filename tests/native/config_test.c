/* Options and environment: defaults, both spellings, precedence, and one clear line for each
 * mistake. */
#define _POSIX_C_SOURCE 200809L /* fmemopen */
#include "config.h"
#include "error.h"

#include "cmocka_all.h"

#include <string.h>

#define ARGUMENTS_MAX 16

static struct config config;
static char error[CONFIG_ERROR_BYTES];

/* Both lists end with NULL. Adds the program's name before |arguments|. */
static int read_all(const char *const arguments[], const char *const variables[]) {
    char *argv[ARGUMENTS_MAX] = {(char *)(uintptr_t) "parley"};
    char *envp[ARGUMENTS_MAX] = {NULL};
    int argc = 1;
    for (; arguments[argc - 1] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)arguments[argc - 1];
    for (size_t i = 0; variables[i] != NULL; i++)
        envp[i] = (char *)(uintptr_t)variables[i];
    return config_read(&config, argc, argv, envp, error);
}

#define NO_VARIABLES ((const char *const[]){NULL})
#define READ(...) read_all((const char *const[]){__VA_ARGS__, NULL}, NO_VARIABLES)
#define READ_VARIABLES(...)                                                                        \
    read_all((const char *const[]){NULL}, (const char *const[]){__VA_ARGS__, NULL})

static void assert_slice(struct slice slice, const char *expected) {
    assert_int_equal(slice.len, strlen(expected));
    assert_memory_equal(slice.bytes, expected, slice.len);
}

static void assert_refused(int result, const char *expected_error) {
    assert_int_equal(result, PARLEY_ERR_ARGUMENT);
    assert_string_equal(error, expected_error);
}

static void test_defaults(void **state) {
    (void)state;
    assert_int_equal(read_all((const char *const[]){NULL}, NO_VARIABLES), PARLEY_OK);
    assert_int_equal(config.action, CONFIG_SERVE);
    assert_null(config.host);
    assert_int_equal(config.port, 3000);
    assert_int_equal(config.ice_server_count, 2);
    assert_int_equal(config.stun_port, 3478);
    assert_false(config.stun_port_set);
    for (size_t i = 0; i < config.ice_server_count; i++)
        assert_true(wire_ice_url_valid(config.ice_servers[i].url));
    assert_int_equal(config.room_members_max, 32);
    assert_int_equal(config.rooms_max, 10000);
    assert_int_equal(config.connections_max, 10000);
    assert_true(2 * config.ping_seconds <= 45);
    assert_int_equal(config.grace_seconds, 30);
    assert_true(config.relay);
    assert_int_equal(config.log_level, LOG_LEVEL_INFO);
    assert_int_equal(config.log_format, LOG_FORMAT_TEXT);
    assert_null(config.web_root);
    assert_false(config.any_origin);
    assert_int_equal(config.address_connections_max, 500);
    assert_int_equal(config.address_joins_per_minute, 600);
    assert_int_equal(config.address_messages_per_second, 2000);
    assert_int_equal(config.member_messages_per_second, 100);
    assert_int_equal(config.trusted_proxy_count, 0);
    assert_false(config.no_trusted_proxies);
}

static void test_trusted_proxies(void **state) {
    (void)state;
    assert_int_equal(READ("--trusted-proxy=127.0.0.1", "--trusted-proxy", "10.0.0.0/8 fd00::/8"),
                     PARLEY_OK);
    assert_int_equal(config.trusted_proxy_count, 3);
    assert_int_equal(config.trusted_proxies[1].bits, 96 + 8);
    assert_int_equal(READ("--trusted-proxy=none"), PARLEY_OK);
    assert_true(config.no_trusted_proxies);
    assert_refused(READ("--trusted-proxy=none", "--trusted-proxy=::1"),
                   "--trusted-proxy: none cannot be combined with others");
    assert_refused(READ("--trusted-proxy=10.0.0.1/8"),
                   "--trusted-proxy: \"10.0.0.1/8\" is not an address or a range such as "
                   "10.0.0.0/8 or fd00::/8");
    assert_refused(READ_VARIABLES("PARLEY_TRUSTED_PROXY=::1 x"),
                   "PARLEY_TRUSTED_PROXY: \"x\" is not an address or a range such as 10.0.0.0/8 or "
                   "fd00::/8");
    assert_refused(READ("--trusted-proxy", "::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 "
                                           "::1 ::1 ::1 ::1"),
                   "--trusted-proxy may be given at most 16 times");
}

static void test_rates(void **state) {
    (void)state;
    assert_int_equal(READ("--address-connections-max=0", "--address-joins-per-minute=0",
                          "--address-messages-per-second=1000000",
                          "--member-messages-per-second=7"),
                     PARLEY_OK);
    assert_int_equal(config.address_connections_max, 0);
    assert_int_equal(config.address_joins_per_minute, 0);
    assert_int_equal(config.address_messages_per_second, 1000000);
    assert_int_equal(config.member_messages_per_second, 7);
    assert_refused(READ("--address-joins-per-minute=1000001"),
                   "--address-joins-per-minute: \"1000001\" is not a whole number from 0 to "
                   "1000000");
}

static void test_member_queue(void **state) {
    (void)state;
    assert_int_equal(READ("--port=0"), PARLEY_OK);
    assert_int_equal(config.member_queue_kilobytes, 256);
    assert_int_equal(READ("--member-queue-kilobytes=64"), PARLEY_OK);
    assert_int_equal(config.member_queue_kilobytes, 64);
    assert_refused(READ("--member-queue-kilobytes=63"),
                   "--member-queue-kilobytes: \"63\" is not a whole number from 64 to 16384");
}

static void test_switches(void **state) {
    (void)state;
    assert_int_equal(READ("--relay=off"), PARLEY_OK);
    assert_false(config.relay);
    assert_int_equal(READ_VARIABLES("PARLEY_RELAY=on"), PARLEY_OK);
    assert_true(config.relay);
    assert_refused(READ("--relay=1"), "--relay: \"1\" is not on or off");
}

static void test_drain(void **state) {
    (void)state;
    assert_int_equal(READ("--port=0"), PARLEY_OK);
    assert_int_equal(config.drain_seconds, 0);
    assert_int_equal(READ("--drain-seconds", "3600"), PARLEY_OK);
    assert_int_equal(config.drain_seconds, 3600);
    assert_refused(READ("--drain-seconds=3601"),
                   "--drain-seconds: \"3601\" is not a whole number from 0 to 3600");
}

static void test_both_spellings(void **state) {
    (void)state;
    assert_int_equal(READ("--port", "0", "--host=::1", "--room-members-max=64", "--log-level",
                          "debug", "--log-format=json", "--web-root", "web"),
                     PARLEY_OK);
    assert_int_equal(config.port, 0);
    assert_string_equal(config.host, "::1");
    assert_int_equal(config.room_members_max, 64);
    assert_int_equal(config.log_level, LOG_LEVEL_DEBUG);
    assert_int_equal(config.log_format, LOG_FORMAT_JSON);
    assert_string_equal(config.web_root, "web");
}

static void test_tls(void **state) {
    (void)state;
    assert_int_equal(READ("--tls-cert=c", "--tls-key=k", "--http-redirect-port=80"), PARLEY_OK);
    assert_string_equal(config.tls_cert, "c");
    assert_string_equal(config.tls_key, "k");
    assert_int_equal(config.http_redirect_port, 80);
    assert_refused(READ("--tls-cert=c"), "--tls-cert needs --tls-key too");
    assert_refused(READ("--tls-key=k"), "--tls-key needs --tls-cert too");
    assert_refused(READ("--tls-key="), "--tls-key needs a file");
    assert_refused(READ("--http-redirect-port=80"),
                   "--http-redirect-port needs --tls-cert: without it nothing speaks HTTPS here");
}

static void test_stun_port(void **state) {
    (void)state;
    assert_int_equal(READ("--stun-port=0"), PARLEY_OK);
    assert_int_equal(config.stun_port, 0);
    assert_true(config.stun_port_set);
    assert_refused(READ("--stun-port=5060"),
                   "--stun-port: browsers block port 5060; use another, such as 3478");
    assert_refused(READ_VARIABLES("PARLEY_STUN_PORT=10080"),
                   "PARLEY_STUN_PORT: browsers block port 10080; use another, such as 3478");
    assert_refused(READ("--stun-port=x"),
                   "--stun-port: \"x\" is not a whole number from 0 to 65535");
}

static void assert_metrics(const char *host, uint16_t port) {
    assert_string_equal(config.metrics_host, host);
    assert_int_equal(config.metrics_port, port);
}

static void test_metrics_listen(void **state) {
    (void)state;
    assert_int_equal(READ("--port=1"), PARLEY_OK);
    assert_metrics("", 0);
    assert_int_equal(READ("--metrics-listen=9464"), PARLEY_OK);
    assert_metrics("127.0.0.1", 9464);
    assert_int_equal(READ("--metrics-listen=localhost:0"), PARLEY_OK);
    assert_metrics("localhost", 0);
    assert_int_equal(READ("--metrics-listen=[::1]:65535"), PARLEY_OK);
    assert_metrics("::1", 65535);
    static const char *const wrong[] = {"",    ":9464", "::1:9464", "[::1]",
                                        "a:b", "[a]:1", "a:65536"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char sentence[128];
        snprintf(sentence, sizeof sentence,
                 "--metrics-listen: \"%s\" is not PORT, ADDRESS:PORT or [IPv6]:PORT", wrong[i]);
        assert_refused(READ("--metrics-listen", wrong[i]), sentence);
    }
    char long_host[CONFIG_HOST_BYTES_MAX + 3];
    memset(long_host, 'a', sizeof long_host);
    memcpy(long_host + CONFIG_HOST_BYTES_MAX, ":1", 3);
    assert_int_equal(READ("--metrics-listen", long_host), PARLEY_ERR_ARGUMENT);
}

static void test_help_and_version(void **state) {
    (void)state;
    assert_int_equal(READ("--help"), PARLEY_OK);
    assert_int_equal(config.action, CONFIG_SHOW_HELP);
    assert_int_equal(READ("--page-hash"), PARLEY_OK);
    assert_int_equal(config.action, CONFIG_SHOW_PAGE_HASH);
    assert_int_equal(READ("--version"), PARLEY_OK);
    assert_int_equal(config.action, CONFIG_SHOW_VERSION);
    assert_refused(READ("--help=yes"), "--help takes no value");
}

static void test_environment(void **state) {
    (void)state;
    assert_int_equal(
        READ_VARIABLES("PARLEY_PORT=4000", "PARLEY_ROOMS_MAX=7", "HOME=/", "PARLEY_HOST="),
        PARLEY_OK);
    assert_int_equal(config.port, 4000);
    assert_int_equal(config.rooms_max, 7);
    assert_null(config.host);
    assert_null(config.unknown_variable);
    assert_refused(READ_VARIABLES("PARLEY_PORT=tcp://10.0.0.1:3000"),
                   "PARLEY_PORT: \"tcp://10.0.0.1:3000\" is not a whole number from 0 to 65535");
}

static void test_unknown_variable_is_reported(void **state) {
    (void)state;
    assert_int_equal(READ_VARIABLES("PARLEY_PROT=1", "PARLEYX=2"), PARLEY_OK);
    assert_string_equal(config.unknown_variable, "PARLEY_PROT=1");
    assert_int_equal(READ_VARIABLES("PARLEY_HELP=1"), PARLEY_OK);
    assert_int_equal(config.action, CONFIG_SERVE);
}

static void test_command_line_wins(void **state) {
    (void)state;
    const char *const variables[] = {"PARLEY_PORT=4000", "PARLEY_ICE_SERVER=stun:env.example:3478",
                                     NULL};
    const char *const arguments[] = {"--port=5000", "--ice-server", "stun:one.example",
                                     "--ice-server=stun:two.example", NULL};
    assert_int_equal(read_all(arguments, variables), PARLEY_OK);
    assert_int_equal(config.port, 5000);
    assert_int_equal(config.ice_server_count, 2);
    assert_slice(config.ice_servers[0].url, "stun:one.example");
    assert_slice(config.ice_servers[1].url, "stun:two.example");
}

static void test_ice_servers(void **state) {
    (void)state;
    assert_int_equal(READ("--ice-server", "none"), PARLEY_OK);
    assert_int_equal(config.ice_server_count, 0);
    assert_int_equal(
        READ("--ice-server",
             "turns:turn.example:5349?transport=tcp,username=17:ann,credential=a,b=c/+"),
        PARLEY_OK);
    assert_int_equal(config.ice_server_count, 1);
    assert_slice(config.ice_servers[0].url, "turns:turn.example:5349?transport=tcp");
    assert_slice(config.ice_servers[0].username, "17:ann");
    assert_slice(config.ice_servers[0].credential, "a,b=c/+");
    assert_int_equal(READ_VARIABLES("PARLEY_ICE_SERVER=stun:a.example  "
                                    "turn:b.example,username=u,credential=c"),
                     PARLEY_OK);
    assert_int_equal(config.ice_server_count, 2);
    assert_slice(config.ice_servers[1].url, "turn:b.example");
}

static void test_bad_ice_servers(void **state) {
    (void)state;
    assert_refused(READ("--ice-server=http://a.example"),
                   "--ice-server: \"http://a.example\" is not a stun:, turn: or turns: address "
                   "such as stun:host:3478");
    assert_refused(READ("--ice-server=stuns:a.example:5349"),
                   "--ice-server: \"stuns:a.example:5349\" is STUN over TLS, which no browser "
                   "speaks; use stun:HOST:PORT");
    assert_refused(READ("--ice-server=stun:a.example:5060"),
                   "--ice-server: \"stun:a.example:5060\" names a port that browsers block; use "
                   "another, such as 3478");
    assert_refused(READ("--ice-server=stun:256.1.1.1"),
                   "--ice-server: \"stun:256.1.1.1\" names no host: a name, an IPv4 address, or "
                   "an IPv6 address in brackets");
    assert_refused(READ("--ice-server=turn:a.example"),
                   "--ice-server: TURN needs turn:a.example,username=NAME,credential=SECRET");
    assert_int_equal(READ("--ice-server=turn:a.example,username=u"), PARLEY_ERR_ARGUMENT);
    assert_int_equal(READ("--ice-server=turn:a.example,credential=c,username=u"),
                     PARLEY_ERR_ARGUMENT);
    assert_refused(READ("--ice-server=stun:a.example,username=u,credential=c"),
                   "--ice-server: STUN takes no user name and no credential");
    assert_refused(READ_VARIABLES("PARLEY_ICE_SERVER=stun:a stun:b stun:c stun:d stun:e stun:f "
                                  "stun:g stun:h stun:i"),
                   "PARLEY_ICE_SERVER may be given at most 8 times");
}

static void test_user_names_that_browsers_take(void **state) {
    (void)state;
    static char value[1024];
    const char *said = "--ice-server: a user name has at most 509 bytes, and a credential 512";
    for (int len = 509; len <= 513; len++) {
        char text[520];
        memset(text, 'u', sizeof text);
        text[len] = '\0';
        snprintf(value, sizeof value, "--ice-server=turn:a.example,username=%s,credential=c", text);
        if (len == 509)
            assert_int_equal(READ(value), PARLEY_OK);
        else
            assert_refused(READ(value), said);
    }
}

static void test_turn_urls(void **state) {
    (void)state;
    assert_refused(READ("--turn-url=turn:a.example:5061", "--turn-secret-file=/secret"),
                   "--turn-url: \"turn:a.example:5061\" names a port that browsers block; use "
                   "another, such as 3478");
    assert_int_equal(READ("--turn-url", "turn:a.example", "--turn-url=turns:b:443?transport=tcp",
                          "--turn-secret-file", "/secret", "--turn-seconds=60"),
                     PARLEY_OK);
    assert_int_equal(config.turn_url_count, 2);
    assert_slice(config.turn_urls[1], "turns:b:443?transport=tcp");
    assert_string_equal(config.turn_secret_file, "/secret");
    assert_int_equal(config.turn_seconds, 60);
    assert_int_equal(config.ice_server_count, 2);
    assert_int_equal(READ_VARIABLES("PARLEY_TURN_URL=turn:a turn:b?transport=udp",
                                    "PARLEY_TURN_SECRET_FILE=/secret"),
                     PARLEY_OK);
    assert_int_equal(config.turn_url_count, 2);
    assert_int_equal(config.turn_seconds, 600);
}

static void test_bad_turn_urls(void **state) {
    (void)state;
    assert_refused(READ("--turn-url=stun:a.example"),
                   "--turn-url: \"stun:a.example\" is not a turn: or turns: address such as "
                   "turn:host:3478?transport=tcp");
    assert_refused(READ("--turn-url=turn:a"), "--turn-url needs --turn-secret-file too");
    assert_refused(READ("--turn-secret-file=/secret"), "--turn-secret-file needs --turn-url too");
    assert_refused(READ("--turn-secret-file="), "--turn-secret-file needs a file");
    assert_refused(READ("--turn-seconds=3"),
                   "--turn-seconds: \"3\" is not a whole number from 4 to 86400");
    assert_refused(
        READ_VARIABLES("PARLEY_TURN_URL=turn:a turn:b turn:c turn:d turn:e turn:f turn:g",
                       "PARLEY_TURN_SECRET_FILE=/secret"),
        "--turn-url: with those of --ice-server there are more than 8");
    assert_refused(
        READ_VARIABLES("PARLEY_TURN_URL=turn:a turn:b turn:c turn:d turn:e turn:f turn:g "
                       "turn:h turn:i"),
        "PARLEY_TURN_URL may be given at most 8 times");
}

static void test_none_is_for_itself(void **state) {
    (void)state;
    static const char said[] = "--ice-server: none cannot be combined with others";
    assert_refused(READ("--ice-server=stun:x", "--ice-server=none"), said);
    assert_refused(READ("--ice-server=none", "--ice-server", "stun:x"), said);
    assert_refused(READ("--ice-server", "stun:x none"), said);
    assert_refused(READ_VARIABLES("PARLEY_ICE_SERVER=none stun:x"),
                   "PARLEY_ICE_SERVER: none cannot be combined with others");
    assert_int_equal(READ("--ice-server=none", "--ice-server=none"), PARLEY_OK);
    assert_int_equal(config.ice_server_count, 0);
    const char *const variables[] = {"PARLEY_ICE_SERVER=none", NULL};
    assert_int_equal(read_all((const char *const[]){"--ice-server=stun:x", NULL}, variables),
                     PARLEY_OK);
    assert_int_equal(config.ice_server_count, 1);
    const char *const others[] = {"PARLEY_ICE_SERVER=stun:x", NULL};
    assert_int_equal(read_all((const char *const[]){"--ice-server=none", NULL}, others), PARLEY_OK);
    assert_int_equal(config.ice_server_count, 0);
}

static void test_origins(void **state) {
    (void)state;
    assert_int_equal(READ("--allow-origin", "https://a.example", "--allow-origin", "http://b:81"),
                     PARLEY_OK);
    assert_int_equal(config.allowed_origin_count, 2);
    assert_slice(config.allowed_origins[1], "http://b:81");
    assert_int_equal(READ("--allow-origin=*"), PARLEY_OK);
    assert_true(config.any_origin);
    assert_refused(READ("--allow-origin=a.example"),
                   "--allow-origin: \"a.example\" is not an origin such as "
                   "https://chat.example:8443, or *");
    assert_int_equal(READ("--allow-origin=https://a.example/"), PARLEY_ERR_ARGUMENT);
}

static void test_hosts(void **state) {
    (void)state;
    assert_int_equal(READ("--allow-host", "a.example", "--allow-host=.b.example"), PARLEY_OK);
    assert_int_equal(config.allowed_host_count, 2);
    assert_slice(config.allowed_hosts[1], ".b.example");
    assert_refused(READ("--allow-host=a:80"),
                   "--allow-host: \"a:80\" is not a name such as chat.example.org, or .example.org "
                   "for all below, without a port");
    assert_int_equal(READ("--allow-host=*"), PARLEY_ERR_ARGUMENT);
}

static void test_bad_numbers(void **state) {
    (void)state;
    static const char *const bad[] = {"",      " 1",  "1 ",  "-1",  "+1",
                                      "65536", "0x1", "1e3", "1.0", "99999999999999999999999",
                                      "3000x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(READ("--port", bad[i]), PARLEY_ERR_ARGUMENT);
    assert_refused(READ("--room-members-max=65"),
                   "--room-members-max: \"65\" is not a whole number from 2 to 64");
    assert_int_equal(READ("--room-members-max=1"), PARLEY_ERR_ARGUMENT);
    assert_int_equal(READ("--connections-max=0"), PARLEY_ERR_ARGUMENT);
    assert_int_equal(READ("--ping-seconds=23"), PARLEY_ERR_ARGUMENT);
}

static void test_grace(void **state) {
    (void)state;
    assert_int_equal(READ("--grace-seconds=0"), PARLEY_OK);
    assert_int_equal(config.grace_seconds, 0);
    assert_int_equal(READ("--grace-seconds", "3600"), PARLEY_OK);
    assert_int_equal(config.grace_seconds, 3600);
    assert_refused(READ("--grace-seconds=3601"),
                   "--grace-seconds: \"3601\" is not a whole number from 0 to 3600");
    assert_int_equal(read_all((const char *const[]){NULL},
                              (const char *const[]){"PARLEY_GRACE_SECONDS=7", NULL}),
                     PARLEY_OK);
    assert_int_equal(config.grace_seconds, 7);
}

static void test_mistakes(void **state) {
    (void)state;
    assert_refused(READ("--prot=1"), "no option \"--prot=1\"; --help lists them");
    assert_refused(READ("3000"), "options only, not \"3000\"; --help lists them");
    assert_refused(READ("--"), "options only, not \"--\"; --help lists them");
    assert_refused(READ("--port"), "--port needs a value");
    static const char *const lists[] = {"--ice-server", "--turn-url", "--allow-origin",
                                        "--allow-host", "--trusted-proxy"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) { /* spaces make no list */
        char expected[64];
        snprintf(expected, sizeof expected, "%s needs a value", lists[i]);
        assert_refused(READ(lists[i], "  "), expected);
    }
    assert_refused(READ("--host="), "--host needs an address or a host name");
    assert_refused(READ("--log-level=loud"),
                   "--log-level: \"loud\" is not error, warn, info or debug");
    assert_refused(READ("--log-format=xml"), "--log-format: \"xml\" is not text or json");
}

static void test_an_error_is_one_printable_line(void **state) {
    (void)state;
    assert_int_equal(READ("--port=1\nroot logged in\x1b[2J"), PARLEY_ERR_ARGUMENT);
    assert_string_equal(error,
                        "--port: \"1?root logged in?[2J\" is not a whole number from 0 to 65535");
    char long_value[2 * CONFIG_ERROR_BYTES];
    memset(long_value, 'x', sizeof long_value - 1);
    long_value[sizeof long_value - 1] = '\0';
    assert_int_equal(READ(long_value), PARLEY_ERR_ARGUMENT);
    assert_int_equal(READ("--ice-server", long_value), PARLEY_ERR_ARGUMENT);
    assert_true(strlen(error) < CONFIG_ERROR_BYTES);
}

static void test_help_names_every_option(void **state) {
    (void)state;
    char text[8192] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_non_null(out);
    config_print_help(out);
    fclose(out);
    static const char *const names[] = {"--host",
                                        "--port",
                                        "--ice-server",
                                        "--allow-origin",
                                        "--web-root",
                                        "--rooms-max",
                                        "--room-members-max",
                                        "--connections-max",
                                        "--log-level",
                                        "--log-format",
                                        "--help",
                                        "--version",
                                        "--ping-seconds",
                                        "--grace-seconds",
                                        "--request-seconds"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_non_null(strstr(text, names[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_trusted_proxies),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_member_queue),
        cmocka_unit_test(test_switches),
        cmocka_unit_test(test_drain),
        cmocka_unit_test(test_both_spellings),
        cmocka_unit_test(test_tls),
        cmocka_unit_test(test_stun_port),
        cmocka_unit_test(test_metrics_listen),
        cmocka_unit_test(test_help_and_version),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_unknown_variable_is_reported),
        cmocka_unit_test(test_command_line_wins),
        cmocka_unit_test(test_ice_servers),
        cmocka_unit_test(test_bad_ice_servers),
        cmocka_unit_test(test_user_names_that_browsers_take),
        cmocka_unit_test(test_turn_urls),
        cmocka_unit_test(test_bad_turn_urls),
        cmocka_unit_test(test_none_is_for_itself),
        cmocka_unit_test(test_origins),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_bad_numbers),
        cmocka_unit_test(test_grace),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_an_error_is_one_printable_line),
        cmocka_unit_test(test_help_names_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
