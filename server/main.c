#define _GNU_SOURCE /* environ */
#include "assets.h"
#include "config.h"
#include "error.h"
#include "server.h"

#include <stdio.h>
#include <unistd.h>

static void print_page_hash(void) {
    struct asset_encoding text = assets_find(slice_of(ASSETS_PAGE_HASH_PATH))->identity;
    fwrite(text.bytes, 1, text.bytes_len, stdout);
}

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
    case CONFIG_SHOW_PAGE_HASH:
        print_page_hash();
        return SERVER_EXIT_OK;
    case CONFIG_SHOW_VERSION:
        puts("parley " PARLEY_VERSION);
        return SERVER_EXIT_OK;
    case CONFIG_SERVE:
        break;
    }
    return (int)server_run(&config);
}
