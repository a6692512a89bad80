#define _GNU_SOURCE /* environ */
#include "config.h"
#include "error.h"
#include "server.h"

#include <stdio.h>
#include <unistd.h>

int main(int argc, char *argv[]) {
    server_begin_signals();
    struct config config;
    char error[CONFIG_ERROR_BYTES];
    if (config_read(&config, argc, argv, environ, error) != PARLEY_OK) {
        fprintf(stderr, "parley: %s\n", error);
        return SERVER_EXIT_USAGE;
    }
    switch (config.action) {
    case CONFIG_SHOW_HELP:
        config_print_help(stdout);
        return SERVER_EXIT_OK;
    case CONFIG_SHOW_VERSION:
        puts("parley " PARLEY_VERSION);
        return SERVER_EXIT_OK;
    case CONFIG_SERVE:
        break;
    }
    return (int)server_run(&config);
}
